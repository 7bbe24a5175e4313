"""Given names, family names and nicknames of the made-up people, by country; lists only.

Latin lists are plain words. Chinese names are "character=pinyin" pairs. Cyrillic names are
written in Cyrillic and romanised by `romanise`.
"""

import numpy as np

FEMALE = {
    "FR": """Marie Camille Léa Manon Chloé Inès Zoé Élise Hélène Anaïs Margaux Juliette
        Clémence Françoise Monique Sylvie Nathalie Aurélie Noémie Océane Agathe Solène
        Béatrice Geneviève Amélie Lucie Mathilde Éloïse Capucine Thérèse""",
    "DE": """Anna Lena Katharina Jutta Sabine Ursula Heike Franziska Käthe Greta Johanna Ilse
        Claudia Birgit Änne Annika Friederike Hannah Lieselotte Mareike Nele Petra Renate
        Svenja Ulrike Wiebke Antje Dörte Elke Jördis""",
    "GB": """Emily Charlotte Olivia Katherine Elizabeth Margaret Alice Harriet Imogen Jessica
        Lucy Rebecca Sophie Victoria Abigail Beatrice Daisy Eleanor Florence Georgina
        Hazel Isla Jasmine Lydia Matilda Nicola Poppy Rosie Susan Zara""",
    "US": """Jennifer Elizabeth Katherine Ashley Madison Susan Deborah Patricia Barbara
        Brittany Samantha Kimberly Michelle Amanda Megan Heather Lauren Rachel Hannah
        Kayla Alyssa Jasmine Nicole Stephanie Tiffany Brooke Savannah Destiny Sierra
        Paige""",
    "ES": """María Lucía Carmen Ángela Begoña Concepción Dolores Elena Inés Jimena Lourdes
        Marisol Nuria Paloma Pilar Rocío Sofía Teresa Verónica Ximena Alba Cristina
        Esperanza Graciela Itziar Leticia Mercedes Noelia Raquel Yolanda""",
    "PL": """Agnieszka Małgorzata Katarzyna Joanna Zofia Łucja Bożena Danuta Elżbieta Grażyna
        Hanna Jadwiga Kinga Magdalena Natalia Oliwia Patrycja Róża Stanisława Teresa
        Urszula Weronika Żaneta Aleksandra Beata Dorota Ewa Halina Iwona Karolina""",
    "BR": """Ana Beatriz Camila Daniela Fernanda Gabriela Helena Isabela Juliana Larissa
        Letícia Luíza Márcia Natália Patrícia Rafaela Simone Tatiana Vitória Yasmin
        Adriana Bruna Débora Elaine Flávia Jéssica Lívia Mônica Priscila Sônia""",
    "RU": """Анна Мария Екатерина Ольга Татьяна Наталья Ирина Светлана Елена Юлия Дарья Ксения
        Полина Анастасия Людмила Галина Вера Надежда Любовь Марина Алина Жанна Валентина
        Лариса""",
    "UA": """Олена Оксана Наталія Ірина Тетяна Катерина Юлія Марія Ганна Світлана Людмила
        Софія Соломія Дарина Христина Леся Вікторія Зоряна Богдана Надія Інна Поліна
        Уляна Ярина""",
    "KZ": """Айгуль Асель Динара Жанар Гульнара Сауле Мадина Айнур Камила Алия Зарина Дана
        Назгуль Лаура Салтанат Меруерт Айжан Ботагоз Жибек Раушан Толганай Индира Сания
        Шолпан""",
}

