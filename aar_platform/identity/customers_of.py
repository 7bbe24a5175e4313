"""Which record of a person or company a row of a core table belongs to, and so which customer."""

import ibis
import ibis.expr.types as ir

# Tables that mention customers without being about them, in the order in which a customer that
# only they know is said to be known from.
REFERRING = (
    "orders",
    "order_lines",
    "refunds",
    "subscriptions",
    "usage",
    "tickets",
    "messages",
    "deals",
    "feedback",
    "web_visits",
    "experiment_assignments",
)

# Columns in which a record of identity is named; in `customer_links` it stands under the same
# `source`, `object` and `record_id`.
RECORD = ("source", "object", "record_id")


def living(table: ir.Table) -> ir.Table:
    """The rows that the source has not deleted."""
    return table.filter(~table.is_deleted.fill_null(False))


def usable_email(email: ir.StringValue) -> ir.StringValue:
    """The address in the form in which addresses are compared; null where it is none."""
    tidy = email.strip().lower()
    return ibis.cases((tidy.contains("@"), tidy), else_=ibis.null("string"))


def _id(column: ir.StringValue) -> ir.StringValue:
    return column.nullif("")


def named_record(table: ir.Table, name: str) -> tuple[ir.StringValue, ir.StringValue]:
    """`object` and `record_id` of the record that a row of core table `name` belongs to.

    A person's id goes first, then the e-mail address of a guest (the row itself is the guest's
    record), then the company. The object is the table whose id it is: a contact_id that no row of
    contacts explains is still the record (source, contacts, contact_id), since contact 5 and
    company 5 of one order would otherwise share a key, and since the customer then stays the same
    when the contact arrives later. Both are null for a row without a customer. Raises ValueError
    for a table that names no customer, such as `campaigns`.
    """
    if name == "companies":
        return ibis.literal("companies"), table.company_id
    if name not in ("contacts", *REFERRING):
        raise ValueError(f"Core table {name!r} names no customers.")
    contact = _id(table.contact_id)
    if name == "contacts":
        return ibis.literal("contacts"), contact
    choices: list[tuple[ir.BooleanValue, ir.StringValue, ir.StringValue]] = [
        (contact.notnull(), ibis.literal("contacts"), contact)
    ]
    if "email" in table.columns:
        guest = usable_email(table.email).notnull()
        choices.append((guest, ibis.literal(name), table.record_id))
    if "company_id" in table.columns:
        company = _id(table.company_id)
        choices.append((company.notnull(), ibis.literal("companies"), company))
    nothing = ibis.null("string")
    return (
        ibis.cases(*((when, where) for when, where, _ in choices), else_=nothing),
        ibis.cases(*((when, which) for when, _, which in choices), else_=nothing),
    )


def customers_of(table: ir.Table, name: str, links: ir.Table) -> ir.Table:
    """Core table `name` with a last column `customer_id`, null for rows without a customer.

    The one join between rows and customers. A row that names a person and a company is the
    person's; the company is then that customer's `company_id`. All rows stay, deleted ones too.
    """
    where, which = named_record(table, name)
    keyed = table.mutate(_object=where, _record_id=which)
    found = links.select(
        _source="source", _object="object", _record_id="record_id", customer_id="customer_id"
    )
    joined = keyed.left_join(
        found,
        [
            keyed.source == found._source,
            keyed._object == found._object,
            keyed._record_id == found._record_id,
        ],
    )
    return joined.select(*table.columns, "customer_id")
