"""`aar identity merge|split|apart|undo`: a person decides who is who. Only the operations database
is written; the next run does what it says."""

import getpass
import shlex
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise, product

from aar_platform.commands.identity_lookup import (
    Customer,
    DecisionRefused,
    Linked,
    linked,
    listed,
    meant,
)
from aar_platform.identity.decisions import Standing, in_force, joined_with, parting
from aar_platform.operations.decisions import (
    Decision,
    Pair,
    Record,
    Verdict,
    decide,
    decisions,
    undo,
)
from aar_platform.resources.operations import open_operations
from aar_platform.settings.loading import Settings

# Every record named is told apart from every other one: writing and reading 20,000 pairs takes 2 s,
# and they are read in each run.
MOST_PAIRS = 20_000


def merge(
    settings: Settings, customer_ids: Sequence[str], reason: str | None, by: str | None
) -> list[str]:
    """Have customers be one from the next run on; returns what will happen, line by line.

    Raises DecisionRefused.
    """
    twice = next((one for one in customer_ids if customer_ids.count(one) > 1), None)
    if twice is not None:
        raise DecisionRefused(f"customer {twice}: is named twice")
    if len(customer_ids) < 2:
        raise DecisionRefused("merge: name two customers or more")
    operations = open_operations(settings)
    with linked(settings) as tables:
        customers = [tables.customer(one) for one in customer_ids]
    _require_one_kind([(one.customer_id, one.kind) for one in customers])
    holding = in_force(decisions(operations))
    for one in customers:
        for decision_id, _ in parting(holding, set(one.records)):
            raise DecisionRefused(
                f"customer {one.customer_id}: {decision_id} splits it at the next 'aar run'; "
                "run that first"
            )
    joined = joined_with(holding, customers[0].records)
    if all(joined.keys() & set(one.records) for one in customers):
        _refuse_as_decided({name for way in joined.values() for name in way})
    everything = joined_with(holding, [record for one in customers for record in one.records])
    for decision_id, pair in parting(holding, everything.keys()):
        raise DecisionRefused(
            f"{decision_id} keeps {pair[0]} and {pair[1]} apart; "
            f"undo it first: aar identity undo {decision_id}"
        )
    pairs = list(pairwise(one.records[0] for one in customers))
    made = _decided(settings, "same", customers[0].kind, pairs, reason, by)
    goes_on = min(customers, key=lambda one: (-len(one.records), one.customer_id))
    names = " and ".join(f"{one.customer_id} ({_count(one.records)})" for one in customers)
    return [
        f"{made}: at the next 'aar run' {names} become one customer; {goes_on.customer_id} goes on",
        _way_back(made),
    ]


def split(
    settings: Settings,
    customer_id: str,
    texts: Sequence[str],
    reason: str | None,
    by: str | None,
) -> list[str]:
    """Have records leave their customer at the next run; returns what will happen, line by line.

    Among themselves the records named stay as the evidence has them. Raises DecisionRefused.
    """
    operations = open_operations(settings)
    with linked(settings) as tables:
        customer = tables.customer(customer_id)
    named = sorted({_member(text, customer) for text in texts})
    rest = sorted(set(customer.records) - set(named))
    if not named:
        raise DecisionRefused("split: name the records that are to leave the customer")
    if not rest:
        raise DecisionRefused(
            f"customer {customer_id}: these are all of its records; name those that are to leave it"
        )
    pairs = list(product(named, rest))
    _require_free(in_force(decisions(operations)), pairs)
    made = _decided(settings, "different", customer.kind, pairs, reason, by)
    whole = f"{customer_id} ({_count(customer.records)})"
    return [
        f"{made}: at the next 'aar run' customer {whole} is without {listed(named)}; "
        "the larger part keeps the id",
        _way_back(made),
    ]


def apart(
    settings: Settings, left: str, right: str, reason: str | None, by: str | None
) -> list[str]:
    """Have two records or customers stay different; returns what will happen, line by line.

    Raises DecisionRefused.
    """
    operations = open_operations(settings)
    with linked(settings) as tables:
        sides = [_side(text, tables) for text in (left, right)]
    (one, first), (other, second) = sides
    if first == second:
        raise DecisionRefused(f"{left} and {right} are one and the same; name two")
    if one.customer_id == other.customer_id:
        raise DecisionRefused(
            f"{left} and {right} are both of customer {one.customer_id}; say which of its records "
            f"are to leave it: aar identity split {one.customer_id} "
            f"{shlex.quote(str(second[0]))}"
        )
    _require_one_kind([(left, one.kind), (right, other.kind)])
    pairs = list(product(first, second))
    _require_free(in_force(decisions(operations)), pairs)
    made = _decided(settings, "different", one.kind, pairs, reason, by)
    return [f"{made}: {left} and {right} stay different customers", _way_back(made)]