MALE = {
    "FR": """Jean Pierre Lucas Hugo Théo Jérôme François Étienne Gaël Raphaël Alexandre
        Philippe Frédéric Sébastien Benoît Loïc Maël Antoine Guillaume Mathieu Olivier
        Rémi Stéphane Thibault Vincent Xavier Yann Aurélien Cédric Damien""",
    "DE": """Hans Jürgen Björn Günter Stefan Thomas Matthias Wolfgang Uwe Jörg Klaus Lukas
        Maximilian Niklas Otto Rainer Sören Tobias Volker Werner Alexander Bernd
        Christoph Dieter Florian Gerhard Heinrich Johannes Karl Michael""",
    "GB": """William James Oliver Harry George Thomas Alexander Edward Robert Richard
        Christopher Benjamin Daniel Samuel Michael Andrew Nicholas Matthew Jonathan
        Timothy Callum Duncan Ewan Gareth Hamish Ian Kieran Lewis Rhys Stuart""",
    "US": """William James Robert Michael Christopher Anthony Joshua Andrew Daniel Matthew
        Joseph Benjamin Samuel Nicholas Edward Richard Timothy Jonathan Gregory Tyler
        Brandon Justin Kyle Austin Ethan Logan Mason Hunter Wyatt Carter""",
    "ES": """José Antonio Francisco Manuel Javier Álvaro Íñigo Joaquín Andrés Ángel Raúl
        Sergio Tomás Víctor Adrián Agustín Borja César Diego Emilio Fermín Gonzalo Héctor
        Ignacio Jesús Martín Nicolás Óscar Pablo Rubén""",
    "PL": """Jan Paweł Łukasz Michał Krzysztof Andrzej Stanisław Józef Grzegorz Wojciech
        Zbigniew Sławomir Rafał Tomasz Marek Piotr Jakub Mateusz Kamil Dawid Bartłomiej
        Cezary Dariusz Fryderyk Henryk Jerzy Leszek Mirosław Przemysław Zdzisław""",
    "BR": """João José Antônio Carlos Paulo Lucas Luís Marcos Rafael Felipe Gustavo Bruno
        Rodrigo Márcio Vinícius Thiago Sérgio Renato Otávio Murilo Leandro Júlio Ícaro
        Henrique Fábio Eduardo Diego César André Caio""",
    "RU": """Александр Дмитрий Алексей Иван Сергей Михаил Николай Владимир Андрей Евгений
        Павел Фёдор Юрий Константин Григорий Виктор Олег Роман Станислав Тимофей Артём
        Борис Глеб Илья""",
    "UA": """Олександр Андрій Сергій Микола Володимир Тарас Богдан Ярослав Олексій Дмитро Іван
        Василь Остап Юрій Михайло Петро Роман Максим Євген Назар Степан Григорій Павло
        Ігор""",
    "KZ": """Нурлан Ерлан Арман Азамат Бауыржан Даурен Серик Марат Талгат Канат Руслан Тимур
        Алибек Айдос Жандос Кайрат Олжас Санжар Темирлан Ержан Асхат Бекзат Дамир Ильяс""",
}

