"""Who entered a record, as far as its system says: its creator, else whose record it is."""

from itertools import product

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

# What the creator of a record is called, as sources write it in what becomes `attributes`.
CREATOR_KEYS = (
    "entered_by", "Entered by", "Entered By", "EnteredBy",
    "created_by", "Created by", "Created By", "Created_By", "CreatedBy", "createdBy",
    "creator", "Creator",
    "CreatedById", "createdById", "created_by_id", "hs_created_by_user_id", "submitter_id",
)  # fmt: skip
# Where records are nested, the part of them in which the keys stand.
_PARTS = ("", ".properties")
_PATHS = tuple(f'${part}."{key}"' for part, key in product(_PARTS, CREATOR_KEYS))
# Of a creator who is an object: what names the person best comes first.
_NAMES = ("$.email", "$.Email", "$.name", "$.Name", "$.id", "$.Id")
# Looking for the paths takes 3 µs a record; most records name no creator.
_HINT = r'(?i)"(hs_)?(created|entered)[ _]?by|"creator"|"submitter_id"'
# Columns of core tables that name a colleague, where no creator is named.
COLLEAGUES = ("owner", "assignee")


@ibis.udf.scalar.builtin(
    name="json_extract_string",
    signature=((dt.string, dt.Array(dt.string)), dt.Array(dt.string)),
)
def _texts_at(json, paths):  # type: ignore[no-untyped-def]
    """The texts at several paths of a JSON text, null where there is none."""


def entered_by(rows: ir.Table) -> ir.StringValue:
    """Who entered each row of a core table, or of its rows on the way there; null where its system
    does not say. An e-mail address, a name or a user's id, as the system gives it.

    The creator stands in `attributes`, under one of CREATOR_KEYS: a source that knows better puts
    `entered_by` there. E-mail addresses are in lower case.
    """
    said: list[ir.Value] = []
    if "attributes" in rows.columns:
        text = rows["attributes"].cast(str)
        creator = ibis.ifelse(text.re_search(_HINT), _first_at(text, _PATHS), ibis.null(str))
        said.append(
            ibis.cases(
                (creator.startswith("{"), _first_at(creator, _NAMES)),
                (creator.startswith("["), _first_at(creator, ("$[0]",))),
                else_=creator,
            )
        )
    said += [rows[name].nullif("") for name in COLLEAGUES if name in rows.columns]
    if not said:
        return ibis.null(str)
    person = ibis.coalesce(*said).strip()
    return ibis.ifelse(person.contains("@"), person.lower(), person)


def _first_at(json: ir.StringValue, paths: tuple[str, ...]) -> ir.StringValue:
    found = _texts_at(json, ibis.array(list(paths)))
    return found.filter(lambda one: one.notnull() & (one != ""))[0]
