"""Words that tell of a person what this service has no field for, slang included; as `normalising.normalise` writes them.

Each entry is a piece of a regular expression that must match whole words; `s?` and `e?` are inflections. Written for
this project from what workers say; a word missing here is a word to add, with an example in the tests.
"""

from outreach.notes.kinds import Kind

_PEOPLES = """
afghane?s? africaine?s? albanaise? albanaises? algerien(?:ne)?s? allemande?s? americaine?s? anglaise?s?
angolaise?s? arabes? armenien(?:ne)?s? bangladaise?s? bangladeshie?s? bengalie?s? belges? beninoise?s? berberes?
bieloruss?e?s? biharie?s? bosniaques? bresilien(?:ne)?s? bulgares? burkinabee?s? camerounaise?s?
capverdien(?:ne)?s? centrafricaine?s? chinoise?s? colombien(?:ne)?s? comorien(?:ne)?s? congolaise?s? croates?
cubaine?s? daguestanaise?s? dominicaine?s? egyptien(?:ne)?s? erythreen(?:ne)?s? espagnole?s? ethiopien(?:ne)?s?
francaise?s? gabonaise?s? gambien(?:ne)?s? georgien(?:ne)?s? ghaneen(?:ne)?s? guineen(?:ne)?s? haitien(?:ne)?s?
hongroise?s? indien(?:ne)?s? irakien(?:ne)?s? iranien(?:ne)?s? italien(?:ne)?s? ivoirien(?:ne)?s? kabyles?
kosovare?s? kurdes? libanaise?s? liberien(?:ne)?s? libyen(?:ne)?s? lituanien(?:ne)?s? maghrebine?s? malgaches?
malien(?:ne)?s? marocaine?s? mauritanien(?:ne)?s? moldaves? mongole?s? nepalaise?s? nigerian(?:e|ne)?s?
nigerien(?:ne)?s? ouzbeks? pachtounes? hazaras? pakistanaise?s? palestinien(?:ne)?s? peuls? polonaise?s?
portugaise?s? roumaine?s? russes? rwandaise?s? senegalaise?s? serbes? sierraleonaise?s? slovaques?
somalien(?:ne)?s? soudanaise?s? soninkes? sri-lankaise?s? subsaharien(?:ne)?s? syrien(?:ne)?s? tadjiks?
tamoule?s? tchadien(?:ne)?s? tcheques? tchetchenes? tibetaine?s? togolaise?s? tunisien(?:ne)?s? turcs? turques?
ukrainien(?:ne)?s? venezuelien(?:ne)?s? vietnamien(?:ne)?s? yemenites? zairoise?s? asiatiques? latinos? maghreb
antillaise?s? reunionnaise?s?
"""

_LANDS = """
afghanistan albanie algerie angola armenie bangladesh benin bosnie bresil bulgarie burkina cameroun centrafrique
chine colombie comores congo egypte erythree espagne ethiopie gambie georgie ghana guinee haiti hongrie inde
irak iran italie kosovo kurdistan libye maroc mali mauritanie moldavie nepal niger nigeria pakistan palestine
pologne portugal rdc roumanie russie rwanda senegal serbie somalie soudan syrie tchad tchetchenie tibet togo
tunisie turquie ukraine venezuela vietnam yemen
"""

_TONGUES = (
    "pachto|pachtou|dari|farsi|tigrinya|amharique|bambara|lingala|wolof|ourdou"
    "|bengali|peul|soninke|romani|mandarin|swahili|russe|arabe"
)
_ORIGIN = f"""
roms? rroms? rromes? gitane?s? tsiganes? tziganes? manouches? romanichels? rebeus? beur(?:s|ettes?)? renois?
keublas? kebla blacks? blackos? rabza babtous? toubabs? noiche?s? chinetoques? feujs? blede?s? bledards?
bougnoules? negres? negresses? metis(?:se)?s? d'origine originaires? nationalites?
(?:un|une|des|les|homme|femme|jeune|mec|gars|type|personne|dame|monsieur)\\s+(?:tres\\s+)?(?:noire?s?|blancs?|blanches?|jaunes?)
peau\\s+(?:noire|blanche|mate|claire|foncee) etrangere?s? immigre(?:e|s|es)? migrante?s? exile(?:e|s|es)?
refugie(?:e|s|es)? primo-arrivante?s? primo\\s+arrivante?s? (?:au|du)\\s+pays langue\\s+maternelle arabophones?
russophones? anglophones? lusophones? hispanophones? allophones?
ne\\s+parle\\s+pas\\s+(?:le\\s+|un\\s+mot\\s+de\\s+)?francais
parle\\s+(?:l'|le\\s+|que\\s+|un\\s+peu\\s+|bien\\s+|juste\\s+)?(?:{_TONGUES})
(?:en|interprete)\\s+(?:{_TONGUES}) accents?\\s+(?:de\\s+l'est|etrangers?|slaves?) pays\\s+de\\s+l'est
europe\\s+de\\s+l'est
"""

