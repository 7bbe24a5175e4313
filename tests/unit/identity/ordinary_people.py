"""Contacts as organisations have them: seeded, so that every run sees the same people."""

import random
from datetime import date, timedelta
from typing import Any

Rows = list[dict[str, Any]]

# What people are called and where they live, the more frequent first.
_GIVEN = """
    Anna Maria Peter Thomas Julia Michael Laura Stefan Sarah Andreas Lena Daniel Sophie Martin
    Emma Christian Katharina Jan Lisa Paul Eva Felix Clara Lukas Nina David Helena Jonas Ida Simon
    Greta Oskar Marta Henrik Paula Georg Elif Mehmet Amelie Pierre Giulia Marco Ewa Piotr Olga Ivan
    James Emily Oliver Grace Henry Alice Victor Rosa Carlos Lucia Diego Ines Nils Freya
"""
_FAMILY = """
    Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein
    Wolf Neumann Schwarz Zimmermann Braun Hofmann Hartmann Lange Werner Krause Lehmann Maier Huber
    Kaiser Fuchs Peters Lang Scholz Weiss Jung Hahn Vogel Friedrich Keller Berger Winkler Roth Beck
    Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Boehm Winter Kraus Martin Schumacher Vogt
    Stein Jansen Otto Sommer Gross Seidel Heinrich Brandt Haas Schreiber Graf Dietrich Ziegler Kuhn
    Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Pfeiffer Yilmaz Kowalski Nowak Rossi
    Dubois Smith Jones Garcia Novak Hansen Larsen Petrov
"""
_CITY = """
    Berlin Hamburg Koeln Frankfurt Stuttgart Leipzig Dresden Bremen Hannover Essen Bonn Mainz
    Kassel Luebeck Rostock Erfurt Potsdam Aachen Halle Jena Ulm Trier Fulda Celle Gotha
"""
_STREET = """
    Hauptstrasse Bahnhofstrasse Gartenweg Lindenallee Schulstrasse Dorfstrasse Bergstrasse Waldweg
    Kirchgasse Rosenweg Ringstrasse Uferweg Parkallee Birkenweg Marktplatz Feldweg
"""
# How often a column is filled.
_FILLED = {"email": 0.9, "phone": 0.7, "birth_date": 0.5, "street": 0.8}


def ordinary_people(customers: int, seed: int, twice: float = 0.0, first: int = 0) -> Rows:
    """Rows of contacts: a0, a1, … of the source crm, and of the share `twice` of these customers a
    second record b0, b1, … of the source shop, with something mistyped or missing."""
    mix = random.Random(seed)
    people = [_person(mix, f"a{number}") for number in range(first, first + customers)]
    again = [
        _again(mix, person, "b" + person["contact_id"][1:])
        for person in people
        if mix.random() < twice
    ]
    return people + again


def _often(mix: random.Random, names: str) -> str:
    """One of the names, the earlier ones more often."""
    listed = names.split()
    return listed[int(len(listed) * mix.random() ** 1.6)]


def _person(mix: random.Random, record_id: str) -> dict[str, Any]:
    given, family = _often(mix, _GIVEN), _often(mix, _FAMILY)
    mailbox = f"{given}.{family}{mix.randrange(10_000)}".lower()
    city = _often(mix, _CITY)
    person = {
        "contact_id": record_id,
        "source": "crm",
        "given_name": given,
        "family_name": family,
        "email": f"{mailbox}@{mix.choice(['gmail.com', 'gmx.de', 'web.de', 'mail.example'])}",
        "phone": f"+49{mix.randrange(10**9, 10**10)}",
        "birth_date": date(1940, 1, 1) + timedelta(days=mix.randrange(24_000)),
        "street": f"{_often(mix, _STREET)} {mix.randrange(1, 150)}",
        "postcode": f"{10000 + 3000 * _CITY.split().index(city) + mix.randrange(40)}",
        "city": city,
        "country": "DE",
    }
    return person | {name: None for name, share in _FILLED.items() if mix.random() > share}


def _again(mix: random.Random, person: dict[str, Any], record_id: str) -> dict[str, Any]:
    twin = person | {"contact_id": record_id, "source": "shop"}
    if mix.random() < 0.4:
        name = mix.choice(["given_name", "family_name"])
        at = mix.randrange(1, len(twin[name]))
        twin[name] = twin[name][:at] + twin[name][at + 1 :]
    return twin | {name: None for name in _FILLED if mix.random() < 0.3}
