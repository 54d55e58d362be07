"""Planted examples: sentences of workers that give somebody away, and harmless ones that must not be asked about too often.

Written apart from the word lists of `outreach.notes`, from what night notes say: some values are in no list. Each
planted sentence is a carrier around one value, typed in turn as is, in small letters, without accents, in capitals.
"""

import itertools
import unicodedata
from collections.abc import Callable, Iterator

from outreach.notes.kinds import Kind

NAMES = """
Jean-Claude|Mohamed|Fatoumata|Ionela|Andrzej|Svetlana|Tesfay|Mamadou|Nathalie|Kevin|Zoubida|Gheorghe
Abdelhamid|Ousmane|Sylvie|Bakary|Thierno|Dragan|Yuliya|Farhad
"""
INTRODUCED = """
Il s’appelle {}|Elle se nomme {}|M. {} veut un duvet|Mme {} demande une douche|monsieur {} est passé
surnommé {}|le prénom : {}|alias {}, revient jeudi
"""
SURNAMES = """Dupont|Traoré|Kowalski|Benali|Popescu|Nguyen|Dubreuil|Ferhaoui|Le Goff|Tshisekedi"""
MIDDLE = """voir avec {} demain|duvet donné à {}|le chien de {} est malade|{} dort plus loin maintenant"""

NUMBERS = """
06 12 34 56 78|0612345678|07.45.11.22.33|+33 6 12 34 56 78|01-42-55-66-77|0033612345678|06/12/34/56/78
+213 555 12 34 56|numéro 48 22 19 03|dossier n° 7500412|dossier SIAO 442817|n° sécu 1 85 05 78 006 084
CAF 1234567
"""
NUMBER_CARRIERS = """son tel {}|appeler le {}|joignable au {} le matin|{} (portable)|laissé : {}"""

ADDRESSES = """
12 rue Pajol|3 bis avenue Jean Jaurès|45, bd de la Villette|au 8 impasse du Moulin|rue de Crimée
quai de Valmy|boulevard Ney|devant le 17 rue des Poissonniers|digicode 45B12|code porte 1234A|code : 7788
bâtiment C|escalier 4|appt 12|75018|48.8867, 2.3712|///table.chaise.lampe|table.chaise.lampe|3e étage
place 12 du parking|hall B|chambre 214
"""
ADDRESS_CARRIERS = """dort {}|se met {} la nuit|affaires cachées {}|retrouver {}"""

EMAILS = """
jean.dupont@exemple.fr|mamadou75@courriel.invalid|www.profil.invalid/zaza|@zaza_off|insta : zaza.off
zaza arobase courriel point fr|facebook : zaza dupuis|https://cartes.invalid/abc
"""
EMAIL_CARRIERS = """écrire à {}|contact {}|a donné {}"""

BIRTHS = """
né le 12/03/1987|née en 1992|né vers 1960|12/03/1987|le 3 mars 1987|date de naissance 04.05.78|âgé de 34 ans
a 17 ans|femme de 62 ans|un homme d’environ 45 ans|jeune de 19 ans|fête ses 50 ans
"""
BIRTH_CARRIERS = """{}|la personne, {}, attend|rencontre : {}"""

