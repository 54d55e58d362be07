"""First names worn by people in France, of every origin; as `normalising.normalise` writes them. A list to recognise by, not a census.

ALSO_WORDS are names that are ordinary words too: they count only with a capital letter, or after "Monsieur" and the like.
"""

NAMES = frozenset(
    """
abdallah abdel abdelkader abdelaziz abdelkrim abdou abdoul abdoulaye abdul abdullah abou aboubacar abraham ada
adam adama adel adele adem adil adrian adriana adrien agathe agnes ahmad ahmed aicha aida aissa aissatou aissata
akram alain alan albert alberto alassane alejandro aleksander aleksandr alessandro alex alexandra alexandre
alexandru alexei alexia alexis alfred ali alice alicia alima aline alioune alix allan alpha alphonse amadou amal
amanda amandine amar ambre amel amelie amin amina aminata amine amir amira amos ana anais anas anastasia anatole
anders andre andrea andreea andrei andrzej andy angela angele angelina angelique anh anis anissa anita anna
annabelle anne annick annie anouar anouk anthony antoine anton antonia antonin antonio antony ariane ariel
aristide arlette armand armel armelle arnaud arsene arthur assane assia assiya astrid athena aude audrey auguste
augustin aurelie aurelien aurore awa axel axelle aya ayman aymen ayoub aziz aziza babacar bakary balla bamba
baptiste barbara barnabe barthelemy basile bassirou bastien beatrice bechir belkacem ben benedicte benjamin
benoit bernadette bernard bertrand besnik bilal bilel binta birgit blandine blanka bob bogdan boris boubacar
boubakar boualem brahim brahima brandon brayan brendan brice brigitte bruno bryan camara camelia camille carine
carla carlos carmen carole caroline caroll catalin catherine catia cecile cecilia cedric celeste celestin celia
celine cemal chadi chafik chahinez chaima chantal charlene charles charlie charline charlotte cheick cheikh
cherif chiara chloe chris christel christelle christian christiane christina christine christophe cindy clara
claude claudia claudine clarisse claudio clea clemence clement clementine cleo clothilde clotilde colette colin
constance constant constantin coralie corentin corinne cosmin cristian cristina cynthia cyprien cyril cyrille
daisy dalila damian damien dan daniel daniela danielle danilo danny daoud dario dariusz daud david deborah
delphine demba denis denise derek desire diallo diana diane didier diego dieudonne dimitri djamel djamila
djibril dogan dolores dominik dominika dominique donald donia dora doris dorothee douglas driss dylan ebrima
eddy edgar edith edmond edouard edouardo eduardo edwige edwin efe ekaterina elena eleonore elhadj elias eliane
elie eliot elisa elisabeth elise eliott elizabeth ella elliot elodie eloise elsa elvira elvire elvis emanuel
emeline emerick emil emile emilia emilie emilien emilio emma emmanuel emmanuelle emre enrique enzo eric erica
erik erika ernest ernesto erwan erwin esma esteban estelle esther ethan etienne eugene eugenie eva evan evelyne
ewa ewan ezechiel fabien fabienne fabio fabrice fadela fadi fadila fadma fahd faical faiza fanny fanta farah
farid farida fares fathi fatiha fatima fatimata fatma fatou fatoumata faustine faycal felicie felix ferdinand
ferhat fernand fernanda fernando filip fiona firmin flavie flavien flora florence florent florentin florian
floriane florin foued fouad francesca francesco francine francis francisco franck francois francoise frank franz
fred frederic frederica frederique gabin gabor gabriel gabriela gabriele gabrielle gael gaelle gaetan gaetane
gaspard gaston gautier gauthier genevieve geoffrey geoffroy george georges georgette georgi gerald geraldine
gerard germain germaine ghislain ghislaine gilbert gilberte gilles gina ginette giorgi giovanni gisele giulia
giuseppe gladys gloria godefroy goran grace gregoire gregor gregory grzegorz guilhem guillaume gustave guy
gwenael gwenaelle gwendoline habib habiba hacene hachim hadja hafid hafida haissam hakim hakima halima halimatou
hamdi hamed hamid hamida hamidou hamza hanane hanna hannah hans haroun harouna harry hasan hassan hassane hassen
hatem hector heddy hedi helena helene heloise hendrik henri henriette henry herve hichem hicham hilaire hind
hippolyte hocine honore horia hortense houari houcine houda houria hubert hugo hugues huong hussein ian ibrahim
ibrahima ibtissem idriss idrissa ignace igor ikram ilan ileana ilham ilias ilona ilyas ilyes imad imane imen
imran ines ingrid ion ioan ioana ionel ionela ionut irena irene irina iris irma isaac isabel isabella isabelle
isaiah ishmael isidore ismael ismail ismaila ismet issa issam issiaka ivan ivana ivo jacek jack jackie jacky
jacob jacqueline jacques jad jade jafar jakub jalil jamal jamel james jamila jan jana jane janine jasmin jasmine
jason javier jawad jean jeanine jeanne jeannette jeannine jeremie jeremy jerome jerzy jessica jessy jihane jimmy
joachim joan joana joao joaquin jocelyn jocelyne joel joelle joey johan johann johanna john johnny jolene jon
jonas jonathan jordan jorge jose josef joseph josephine josette joshua josiane josselin josue joy joyce juan
judith jules julia julian juliana julie julien julienne juliette julio junior justin justine kader kadiatou
kadidia kadija kais kalidou kamal kamel kamil kamila karamoko karim karima karin karine karl karol karolina
kassim katarina kate katell katia katrin kebe kelly kelthoum kemal ken kenny kenza kerim kerstin kevin khadidja
khadija khadim khadjou khaled khalid khalil khalifa killian kim konrad konstantin koffi kofi kouadio kouame
kristina krystian krzysztof kwame kyllian ladji laetitia lahcen laila lamia lamine lancine lansana lars larbi
larissa lassana lassina laszlo latifa laura laure laureen laurence laurent laurie lea leandre leila lena leo
leon leonard leonardo leonie leonor leopold leslie leyla lila lilia lilian liliane lilou lina linda line lionel
lisa lise liviu loic lola lorena lorenzo loris lotfi lou louane loubna louis louisa louise louisette loulou
lounes lubna luc luca lucas lucia lucie lucienne lucile ludivine ludovic luigi luis luka lukas lukasz luna lydia
lydie lyes lynda maciej macire madeleine mady mael maeva maelle magali magalie magda magdalena maha mahamadou
mahamat mahdi mahmoud mahmud maia maimouna maissa maite majid malek malick malik malika malo mamadou mamadi
mamoudou manel manon manolo manuel manuela marc marcel marcela marcelle marcello marcin marco marcos marek
margaret margaux margot margueritte maria mariama mariame mariam mariana mariane marianne marie mariela marielle
marin marina marine mario marion marius mariusz marjorie marjolaine mark marko markus marlene marta marthe
martha martina martine marvin marwa marwan mary maryam maryline maryse marysia masha massimo mateo mateusz
mathias mathieu mathilde mathis mathurin matilda matteo matthias matthieu maud maureen maurice mauricette max
maxence maxime maximilien maya mbaye mbemba mehdi mehmet melanie melina melissa melodie mercedes mermoz messaoud
michael michal michel michele micheline michelle mickael miguel mihai mihaela mika mike mikhail mikael milan
milena milo mimoun mimouna mina minh mircea mireille miriam mirko miroslav modibo moctar mohamad mohamed
mohammad mohammed moise mokhtar mona monica monika monique morad morgan morgane mory mostafa mouhamadou mouhamed
mouloud mounia mounir mourad moussa mouna moustafa moustapha muhammad muhammed murad murielle muriel mustafa
mustapha myriam nabil nabila nacer nacera nadege nadia nadine nadir nadjet nael nafissatou naima naomi nasser
nasreddine nasrin natacha natalia natalie nathalie nathan nathanael nawal ndeye nelly nelson nemanja nestor
nevena ngoc nguyen nicola nicolae nicolas nicole nicoleta niels nikola nikolai nina ninon nisrine noam noe
noelie noemie noham nolwenn nora norbert nordine noura nour noureddine nouria octave octavio odette odile olga
olive olivia olivier omar oscar osman othman othmane ouafa oualid ouarda ouiza oumar oumarou oumou oumy ousmane
ousseynou oussama owen pablo paco pamela paola paolo pape pascale patrice patricia patrick paul paula paule
paulette pauline pavel pawel pedro penda penelope perrine peter petra petru pierre-louis philippe philomene
piotr pierrette placide polina precious prosper przemek quentin rabah rabia rachel rachid rachida radoslav radu
rafael rafik rahim raissa rajab ralph rama ramata ramatoulaye ramdane rami ramon ramzi rania raoul raphael
raphaelle raquel rashid raul rayan raymond raymonde razvan rebecca reda redouane regine regis reinhold rejane
remi remy renata renaud rene renee reza ricardo richard rim rita robert roberta roberto robin rodica rodolphe
rodrigue rodrigo roger rokia rolande romain roman romane romaric romeo romuald ronald ronan rosa rosalie
roseline rosemary rosine roxane roza ruben rudy ruslan ruth ryan saadia sabah sabine sabri sabrina sacha sadio
safia safiatou said saida salah salem salif salima salimata salma salome salvatore sam samantha sami samia samir
samira samson samuel samy sandra sandrine sandro sandy sara sarah saran sasha saskia sebastian sebastien sekou
selena selim selma seny serge sergei sergey sergio sergiu severin severine seydou shaina sharon sheila shirley
sibylle sid sidi sidonie sihem silvia simeon simona simone siaka sofia sofiane sofien solange solene solenne
sonia sophia sophie soraya sorin souad soufiane soukaina souleymane soumaila stan stanislas stanislaw stella
stephan stephane stephanie steve steven stevan sullivan sunny suzanne suzy svetlana sven swann sylla sylvain
sylvaine sylvester sylvestre sylvette sylvia sylviane sylvie tadeusz tahar taha tamara tanguy tania tanya tarek
tarik tariq tatiana teddy tenin teresa tesfay theo theodore theophile therese thi thibaud thibault thibaut
thierno thierry thomas tidiane tiffany tigist timothe timothee timothy tiphaine tom tomas tomasz tommy toni tony
toufik tristan ulysse ursula vadim valentin valentina valentine valere valeria valerian valerie vanessa vanina
vasile vera veronica veronique vesna victor victorien victorine viktor vincenzo vincent viorel viorica virginie
viviane vlad vladimir wael wafa wahid wahiba waldemar walid walter wanda warda wassila wassim wendy werner
wilfrid wilfried william wilson willy wissam wojciech xavier xiao yacine yacouba yael yahia yahya yamina yan
yanis yann yannick yannis yasin yasmina yasmine yasser yassin yassine yassir yaya yohan yohann yolande youcef
yoan yoann younes youness youri youssef youssouf yousra ysee yuri yusuf yves yvette yvon yvonne zacharie zahia
zahra zaki zakaria zakia zara zdravko zeinab zenab zineb zinedine ziad zoe zohra zora zoran zoubir zoulikha
""".split()  # noqa: SIM905 — two thousand names in quotes would not read better
)

ALSO_WORDS = frozenset(
    """
ange blanche blaise brune capucine celeste cerise christ claire clair clovis constant dominique esperance eve
felicite fidele fleur flore france franc grace guy hilaire honore iris jade jean jonquille joy line lou lune
luna madeleine marc marguerite marin marine martin max mercedes mina modeste noel olive opale ours pascal
patience pierre prudence prune rama rim reine rene robin roland romain romane rose ruby sam saturnin silver
soleil sultan thi tom val victoire violette pape junior victor ben bob jack ken dan ada ana balla will angel
baptiste germain ivoire colombe perle ambre olivier desire prosper constance esther manon mika stan precious
lila laure cheick
""".split()  # noqa: SIM905
)

ALONE = NAMES - ALSO_WORDS
"""Names that mean nothing else: found whatever their letters' case."""
