"""From mapped rows to accepted records, quarantine and repairs: every row that came is in one."""

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from aar_platform.quality.conventions import Convention
from aar_platform.quality.engine_functions import (
    Money,
    Stamp,
    is_json,
    json_merged,
    json_text,
    json_type,
    md5,
    product,
    stage,
    total,
)
from aar_platform.quality.entered_by import entered_by
from aar_platform.quality.moments import moment_of_native
from aar_platform.quality.readings import reading, rewritings, said
from aar_platform.quality.repairs import LOOKED_UP, in_form, repairs_of
from aar_platform.quality.rules import broken_rule, conditions_of
from aar_platform.quality.stored import stored
from aar_platform.quality.text import text_of
from aar_platform.quality.undated import with_undated_refused
from aar_platform.quality.versions import with_versions
from aar_platform.tables import catalogue
from aar_platform.tables.model import Column

_RAW = ("_payload", "_file", "_row")


@dataclass(frozen=True)
class Sifted:
    """What became of the rows that came; arrived = accepted + quarantined + repeated.

    `accepted` has the schema of the core table, `quarantined` that of `quarantine` with
    `entered_by`, `repaired` that of `repairs`. `by_source` gives how many rows of each source
    arrived, and how many repeated, that is, were older or equal versions of a record that also came
    otherwise. Repairs are told of accepted records.
    """

    accepted: ir.Table
    quarantined: ir.Table
    repaired: ir.Table
    by_source: Mapping[str, tuple[int, int]]

    @property
    def arrived(self) -> int:
        """Rows that came, of all sources."""
        return sum(arrived for arrived, _ in self.by_source.values())

    @property
    def repeated(self) -> int:
        """Rows that were other versions of a record, of all sources."""
        return sum(repeated for _, repeated in self.by_source.values())


def sift(
    mapped: ir.Table,
    table: str,
    conventions: Mapping[str, Convention],
    country: str,
    timezone: str,
    makes_orders: bool = False,
) -> Sifted:
    """Type, repair and check the rows of raw tables that are written alike for a core table.

    `mapped` has `source`, columns of the core table as received, `_payload`, `_extracted_at`,
    `_file` and `_row`. `conventions` come from `detect_conventions`, `country` is the
    organisation's, `timezone` the zone in which times without one are read; `makes_orders` tells
    that orders are derived from these lines, so that each needs a date. The latest version of
    a record decides: where it breaks a rule, it goes to quarantine and the older ones count as
    repeated, for figures of a version that its source has since replaced would be wrong silently.
    """
    columns = [
        column
        for column in catalogue.columns(table)
        if column.name in mapped.columns and column.name not in ("source", "record_id")
    ]
    heard = _heard(mapped, columns, conventions)
    looked_up = _looked_up(mapped, columns, conventions, timezone)
    read = _read(heard, looked_up, columns, conventions, country, timezone)
    judged, columns = _judged(_computed(read, table), table, columns)
    kept = stored(_kept(judged, table, columns, conventions, makes_orders))
    if makes_orders:
        kept = with_undated_refused(kept)
    versions, by_source = with_versions(kept)
    own_id = {catalogue.OWN_ID[table]: versions.record_id}
    latest = versions.filter(~versions._is_older).mutate(**own_id)
    accepted = latest.filter(latest._rule.isnull())
    return Sifted(
        accepted=_accepted(accepted, table),
        quarantined=_quarantined(latest.filter(latest._rule.notnull()), table),
        repaired=repairs_of(accepted, table, columns),
        by_source=by_source,
    )


def _heard(
    mapped: ir.Table, columns: list[Column], conventions: Mapping[str, Convention]
) -> ir.Table:
    """What the source says, rewritten; in `raw__…` as written, in `is_said__…` whether at all
    (text is read whatever it says, so that nothing asks that of it)."""
    extracted_at = moment_of_native(mapped._extracted_at, "UTC")
    values: dict[str, ir.Value] = {"source": mapped.source, "_extracted_at": extracted_at}
    values |= {name: mapped[name] for name in _RAW}
    if "record_id" in mapped.columns:
        values["record_id"] = text_of(mapped.record_id)
    for column in columns:
        values[f"raw__{column.name}"] = mapped[column.name]
        values[column.name] = said(mapped[column.name], column)
    heard = stage(mapped.select(**values))
    steps = [
        (
            column.name,
            rewritings(heard[column.name], column, conventions.get(column.name, Convention())),
        )
        for column in columns
    ]
    is_said = {
        f"is_said__{column.name}": heard[column.name].notnull()
        for column in columns
        if not column.dtype.is_string()
    }
    for step in range(max((len(todo) for _, todo in steps), default=0)):
        rewritten = {
            name: todo[step](heard[name], heard._extracted_at)
            for name, todo in steps
            if step < len(todo)
        }
        heard = stage(heard.mutate(**rewritten, **is_said))
        is_said = {}
    return stage(heard.mutate(**is_said)) if is_said else heard