_PAPERS = """
(?:ses|les|des|mes|leurs|ces|pour|sans|aucuns?|faux|perdu|de|tous)\\s+papiers sans\\s+papier
papiers?\\s+(?:d'identite|en\\s+regle|perdus?|voles?|expires?|en\\s+cours|francais) sans-pap(?:ier)?s? oqtf oqt
titres?\\s+de\\s+sejour cartes?\\s+(?:de\\s+sejour|de\\s+resident|d'identite) recepisses? recep prefectures?
visas? asile demandeu(?:r|se)s?\\s+d'asile da\\s+en\\s+cours dublin dubline(?:e|s|es)? dublinee?s?
procedure\\s+acceleree centres?\\s+de\\s+retention cra passeports? regularis\\w* regul irregulier(?:e|s|es)?
clandestine?s? clandos? ofpra cnda ofii (?:une?\\s+)?cni naturalis\\w* mna mineure?s?\\s+non\\s+accompagnee?s?
mineure?s?\\s+isolee?s? apatrides? situation\\s+(?:ir)?reguliere? deboute(?:e|s|es)? protection\\s+subsidiaire
aide\\s+medicale\\s+d'etat expulsables? deporte(?:e|s|es)? avocat\\s+pour\\s+(?:ses|les)\\s+papiers spada huda
cada
"""

_RELIGION = """
musulmane?s? muslims? islam islamiques? islamistes? mosquees? ramadan halal casher kasher cacher juifs? juives?
synagogues? catholiques? cathos? chretien(?:ne)?s? evangeliques? evangelistes? protestante?s? orthodoxes?
bouddhistes? hindoue?s? sikhs? (?:va|aller|prie)\\s+a\\s+l'eglise temoins?\\s+de\\s+jehovah mormons? imams?
rabbins? pretres? cures? pasteurs? hijabs? niqabs? burqas? kippas? turbans? voilee?s?
(?:porte|met)\\s+le\\s+voile tres\\s+croyante?s? croyante?s? pratiquante?s? athees? prieres?
prie\\s+(?:beaucoup|dieu|allah) allah jesus coran bible salafistes? barbus?\\s+radicaux fait\\s+la\\s+priere
aid\\s+el\\s+\\w+ shabbat careme muezzin religieu(?:x|ses?) converti(?:e|s|es)?
"""

_SEXUALITY = """
homosexuel(?:le)?s? homosexualite homos? gays? lesbiennes? gouines? goudous? pedes? pedales? tapettes?
tarlouzes? tantouzes? folles?\\s+efeminees? bisexuel(?:le)?s? trans transgenres? transexuel(?:le)?s?
transsexuel(?:le)?s? travestie?s? travelos? lgbt\\w* queers? non-binaires? intersexes? orientation\\s+sexuelle
(?:aime|frequente|couche\\s+avec|sort\\s+avec)\\s+(?:des|les)\\s+(?:hommes|femmes|mecs|meufs|garcons|filles)
vie\\s+sexuelle hors?monotherapie hormonotherapie changement\\s+de\\s+sexe
"""