SENSITIVE: dict[Kind, str] = {
    Kind.ORIGIN: """
c’est un Afghan|deux Soudanais|famille rom|une dame roumaine|il est algérien|vient du Mali|un Polonais
parle que pachto|ne parle pas français|ukrainienne|un jeune Ivoirien|des Tchétchènes|un rebeu|un renoi
un black|il a la peau noire|des gitans|parle arabe|interprète dari|originaire de Kabylie|un migrant
primo-arrivant|des Kurdes|de nationalité belge|érythréen|camerounais|un Malien|retour au bled|Bangladais
""",
    Kind.PAPERS: """
sans papiers|sans-papiers|sous OQTF|titre de séjour expiré|demandeur d’asile|il est dubliné|récépissé perdu
rdv préfecture|passeport volé|carte d’identité perdue|en situation irrégulière|sort du CRA
régularisation en cours|MNA|débouté|recours CNDA|attend l’OFPRA|clandestin|plus de papiers français
visa fini
""",
    Kind.RELIGION: """
musulman|elle est juive|fait le ramadan|mange halal|catho pratiquant|prie beaucoup|témoin de Jéhovah
évangélique|voilée|va à la mosquée|chrétien copte|sikh avec turban|orthodoxe|bouddhiste|très croyant
un imam l’aide
""",
    Kind.SEXUALITY: """
homo|il est gay|lesbienne|femme trans|un travesti|bisexuelle|sort avec des hommes|LGBT|transgenre|pédé
homosexuel|en transition, hormonothérapie
""",
    Kind.HEALTH: """
schizophrène|séropo|a le VIH|hépatite C|bipolaire|tuberculose|diabétique|épileptique|enceinte de 6 mois
la gale|entend des voix|a fait une TS|idées suicidaires|sous méthadone|Subutex|sort d’HP|suivi psy|dépressif
parano|cancer du foie|cirrhose|autiste|handicapé|prend du Tercian|en fauteuil roulant|complètement schizo
alzheimer|délirant
""",
    Kind.SUBSTANCE: """
alcoolique|très alcoolisé|ivre ce soir|bourré|boit trop|consomme du crack|fume du shit|héroïne
accro à la coke|toxico|se shoote|seringues à côté|fume des joints|un peu de beuh|défoncé|galettes
sous produits|picole|au Lyrica|kéta|addict|en manque|poivrot|crackeur|canettes de 8.6|vin dès le matin
la conso augmente|sevrage
""",
    Kind.POLICE: """
contrôlé par la police|les flics|les keufs l’ont pris|en garde à vue|sort de prison|sortant de taule|dealer
vend du shit|fiché S|expulsé hier|interpellé|casier chargé|condamné|bracelet électronique
sous main de justice|passe au tribunal|plainte déposée|cherché par les gendarmes|il a volé un vélo|GAV
incarcéré|trafic dans le hall|guetteur|commissariat
""",
    Kind.SEX_WORK: """
se prostitue|fait des passes|prostitution|une pute|tapine|TDS|escort|travailleuse du sexe|son mac|proxénète
michetonne|avec ses clients|fait le trottoir|réseau de prostitution
""",
    Kind.LOOKS: """
barbu|cheveux longs|tatouage au cou|grand homme|cicatrice au front|une petite femme|dreads|blond|chauve
yeux bleus|porte un bonnet rouge|moustache|boite de la jambe|crâne rasé|1m85|photo prise|rousse
""",
}
SENSITIVE_CARRIERS = """{}|{}, à revoir|ce soir {}|note : {}"""

