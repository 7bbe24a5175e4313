"""How right `customer_links` is: pairs of records counted against a table of who is who."""

from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

# Without an object in the truth, an id is that of a contact or company before it is a guest's.
_KEPT = ("contacts", "companies")


class TruthUnfit(ValueError):
    """A truth that says nothing about these links."""


@dataclass(frozen=True)
class Counts:
    """Records, groups and pairs of records that the truth and the links both know.

    `entities` are the truth's groups, `customers` the platform's; `exactly_right` of them hold the
    same records. `true_pairs` are pairs of one entity, `found_pairs` of one customer,
    `right_pairs` of both.
    """

    records: int
    entities: int
    customers: int
    exactly_right: int
    true_pairs: int
    found_pairs: int
    right_pairs: int

    @property
    def precision(self) -> float | None:
        """The share of the pairs found that are right; None where none was found."""
        return self.right_pairs / self.found_pairs if self.found_pairs else None

    @property
    def recall(self) -> float | None:
        """The share of the true pairs that were found; None where there is none."""
        return self.right_pairs / self.true_pairs if self.true_pairs else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where no pair is true or found."""
        pairs = self.true_pairs + self.found_pairs
        return 2 * self.right_pairs / pairs if pairs else None


@dataclass(frozen=True)
class Evaluation:
    """`total` over all records, `kinds` by person and company.

    `not_found` counts by source the records of the truth that no link has (deleted, quarantined or
    not loaded), `not_told` those of the links that the truth does not mention; neither is in the
    figures.
    """

    total: Counts
    kinds: dict[str, Counts]
    truth_records: int
    not_found: dict[str, int]
    not_told: dict[str, int]


def evaluate(truth: ir.Table, links: ir.Table) -> Evaluation:
    """Judge `customer_links` by a truth as `read_truth` gives it.

    Pairs are counted from the sizes of groups, so a customer of 10,000 records costs no more than
    10,000 customers. A row of the truth without object is the contact or company of that id, else
    the guest. Raises TruthUnfit where an id is a contact's and a company's, and where no record of
    the truth is linked.
    """
    judged = ibis.memtable(_judged(truth, links).to_pyarrow())
    known = judged.filter(judged.entity.notnull() & judged.customer_id.notnull())
    told = judged.filter(judged.entity.notnull())
    truth_records = int(told.count().to_pyarrow().as_py())
    by_kind = _counts(known)
    if not by_kind:
        raise TruthUnfit(
            f"none of its {truth_records} records is in customer_links; its sources are "
            f"{_sources(truth)}, those of customer_links {_sources(links)}"
        )
    return Evaluation(
        total=Counts(*(sum(column) for column in zip(*by_kind.values(), strict=True))),
        kinds={kind: Counts(*counts) for kind, counts in by_kind.items()},
        truth_records=truth_records,
        not_found=_by_source(told.filter(told.customer_id.isnull())),
        not_told=_by_source(judged.filter(judged.entity.isnull())),
    )


def _judged(truth: ir.Table, links: ir.Table) -> ir.Table:
    """source, kind, entity, customer_id of each record; an entity or a customer may be missing."""
    records = links.select("source", "object", "record_id", "customer_id")
    exact = truth.filter(truth.object.notnull())
    vague = truth.filter(truth.object.isnull()).drop("object")
    of_id = records.semi_join(vague, ["source", "record_id"])
    rank = of_id.object.isin(_KEPT).ifelse(0, 1)
    of_id = of_id.mutate(rank=rank)
    chosen = of_id.group_by(["source", "record_id"]).aggregate(
        object=of_id.object.argmin(ibis.struct({"rank": of_id["rank"], "object": of_id.object})),
        kept=of_id.object.nunique(where=of_id["rank"] == 0),
    )
    _refuse_ambiguity(chosen.filter(chosen.kept > 1))
    found = vague.left_join(chosen, ["source", "record_id"])
    all_told = ibis.union(
        exact.select("source", "object", "record_id", "entity"),
        found.select("source", "object", "record_id", "entity"),
    )
    both = all_told.outer_join(records, ["source", "object", "record_id"])
    where = ibis.coalesce(both.object, both.object_right)
    return both.select(
        source=ibis.coalesce(both.source, both.source_right),
        kind=ibis.ifelse(where == "companies", "company", "person"),
        entity=both.entity,
        customer_id=both.customer_id,
    )


def _refuse_ambiguity(doubtful: ir.Table) -> None:
    found = _by_source(doubtful)
    if found:
        raise TruthUnfit(
            f"{sum(found.values())} ids of {', '.join(found)} are a contact's and a company's; "
            "add a column object with contacts or companies"
        )


def _counts(known: ir.Table) -> dict[str, tuple[int, ...]]:
    """By kind: the figures of `Counts` in their order."""
    cells = known.group_by(["kind", "customer_id", "entity"]).aggregate(records=known.count())
    by_customer = cells.group_by(["kind", "customer_id"]).aggregate(in_customer=cells.records.sum())
    by_entity = cells.group_by(["kind", "entity"]).aggregate(in_entity=cells.records.sum())
    # Joined to these, DuckDB would first join the two by their kind: 15 s for 20,000 records.
    sized = cells.mutate(
        in_customer=cells.records.sum().over(group_by=["kind", "customer_id"]),
        in_entity=cells.records.sum().over(group_by=["kind", "entity"]),
    )
    is_right = (sized.records == sized.in_customer) & (sized.records == sized.in_entity)
    counted = sized.group_by("kind").aggregate(
        records=sized.records.sum(),
        entities=sized.entity.nunique(),
        customers=sized.customer_id.nunique(),
        exactly_right=is_right.sum(),
        right_pairs=_pairs(sized.records),
    )
    of_customers = by_customer.group_by("kind").aggregate(
        found_pairs=_pairs(by_customer.in_customer)
    )
    of_entities = by_entity.group_by("kind").aggregate(true_pairs=_pairs(by_entity.in_entity))
    rows = counted.join(of_customers, "kind").join(of_entities, "kind").order_by("kind")
    names = list(Counts.__dataclass_fields__)
    return {
        row["kind"]: tuple(int(row[name]) for name in names)
        for row in rows.to_pyarrow().to_pylist()
    }


def _pairs(sizes: ir.IntegerColumn) -> ir.IntegerScalar:
    return (sizes.cast("int64") * (sizes - 1)).sum().cast("int64") // 2


def _by_source(records: ir.Table) -> dict[str, int]:
    counted = records.group_by("source").aggregate(records=records.count()).order_by("source")
    rows: list[dict[str, Any]] = counted.to_pyarrow().to_pylist()
    return {row["source"]: row["records"] for row in rows}


def _sources(table: ir.Table) -> str:
    names = table.select("source").distinct().order_by("source").to_pyarrow()["source"].to_pylist()
    told = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return told or "none"
