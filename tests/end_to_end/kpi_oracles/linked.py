"""The platform's figures of the made-up company, with every record linked to its true person."""

import pandas as pd
import pyarrow as pa

from aar_platform.identity.golden_record import golden_record
from aar_platform.kpis.exchange import load_rates
from aar_platform.kpis.facts.definition import Facts
from aar_platform.kpis.figures import compute
from aar_platform.kpis.purchases import churn_window
from aar_platform.kpis.registry import kpis
from aar_platform.kpis.sales import last_day, located, sales
from aar_platform.segments.definition import schemes
from aar_platform.tables import catalogue

PEOPLES = ("orders", "refunds", "feedback", "deals", "tickets", "subscriptions", "usage")


def stored(backend, name, rows):
    """A pandas frame with some of the columns of a catalogue's table, as a temporary table."""
    schema = catalogue.ibis_schema(name)
    rows = rows.astype(object).where(rows.notna(), None)
    complete = rows.reindex(columns=list(schema.names)).to_dict("records")
    complete = [
        {key: None if pd.isna(one) else one for key, one in row.items()} for row in complete
    ]
    table = pa.Table.from_pylist(complete, schema=schema.to_pyarrow())
    return backend.create_table(f"true_{name}", table, temp=True)


def true_links(truth):
    """customer_links in which a customer is a true person (or company): every contact that a
    record names, the guests (an order or answer under an address alone), and the companies."""
    entities = truth("entities")
    companies = truth("deals")["company_id"].unique()
    is_company = entities["record_id"].isin(companies)
    parts = [
        entities.assign(object=is_company.map({True: "companies", False: "contacts"})),
        truth("contacts").assign(object="contacts"),
    ]
    for name in PEOPLES:
        rows = truth(name)
        known = rows[rows["entity"] != ""]
        named = known[known["contact_id"] != ""]
        parts.append(named.assign(object="contacts", record_id=named["contact_id"]))
        guests = known[(known["contact_id"] == "") & (known["record_id"] != "")]
        parts.append(guests.assign(object=name))
    links = pd.concat(parts)[["source", "object", "record_id", "entity"]].drop_duplicates()
    assert not links.duplicated(["source", "object", "record_id"]).any()
    return links.rename(columns={"entity": "customer_id"})


def invented_scores(customers, as_of):
    """A prediction for two customers in three: the company's own data are too few for a model."""
    ids = sorted(customers["customer_id"])
    rows = [
        {
            "customer_id": one,
            "as_of": as_of,
            "predicted_clv": None if number % 3 == 0 else number * 12.25,
        }
        for number, one in enumerate(ids)
    ]
    return pd.DataFrame(rows)


class Linked:
    """The company's tables with true links, and the figures that the platform makes of them."""

    def __init__(self, opened, settings, truth):
        core = {name: opened.table(name) for name in catalogue.CORE}
        links = stored(opened.backend, "customer_links", true_links(truth))
        organisation = settings.organisation
        rates = load_rates(settings.exchange_rates)
        customers = golden_record(core, links, settings.identity.trusted_sources).customers.cache()
        sold = sales(
            core["orders"], core["refunds"], links, rates, organisation.currency,
            organisation.timezone,
        )  # fmt: skip
        sold = located(sold, core["contacts"], core["companies"], links).cache()
        as_of = last_day(sold, customers)
        self.customers = customers.to_pandas()
        self.scores = invented_scores(self.customers, as_of)
        scores = stored(opened.backend, "customer_scores", self.scores)
        segments = schemes()["rfm"].assign(sold, customers, scores, as_of, settings.segments)
        segments = segments.cache()
        self.labels = segments.to_pandas().set_index("customer_id")["label"]
        self.created = core["contacts"].select("source", "record_id", "created_at").to_pandas()
        tables = {
            **core,
            "customers": customers,
            "sales": sold,
            "customer_links": links,
            "customer_scores": scores,
            "customer_segments": segments,
        }
        given = {
            "reporting_currency": organisation.currency,
            "timezone": organisation.timezone,
            "rates": rates,
            "as_of": as_of,
            "churn_window": churn_window(sold, settings.kpis),
        }
        self.given, self._tables = given, tables
        self.start = settings.start

    def figures(self, names, lengths):
        """Figures of KPIs by (kpi, period, period_start, dimension, member)."""
        known = Facts(lambda name: self._tables[name], self.given, lambda _, rows: rows.cache())
        wanted = [kpis()[name] for name in names]
        start, end = pd.Timestamp("2020-01-01").date(), pd.Timestamp("2030-01-01").date()
        return compute(wanted, known, start, end, lengths=lengths).to_pandas()