_HEALTH = """
vih sida seropo(?:s|siti(?:f|ve)s?)? hepatites? tuberculoses? tubards? tuberculeu(?:x|ses?) bk
schizo(?:s|phren\\w*)? bipolaires? psychoses? psychotiques? psychiatr\\w* psys? depressions? depressi(?:f|ve)s?
deprime(?:e|s|es)? depression\\w* paranos? paranoia\\w* paranoiaques? delires? delirante?s? delire(?:nt)?
hallucin\\w* (?:entend|entendait)\\s+des\\s+voix diabetes? diabetiques? epilep\\w* cancer(?:s|eux|euse)?
tumeurs? chimio(?:therapie)? alzheimer parkinson demences? demente?s? gales? galeu(?:x|ses?) poux cirrhoses? ist
mst syphilis enceintes? grossesses? accouche\\w* avortements? ivg fausse\\s+couche handicap\\w* autis\\w*
trisomi\\w* sclerose dialyses? avc infarctus insuffisance\\s+\\w+ asthm\\w* suicid\\w* (?:une|sa|fait)\\s+ts
tentative\\s+de\\s+suicide scarifi\\w* scarifications? stress\\s+post\\S*traumatique sspt ptsd tares?
cingle(?:e|s|es)? zinzins? barjos? barges? foldingues? malades?\\s+mental\\w*
troubles?\\s+(?:mentaux|psy\\w*|bipolaires?|du\\s+comportement)
(?:hopital|hp|sorti\\s+d'hp|internee?\\s+en\\s+hp|hospitalisee?\\s+en\\s+psy)\\s*psychiatrique hp sainte-anne
maison-blanche hospitalisation\\s+sous\\s+contrainte hdt subutex sub methadone metha skenan tercian valium xanax
seresta lyrica rivotril insuline antidepresseurs? neuroleptiques? anxiolytiques? antipsychotiques? tritherapie
arv risperdal zyprexa haldol tramadol ald sevrage medocs?\\s+psy traitement\\s+(?:psy\\w*|lourd|pour\\s+\\w+)
diagnosti\\w* maladie\\s+\\w+ sourde?s? aveugles? malvoyante?s? muette?s? amputee?s? prothese
fauteuil\\s+roulant gangrene escarres?
"""

_SUBSTANCE = """
alcool alcoolique?s? alcooliques? alcoolise\\w* alcoolos? alcoolisme ivres? ivrognes? bourre(?:e|s|es)?
saoul\\w* soul(?:e|s|es)? soulard\\w* pochtrons? pochards? poivrots? picol\\w*
boit\\s+(?:beaucoup|trop|encore|toute?|des\\s+le) bieres? binouzes? 8\\.6 canettes? vin vins vodkas? whisky rhum
pastis pinard cubi tise(?:nt)? tize\\w* murge\\w* cuites? drogue(?:e|s|es|r)? toxicos? toxicomanes? toxicomanie
toxs? tox junkies? junkys? camee?s? came cames heroine heroinomanes? hero\\s+(?:brune|blanche)
(?:de\\s+l'|a\\s+l'|prend\\s+de\\s+l')hero cocaine coke coc crack crackeu(?:rs?|ses?) cracks?
(?:un|des|le|les|son|ses|du)\\s+cailloux? galettes? kecra modou modous freebase shit teuch teushi beuh weed
cannabis resine joints? petards? bedos? oinj spliff fume\\s+(?:du|de\\s+la|beaucoup\\s+de|trop\\s+de)\\s+\\w+
mdma ecstas?y? ecsta extas taz keta ketamine ghb meth amphet\\w* speed lsd champis fentanyl opiaces? opium
morphine codeine codeinee? purple lean proto\\s*xyde protoxyde poppers ballons? seringues?
shoote?(?:e|s|es|r|nt)? shoots? (?:s'|se\\s+)injecte\\w* injections? injecteu(?:r|se)s? sniffe?\\w* defonce\\w*
perche(?:e|s|es)? stone?s?e?d? raide?s?\\s+def sous\\s+(?:prod(?:uit)?s?|substances?|emprise|effet) prod prods
consomm(?:e|ent|ait|ation|ations|ateur|atrice|ateurs)\\b(?!\\s+(?:chaud|chaude)) conso consos addict\\w*
dependan(?:t|te|ce)s?\\s+(?:a|aux) descente\\s+de\\s+\\w+ en\\s+manque overdoses? captagon tramadol pregabaline
caarud csapa salle\\s+de\\s+(?:shoot|conso\\w*) crackhouse naloxone bad\\s+trip lexomil colle\\s+a\\s+sniffer
"""