HARMLESS = """
Veut un duvet demain.|Repasser vers 22 h avec un thé.|A besoin de chaussettes et d’un pull.
Dort à la rue depuis 3 mois.|Préfère qu’on passe tôt.|Rappeler le 115 jeudi.|Chaussures taille 43.
Le chien a besoin de croquettes.|Deux couvertures données, une soupe.|Ne souhaite pas parler ce soir.
Parler doucement, dort souvent tôt.|Apporter un ticket de douche.
Attend une place en hébergement depuis lundi.|A refusé le 115 mais veut un café.
Revoir la semaine prochaine.|Il y a 3 ans dehors, fatigué.|Très content du sac de couchage.
Demande un chargeur de téléphone.|Tente mouillée, à remplacer.
Il fait froid, prévoir une couverture de survie.|Plaie au pied, passer avec la maraude soins.
Mal au dos, veut voir un médecin.|Rendez-vous à l’accueil de jour à 9 h.|Veut rester près de son chien.
Groupe calme, accueil chaleureux.|Manque d’eau sur place.|Donner un kit d’hygiène.|La tente est déchirée.
Petit groupe de 4 personnes.|Couple, deux duvets.|Famille avec enfants, voir le 115.
Appel au 115 : pas de place.|Pas de réponse du 115.|Sera là demain soir.|Absent deux nuits, revenu ce soir.
Aime le café sucré.|Sans chaussures, urgent.|Prévoir un pantalon taille 42.|Veut bien être revu.
Ne pas réveiller après 23 h.|Semble fatigué, a bien mangé.|Besoin de lunettes.
Demande un bonnet et des gants.|A perdu son sac.|Cherche une consigne pour ses affaires.
Veut laver son linge.|Lampe torche à rapporter.|Boîte de conserve et cuillère données.
Il dort dans le noir, approcher avec la lampe.|Sac noir laissé sur place.|Nuit difficile avec la pluie.
Était à l’abri pendant l’orage.|Remettre une carte des bains-douches.|A besoin de parler.
Écoute longue, dix minutes.|Remercie l’équipe.|Pas rencontré ce soir.|Déjà vu cette tournée.
Revenir avec un duvet grand froid.|Plan froid : proposer la mise à l’abri.|Deux repas, un café.
Trop fatigué pour marcher jusqu’au centre.|Le camion ne passe pas, venir à pied.|A bien dormi.|Mange peu.
Toux, à surveiller.|Fièvre, appeler le 15 si ça dure.|Pied gonflé.|Pansement refait.
Refuse les soins, à reproposer.|Demande des nouvelles du chien.|Chat avec lui, prévoir une laisse.
Besoin de croquettes et d’eau.|On a laissé une couverture sans réveiller.|Attention aux marches glissantes.
Passer par le haut, l’accès bas est fermé.|Souhaite un accueil de jour.|Domiciliation à refaire.
Veut ouvrir ses droits santé.|Cherche du travail, CV à imprimer.
A rendez-vous avec son assistante sociale mardi.|Prévoir du lait pour le bébé.|Couches taille 3.
Poussette cassée.|Besoin de serviettes hygiéniques.|Enfants scolarisés à côté.|La maman est fatiguée.
Tout va bien.|Rien à signaler.|Voir avec la coordination pour une tente.|Duvet volé, en redonner un.
Deux personnes de plus qu’hier.|Groupe parti ce matin.|Matelas mouillé.|Le jeudi, passer après la soupe.
Bonne humeur ce soir.|Chante souvent.|Parle peu mais sourit.|Inquiet pour la nuit.|Se sent seul.
Veut appeler sa sœur.|Attend un coup de fil.|Pas de téléphone.|Batterie vide, recharger.
A besoin d’un cadenas.|Besoin de papier toilette.|Gâteaux bienvenus.|N’aime pas la soupe.|Végétarien.
Prend un thé sans sucre.|Nuit du Samu social : pas de place.|Orienté vers Emmaüs pour un vestiaire.
CPAM : rendez-vous lundi.|Le Secours populaire passe mardi.|Resto le samedi.|Il neige, revenir vite.
"""


def _items(text: str) -> list[str]:
    return [one.strip() for line in text.split("\n") for one in line.split("|") if one.strip()]


def without_accents(text: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFD", text) if not unicodedata.combining(part))


def hurried(text: str) -> str:
    return without_accents(text).lower().replace("’", "'")


def _typed(texts: list[str]) -> Iterator[str]:
    """Each sentence once, in one of the four ways people type, in turn."""
    ways: Iterator[Callable[[str], str]] = itertools.cycle(
        (str, str.lower, without_accents, hurried, str.upper)
    )
    for text, way in zip(texts, ways, strict=False):
        yield way(text)


def planted() -> list[tuple[Kind, str]]:
    """(what is planted, the sentence): every value in every carrier."""
    found: list[tuple[Kind, str]] = []

    def sow(kind: Kind, carriers: str, values: str) -> None:
        texts = [carrier.format(value) for value in _items(values) for carrier in _items(carriers)]
        found.extend((kind, text) for text in _typed(texts))

    sow(Kind.NAME, INTRODUCED, NAMES + "|" + SURNAMES)
    # A surname in small letters in mid-sentence is a word like any other: it is planted as people write it.
    found.extend(
        (Kind.NAME, carrier.format(value)) for value in _items(SURNAMES) for carrier in _items(MIDDLE)[:3]
    )
    sow(Kind.NAME, MIDDLE, NAMES)
    sow(Kind.NUMBER, NUMBER_CARRIERS, NUMBERS)
    sow(Kind.ADDRESS, ADDRESS_CARRIERS, ADDRESSES)
    sow(Kind.EMAIL, EMAIL_CARRIERS, EMAILS)
    sow(Kind.BIRTH, BIRTH_CARRIERS, BIRTHS)
    for kind, values in SENSITIVE.items():
        sow(kind, SENSITIVE_CARRIERS, values)
    return found


def harmless() -> list[str]:
    return _items(HARMLESS)
