"""E-mail addresses, numbers, dates and postal addresses in the forms that identity compares."""

from datetime import date, timedelta

import pytest


def of_people(normalised, column, values, **told):
    """What `column` becomes for people who have these values in the columns told."""
    (said,) = told.values() if told else (column,)
    people = [{"contact_id": f"{i:03}", said: value} for i, value in enumerate(values)]
    return list(normalised(contacts=people).sort_index()[column])


def test_spellings_of_one_mailbox_are_one(normalised):
    written = ["Bob.Ray@gmail.com", "bobray+shop@googlemail.com", "b.o.b.ray@GMAIL.com"]
    assert set(of_people(normalised, "email_box", written, said="email")) == {"bobray@gmail.com"}
    written = ["ann@me.com", "ann+x@mac.com", "ann@icloud.com"]
    assert set(of_people(normalised, "email_box", written, said="email")) == {"ann@icloud.com"}


def test_dots_and_domains_of_other_providers_stay(normalised):
    written = ["a.b@x.org", "a.b+c@x.org", "a@hotmail.de", "a@hotmail.com"]
    assert of_people(normalised, "email_box", written, said="email") == [
        "a.b@x.org",
        "a.b@x.org",
        "a@hotmail.de",
        "a@hotmail.com",
    ]


def test_neither_a_role_address_nor_half_an_address_is_a_mailbox(normalised):
    written = ["info@x.org", "sales+2@gmail.com", "no-reply@x.org", "@x.org", "+a@x.org", "a@", "x"]
    assert set(of_people(normalised, "email_box", written, said="email")) == {None}


def test_a_phone_number_is_e164_or_digits(normalised):
    written = ["+4930123456", "030 / 123-456", "12345", "", None]
    assert of_people(normalised, "phone", written) == ["+4930123456", "030123456", None, None, None]


@pytest.mark.parametrize(
    "number", ["000000000", "1111111", "123456789", "0123456789", "+15555555555", "987654321"]
)
def test_a_placeholder_is_no_phone_number(normalised, number):
    assert of_people(normalised, "phone", [number]) == [None]


def test_a_national_id_is_letters_and_digits(normalised):
    written = ["12-34 ab.9", "5304218", "0000000", "123456789", "x-1", "XXXXXXX", None]
    assert of_people(normalised, "national_id", written) == [
        "1234AB9",
        "5304218",
        None,
        None,
        None,
        None,
        None,
    ]


def test_placeholders_and_days_to_come_are_no_birth_dates(normalised):
    days = [
        date(1985, 3, 2),
        date(1970, 1, 2),
        date(1970, 1, 1),
        date(1900, 1, 1),
        date.today() + timedelta(days=400),
        None,
    ]
    found = of_people(normalised, "birth_date", days)
    assert [day and str(day)[:10] for day in found] == ["1985-03-02", "1970-01-02", *[None] * 4]


@pytest.mark.parametrize(
    ("written", "street", "number"),
    [
        (["12 Main Street", "12, Main St.", "12 MAIN STR", "Main Street 12"], "main st", "12"),
        (["Hauptstraße 5a", "Hauptstr. 5 a", "HAUPTSTRASSE 5A"], "hauptst", "5a"),
        (["12 rue de la Paix", "12, Rue de la paix"], "r de la paix", "12"),
        (["100 North 5th Avenue", "100 N 5th Ave", "100 N. 5th Av"], "n 5th av", "100"),
        (["Flat 3, 9 High Road", "9 High Rd, Apt 4b", "9 High Rd #7"], "high r", "9"),
        (["ul. Marszałkowska 10/12", "Marszałkowska 10/12 m. 5"], "marszalkowska", "10/12"),
        (["建国路88号", "建国路 88 号"], "jianguolu", "88"),
        (["Calle Mayor 7", "C/ Mayor, 7"], "c mayor", "7"),
        (["Giblin Street", "giblin str"], "giblin st", None),
        (["Marktplatz 1", "Marktpl. 1", "Marktplatz1"], "marktpl", "1"),
    ],
)
def test_spellings_of_one_street_are_one(normalised, written, street, number):
    people = [{"contact_id": f"{i}", "street": line} for i, line in enumerate(written)]
    rows = normalised(contacts=people)
    assert list(rows.street) == [street] * len(written)
    assert list(rows.house_number) == [number] * len(written)


@pytest.mark.parametrize(
    ("written", "parts"),
    [
        ("162 2nd Street, 98839, Seattle", ("2nd st", "162", "seattle", "98839")),
        ("12 Main St, Austin, TX 78701, USA", ("main st", "12", "austin", "78701")),
        ("12 Main St, Apt 4, Austin, TX 78701", ("main st", "12", "austin", "78701")),
        ("5 rue de la Paix, 75001 Paris, France", ("r de la paix", "5", "paris", "75001")),
        ("10 Downing Street,\nLondon SW1A 2AA", ("downing st", "10", "london", "SW1A2AA")),
        ("ul. Mickiewicza 5, 00-950 Warszawa", ("mickiewicza", "5", "warszawa", "00950")),
        ("Kerkstraat 12, 1017 GA Amsterdam", ("kerkst", "12", "amsterdam", "1017GA")),
        ("ул. Сатпаева, 136, 050602, Алматы", ("satpava", "136", "almaty", "050602")),
        ("12 Main St, Austin TX 78701", ("main st", "12", "austin", "78701")),
        ("Apt 4, 12 Elm Street, New York, NY 10001", ("elm st", "12", "new york", "10001")),
        ("12 rue du Port, 17000 La Rochelle", ("r du port", "12", "la rochelle", "17000")),
        ("Drottninggatan 5, 111 51 Stockholm", ("drottninggatan", "5", "stockholm", "11151")),
        ("1234 Elm St, Suite 12345", ("elm st", "1234", None, None)),
        ("12 Main St, Ste 1200", ("main st", "12", None, None)),
        ("Main Office, PO Box 1234", ("main office po box", "1234", None, None)),
        ("Rose House, 1200 Elm Street", ("rose house 1200 elm st", None, None, None)),
        ("Flat 5, 12 High Street", ("high st", "12", None, None)),
    ],
)
def test_an_address_in_one_line_is_taken_apart(normalised, written, parts):
    rows = normalised(contacts=[{"contact_id": "1", "street": written}])
    assert tuple(rows.loc["1", ["street", "house_number", "city", "postcode"]]) == parts


def test_a_street_beside_its_city_is_not_taken_apart(normalised):
    person = {"contact_id": "1", "street": "Haus 5, 10115 Berlin", "city": "Potsdam"}
    assert normalised(contacts=[person]).loc["1", "city"] == "potsdam"


def test_spellings_of_one_city_are_one(normalised):
    for written, city in [
        (["München", "MUENCHEN", "Munchen "], "munchen"),
        (["St. Louis", "Saint Louis", "st louis"], "st louis"),
        (["北京市", "北京", "Beijing"], "beijing"),
        (["重庆", "Chongqing"], "chongqing"),
        (["Saint-Étienne", "St Etienne"], "st etienne"),
    ]:
        assert set(of_people(normalised, "city", written)) == {city}


def test_a_postcode_is_letters_and_digits_and_keeps_its_zeros(normalised):
    written = ["sw1a 1aa", "01067", "1234-567", "00000", "-"]
    assert of_people(normalised, "postcode", written) == [
        "SW1A1AA",
        "01067",
        "1234567",
        None,
        None,
    ]
