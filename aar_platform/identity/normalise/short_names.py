"""What people are called for short in the languages of Europe: each name with its short forms.

A name in lower-case ASCII, as given names are compared; English ones are in the library nicknames.
"""

_GERMAN = """
    adelheid: heidi. andreas: andi. anna: anke antje annchen. anton: toni. august: gustl.
    bernhard: bernd berni. birgit: biggi. brigitte: gitte gitti. christian: chris. christina:
    tina. cornelia: conny conni. dieter: didi. dietrich: dieter. dominik: domi. dorothea: dorle
    thea. elisabeth: elli else elsbeth ilse liesl lisa lisl lise lisbeth sissi. eva: evi.
    fabian: fabi. florian: flo. franziska: franzi. franz: franzl. friedrich: fritz. gabriele:
    gabi. georg: schorsch. gerhard: gerd gert. gertrud: trudi traudl. gunther: gunni. heinrich:
    heinz heiner heini. helene: leni lena. helga: helgi. hubert: hubsi. joachim: achim jochen.
    johann: hans hansi. johanna: hanna hanne hanni. johannes: hans hannes jo. josef: jupp sepp
    seppi. karl: kalle. katharina: kathe kathi kati trine. konrad: kurt. lorenz: lenz. ludwig:
    lutz luggi. magdalena: leni lena magda. manfred: manni. manuela: manu. margarete: gretel
    grete greta marga gretchen. maria: mia mitzi. martina: tina. matthias: matze matthes.
    maximilian: max maxi. michael: michi micha. monika: moni. nikolaus: klaus niko. oliver:
    olli. peter: pit. reinhard: reini. rosemarie: rosi romy. rudolf: rudi rolf. sebastian:
    basti. siegfried: sigi. stefanie: steffi. susanne: susi sanne. theodor: theo. theresia:
    resi. thomas: tommy. tobias: tobi. ulrich: uli ulli. ulrike: uli ulli rike. ursula: ulla
    uschi. veronika: vroni. viktoria: viki. walburga: walli. wilhelm: willi willy. wolfgang:
    wolf wolfi.
"""
_FRENCH = """
    albert: bebert. alexandra: alex sandra. alexandre: alex. andre: dede. anne: annette nanette
    nanou ninon. antoine: toine toinou. beatrice: bea. benjamin: ben. benoit: ben. caroline:
    caro. catherine: cathy cath. charles: charlot. christelle: chris. christophe: chris. claude:
    claudie. dominique: dom domi. elisabeth: babeth babette elise lise lili. emmanuel: manu.
    emmanuelle: manu. florence: flo. francine: fanfan. francois: fanfan. francoise: fanfan.
    frederic: fred freddy. genevieve: ginette genia. georges: jojo. gerard: gege. gilles: gilou.
    gisele: gigi. gregoire: greg. gregory: greg. guillaume: guigui. henri: riri. isabelle: isa.
    jacqueline: jacky. jacques: jacky jacquot. jean: jeannot. jeanne: jeannette. joelle: jo
    jojo. josephine: jo. josiane: josy. julien: juju. julie: juju. louis: loulou. louise:
    loulou. lucie: lulu. lucien: lulu. madeleine: mado. marguerite: margot guite. marie: manon
    mimi. matthieu: matt. maurice: momo. maxime: max. michel: mich michou. michelle: mimi.
    mireille: mimi. nathalie: nath. nicolas: nico. nicole: colette. patrice: pat. patricia: pat
    patou. patrick: pat. paul: paulo. philippe: phil philou fifi. pierre: pierrot. robert:
    bebert bob. roland: roro. sebastien: seb. sophie: fifi. stephane: steph. stephanie: steph.
    suzanne: suzy suzette. therese: thete. thierry: titi. valentin: val. valerie: val valoche.
    veronique: vero. virginie: vivi. viviane: vivi. xavier: xav. yves: vonvon.
"""
_IBERIAN = """
    alberto: beto berto tito. alejandro: alex jandro. alejandra: ale sandra. ana: anita.
    antonia: toni tona. antonio: toni tono tonito tonho toninho. asuncion: asun. augusto: guto.
    beatriz: bea bia. carmen: carmina maica. catalina: cata. concepcion: concha conchi conchita.
    consuelo: chelo. cristina: cris tina. dolores: lola loli. eduardo: edu lalo dudu.
    encarnacion: encarni. enrique: kike quique. ernesto: tito. esperanza: espe. federico: fede.
    fernanda: fer nanda. fernando: fer nando. francisca: paca paqui. francisco: curro fran kiko
    paco pancho quico chico. gabriel: gabi. gonzalo: gonza. graciela: chela. gregorio: goyo.
    guadalupe: lupe. guilherme: gui. guillermo: guille memo. gustavo: guto. ignacio: nacho.
    inmaculada: inma. isabel: isa chabela. javier: javi. jesus: chus chucho. joao: joca
    joaozinho. joaquin: quino joaco. joaquim: quim. jorge: coque. jose: pepe pepito chepe chema
    ze zeca juca. josefa: pepa fina. josefina: fina. juan: juanito juancho juanjo juanma.
    lourdes: lulu. luis: lucho luisito. magdalena: magda lena. manuel: manolo manolito manu lolo
    manel. margarita: marga. maria: mari maruja maruchi. mercedes: merche. miguel: migue miki.
    montserrat: montse. nicolas: nico. nuria: nuri. paulo: paulinho. pedro: perico pedrinho.
    pilar: pili piluca. purificacion: puri. rafael: rafa. ramon: moncho. remedios: reme.
    roberto: beto berto. rosario: charo chayo. salvador: salva. santiago: santi. sebastiao:
    tiao. sebastian: sebas. socorro: coco. teresa: tere maite. veronica: vero. vicente: chente.
    xavier: xavi. yolanda: yoli.
"""
_ITALIAN = """
    alessandra: ale sandra. alessandro: ale sandro. antonella: nella. antonio: toni tonino nino.
    concetta: tina. cristina: cri tina. daniela: dani. daniele: dani. domenico: mimmo.
    elisabetta: betta lisa. federica: fede. federico: fede. ferdinando: nando. filippo: pippo.
    francesca: cesca. francesco: cecco checco ciccio franco. gabriele: gabri lele. giovanni:
    gianni nanni. giuseppe: beppe peppe peppino pino. giuseppina: giusy pina. lorenzo: enzo
    renzo lollo. luigi: gigi gino. raffaele: lello. roberta: robi. roberto: robi. salvatore:
    toto turi. simona: simo. simone: simo. stefania: ste. stefano: ste. teresa: resi. valentina:
    vale. valerio: vale. vincenzo: enzo cenzo.
"""
_DUTCH = """
    abraham: bram. antonius: ton toon teun. cornelis: kees cor. diederik: dirk. elisabeth: els
    elly lies liesbeth. geertruida: truus. gijsbert: gijs. hendrik: henk hein. jacob: jaap.
    jacobus: koos sjaak. johanna: ans hanneke joke. johannes: hans jan joop. margaretha: greet.
    maria: marijke mieke miep ria. marinus: rien rinus. nicolaas: klaas nico. pieter: piet.
    sebastiaan: bas. wilhelmina: mien willemijn. willem: wim.
"""
_POLISH = """
    adam: adas. agnieszka: aga agusia. aleksander: alek olek. aleksandra: ola olka. andrzej:
    jedrek. anna: ania anka hania. antoni: antek. barbara: basia baska. bartlomiej: bartek.
    bartosz: bartek. boguslaw: bogus. boleslaw: bolek. danuta: danka danusia. dariusz: darek.
    dorota: dorotka. elzbieta: ela elka. ewa: ewka ewcia. franciszek: franek. genowefa: gienia.
    grzegorz: grzes grzesiek. hanna: hania. helena: hela. henryk: heniek. irena: irka. izabela:
    iza. jadwiga: jadzia. jakub: kuba. jan: janek jas jasiek. janina: janka. jaroslaw: jarek.
    jerzy: jurek. joanna: asia aska. jolanta: jola jolka. jozef: jozek. katarzyna: kasia kaska.
    kazimierz: kazik. krystyna: krysia. krzysztof: krzys krzysiek. lidia: lidka. maciej: maciek.
    magdalena: magda madzia. malgorzata: gosia goska. maria: marysia maryla. mieczyslaw: mietek.
    michal: misiek. miroslaw: mirek. monika: monia. natalia: natalka. patrycja: patka. pawel:
    pawelek. piotr: piotrek. przemyslaw: przemek. radoslaw: radek. renata: renia. roman: romek.
    ryszard: rysiek. slawomir: slawek. stanislaw: stas staszek. stanislawa: stasia. sylwia:
    sylwka. tadeusz: tadek. teresa: tereska. tomasz: tomek. urszula: ula. wanda: wandzia.
    wieslawa: wiesia. wladyslaw: wladek. wojciech: wojtek. zbigniew: zbyszek. zdzislaw:
    zdzisiek. zofia: zosia.
"""
_EASTERN = """
    aleksandr: sasha shura sanya. aleksandra: sasha shura. aleksei: alyosha lyosha lesha.
    anastasia: nastya. anastasiya: nastya. anatoli: tolya. anna: anya. antonina: tonya. boris:
    borya. daria: dasha. dmitri: dima mitya. ekaterina: katya. elena: lena. evgeni: zhenya.
    evgenia: zhenya. fedor: fedya. galina: galya. georgi: gosha. grigori: grisha. hanna: hanya.
    irina: ira. ivan: vanya ivanko. kateryna: katya. konstantin: kostya. ksenia: ksyusha.
    leonid: lenya. lyubov: lyuba. lyudmila: lyuda. maria: masha. mariya: masha. margarita: rita.
    mikhail: misha. mykhailo: misha. mykola: kolya. nadezhda: nadya. natalia: natasha. natalya:
    natasha. nikolai: kolya. oleksandr: sasha sashko oles. oleksandra: sasha. olga: olya. olha:
    olya. pavel: pasha. pavlo: pasha. petr: petya. petro: petryk. polina: polya. sergei: serezha
    seryozha. serhii: serhiyko. sofia: sonya. svetlana: sveta. svitlana: svita. tatiana: tanya.
    tetiana: tanya. valeri: valera. vasili: vasya. viktor: vitya. viktoria: vika. vladimir:
    volodya vova. volodymyr: volodya vova. vyacheslav: slava. yaroslav: slava. yulia: yulya.
    yuri: yura. yurii: yura. zinaida: zina.
"""
# Short forms of several English names, of which the library tells one.
_ENGLISH = """
    alan: al. alfred: al fred. andrea: andy. alexandra: alex. christine: chris. christina: chris
    tina. christian: chris. danielle: dan. edgar: ed. edmund: ed ted. edward: ted teddy ed
    eddie. edwin: ed. eleanor: ellie nell. gerald: jerry gerry. harold: harry hal. herbert:
    bert. isabella: bella. jeremy: jerry. jerome: jerry. josephine: jo. kathleen: kate kathy.
    leonard: len leo. louis: lou. louise: lou. melanie: mel. melissa: mel. patrick: pat paddy.
    rachel: ray. robert: bert. rosemary: rose. samantha: sam. sandra: sandy. stephanie: steph.
    susan: sue susie. suzanne: sue. terence: terry. theresa: terry tess. victoria: vicky tori.
"""


def short_names() -> dict[str, tuple[str, ...]]:
    """Short form → the names it can stand for."""
    found: dict[str, set[str]] = {}
    lists = (_GERMAN, _FRENCH, _IBERIAN, _ITALIAN, _DUTCH, _POLISH, _EASTERN, _ENGLISH)
    for line in "".join(lists).split("."):
        name, _, forms = line.partition(":")
        for form in forms.split():
            found.setdefault(form, set()).add(name.strip())
    return {form: tuple(sorted(names)) for form, names in found.items()}
