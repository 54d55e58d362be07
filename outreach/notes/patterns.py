"""How names, numbers, places and dates look in a note typed at night, as expressions over normalised text (see `folding`)."""

import re

from outreach.notes.kinds import Kind

WORD = r"[a-z][a-z'-]*"
_WAYS = (
    r"rue|avenue|av\.?|ave|boulevard|bd|bld|boul|place|pl\.|quai|impasse|passage|allees?|chemin|square|cours|faubourg|fbg|villa|cite|route|"
    r"sentier|ruelle|rond-point|esplanade|parvis|hameau|voie|galerie|porte|residence|hotel|foyer|chrs|pont|tunnel|parking|station|gare|metro|camping|squat"
)
_STREETS = (
    r"rue|avenue|av\.|ave|boulevard|bd|bld|boul|quai|impasse|passage|allees?|faubourg|fbg|ruelle|esplanade"
)
_NOT_A_STREET = (
    r"(?:a|et|ou|est|avec|sans|depuis|depuis|pendant|la|le|les|en|pour|par|pres|toute|tout|cette|ce|mais|car|puis|jamais|toujours|hier|demain|souvent|"
    r"froide?|calme|barree?|pietonne|sombre|deserte?|principale?|seule?|seuls|qui|que|il|elle|on|ne|n'|s'|se|sur|sous|dans|mouillee?|fermee?|"
    r"[a-z])"
)

EXPRESSIONS: tuple[tuple[Kind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(text))
    for kind, text in (
        (Kind.EMAIL, r"[\w.+-]+\s?(?:@|\(at\)|\[at\]|\sarobase\s)\s?[\w-]+(?:\s?(?:\.|\spoint\s)\s?[\w-]+)+"),
        (Kind.EMAIL, r"(?<!\w)@[\w.]{3,}"),
        (
            Kind.EMAIL,
            r"(?<!\w)(?:insta(?:gram)?|facebook|fb|snap(?:chat)?|whats ?app|telegram|tik ?tok|signal|messenger)"
            r"\s*(?::|@|=|c'est\s)\s*@?[\w.]+",
        ),
        (Kind.EMAIL, r"(?:https?://|www\.)\S+"),
        (
            Kind.NUMBER,
            r"(?<!\d)(?:(?:\+|00)\s?\d{1,3}[\s.-]?(?:\(0\)\s?)?)?0?[1-9](?:[\s./_-]{0,2}\d{2}){4}(?!\d)",
        ),
        (Kind.NUMBER, r"(?<![\w])\+\s?\d(?:[\s.-]?\d){7,14}"),
        (Kind.NUMBER, r"(?<!\d)\d(?:[\s.-]?\d){6,}(?!\d)"),
        (Kind.NUMBER, r"(?<!\w)zero\s+(?:six|sept|un|deux|trois|quatre|cinq|neuf)\b"),
        (
            Kind.NUMBER,
            r"(?<!\w)(?:dossier|numero|secu(?:rite\s+sociale)?|nir|siao|caf|dna|agdref|matricule|n°|no|num|tel|telephone|portable"
            r"|ref(?:erence)?)\s*(?:siao|caf|dna|n°|no|num(?:ero)?)?\s*(?:n°)?\s*(?::|=|est|c'est)?\s*[a-z]{0,3}[\s-]?"
            r"\d[\d .-]{3,}",
        ),
        (Kind.ADDRESS, r"///\s?[a-z]+\.[a-z]+\.[a-z]+"),
        (Kind.ADDRESS, r"(?<![\w.@])[a-z]{3,}\.[a-z]{3,}\.[a-z]{3,}(?![\w.])"),
        (Kind.ADDRESS, r"(?<![\d.])-?\d{1,2}[.,]\d{3,}\s*(?:°|[ns])?\s*[,; /]\s*-?\d{1,3}[.,]\d{3,}"),
        (Kind.ADDRESS, r"\d{1,2}\s?°\s?\d{1,2}"),
        (Kind.ADDRESS, rf"(?<!\w)\d{{1,4}}\s?(?:bis|ter|quater|[abc](?=[\s,]))?\s?,?\s?(?:{_WAYS})(?!\w)"),
        (
            Kind.ADDRESS,
            rf"(?<!\w)(?:au|n°|no|num|numero|devant\s+le|face\s+au)\s?\d{{1,4}}\s?(?:bis|ter)?,?\s+(?:de\s+la|de\s+l'|du|des|de)?\s?(?:{_WAYS})?"
            r"\s?(?:de\s+la|de\s+l'|du|des|de|d')?\s?[a-z]{4,}",
        ),
        (
            Kind.ADDRESS,
            rf"(?<!\w)(?:{_STREETS})\s+(?:de\s+la\s+|de\s+l'|du\s+|des\s+|de\s+|d')(?!nuit|froid|jour|matin|soir)[a-z0-9]{{2,}}",
        ),
        (Kind.ADDRESS, rf"(?<!\w)(?:{_STREETS})\s+(?!{_NOT_A_STREET}(?![a-z]))[a-z]{{3,}}"),
        (
            Kind.ADDRESS,
            r"(?<!\w)(?:digicode|code\s+(?:porte|d'entree|entree|immeuble|portail|bat\w*|du\s+\w+|de\s+la\s+\w+|de\s+l'\w+)|code)\s*(?::|=|est|c'est)?\s*[a-z]?\d{2,}[a-z]?\d*",
        ),
        (Kind.ADDRESS, r"(?<!\w)digicode(?!\w)"),
        (
            Kind.ADDRESS,
            r"(?<!\w)(?:bat(?:iment)?|bat\.|escalier|esc\.?|appt?|appartement|chambre|ch\.|cage|hall|box|porte|place|quai|voie|sortie|niveau|sous-sol|local|poteau|pilier|parking)\s+"
            r"(?:n°\s?|no\s|numero\s)?(?:-?\d{1,4}[a-z]?|[a-h])(?![\w'])",
        ),
        (Kind.ADDRESS, r"(?<!\d)\d{1,2}\s?(?:e|eme|er)\s+etage"),
        (Kind.ADDRESS, r"(?<!\w)(?:interphone|boite\s+aux\s+lettres)\s*:?\s*[a-z0-9]+"),
        (Kind.ADDRESS, r"(?<!\d)(?:75|77|78|91|92|93|94|95|69|13|31|33|59)\d{3}(?!\d)"),
        (Kind.BIRTH, r"(?<!\w)nee?s?\s+(?:le|en|vers|aux?\s+alentours)\s+\w+"),
        (Kind.BIRTH, r"(?<!\w)(?:date\s+de\s+naissance|ddn|dn|anniv(?:ersaire)?)(?!\w)"),
        (Kind.BIRTH, r"(?<!\d)\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?(?:19|20)?\d{2}(?!\d)"),
        (
            Kind.BIRTH,
            r"(?<!\w)\d{1,2}(?:er)?\s+(?:janv(?:ier)?|fev(?:rier)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|aout|sept(?:embre)?|oct(?:obre)?|nov(?:embre)?|dec(?:embre)?)\.?\s+(?:19|20)\d{2}",
        ),
        (
            Kind.BIRTH,
            r"(?<!\w)(?:agee?s?\s+de|(?<!y )a|(?<!y )avait|aura|fete\s+ses|ses)\s+\d{1,2}\s*(?:ans?|piges?|balais)(?!\w)",
        ),
        (
            Kind.BIRTH,
            r"(?<!\w)(?:homme|femme|jeune|monsieur|dame|mec|gars|garcon|fille|personne|type|meuf)\s+(?:de\s+|d'environ\s+)?\d{1,2}\s*(?:ans?|piges)(?!\w)",
        ),
        (
            Kind.BIRTH,
            r"(?<!\w)\d{2}\s*(?:ans?|piges|balais)\s+(?:le|environ\s+)?(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|bientot|demain)",
        ),
    )
)

