"""`aar identity review` and `aar identity decisions`: what waits for a person, and what people have
decided."""

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

import ibis.expr.types as ir

from aar_platform.commands.identity_lookup import NOTHING_LINKED, DecisionRefused, Linked, linked
from aar_platform.commands.query import as_text
from aar_platform.identity.decisions import Standing, in_force
from aar_platform.operations.decisions import Decision, Pair, Record, decisions
from aar_platform.resources.operations import open_operations
from aar_platform.settings.loading import Settings

# States of identity_pairs that leave the verdict to a person.
WAITING = ("review", "related")
# Records of a decision that fit on a line.
_SHOWN = 3
_LISTED = (
    *("decision_id", "verdict", "kind", "left", "right", "state"),
    *("decided_by", "decided_at", "undone_by", "undone_at", "reason"),
)
_SIDES = ("left", "right")
_COLUMNS = (
    *("state", "kind", "match_probability", "match_weight", "method", "reason"),
    *(f"{side}_{name}" for side in _SIDES for name in ("record", "customer_id", "name")),
    *("merge", "apart"),
)


def review(settings: Settings, kind: str | None, limit: int, form: str) -> str:
    """Pairs that wait for a person, strongest first: `table` (three lines a pair), `csv` or `json`.

    Pairs that evidence has joined otherwise, or that somebody has decided about since, do not wait.
    Raises DecisionRefused where nothing has been linked.
    """
    holding = in_force(decisions(open_operations(settings)))
    with linked(settings) as tables:
        if not tables.warehouse.has("identity_pairs"):
            raise DecisionRefused(NOTHING_LINKED)
        waiting = list(_waiting(tables, kind, holding))
        chosen = waiting[:limit]
        names = _names(tables, {row[f"{side}_customer_id"] for row in chosen for side in _SIDES})
    for row in chosen:
        for side in _SIDES:
            row[f"{side}_name"] = names.get(row[f"{side}_customer_id"])
    if form != "table":
        rows = [tuple(row[name] for name in _COLUMNS) for row in chosen]
        return as_text(list(_COLUMNS), rows, form)
    if not waiting:
        return "no pair waits for a person\n"
    told = "\n".join(line for row in chosen for line in _told(row))
    rest = len(waiting) - len(chosen)
    return told + (f"and {rest:,} more; --limit N shows them\n" if rest else "")


def _waiting(
    tables: Linked, kind: str | None, holding: Sequence[Decision]
) -> Iterator[dict[str, Any]]:
    """The pairs that are still open, strongest first, with records, customers and commands."""
    standing, customers = _standing(tables, holding)
    seen: set[Pair] = set()
    for row in _pairs(tables, kind).to_pyarrow().to_pylist():
        left, right = (_record(row, side) for side in _SIDES)
        ids = row["left_customer_id"], row["right_customer_id"]
        if standing.is_parted(left, right) or standing.is_joined(left, right):
            continue
        if customers.is_joined(*map(_as_record, ids)):
            continue
        # Found by several methods, a pair waits once.
        if (left, right) in seen:
            continue
        seen.add((left, right))
        row |= {"left_record": str(left), "right_record": str(right)}
        row["merge"] = shlex.join(["aar", "identity", "merge", *ids])
        row["apart"] = shlex.join(["aar", "identity", "apart", str(left), str(right)])
        yield row


def _pairs(tables: Linked, kind: str | None) -> ir.Table:
    pairs = tables.warehouse.table("identity_pairs")
    pairs = pairs.filter(pairs.state.isin(WAITING))
    if kind is not None:
        pairs = pairs.filter(pairs.kind == kind)
    for side in _SIDES:
        links = tables.links.select(
            "customer_id", *(tables.links[name].name(f"{side}_{name}") for name in Record._fields)
        )
        links = links.rename({f"{side}_customer_id": "customer_id"})
        keys = [f"{side}_{name}" for name in Record._fields]
        pairs = pairs.join(links, keys)
    pairs = pairs.filter(pairs.left_customer_id != pairs.right_customer_id)
    return pairs.order_by(
        pairs.match_probability.desc(nulls_first=False),
        pairs.match_weight.desc(nulls_first=False),
        *(f"{side}_{name}" for side in _SIDES for name in Record._fields),
    )


def _standing(tables: Linked, holding: Sequence[Decision]) -> tuple[Standing, Standing]:
    """What decisions say of records, and which customers they join at the next run."""
    standing, customers = Standing(), Standing()
    joining = [one for one in holding if one.verdict == "same"]
    ids = tables.customers_of(record for one in joining for pair in one.pairs for record in pair)
    for one in holding:
        standing.take(one)
    for one in joining:
        for pair in one.pairs:
            if ids.keys() >= set(pair):
                customers.join(*(_as_record(ids[record]) for record in pair))
    return standing, customers


def _as_record(customer_id: str) -> Record:
    return Record("", "", customer_id)


def _record(row: dict[str, Any], side: str) -> Record:
    return Record(*(row[f"{side}_{name}"] for name in Record._fields))


def _names(tables: Linked, customer_ids: set[str]) -> dict[str, str | None]:
    if not tables.warehouse.has("customers"):
        return {}
    customers = tables.warehouse.table("customers")
    chosen = customers.filter(customers.customer_id.isin(sorted(customer_ids)))
    rows = chosen.select("customer_id", "display_name").to_pyarrow().to_pylist()
    return {row["customer_id"]: row["display_name"] for row in rows}


def _told(row: dict[str, Any]) -> Iterator[str]:
    probability = row["match_probability"]
    likely = "" if probability is None else f" {probability:.3f}"
    yield f"{row['state']}{likely}  {(row['reason'] or row['method']).replace('_', ' ')}"
    for side in _SIDES:
        name = f"  {row[f'{side}_name']}" if row[f"{side}_name"] else ""
        yield f"  {row[f'{side}_customer_id']}  {row[f'{side}_record']}{name}"
    yield f"  one customer:    {row['merge']}"
    yield f"  two customers:   {row['apart']}"
    yield ""


def decisions_listed(settings: Settings, with_undone: bool, form: str) -> str:
    """The decisions that hold, or all there ever were, as `table`, `csv` or `json`."""
    known = decisions(open_operations(settings))
    holding = {one.decision_id for one in in_force(known)}
    chosen = [one for one in known if with_undone or one.undone_at is None]
    if form == "table" and not chosen:
        return "nothing has been decided\n"
    shown = _SHOWN if form == "table" else None
    rows = [
        {
            "decision_id": one.decision_id,
            "verdict": one.verdict,
            "kind": one.kind,
            "left": _side(one, 0, shown),
            "right": _side(one, 1, shown),
            "state": _state(one, holding),
            "decided_by": one.decided_by,
            "decided_at": f"{one.decided_at:%Y-%m-%d %H:%M}",
            "undone_by": one.undone_by,
            "undone_at": one.undone_at and f"{one.undone_at:%Y-%m-%d %H:%M}",
            "reason": one.reason,
        }
        for one in chosen
    ]
    columns = [
        name for name in _LISTED if form != "table" or with_undone or not name.startswith("undone_")
    ]
    return as_text(columns, [tuple(row[name] for name in columns) for row in rows], form)


def _state(decision: Decision, holding: set[str]) -> str:
    if decision.undone_at is not None:
        return "undone"
    return "active" if decision.decision_id in holding else "outranked by a later one"


def _side(decision: Decision, side: int, shown: int | None) -> str:
    names = list(dict.fromkeys(str(pair[side]) for pair in decision.pairs))
    rest = len(names) - len(names[:shown])
    return ", ".join(names[:shown]) + (f" and {rest} more" if rest else "")