def undo_decision(settings: Settings, decision_id: str, by: str | None) -> list[str]:
    """Take a decision back; returns what will happen. Raises DecisionRefused."""
    operations = open_operations(settings)
    known = {one.decision_id: one for one in decisions(operations)}
    found = known.get(decision_id.upper())
    if found is None:
        raise DecisionRefused(
            f"decision {decision_id}: there is none; 'aar identity decisions --all' lists them"
        )
    if not undo(operations, found.decision_id, by or _person(), _now()):
        after = next(one for one in decisions(operations) if one.decision_id == found.decision_id)
        raise DecisionRefused(
            f"decision {found.decision_id}: was undone by {after.undone_by} "
            f"on {after.undone_at:%Y-%m-%d}"
        )
    records = {record for pair in found.pairs for record in pair}
    return [
        f"{found.decision_id} is undone: at the next 'aar run' the evidence decides about "
        f"{listed(records)}"
    ]


def _side(text: str, tables: Linked) -> tuple[Customer, tuple[Record, ...]]:
    """The customer of a record or customer_id, and which of its records are meant."""
    if "/" not in text:
        customer = tables.customer(text)
        return customer, customer.records
    record, customer_id = tables.record(text)
    return tables.customer(customer_id), (record,)


def _member(text: str, customer: Customer) -> Record:
    record = meant(text, customer.records)
    if record is None:
        raise DecisionRefused(
            f"record {text}: customer {customer.customer_id} has none of this name; "
            f"it has {listed(customer.records)}"
        )
    return record


def _require_one_kind(kinds: Sequence[tuple[str, str]]) -> None:
    if len({kind for _, kind in kinds}) > 1:
        told = ", ".join(f"{name} is a {kind}" for name, kind in kinds)
        raise DecisionRefused(f"a person and a company are never one customer: {told}")


def _require_free(holding: Sequence[Decision], pairs: Sequence[Pair]) -> None:
    """That these records can be told apart: none of them are joined by decision."""
    if len(pairs) > MOST_PAIRS:
        raise DecisionRefused(
            f"{len(pairs):,} pairs of records would be told apart, at most {MOST_PAIRS:,} can be "
            "at once; name fewer records"
        )
    right = {record for _, record in pairs}
    for record, way in joined_with(holding, {record for record, _ in pairs}).items():
        if record in right:
            near = next(one for one, _ in pairs if record in joined_with(holding, [one]))
            if len(way) == 1:
                raise DecisionRefused(
                    f"{way[0]} says that {near} and {record} are one customer; "
                    f"undo it first: aar identity undo {way[0]}"
                )
            raise DecisionRefused(
                f"{', '.join(way)} together say that {near} and {record} are one customer; "
                "undo one of them first: aar identity undo …"
            )
    standing = Standing()
    for one in holding:
        standing.take(one)
    if all(standing.is_parted(*pair) for pair in pairs):
        records = {record for pair in pairs for record in joined_with(holding, pair)}
        _refuse_as_decided({decision_id for decision_id, _ in parting(holding, records)})


def _refuse_as_decided(decision_ids: set[str]) -> None:
    raise DecisionRefused(
        f"{', '.join(sorted(decision_ids))}: says so already; the next 'aar run' follows it"
    )


def _decided(
    settings: Settings,
    verdict: Verdict,
    kind: str,
    pairs: list[Pair],
    reason: str | None,
    by: str | None,
) -> str:
    operations = open_operations(settings)
    return decide(operations, verdict, kind, pairs, reason, by or _person(), _now())


def _person() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        raise DecisionRefused("the system does not say who you are; say it with --by") from None


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _count(records: Sequence[Record]) -> str:
    return f"{len(records)} record{'' if len(records) == 1 else 's'}"


def _way_back(decision_id: str) -> str:
    return f"to take it back: aar identity undo {decision_id}"
