"""What a role sees of a table: columns by privacy class, rows by its expression, groups by size."""

from collections.abc import Callable

import ibis
import ibis.expr.types as ir

from aar_platform.identity.customers_of import REFERRING, customers_of
from aar_platform.privacy.expression import predicate
from aar_platform.privacy.roles import Role
from aar_platform.tables import catalogue

Tables = Callable[[str], ir.Table]

# Words of aar.yaml → privacy classes of the catalogue.
CLASS_OF = {
    "contact": "direct",
    "quasi": "quasi",
    "financial": "financial",
    "free_text": "free_text",
}
# A row with one of these is about somebody.
PERSONAL_COLUMNS = frozenset({"customer_id", "contact_id", "company_id", "email", "old_value"})


class NotVisible(PermissionError):
    """A role asks for what it may not see; the message says what, and what would allow it."""


def visible(table: ir.Table, name: str, role: Role) -> ir.Table:
    """The table (its rows and columns in their order) with what the role may not see left null.

    `name` is the table's name in the catalogue; columns it does not name are masked wherever the
    role does not see every class. Raises NotVisible where rows are about individuals and the role
    sees aggregates only.
    """
    if is_about_individuals(name) and not may_see_accounts(role):
        raise NotVisible(
            f"table {name} is about individuals and the role sees aggregates only; "
            "add contact, quasi, financial or free_text to what the role sees"
        )
    seen = {"none"} | {CLASS_OF[word] for word in role.see if word in CLASS_OF}
    classes = {column.name: column.privacy for column in catalogue.columns(name)}
    everything = seen >= {"none", *CLASS_OF.values()}
    hidden = [
        column
        for column, kind in table.schema().items()
        if not everything and classes.get(column, "unclassified") not in seen
    ]
    if not hidden:
        return table
    return table.mutate(**{column: ibis.null(table[column].type()) for column in hidden})


def hidden_columns(name: str, role: Role) -> tuple[str, ...]:
    """The columns of a table that the role does not see."""
    seen = {"none"} | {CLASS_OF[word] for word in role.see if word in CLASS_OF}
    return tuple(column.name for column in catalogue.columns(name) if column.privacy not in seen)


def is_about_individuals(name: str) -> bool:
    """Whether rows of a table tell of single customers or records."""
    names = set(catalogue.column_names(name))
    return bool(names & PERSONAL_COLUMNS) and name != "report_files"


def may_see_accounts(role: Role) -> bool:
    """Whether the role sees anything of single customers."""
    return any(word in CLASS_OF for word in role.see)


def account_columns(tables: Tables) -> ir.Table:
    """What expressions over accounts speak of: the columns of customers and of their scores."""
    scores = tables("customer_scores")
    return tables("customers").left_join(scores, "customer_id").drop("customer_id_right")


def seen_accounts(
    tables: Tables, role: Role, recipient: str | None, regions: tuple[str, ...]
) -> ir.Table:
    """The customer_ids for which the role's `rows` hold; all of them where it has none.

    Raises ExpressionError where the expression cannot be read, or speaks of a recipient and
    there is none."""
    accounts = account_columns(tables)
    if role.rows is not None:
        reader = {"email": recipient, "regions": regions if recipient is not None else None}
        condition = predicate(role.rows, accounts, tables("customer_segments"), reader)
        accounts = accounts.filter(condition)
    return accounts.select("customer_id")


def restricted(
    tables: Tables, role: Role, recipient: str | None, regions: tuple[str, ...]
) -> Tables:
    """The same tables with only the rows of the customers for whom the role's `rows` hold.

    Tables without a customer_id are as they were, so `kpis` still counts everybody: compute it
    anew from these, with what `counted_part` makes of them."""
    if role.rows is None:
        return tables
    allowed = seen_accounts(tables, role, recipient, regions)

    def part(name: str) -> ir.Table:
        table = tables(name)
        return table.semi_join(allowed, "customer_id") if "customer_id" in table.columns else table

    return part


def counted_part(part: Tables) -> Tables:
    """Restricted tables as figures may count them: of core tables the rows of the customers in
    `customer_links`, which is restricted; what names no customer (spend, campaigns) is empty."""

    def counted(name: str) -> ir.Table:
        table = part(name)
        if name not in catalogue.CORE:
            return table
        if name not in ("contacts", "companies", *REFERRING):
            return table.limit(0)
        linked = customers_of(table, name, part("customer_links"))
        return linked.filter(linked.customer_id.notnull()).drop("customer_id")

    return counted


def suppressed(groups: ir.Table, size: str, figures: tuple[str, ...], role: Role) -> ir.Table:
    """Groups (one row each) with `figures` null where fewer than the role's `smallest_group`
    customers stand behind them, and a column `is_small` that says so.

    One small group alone could be had by subtracting the others from the total, so the next
    smallest is left out with it until those left out are `smallest_group` together. Groups of
    nobody stay as they are.
    """
    smallest = role.smallest_group
    if smallest <= 1:
        return groups.mutate(is_small=ibis.literal(False))
    people = groups[size].fill_null(0)
    counted = groups.mutate(_people=people, _some=(people > 0).cast("int64"))
    order = [ibis.desc("_some"), "_people", *(c for c in groups.columns if c != size)]
    so_far = ibis.cumulative_window(order_by=order)
    ranked = counted.mutate(
        _sum_before=counted._people.sum().over(so_far) - counted._people,
        _any_small=((counted._people > 0) & (counted._people < smallest)).any().over(),
    )
    needs_more = ranked._any_small & (ranked._sum_before < smallest)
    is_small = (ranked._some == 1) & ((ranked._people < smallest) | needs_more)
    told = ranked.mutate(is_small=is_small)
    nulls = {
        name: told.is_small.ifelse(ibis.null(told[name].type()), told[name]) for name in figures
    }
    return told.mutate(**nulls).drop("_people", "_some", "_sum_before", "_any_small")