_POLICE = """
polic(?:e|es|ier|iere|iers|ieres) flics? keufs? condes? schmitts? keuffs? lardus la\\s+bac gendarm\\w* crs
brav-m commissariats? comico gardes?\\s+a\\s+vue gav interpell\\w* controles?\\s+(?:d'identite|de\\s+police)
control(?:e|ee|es)\\s+par expuls\\w* evacuation\\s+policiere prisons? taule zonzon placard\\s+ferme incarcer\\w*
emprisonn\\w* detenue?s? detention ecrous? fleury fresnes la\\s+sante\\s+prison
sortante?s?\\s+de\\s+(?:prison|taule|detention) condamn\\w* casier(?:s)?(?:\\s+judiciaire)? mandats? juges?
tribunal tribunaux proces\\s+(?:en|pour|demain) justice bracelet\\s+electronique sursis spip probation
controle\\s+judiciaire fiche(?:e|s|es)?\\s+(?:s|recherche\\w*|par) recherche(?:e|s|es)?\\s+par plaintes?
main\\s+courante deal deals dealer?s? dealers? dealeu(?:r|se)s? dealent deale
vend\\s+(?:du|de\\s+la|des\\s+(?:clopes|cigarettes|cachets|medocs)) trafic\\w* traficants? trafiquante?s?
guetteurs? chouf recel\\w* (?:a|ont|avait)\\s+vole voleu(?:r|se|rs|ses)s? vole\\s+(?:a|dans|des|pour)
pickpockets? cambriol\\w* braqu\\w* delinquan\\w* squatte?\\s+illegal gang gangs couteau
sous\\s+main\\s+de\\s+justice garde\\s+des\\s+sceaux pjj menottes? menotte\\w* balance\\s+des\\s+flics
"""

_SEX_WORK = """
prostitu\\w* putes? tepus? tapins? tapine\\w* tapiner
(?:fait|faire|font|une|des|ses|entre\\s+deux)\\s+(?:des\\s+|la\\s+|une\\s+)?passes? fait\\s+le\\s+trottoir
le\\s+trottoir\\s+la\\s+nuit racol\\w* escorts? escorting travaill(?:eur|euse)s?\\s+du\\s+sexe tds
michet(?:on)?s? michetonn\\w* proxenetes? proxenetisme (?:son|un|leur|le)\\s+mac maquereaux? maquerelle
mamas?\\s+nigeriane se\\s+vend(?:ent|re)? vend\\s+son\\s+corps se\\s+prostitue\\w*
reseaux?\\s+de\\s+(?:traite|prostitution) traite\\s+(?:des\\s+etres|humaine) (?:ses|des|un|le|son)\\s+clients?
traite\\s+sexuelle sexe\\s+contre exploitation\\s+sexuelle fait\\s+la\\s+manche\\s+et\\s+plus
bois\\s+de\\s+boulogne\\s+la\\s+nuit camionnettes?\\s+du\\s+bois
"""

_LOOKS = """
barbes? barbu(?:e|s|es)? moustach\\w* tatoues? tatouee?s? tatouages? tatoos? tattoos? cicatrices? balafre\\w*
cheveux chauves? blonde?s? brunes? rousse?s? rouquine?s? roux dreads? dreadlocks locks crane\\s+rase rasta
piercings? yeux\\s+(?:bleus|verts|noirs|marron|clairs) edente\\w* dents? (?:sans|plus\\s+de)\\s+dents
(?:grande?|petite?|gros(?:se)?|maigre)\\s+(?:homme|femme|monsieur|dame|mec|type|gars|meuf) corpulen\\w* obeses?
tres\\s+maigres? trapue?s? taches?\\s+de\\s+rousseur grain\\s+de\\s+beaute
boit(?:e|ant|eux|euse)\\s+(?:de\\s+la|de\\s+l|du\\s+pied|de\\s+l'autre|beaucoup|un\\s+peu|legerement) borgnes?
oeil\\s+(?:creve|de\\s+verre) 1\\s?m\\s?\\d\\d
porte\\s+(?:un|une|des)\\s+\\w+\\s+(?:rouges?|bleue?s?|verte?s?|noire?s?|jaunes?|blanche?s?|grise?s?|orange)
photos? photographi\\w* physiquement
"""

CAPITALS = {
    "AME": Kind.PAPERS,
    "DA": Kind.PAPERS,
    "BAC": Kind.POLICE,
    "TS": Kind.HEALTH,
}
"""Abbreviations that are ordinary words in small letters."""

WORDS: dict[Kind, str] = {
    Kind.ORIGIN: _PEOPLES + _LANDS + _ORIGIN,
    Kind.PAPERS: _PAPERS,
    Kind.RELIGION: _RELIGION,
    Kind.SEXUALITY: _SEXUALITY,
    Kind.HEALTH: _HEALTH,
    Kind.SUBSTANCE: _SUBSTANCE,
    Kind.POLICE: _POLICE,
    Kind.SEX_WORK: _SEX_WORK,
    Kind.LOOKS: _LOOKS,
}
