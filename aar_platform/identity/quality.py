"""How well records became customers: counts, and what the model itself expects to be right."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import RECORD
from aar_platform.identity.policy import IdentityPolicy
from aar_platform.identity.suspicions import PAIR, REASONS
from aar_platform.identity.threshold import least_probability
from aar_platform.quality.audits import Verdict
from aar_platform.tables import catalogue

# A customer's records, by the least number of them.
SIZES = {1: "1", 2: "2", 3: "3", 4: "4-5", 6: "6-10", 11: "11-20", 21: "21+"}
METHODS = ("key", "rule", "probabilistic", "manual")
# Where two ways of finding a pair leave it in two states, the first of these is told.
STATES = ("linked", "apart", "review", "related", "unlikely")
_KINDS = ("person", "company")
# A wrong merge shows one person's data to another.
LEAST_PRECISION = 0.99
# On the made-up company 1 customer of several records in 100 is suspicious.
MOST_SUSPICIOUS = 0.02
# Where every fifth pair waits, people decide and not the model.
MOST_IN_REVIEW = 0.2
# A share says something from so many on: of ten pairs one is a tenth.
_WORTH_A_SHARE = 50


@dataclass(frozen=True)
class _Figure:
    measure: str
    bucket: str
    value: float
    unit: str


def identity_quality(tables: Mapping[str, ir.Table], policy: IdentityPolicy) -> ir.Table:
    """The table `identity_quality`, from customer_links, identity_records, identity_pairs,
    identity_model and identity_suspicions.

    `expected_precision` is the mean probability of the pairs that the model by itself links.
    `expected_recall` is the sum of the probabilities of all linked pairs that it weighed, those
    linked through a third record included, over that of all weighed pairs which nothing outranks:
    a pair linked through others is surer than what its two records say alone. Both are the model's
    own estimate, as good as its probabilities: only `aar evaluate-identity` measures. Pairs that
    share no value, and those below `scored_pairs.LEAST_WEIGHT`, are in no sum, so the recall is
    rather too high.
    """
    links = tables["customer_links"].select(*RECORD, "customer_id", "method")
    records = tables["identity_records"].select("kind", *RECORD)
    by_customer = _by_customer(records.join(links, list(RECORD)))
    thresholds = _thresholds(tables["identity_model"], policy)
    pairs = _by_state(tables["identity_pairs"], thresholds)
    suspicions = _suspicions(tables["identity_suspicions"])
    rows = []
    for kind in _KINDS:
        counted = next((row for row in by_customer if row["kind"] == kind), None)
        if counted is None:
            continue
        figures = [
            *_customer_figures(counted, suspicions.get(kind, Counter())),
            *_pair_figures({row["state"]: row for row in pairs if row["kind"] == kind}),
        ]
        if kind in thresholds:
            figures.append(_Figure("threshold", "", thresholds[kind], "0 to 1"))
        rows += [{"kind": kind, **vars(figure)} for figure in figures]
    return ibis.memtable(rows, schema=catalogue.ibis_schema("identity_quality"))


def headline_figures(quality: ir.Table) -> dict[str, float]:
    """Of the table `identity_quality`, by kind and measure: the figures that count all of a kind
    (`person_expected_precision`)."""
    rows = _rows(quality.filter(quality.bucket == "").order_by("kind", "measure"))
    return {f"{row['kind']}_{row['measure']}": row["value"] for row in rows}


def linking_verdicts(quality: ir.Table) -> dict[str, Verdict]:
    """Of the table `identity_quality`, by name: whether its figures are as good as they should be.

    Shares of fewer than 50 customers or pairs pass, whatever they are.
    """
    told = {(row["kind"], row["measure"], row["bucket"]): row["value"] for row in _rows(quality)}
    kinds = [kind for kind in _KINDS if (kind, "customers", "") in told]
    several = {
        kind: told[kind, "customers", ""] - told[kind, "customers_by_records", "1"]
        for kind in kinds
    }
    linked = {kind: told[kind, "pairs", "linked"] for kind in kinds}
    shown = {kind: linked[kind] + told[kind, "pairs", "review"] for kind in kinds}

    def verdict(measure: str, of: Mapping[str, float], limit: float, meaning: str) -> Verdict:
        shares = {kind: told[kind, measure, ""] for kind in kinds if (kind, measure, "") in told}
        is_floor = measure == "expected_precision"
        wrong = {
            kind: share
            for kind, share in shares.items()
            if of[kind] >= _WORTH_A_SHARE and (share < limit if is_floor else share > limit)
        }
        bound = f"{'at least' if is_floor else 'at most'} {limit:.0%}"
        said = ", ".join(f"{kind} {share:.2%}" for kind, share in (wrong or shares).items())
        message = f"{meaning}: {said or 'nothing to count'}; wanted {bound}"
        return Verdict(not wrong, "warn", message, shares)

    return {
        "few_are_suspicious": verdict(
            "suspicious_share",
            several,
            MOST_SUSPICIOUS,
            "customers of several records that identity_suspicions names",
        ),
        "links_are_expected_right": verdict(
            "expected_precision", linked, LEAST_PRECISION, "linked pairs expected to be right"
        ),
        "few_wait_for_a_person": verdict(
            "review_share", shown, MOST_IN_REVIEW, "pairs in review, of those in review or linked"
        ),
    }


def _rows(rows: ir.Table) -> list[dict[str, Any]]:
    return list(rows.to_pyarrow().to_pylist())


def _by_customer(held: ir.Table) -> list[dict[str, Any]]:
    customers = held.group_by(["kind", "customer_id"]).aggregate(
        records=held.count(), **{name: (held.method == name).sum() for name in METHODS}
    )
    limits = [*SIZES, None]
    by_size = {
        bucket: (
            (customers.records >= least) & (True if above is None else customers.records < above)
        ).sum()
        for (least, bucket), above in zip(SIZES.items(), limits[1:], strict=True)
    }
    counted = customers.group_by("kind").aggregate(
        customers=customers.count(),
        records=customers.records.sum(),
        largest=customers.records.max(),
        **{name: customers[name].sum() for name in METHODS},
        **by_size,
    )
    return _rows(counted)


def _by_state(pairs: ir.Table, thresholds: Mapping[str, float]) -> list[dict[str, Any]]:
    """Per kind and state: pairs, each once; the sum of the probabilities of those that were
    weighed; how many of them the model links by itself, and the sum of these."""
    rank = ibis.cases(*((pairs.state == name, k) for k, name in enumerate(STATES)))
    is_weighed = pairs.method == "probabilistic"
    each = pairs.group_by(["kind", *PAIR]).aggregate(
        rank=rank.min(),
        probability=pairs.match_probability.max(where=is_weighed),
        is_linkable=pairs.is_linkable.any(where=is_weighed),
    )
    least = ibis.cases(
        *((each.kind == kind, thresholds.get(kind, 1.0)) for kind in _KINDS), else_=1.0
    )
    is_accepted = each.is_linkable & (each.probability >= least)
    # Sums of decimals are the same in whatever order the engine adds.
    exact = each.probability.cast("decimal(18, 9)")
    counted = each.group_by(["kind", "rank"]).aggregate(
        pairs=each.count(),
        expected=exact.sum(),
        accepted=is_accepted.sum(),
        expected_of_accepted=exact.sum(where=is_accepted),
    )
    return [{**row, "state": STATES[row["rank"]]} for row in _rows(counted)]


def _suspicions(suspicions: ir.Table) -> dict[str, Counter[str]]:
    """Per kind: customers by reason and, under the empty text, whatever the reason."""
    counted = suspicions.group_by(["kind", "reason"]).aggregate(customers=suspicions.count())
    named = suspicions.group_by("kind").aggregate(customers=suspicions.customer_id.nunique())
    found: dict[str, Counter[str]] = {}
    for row in [*_rows(counted), *_rows(named)]:
        found.setdefault(row["kind"], Counter())[row.get("reason", "")] = row["customers"]
    return found


def _thresholds(model: ir.Table, policy: IdentityPolicy) -> dict[str, float]:
    weights = model.group_by("kind").aggregate(weight=model.threshold.max())
    return {row["kind"]: least_probability(row["weight"], policy) for row in _rows(weights)}


def _customer_figures(counted: Mapping[str, Any], suspicious: Counter[str]) -> Iterator[_Figure]:
    yield _Figure("records", "", counted["records"], "records")
    for name in METHODS:
        yield _Figure("records_by_method", name, counted[name], "records")
    yield _Figure("customers", "", counted["customers"], "customers")
    for bucket in SIZES.values():
        yield _Figure("customers_by_records", bucket, counted[bucket], "customers")
    yield _Figure("largest_customer", "", counted["largest"], "records")
    for reason in ("", *REASONS):
        yield _Figure("suspicious_customers", reason, suspicious[reason], "customers")
    if several := counted["customers"] - counted["1"]:
        yield _Figure("suspicious_share", "", suspicious[""] / several, "0 to 1")


def _pair_figures(by_state: Mapping[str, Mapping[str, Any]]) -> Iterator[_Figure]:
    nothing = {"pairs": 0, "expected": 0, "accepted": 0}
    told = {name: by_state.get(name, nothing) for name in STATES}
    for name in STATES:
        yield _Figure("pairs", name, told[name]["pairs"], "pairs")
    waiting, linked = told["review"]["pairs"], told["linked"]["pairs"]
    if waiting or linked:
        yield _Figure("review_share", "", waiting / (waiting + linked), "0 to 1")
    expected = {name: float(told[name]["expected"] or 0) for name in STATES if name != "apart"}
    if accepted := told["linked"]["accepted"]:
        right = float(told["linked"]["expected_of_accepted"])
        yield _Figure("expected_precision", "", right / accepted, "0 to 1")
    if total := sum(expected.values()):
        yield _Figure("expected_recall", "", expected["linked"] / total, "0 to 1")