FAMILY = {
    "FR": """Martin Bernard Dubois Thomas Robert Richard Petit Durand Leroy Moreau Simon
        Laurent Lefèvre Michel García David Bertrand Roux Vincent Fournier Morel Girard
        André Mercier Dupont Lambert Bonnet François Martinez Legrand Garnier Faure
        Rousseau Blanc Guérin Müller Henry Roussel Nicolas Perrin Morin Mathieu Clément
        Gauthier Dumont López Fontaine Chevalier Robin Masson Sánchez Gérard Nguyễn Boyer
        Denis Lemaire Duval Joly Gautier Roger Roche Noël Meyer Lucas Meunier Jean Pérez
        Marchand Dufour Blanchard Barbier Brun Dumas Brunet Schmitt Leroux Colas
        Fernández Renard Arnaud Rolland Caron Aubert Giraud Léger Vidal Bourgeois Renaud
        Lacroix d'Alençon""",
    "DE": """Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann
        Schäfer Koch Bauer Richter Klein Wolf Schröder Neumann Schwarz Zimmermann Braun
        Krüger Hofmann Hartmann Lange Schmitt Werner Krause Meier Lehmann Schmid Schulze
        Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz
        Möller Weiß Jung Hahn Schubert Vogel Friedrich Keller Günther Frank Berger
        Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm
        Winter Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel
        Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kühn Pohl Engel""",
    "GB": """Smith Jones Taylor Brown Williams Wilson Johnson Davies Robinson Wright Thompson
        Evans Walker White Roberts Green Hall Wood Jackson Clarke Clark Harrison Scott
        Cooper Ward Morris Turner Hill Moore Harris King Watson Baker Mitchell Patel
        Young Allen Anderson James Bell Parker Lee Cook Bennett Griffiths Phillips Shaw
        Price Carter Hughes Richardson Cox Collins Murphy Marshall Miller Gray Simpson
        Ellis Adams Wilkinson Foster Graham Chapman Mason Powell Webb Rogers Hunt Mills
        Palmer Knight Barker Stevens O'Brien McDonald Fraser Sinclair Murray Holmes Khan
        Ahmed Barnes Fisher Dixon Lloyd Butler Pearson""",
    "US": """Smith Johnson Williams Brown Jones Miller Davis Garcia Rodriguez Wilson Martinez
        Anderson Taylor Thomas Hernandez Moore Martin Jackson Thompson White Lopez Lee
        Gonzalez Harris Clark Lewis Robinson Walker Perez Hall Young Allen Sanchez Wright
        King Scott Green Baker Adams Nelson Hill Ramirez Campbell Mitchell Roberts Carter
        Phillips Evans Turner Torres Parker Collins Edwards Stewart Flores Morris Nguyen
        Murphy Rivera Cook Rogers Morgan Peterson Cooper Reed Bailey Bell Gomez Kelly
        Howard Ward Cox Diaz Richardson Wood Watson Brooks Bennett Gray James Reyes Cruz
        Hughes Price Myers Long Foster Sanders Ross Morales O'Connor""",
    "ES": """García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín
        Jiménez Hernández Ruiz Díaz Moreno Muñoz Álvarez Romero Gutiérrez Alonso Navarro
        Torres Domínguez Ramos Vázquez Ramírez Gil Serrano Morales Molina Blanco Suárez
        Castro Ortega Delgado Ortiz Marín Rubio Núñez Medina Sanz Castillo Iglesias
        Cortés Garrido Santos Guerrero Lozano Cano Cruz Méndez Flores Prieto Herrera Peña
        León Márquez Cabrera Gallego Calvo Vidal Campos""",
    "PL": """Nowak Wójcik Kowalczyk Woźniak Mazur Krawczyk Kaczmarek Zając Król Wróbel
        Wieczorek Dudek Adamczyk Stępień Górski Sikora Baran Duda Szewczyk Pietrzak
        Marciniak Bąk Zięba Kubiak Wilk Lis Kaźmierczak Kołodziej Łuczak Ptak Kozioł
        Błaszczyk Gołąb Żak Świątek Sobczak Czajka Mróz Urban Kania Musiał Szulc Jóźwiak
        Tomczak Pająk Rak Ratajczak Gajda""",
    "BR": """Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa
        Ribeiro Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias
        Nascimento Andrade Moreira Nunes Marques Machado Mendes Freitas Cardoso Ramos
        Gonçalves Santana Teixeira Araújo Cavalcanti Magalhães Guimarães Brandão Leitão
        Simões Assunção Conceição""",
    "RU": """Иванов Смирнов Кузнецов Попов Васильев Петров Соколов Михайлов Новиков Фёдоров
        Морозов Волков Алексеев Лебедев Семёнов Егоров Павлов Козлов Степанов Николаев
        Орлов Андреев Макаров Никитин Захаров Зайцев Соловьёв Борисов Яковлев Григорьев
        Романов Воробьёв Сергеев Кузьмин Фролов Александров Дмитриев Королёв Гусев
        Киселёв Ильин Максимов Поляков Сорокин Виноградов Ковалёв Белов Медведев Антонов
        Тарасов Жуков Баранов Филиппов Комаров Давыдов""",
    "UA": """Шевченко Коваленко Бондаренко Ткаченко Кравченко Олійник Шевчук Коваль Поліщук
        Бондар Ткачук Мороз Марченко Лисенко Руденко Савченко Петренко Кравчук Клименко
        Павленко Савчук Кузьменко Пономаренко Василенко Мельник Харченко Гончаренко
        Сидоренко Карпенко Романюк Гнатюк Левченко Даниленко Яременко Захарченко Костенко
        Литвиненко Приходько Швець Гайдук""",
    "KZ": """Ахметов Омаров Оспанов Алиев Сулейменов Ибраев Касымов Исмаилов Жумабаев Нурланов
        Абдрахманов Байжанов Ермеков Искаков Кенжебаев Мусаев Нургалиев Рахимов Садыков
        Тулегенов Утегенов Хасенов Шарипов Жаксылыков Бекетов Досжанов Елеусизов Калиев
        Мамбетов Смагулов""",
}

