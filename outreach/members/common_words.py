"""French words and names that passwords are commonly made of.

The words of such a service are among them; other English ones come with Django's own list. Without accents, in small letters:
first names, towns, clubs, beloved words and keys that lie side by side.
"""

_TEXT = """
motdepasse mdp secret bonjour bonsoir salut merci soleil lune etoile amour amitie jetaime moncoeur coeur doudou bebe
cherie chouchou loulou choupette princesse prince papillon poupee bisous bisou calin tendresse bonheur liberte egalite
fraternite france francais paris parisien marseille lyon toulouse bordeaux nantes lille rennes strasbourg montpellier
nice grenoble dijon angers reims brest limoges tours metz nancy bretagne corse alsace normandie provence auvergne savoie
montagne vacances voyage plage ocean mer riviere foret jardin maison famille papa maman mamie papi frere soeur enfant
enfants fille garcon copain copine ami amie amis mariage anniversaire noel joyeux nouvel annee printemps ete automne
hiver janvier fevrier mars avril mai juin juillet aout septembre octobre novembre decembre lundi mardi mercredi jeudi
vendredi samedi dimanche matin midi soir nuit jour semaine football basket rugby tennis velo moto voiture camion avion
bateau train peugeot renault citroen olympique psg allezom allez lesbleus zidane ronaldo messi mbappe chat chien cheval
lapin tigre lion dragon loup ours aigle dauphin minou minette medor caramel chocolat vanille fraise cerise pomme banane
citron orange fromage biere whisky pastis cafe croissant baguette pizza gateau sucre bonbon nutella coquelicot violette
rose marguerite tulipe lavande bleu rouge vert jaune noir blanc violet gris argent tresor diamant musique guitare piano
chanson danse cinema photo livre histoire poesie theatre ecole college lycee universite travail bureau patron chef
equipe ordinateur internet clavier souris ecran telephone portable connexion administrateur admin utilisateur invite
bienvenue changer changermoi nouveau ancien provisoire temporaire test essai demo accueil compte acces entree sesame
ouvretoi magique fantome pirate ninja guerrier champion vainqueur victoire espoir courage confiance verite sophie
camille lea manon chloe emma julie marie laura pauline sarah anais lucie clara mathilde charlotte alice nathalie
isabelle sylvie catherine christine valerie sandrine stephanie veronique corinne virginie celine aurelie emilie audrey
melanie amelie caroline delphine laetitia nicolas thomas alexandre maxime antoine julien pierre paul jacques jean michel
philippe alain patrick bernard daniel christophe laurent frederic stephane david sebastien olivier guillaume romain
vincent mathieu benjamin anthony kevin jeremy florian quentin lucas hugo louis arthur jules gabriel raphael martin
dupont durand mohamed karim fatima aicha solidarite samu samusocial secours rue maraude maraudes tournee rencontre
benevole association equipes sansabri abri foyer accueildejour croixrouge emmaus restosducoeur espoirs azerty azertyuiop
qsdfgh qsdfghjklm wxcvbn azeqsdwxc aqwzsx aqwzsxedc administration administratrice administrator coordination coordinateur
coordinatrice coordinator controle auditeur auditrice auditor partenaire partner responsable direction directeur directrice
president presidente tresorier tresoriere secretariat salarie stagiaire benevoles volunteer volunteers outreach homeless
hebergement educateur educatrice populaire urgence social sociale
"""
FRENCH = frozenset(_TEXT.split())