TITLES = r"(?:m|mr|mme|mlle|monsieur|madame|mademoiselle|maitre|docteur|dr|soeur|frere|tonton|tata|tonton|papi|mamie|tante|oncle)"
NAMED = re.compile(
    r"(?<!\w)(?:s'appell?e|s'appellent|s'appelait|se\s+nomme|se\s+prenomme|m'appelle|l'appell?e|l'appellent|appellent|nommee?s?|prenommee?s?|surnommee?s?|alias|"
    r"prenom\s*(?:est|c'est|:|=)?|son\s+nom\s*(?:est|c'est|:|=)?|nom\s*(?::|=|de\s+famille\s*(?::|est)?)|pseudo\s*(?:est|c'est|:|=)?|se\s+fait\s+appeler|c'est\s+quoi\s+son\s+nom|connue?\s+sous\s+le\s+nom\s+d(?:e|'))"
    rf"\s*[«\"“']?\s*(?!(?:pas|plus|jamais|donne|inconnu|le\s+115|les?|la|l|on|un|une|a|et|ou)(?![a-z]))({WORD}(?:\s+{WORD})?)"
)
TITLED = re.compile(
    rf"(?<!\w){TITLES}\.?\s+(?!(?:et|ou|a|au|avec|sans|est|qui|que|qu'|ne|n'|veut|dort|demande|tres|assise?|seule?|du|de|la|le|les|dit|va|accepte|refuse|souhaite|dans|sur|pour|en|aussi|tousse|mange|boit|a)(?![a-z])){WORD}"
)
INITIALS = re.compile(r"(?<![A-Za-zÀ-ÿ.])[A-ZÀ-Ý]\.\s?(?:[A-ZÀ-Ý]\.|[A-ZÀ-Ý][a-zà-ÿ]{2,})")
CAPITALISED = re.compile(r"(?<![\w'’])[A-ZÀ-Ý][a-zà-ÿœæ]{1,}(?:-[A-ZÀ-Ý]?[a-zà-ÿ]+)*(?!\w)")
SENTENCE_START = re.compile(r"(?:^|[.!?:;…\n•*\-–—(«\"“/]\s*|\n\s*|\d\s?[.)]\s*)$")

ORDINARY = frozenset(
    """
nord sud est ouest samu samusocial emmaus secours restos croix-rouge cpam caf ccas siao noel paques toussaint
lundi mardi mercredi jeudi vendredi samedi dimanche janvier fevrier mars avril mai juin juillet aout septembre
octobre novembre decembre rsa chu chrs ok merci bonjour bonsoir lep pass udaf pmi aurore maraude tournee equipe
le la les un une il elle ils elles on nous vous je tu et ou mais puis apres avant pas rien revoir prevoir
demande besoin a ne si populaire catholique-secours armee salut
""".split()  # noqa: SIM905
)
"""Words that wear a capital without naming a person or a place."""