def _looked_up(
    mapped: ir.Table, columns: list[Column], conventions: Mapping[str, Convention], timezone: str
) -> ir.Table:
    """The columns whose forms libraries know, as `_read` has them: no text is rewritten first."""
    wanted = [column for column in columns if column.normalise in LOOKED_UP]
    heard = mapped.select(
        "_row", **{column.name: said(mapped[column.name], column) for column in wanted}
    )
    values = {
        column.name: reading(
            heard[column.name], column, conventions.get(column.name, Convention()), timezone
        )
        for column in wanted
    }
    return heard.select(**values) if values else heard


def _read(
    heard: ir.Table,
    looked_up: ir.Table,
    columns: list[Column],
    conventions: Mapping[str, Convention],
    country: str,
    timezone: str,
) -> ir.Table:
    """The values in the types and forms of the catalogue; null where they cannot be read."""
    values = {}
    for column in columns:
        convention = conventions.get(column.name, Convention())
        values[column.name] = reading(heard[column.name], column, convention, timezone)
    return stage(in_form(heard.mutate(**values), looked_up, columns, country))


def _computed(read: ir.Table, table: str) -> ir.Table:
    """Amounts that follow from others where the source does not state them."""

    def money(name: str) -> ir.Value:
        return read[name] if name in read.columns else ibis.null(Money)

    def signed(**signs: int) -> list[ir.Value]:
        given = {name: sign for name, sign in signs.items() if name in read.columns}
        return [money(name).fill_null(0) * ibis.literal(sign) for name, sign in given.items()]

    if table == "order_lines" and {"quantity", "unit_price"} <= set(read.columns):
        amount = product(read.quantity, read.unit_price)
        if "discount" in read.columns:
            amount = total(amount, signed(discount=-1)[0])
        return stage(read.mutate(amount=money("amount").fill_null(amount)))
    if table == "orders" and "gross" in read.columns:
        net = total(read.gross, *signed(discount=-1, tax=1, shipping=1))
        return stage(read.mutate(total=money("total").fill_null(net)))
    return read


def _judged(read: ir.Table, table: str, columns: list[Column]) -> tuple[ir.Table, list[Column]]:
    """With `_rule`, the rule that refuses the row, and `why__…`, the one that blanks a value."""
    refusing: list[tuple[ir.BooleanValue, int]] = []
    blanking: dict[str, list[tuple[ir.BooleanValue, int]]] = {}
    for index, (rule, is_broken) in enumerate(conditions_of(table)):
        name = rule.column
        if name in read.columns:
            has_said = f"is_said__{name}" in read.columns
            is_said = read[f"is_said__{name}"] if has_said else ibis.literal(False)
            broken = is_broken(read[name], is_said, read._extracted_at)
        elif name != catalogue.OWN_ID[table] and rule.name in (f"missing_{name}", "amount_missing"):
            # A record's own id is made where the source has none.
            broken = ibis.literal(True)
        else:
            continue
        if rule.refuses:
            refusing.append((broken, index))
        else:
            blanking.setdefault(name, []).append((broken, index))
    number = ibis.null("int16")
    values = {f"why__{name}": ibis.cases(*why, else_=number) for name, why in blanking.items()}
    values["_rule"] = ibis.cases(*refusing, else_=number) if refusing else number
    present = [column for column in catalogue.columns(table) if column.name in read.columns]
    given = [column for column in present if column.name not in ("source", "record_id")]
    return stage(read.mutate(**values)), given


