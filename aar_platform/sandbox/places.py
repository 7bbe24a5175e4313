"""Countries of the made-up customers: share, currency, cities, streets, telephone ranges.

Telephone numbers come from the ranges that regulators keep for fiction where there are any (FR,
DE, GB, US); elsewhere from one block of zeros inside a valid range.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Country:
    """One country. `cities` are (city, region, first digits of the postcode)."""

    code: str
    share: float
    currency: str
    language: str
    email_hosts: tuple[str, ...]
    calling_code: str
    trunk_prefix: str
    phone_ranges: tuple[tuple[str, int], ...]  # national number up to the drawn digits, how many
    postcode: str  # '#' is a drawn digit, '@' a drawn letter, '~' the city's own digits
    street: str  # {n} number, {s} street
    streets: tuple[str, ...]
    cities: tuple[tuple[str, str, str], ...]
    names: tuple[str, ...]  # English first, then as other systems write it


def _words(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split("|"))


def _cities(text: str) -> tuple[tuple[str, str, str], ...]:
    rows = (tuple(field.strip() for field in part.split("/")) for part in text.split("|"))
    return tuple((city, region, postcode) for city, region, postcode in rows)


_GB_AREAS = ("113496", "114496", "116496", "117496", "118496", "121496", "131496")
# Area codes of the United States; their neighbours in the numbering plan are Canadian.
_US_AREAS = (
    201, 202, 206, 212, 213, 214, 215, 216, 303, 305, 312, 313, 314, 315, 401, 402, 404, 405, 406,
    407, 408, 410, 412, 413, 414, 415, 502, 503, 504, 505, 507, 508, 509, 510, 512, 513, 515, 516,
    517, 518, 602, 603, 605, 606, 607, 608, 609, 610, 612, 614, 615, 616, 617, 618, 619, 701, 702,
    703, 704, 706, 713, 714, 716, 717, 718, 719, 801, 802, 803, 804, 805, 808, 810, 812, 813, 814,
    815, 816, 817, 818, 901, 903, 904, 907, 908, 909, 910, 912, 913, 914, 915, 916,
)  # fmt: skip

COUNTRIES = (
    Country(
        "FR", 0.25, "EUR", "fr", ("example.com", "courriel.example", "example.org"), "33", "0",
        (("19900", 4), ("26191", 4), ("35301", 4), ("46571", 4), ("53649", 4)),
        "~###", "{n} {s}",
        _words("rue de la République | avenue Victor-Hugo | rue des Écoles | place de l'Église | "
               "boulevard Voltaire | rue du Château | chemin des Prés | impasse des Lilas | "
               "rue Pasteur | allée des Tilleuls | rue Jean-Jaurès | quai de la Loire"),
        _cities("Paris/Île-de-France/75 | Lyon/Auvergne-Rhône-Alpes/69 | Nîmes/Occitanie/30 | "
                "Marseille/Provence-Alpes-Côte d'Azur/13 | Orléans/Centre-Val de Loire/45 | "
                "Besançon/Bourgogne-Franche-Comté/25 | Saint-Étienne/Auvergne-Rhône-Alpes/42 | "
                "Nantes/Pays de la Loire/44 | Lille/Hauts-de-France/59 | Rennes/Bretagne/35"),
        ("France", "FRANCE", "FR"),
    ),
    Country(
        "DE", 0.14, "EUR", "de", ("brief.example", "example.com", "example.net"), "49", "0",
        (("3023125", 3), ("4066969", 3), ("2214710", 3), ("6990009", 3), ("8999998", 3)),
        "~###", "{s} {n}",
        _words("Hauptstraße | Bahnhofstraße | Schulstraße | Gartenstraße | Königsallee | "
               "Am Mühlbach | Goethestraße | Lindenweg | Bergstraße | Kirchgasse | Schloßplatz"),
        _cities("Berlin/Berlin/10 | Hamburg/Hamburg/20 | München/Bayern/80 | Köln/"
                "Nordrhein-Westfalen/50 | Düsseldorf/Nordrhein-Westfalen/40 | Leipzig/Sachsen/04 | "
                "Nürnberg/Bayern/90 | Lübeck/Schleswig-Holstein/23 | "
               "Tübingen/Baden-Württemberg/72"),
        ("Germany", "Deutschland", "Allemagne", "DE"),
    ),
    Country(
        "GB", 0.13, "GBP", "en", ("mail.example", "example.com", "example.org"), "44", "0",
        (("2079460", 3), *((area + "0", 3) for area in _GB_AREAS)),
        "~# #@@", "{n} {s}",
        _words("High Street | Station Road | Church Lane | Victoria Road | Mill Lane | "
               "Park Avenue | "
               "Queen's Road | The Green | Manor Close | York Street | Albert Terrace"),
        _cities("London/England/SW | Leeds/England/LS | Sheffield/England/S | Bristol/England/BS | "
                "Edinburgh/Scotland/EH | Cardiff/Wales/CF | Birmingham/England/B | Reading/England/"
                "RG | Glasgow/Scotland/G | Belfast/Northern Ireland/BT"),
        ("United Kingdom", "UK", "Royaume-Uni", "Great Britain", "GB"),
    ),
    Country(
        "US", 0.12, "USD", "en", ("mail.example", "example.com", "example.net"), "1", "",
        tuple((f"{area}55501", 2) for area in _US_AREAS),
        "~###", "{n} {s}",
        _words("Main Street | Oak Avenue | Maple Drive | 2nd Street | Cedar Lane | "
               "Washington Blvd | "
               "Lake Road | Elm Street | Sunset Drive | Park Place | Hillcrest Ave"),
        _cities("New York/New York/10 | Chicago/Illinois/60 | Austin/Texas/78 | Seattle/Washington/"
                "98 | Denver/Colorado/80 | Portland/Oregon/97 | Boston/Massachusetts/02 | "
                "Atlanta/Georgia/30 | San José/California/95 | Miami/Florida/33"),
        ("United States", "USA", "États-Unis", "U.S.A.", "US"),
    ),
    Country(
        "CN", 0.13, "CNY", "zh", ("youxiang.example", "example.com", "xinxiang.example"), "86", "",
        (("1990000", 4), ("1980000", 4), ("1660000", 4), ("1770000", 4)),
        "~####", "{s}{n}号",
        _words("人民路 | 中山路 | 解放大道 | 建设街 | 和平里 | 长江路 | 文化巷 | 朝阳街 | "
               "南京西路 | 学府路"),
        _cities("北京/北京/10 | 上海/上海/20 | 广州/广东/51 | 深圳/广东/51 | 成都/四川/61 | "
                "杭州/浙江/31 | "
                "武汉/湖北/43 | 西安/陕西/71 | 南京/江苏/21"),
        ("China", "中国", "Chine", "CN"),
    ),
    Country(
        "ES", 0.07, "EUR", "es", ("correo.example", "example.com"), "34", "",
        (("60000", 4), ("91000", 4)), "~###", "{s}, {n}",
        _words("Calle Mayor | Avenida de la Constitución | Calle del Río | Plaza de España | "
               "Calle Núñez | Paseo de Gràcia | Camino Viejo | Calle San José"),
        _cities("Madrid/Madrid/28 | Barcelona/Cataluña/08 | Málaga/Andalucía/29 | "
                "A Coruña/Galicia/15"
                " | Cádiz/Andalucía/11 | León/Castilla y León/24 | Valencia/Valencia/46"),
        ("Spain", "España", "Espagne", "ES"),
    ),
    Country(
        "PL", 0.05, "EUR", "pl", ("poczta.example", "example.com"), "48", "",
        (("60000", 4), ("50000", 4)), "~-###", "ul. {s} {n}",
        _words("Mickiewicza | Długa | Kościuszki | Słoneczna | Ogrodowa | Łąkowa | "
               "Żeromskiego | Polna"),
        _cities("Warszawa/Mazowieckie/00 | Kraków/Małopolskie/30 | Łódź/Łódzkie/90 | "
                "Gdańsk/Pomorskie"
                "/80 | Poznań/Wielkopolskie/60 | Wrocław/Dolnośląskie/50"),
        ("Poland", "Polska", "Pologne", "PL"),
    ),
    Country(
        "BR", 0.04, "USD", "pt", ("correio.example", "example.com"), "55", "",
        (("1190000", 4), ("2190000", 4)), "~##-###", "{s}, {n}",
        _words("Rua das Flores | Avenida Paulista | Rua São João | Travessa da Conceição | "
               "Alameda Santos | Rua Quinze de Novembro"),
        _cities("São Paulo/São Paulo/010 | Rio de Janeiro/Rio de Janeiro/200 | Brasília/"
                "Distrito Federal/700 | Belém/Pará/660 | Curitiba/Paraná/800"),
        ("Brazil", "Brasil", "Brésil", "BR"),
    ),
    Country(
        "RU", 0.03, "USD", "ru", ("pochta.example", "example.com"), "7", "8",
        (("900000", 4), ("904000", 4)), "~###", "ул. {s}, д. {n}",
        _words("Ленина | Пушкина | Садовая | Лесная | Мира | Гагарина | Набережная | Школьная"),
        _cities("Москва/Москва/101 | Санкт-Петербург/Санкт-Петербург/190 | Казань/Татарстан/420 | "
                "Новосибирск/Новосибирская область/630 | Екатеринбург/Свердловская область/620"),
        ("Russia", "Россия", "Russie", "RU"),
    ),
    Country(
        "UA", 0.02, "USD", "uk", ("poshta.example", "example.com"), "380", "0",
        (("50000", 4), ("67000", 4)), "~###", "вул. {s}, {n}",
        _words("Шевченка | Франка | Хрещатик | Соборна | Лесі Українки | Садова"),
        _cities("Київ/Київ/01 | Львів/Львівська область/79 | Одеса/Одеська область/65 | "
                "Харків/Харківська область/61 | Дніпро/Дніпропетровська область/49"),
        ("Ukraine", "Україна", "UA"),
    ),
    Country(
        "KZ", 0.02, "USD", "ru", ("pochta.example", "example.com"), "7", "8",
        (("701000", 4), ("777000", 4)), "~###", "ул. {s}, {n}",
        _words("Абая | Достык | Сатпаева | Жибек Жолы | Толе би"),
        _cities("Алматы/Алматы/050 | Астана/Астана/010 | Шымкент/Шымкент/160 | Караганда/"
                "Карагандинская область/100"),
        ("Kazakhstan", "Казахстан", "KZ"),
    ),
)  # fmt: skip

BY_CODE = {country.code: country for country in COUNTRIES}

_LETTERS = np.array(list("ABDEFGHJLNPQRSTUWXYZ"))


def draw_phones(rng: np.random.Generator, country: Country, n: int) -> np.ndarray:
    """`n` national numbers as digits, different from each other as long as the ranges last."""
    prefixes = np.array([p for p, _ in country.phone_ranges], object)
    digits = np.array([d for _, d in country.phone_ranges])
    capacity = np.cumsum(10**digits)
    total = int(capacity[-1])
    rounds = [rng.permutation(total) for _ in range(-(-n // total))]
    slots = np.concatenate([*rounds, np.empty(0, int)])[:n].astype(int)
    which = np.searchsorted(capacity, slots, side="right")
    rest = slots - (capacity - 10**digits)[which]
    return np.array(
        [f"{prefixes[w]}{r:0{digits[w]}d}" for w, r in zip(which, rest, strict=True)], object
    )


def draw_addresses(
    rng: np.random.Generator, country: Country, n: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Street with number, city, region and postcode of `n` addresses, as str objects."""
    weights = 1.0 / (1.0 + np.arange(len(country.cities)))
    city = rng.choice(len(country.cities), n, p=weights / weights.sum())
    street = rng.choice(np.array(country.streets, object), n)
    number = rng.integers(1, 180, n)
    digits = rng.integers(0, 10, (n, len(country.postcode)))
    letters = rng.choice(_LETTERS, (n, len(country.postcode)))
    lines = np.array(
        [country.street.format(n=k, s=s) for k, s in zip(number, street, strict=True)], object
    )
    postcodes = np.array(
        [
            "".join(
                country.cities[c][2]
                if mark == "~"
                else str(digits[i, j])
                if mark == "#"
                else letters[i, j]
                if mark == "@"
                else mark
                for j, mark in enumerate(country.postcode)
            )
            for i, c in enumerate(city)
        ],
        object,
    )
    names = np.array([c[0] for c in country.cities], object)[city]
    regions = np.array([c[1] for c in country.cities], object)[city]
    return lines, names, regions, postcodes
