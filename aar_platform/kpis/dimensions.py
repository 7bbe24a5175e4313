"""What figures are split by, and what is known of each customer for it."""

from datetime import date

import ibis
import ibis.expr.types as ir

WHOLE = "all"
UNKNOWN = "unknown"
# What a customer is or has today; the other dimensions belong to what happened.
TRAITS = ("city", "segment", "owner", "age_band", "gender")
DIMENSIONS = (
    WHOLE,
    "source",
    "channel",
    "campaign",
    "country",
    "region",
    *TRAITS,
    "category",
    "product",
    "weekday_hour",
)
# Days and weeks are told for these alone: a city's single days are noise, and many rows.
FEW_MEMBERS = (WHOLE, "source", "channel", "country")
# The segment of figures is that of the scheme a report's readers know by name.
SCHEME = "rfm"
AGE_BANDS = ((18, "under 18"), (25, "18-24"), (35, "25-34"), (45, "35-44"), (55, "45-54"),
             (65, "55-64"), (200, "65 and over"))  # fmt: skip
# As systems write them, in lower case: English, French, German, Spanish, Italian, Chinese.
GENDERS = {
    "female": "f female w weiblich woman frau femme féminin femenino mujer femminile donna 女 女性",
    "male": "m male man mann männlich homme masculin masculino hombre maschile uomo 男 男性",
}


def traits(customers: ir.Table, customer_segments: ir.Table, as_of: date) -> ir.Table:
    """One row per customer: customer_id, home_country, home_region and the columns of TRAITS.

    The age is that on `as_of`. Null where nothing is known.
    """
    segments = customer_segments.filter(customer_segments.scheme == SCHEME)
    segment_of = segments.select("customer_id", segment="label")
    known = customers.left_join(segment_of, "customer_id")
    return known.select(
        "customer_id",
        "city",
        "segment",
        "owner",
        home_country="country",
        home_region="region",
        age_band=_age_band(known.birth_date, as_of),
        gender=_gender(known.gender),
    )


def _age_band(birth_date: ir.DateValue, as_of: date) -> ir.StringValue:
    day = ibis.literal(as_of)
    had_birthday = (birth_date.month() * 100 + birth_date.day()) <= (as_of.month * 100 + as_of.day)
    age = day.year() - birth_date.year() - had_birthday.ifelse(0, 1)
    bands = [(age < limit, ibis.literal(name)) for limit, name in AGE_BANDS]
    return (birth_date <= day).ifelse(ibis.cases(*bands, else_=ibis.null("string")), None)


def _gender(gender: ir.StringValue) -> ir.StringValue:
    said = gender.strip().lower()
    choices = [(said.isin(words.split()), ibis.literal(name)) for name, words in GENDERS.items()]
    return ibis.cases(*choices, else_=said.nullif(""))