def _kept(
    judged: ir.Table,
    table: str,
    columns: list[Column],
    conventions: Mapping[str, Convention],
    makes_orders: bool,
) -> ir.Table:
    """What is worth storing: values, what was changed of them, and records that are refused."""
    values: dict[str, ir.Value] = {
        name: judged[name] for name in ("source", "_extracted_at", "_file", "_row", "_rule")
    }
    blanked: list[tuple[str, ir.Value, ir.BooleanValue]] = []
    for column in columns:
        name = column.name
        value = judged[name]
        old = _changed(judged, column, conventions.get(name, Convention()).is_float_written_id)
        if f"why__{name}" in judged.columns:
            why = judged[f"why__{name}"]
            values[f"why__{name}"] = why
            raw = text_of(judged[f"raw__{name}"])
            old = raw if old is None else old
            old = ibis.ifelse(why.notnull(), raw, ibis.null(str) if old is raw else old)
            value = ibis.ifelse(why.notnull(), ibis.null(value.type()), value)
            blanked.append((name, raw, why.notnull()))
        values[name] = value
        if old is not None:
            values[f"old__{name}"] = old
    values["attributes"] = _attributes(judged, blanked)
    may_be_refused = judged._rule.notnull()
    if makes_orders:
        has_date = "ordered_at" in judged.columns
        may_be_refused |= judged.ordered_at.isnull() if has_date else ibis.literal(True)
    values["_payload"] = ibis.ifelse(may_be_refused, judged._payload, ibis.null(str))
    own = catalogue.OWN_ID[table]
    ids = [judged[name] for name in (own, "record_id") if name in judged.columns]
    if table == "order_lines" and {"order_id", own} <= set(judged.columns):
        # Most systems number the lines of each order from 1.
        ids[0] = judged.order_id + "-" + judged[own]
    values["_own_id"] = ibis.coalesce(*ids) if ids else ibis.null(str)
    values.pop(own, None)
    values["_made_id"] = ibis.ifelse(
        values["_own_id"].isnull(), md5(judged._payload), ibis.null(str)
    )
    return judged.select(**values)


def _changed(judged: ir.Table, column: Column, is_float_written: bool) -> ir.Value | None:
    """What was received, where text was kept in another form; None for columns of other types."""
    raw_name = f"raw__{column.name}"
    if not column.dtype.is_string() or raw_name not in judged.columns:
        return None
    raw = judged[raw_name]
    if not raw.type().is_string() or column.name == "attributes":
        return None
    value = judged[column.name]
    is_changed = value != raw
    if is_float_written:
        # Read, not repaired: 17850.0 is how an exporter of floats writes 17850.
        is_changed &= value + ".0" != raw
    return ibis.ifelse(is_changed, raw, ibis.null(str))


def _attributes(
    judged: ir.Table, blanked: list[tuple[str, ir.Value, ir.BooleanValue]]
) -> ir.StringValue:
    """What else the source says, with the originals of values that were left out."""
    given: ir.Value = ibis.null(str)
    if "attributes" in judged.columns:
        text = judged.attributes
        kind = ibis.ifelse(is_json(text), json_type(text), ibis.null(str))
        wrapped = ibis.literal('{"attributes":') + json_text(text) + "}"
        given = ibis.ifelse(kind == "OBJECT", text, ibis.ifelse(text.isnull(), None, wrapped))
    if not blanked:
        return given
    members = [
        ibis.ifelse(is_blanked, ibis.literal(f'"{name}":') + json_text(raw), ibis.null(str))
        for name, raw, is_blanked in blanked
    ]
    patch = ibis.literal("{") + ibis.literal(",").join(members) + "}"
    is_any = ibis.or_(*(is_blanked for _, _, is_blanked in blanked))
    return ibis.ifelse(is_any, json_merged(given.fill_null("{}"), patch), given)


def _accepted(rows: ir.Table, table: str) -> ir.Table:
    schema = catalogue.ibis_schema(table)
    return rows.select(
        **{
            name: rows[name].cast(kind) if name in rows.columns else ibis.null(kind)
            for name, kind in schema.items()
        }
    )


def _quarantined(rows: ir.Table, table: str) -> ir.Table:
    schema = catalogue.ibis_schema("quarantine")
    where = ibis.literal(" (") + rows._file.fill_null("file unknown") + ", data row "
    where = where + rows._row.cast(str).fill_null("unknown") + ")"
    values = {
        "source": rows.source,
        "object": ibis.literal(table),
        "record_id": rows.record_id,
        "rule": broken_rule(rows._rule, table, "name"),
        "column_name": broken_rule(rows._rule, table, "column"),
        "reason": broken_rule(rows._rule, table, "reason") + where,
        "payload": rows._payload,
        "first_seen_at": rows._extracted_at.cast(Stamp),
        "state": ibis.literal("open"),
    }
    told = {name: values[name].cast(kind) for name, kind in schema.items()}
    return rows.select(**told, entered_by=entered_by(rows).cast(str))
