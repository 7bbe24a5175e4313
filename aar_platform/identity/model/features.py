"""The columns that pairs are made and compared by, for the records of one kind."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from aar_platform.identity.model.comparison import Comparison
from aar_platform.identity.normalise.words import folded

_TEXTS = (
    "given",
    "given_root",
    "family",
    "name",
    "generation",
    "email_box",
    "mailbox",
    "phone",
    "national_id",
    "street",
    "house_number",
    "city",
    "region",
    "postcode",
    "country",
    "company",
    "legal_form",
    "domain",
    "han",
)
# Terms are as frequent as the records say, and as this many further records would say in which
# each level is as frequent as expected: in a table of ten records every name is frequent.
_EXPECTED_RECORDS = 200
# Columns whose values are at home in a country.
_OF_A_COUNTRY = ("given", "family", "city", "postcode", "street", "company")
# What stands before .fr, or before .co.uk.
_DOMAIN_NAME = r"([^.]+)(?:\.(?:com?|org|net|gov|ac|edu|or|ne))?\.[^.]+$"
# Stands for the term in the row that tells in how many records the column is filled.
_ALL = ""


def features(records: ir.Table, kind: str) -> ir.Table:
    """One row per record of `kind`: unique_id, the texts to compare, `born` (ISO date),
    `email_domain`, and the letters of the company's name (`company_word`) and of that domain
    without what stands around its name (`domain_word`)."""
    rows = records.filter(records.kind == kind)
    # A role's address (info@) is nobody's mailbox, and yet of a company's domain.
    domain = rows.email.re_extract(r"@(.+)$", 1)
    return rows.select(
        *_TEXTS,
        unique_id="record",
        born=rows.birth_date.cast("string"),
        email_domain=domain.nullif(""),
        company_word=rows.company.re_replace("[^a-z]+", ""),
        domain_word=folded(domain.re_extract(_DOMAIN_NAME, 1).re_replace("[^a-z]+", "")),
    )


def filled(rows: ir.Table, comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    """The comparisons for which any two records could have something to compare."""
    columns = sorted({column for comparison in comparisons for column in comparison.columns})
    counted = rows.aggregate(**{column: rows[column].count() for column in columns})
    counts = counted.to_pyarrow().to_pylist()[0]
    return tuple(
        comparison
        for comparison in comparisons
        if any(counts[column] > 1 for column in comparison.columns)
    )


def telling(rows: ir.Table, comparisons: Sequence[Comparison]) -> ir.Table:
    """The records that say enough to be compared: something of two comparisons at least."""
    known = [
        ibis.or_(*(rows[column].notnull() for column in comparison.columns)).cast("int8")
        for comparison in comparisons
    ]
    return rows.filter(sum(known[1:], known[0]) > 1)


def term_columns(comparisons: Sequence[Comparison]) -> dict[str, float]:
    """Columns whose values' frequency matters, each with the frequency expected of a value."""
    expected: dict[str, float] = {}
    for level in (level for comparison in comparisons for level in comparison.levels):
        for column in (level.term, level.reads):
            if column:
                expected[column] = max(expected.get(column, 0.0), level.strangers)
    return expected


def term_counts(rows: ir.Table, comparisons: Sequence[Comparison]) -> ir.Table:
    """column_name, country, term, records: the values that several records share, and in how many.

    `country` is empty for all of them together. Within each country are counted the values of the
    columns that a country has its own of.
    """
    parts = []
    for column in term_columns(comparisons):
        known = rows.filter(rows[column].notnull())
        parts.append(_counted(known, column, ibis.literal("")))
        if column in _OF_A_COUNTRY:
            known = known.filter(known.country.notnull())
            parts.append(_counted(known, column, known.country))
    return ibis.union(*parts) if len(parts) > 1 else parts[0]


def _counted(known: ir.Table, column: str, country: ir.StringValue) -> ir.Table:
    counted = known.group_by(term=known[column], country=country).aggregate(records=known.count())
    several = counted.filter(counted.records > 1)
    filled = counted.group_by("country").aggregate(records=counted.records.sum())
    parts = (several, filled.mutate(term=ibis.literal(_ALL)))
    named = {"column_name": ibis.literal(column)}
    return ibis.union(
        *(
            part.mutate(**named).select("column_name", "country", "term", "records")
            for part in parts
        )
    )


def with_frequencies(
    rows: ir.Table, terms: ir.Table, comparisons: Sequence[Comparison]
) -> ir.Table:
    """The features with `tf_<column>`: of the records that have the column filled, the share that
    has the same value.

    Of names and places it is the share among the records of the same country: names and towns
    depend on it, and counted everywhere each of them would tell the country once more.
    """
    filled = terms.filter((terms.term == _ALL) & (terms.country == "")).to_pyarrow().to_pylist()
    totals = {row["column_name"]: row["records"] for row in filled}
    for column, expected in term_columns(comparisons).items():
        named = terms.filter(terms.column_name == column)
        everywhere = named.filter(named.country == "").select(term="term", records="records")
        joined = rows.left_join(everywhere, rows[column] == everywhere.term)
        share = _share(joined.records, totals.get(column, 0), ibis.literal(expected))
        kept = joined.select(*rows.columns, share=share)
        if column in _OF_A_COUNTRY:
            there = named.filter(named.country != "")
            sizes = there.filter(there.term == _ALL).select(in_country="country", filled="records")
            sized = kept.left_join(sizes, kept.country == sizes.in_country)
            sized = sized.select(*rows.columns, "share", "filled")
            there = there.select(in_country="country", term="term", records="records")
            joined = sized.left_join(
                there, [sized[column] == there.term, sized.country == there.in_country]
            )
            share = ibis.ifelse(
                joined.filled.isnull(),
                joined.share,
                _share(joined.records, joined.filled, joined.share),
            )
            kept = joined.select(*rows.columns, share=share)
        frequency = ibis.ifelse(kept[column].isnull(), ibis.null("float64"), kept.share)
        rows = kept.select(*rows.columns, **{f"tf_{column}": frequency})
    return rows


def _share(
    records: ir.IntegerValue, of: "ir.IntegerValue | int", expected: ir.FloatingValue
) -> ir.FloatingValue:
    # Without the two records of the pair itself: it is asked who else says the same.
    known = ibis.greatest(records.fill_null(1) - 2, 0).cast("float64")
    return (known + _EXPECTED_RECORDS * expected) / (of + _EXPECTED_RECORDS)