HAN_FAMILY = """王=Wang 李=Li 张=Zhang 刘=Liu 陈=Chen 杨=Yang 黄=Huang 赵=Zhao 吴=Wu 周=Zhou
        徐=Xu 孙=Sun 马=Ma 朱=Zhu 胡=Hu 郭=Guo 何=He 高=Gao 林=Lin 罗=Luo 郑=Zheng
        梁=Liang 谢=Xie 宋=Song 唐=Tang 许=Xu 邓=Deng 韩=Han 冯=Feng 曹=Cao 彭=Peng
        曾=Zeng 肖=Xiao 田=Tian 董=Dong 潘=Pan 袁=Yuan 蔡=Cai 蒋=Jiang 余=Yu 于=Yu 杜=Du
        叶=Ye 程=Cheng 魏=Wei 苏=Su 吕=Lü 丁=Ding 欧阳=Ouyang 司马=Sima"""
HAN_FEMALE = """丽=li 芳=fang 娜=na 敏=min 静=jing 秀=xiu 娟=juan 英=ying 华=hua 玉=yu 红=hong
        婷=ting 雪=xue 梅=mei 琳=lin 欣=xin 怡=yi 佳=jia 颖=ying 慧=hui 倩=qian 月=yue
        兰=lan 晨=chen 思=si 雅=ya 萱=xuan 琪=qi 诗=shi 涵=han 晓=xiao 蕾=lei"""
HAN_MALE = """伟=wei 强=qiang 磊=lei 军=jun 洋=yang 勇=yong 杰=jie 涛=tao 明=ming 超=chao
        刚=gang 平=ping 辉=hui 鹏=peng 飞=fei 宇=yu 浩=hao 轩=xuan 博=bo 文=wen 志=zhi
        建=jian 国=guo 海=hai 天=tian 龙=long 俊=jun 峰=feng 子=zi 泽=ze 晓=xiao 睿=rui"""

NICKNAMES = {
    "William": "Bill", "Robert": "Bob", "Richard": "Dick", "Elizabeth": "Liz", "Katherine": "Kate",
    "Margaret": "Peggy", "Christopher": "Chris", "Michael": "Mike", "Jennifer": "Jen",
    "James": "Jim", "Thomas": "Tom", "Andrew": "Andy", "Edward": "Ted", "Alexander": "Alex",
    "Benjamin": "Ben", "Samuel": "Sam", "Daniel": "Dan", "Matthew": "Matt", "Joseph": "Joe",
    "Nicholas": "Nick", "Timothy": "Tim", "Jonathan": "Jon", "Victoria": "Vicky", "Susan": "Sue",
    "Patricia": "Pat", "Deborah": "Debbie", "Rebecca": "Becky", "Samantha": "Sam",
    "Alexandre": "Alex", "Philippe": "Phil", "Frédéric": "Fred", "Sébastien": "Seb",
    "Françoise": "Fanfan", "Nathalie": "Nath", "Geneviève": "Ginette", "Mathilde": "Mathou",
    "Katharina": "Kathi", "Johannes": "Hannes", "Maximilian": "Max", "Johanna": "Hanna",
    "Matthias": "Matze", "Wolfgang": "Wolfi", "Franziska": "Franzi", "Heinrich": "Heinz",
    "Francisco": "Paco", "José": "Pepe", "Manuel": "Manolo", "Concepción": "Concha",
    "Dolores": "Lola", "Ignacio": "Nacho", "Mercedes": "Merche", "Małgorzata": "Gosia",
    "Katarzyna": "Kasia", "Agnieszka": "Aga", "Krzysztof": "Krzysiek", "Stanisław": "Staszek",
    "Aleksandra": "Ola", "Małgosia": "Gosia", "Fernanda": "Nanda", "Eduardo": "Dudu",
    "Александр": "Саша", "Екатерина": "Катя", "Дмитрий": "Дима", "Алексей": "Лёша",
    "Мария": "Маша", "Наталья": "Наташа", "Михаил": "Миша", "Владимир": "Вова", "Анна": "Аня",
    "Татьяна": "Таня", "Ольга": "Оля", "Иван": "Ваня", "Анастасия": "Настя", "Євген": "Женя",
    "Олександр": "Сашко", "Катерина": "Катя", "Володимир": "Вова", "Микола": "Коля",
}  # fmt: skip

