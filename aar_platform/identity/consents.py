"""What people have agreed to, by purpose: the latest word of any record wins."""

import re
from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import customers_of, living

_GRANTED = ("true", "1", "yes", "granted", "subscribed", "opted_in")
_REFUSED = ("false", "0", "no", "refused", "denied", "revoked", "unsubscribed", "opted_out")


def consent_purposes(core: Mapping[str, ir.Table]) -> list[str]:
    """The purposes that contacts speak of, in lower case with underscores, sorted.

    `customers` has a column `consent_<purpose>` for each. Runs a query.
    """
    return sorted(_spellings(core))


def customer_consents(core: Mapping[str, ir.Table], links: ir.Table) -> ir.Table | None:
    """customer_id and a boolean `consent_<purpose>` for each purpose; None without purposes.

    Of several words on one purpose the latest counts (`since`, else the record's own time); of
    equally late ones the refusal. Null: never asked.
    """
    spellings = _spellings(core)
    if not spellings:
        return None
    contacts = customers_of(living(core["contacts"]), "contacts", links)
    contacts = contacts.filter(contacts.consents.notnull() & contacts.customer_id.notnull())
    told = contacts.consents.try_cast("json").map
    words = contacts.select(
        "customer_id",
        changed_at=ibis.coalesce(contacts.updated_at, contacts.created_at),
        **{
            f"word_{purpose}": ibis.coalesce(*(told.get(raw) for raw in spellings[purpose]))
            for purpose in sorted(spellings)
        },
    )
    latest = {}
    for purpose in sorted(spellings):
        is_granted, since = _read(words[f"word_{purpose}"], words.changed_at)
        # The refusal sorts before the consent of the same second.
        order = -2 * since.epoch_seconds().fill_null(0) + is_granted.cast("int64")
        latest[f"consent_{purpose}"] = is_granted.argmin(order, where=is_granted.notnull())
    return words.group_by("customer_id").aggregate(**latest)


def _spellings(core: Mapping[str, ir.Table]) -> dict[str, list[str]]:
    """Purpose → how the sources write it."""
    if "contacts" not in core:
        return {}
    told = living(core["contacts"]).consents.try_cast("json").map
    written = told.keys().unnest().name("purpose").as_table().distinct().to_pyarrow()
    spellings: dict[str, list[str]] = {}
    for raw in sorted(filter(None, written["purpose"].to_pylist())):
        purpose = re.sub(r"\W+", "_", raw.lower()).strip("_")
        if purpose:
            spellings.setdefault(purpose, []).append(raw)
    return spellings


def _read(
    word: ir.JSONValue, changed_at: ir.TimestampValue
) -> tuple[ir.BooleanValue, ir.TimestampValue]:
    """Whether granted (null where unreadable), and since when."""
    granted = ibis.coalesce(word["granted"], word)
    answer = ibis.coalesce(granted.str, granted.cast("string")).strip().lower()
    is_granted = ibis.cases(
        (answer.isin(_GRANTED), True), (answer.isin(_REFUSED), False), else_=ibis.null("boolean")
    )
    return is_granted, ibis.coalesce(word["since"].str.try_cast("timestamp"), changed_at)