_ROMAN_BY_LETTER = """а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=y к=k л=l м=m н=n о=o п=p р=r
    с=s т=t у=u ф=f х=kh ц=ts ч=ch ш=sh щ=shch ъ= ы=y ь= э=e ю=yu я=ya і=i ї=yi є=ye ґ=g"""
_CYRILLIC = dict(pair.split("=") for pair in _ROMAN_BY_LETTER.split())
_ROMAN = str.maketrans(
    _CYRILLIC | {letter.upper(): latin.capitalize() for letter, latin in _CYRILLIC.items()}
)


def romanise(text: str) -> str:
    """Cyrillic letters in Latin ones; every other letter stays."""
    return text.translate(_ROMAN)


def _han(pairs: str) -> tuple[np.ndarray, np.ndarray]:
    """Characters and their pinyin, in step."""
    split = [pair.split("=") for pair in pairs.split()]
    return np.array([s[0] for s in split], object), np.array([s[1] for s in split], object)


def draw_names(
    rng: np.random.Generator, country: str, is_female: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Given and family names in the country's own script, then both in Latin letters.

    One name for each element of `is_female`; all four arrays hold str objects.
    """
    n = len(is_female)
    if country == "CN":
        return _draw_han(rng, is_female)
    female, male = np.array(FEMALE[country].split()), np.array(MALE[country].split())
    given = np.where(is_female, rng.choice(female, n), rng.choice(male, n)).astype(object)
    family = rng.choice(np.array(FAMILY[country].split(), object), n)
    if country in ("FR", "ES", "BR", "DE"):
        second = rng.choice(np.array(FAMILY[country].split(), object), n)
        share, joint = {"FR": (0.06, "-"), "DE": (0.06, "-"), "ES": (0.7, " "), "BR": (0.5, " ")}[
            country
        ]
        family = np.where(rng.random(n) < share, family + joint + second, family)
    if country in ("RU", "KZ"):
        declines = np.array([name.endswith(("ов", "ев", "ёв", "ин")) for name in family], bool)
        family = np.where(is_female & declines, family + "а", family)
    if country in ("RU", "UA", "KZ"):
        return (
            given,
            family,
            np.array([romanise(x) for x in given], object),
            np.array([romanise(x) for x in family], object),
        )
    return given, family, given, family


def _draw_han(
    rng: np.random.Generator, is_female: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    n = len(is_female)
    family, family_latin = _han(HAN_FAMILY)
    pick = rng.integers(0, len(family), n)
    given, given_latin = np.empty(n, object), np.empty(n, object)
    for mask, pairs in ((is_female, HAN_FEMALE), (~is_female, HAN_MALE)):
        characters, sounds = _han(pairs)
        first = rng.integers(0, len(characters), n)
        second = rng.integers(0, len(characters), n)
        two = rng.random(n) < 0.75
        native = np.where(two, characters[first] + characters[second], characters[first])
        latin = np.where(two, sounds[first] + sounds[second], sounds[first])
        given[mask] = native[mask]
        given_latin[mask] = np.array([x.capitalize() for x in latin], object)[mask]
    return given, family[pick], given_latin, family_latin[pick]
