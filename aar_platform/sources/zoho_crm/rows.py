"""From what Zoho CRM says to rows of core tables."""

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import core_rows, json_list, json_text_at

# A day has no time: noon in UTC is on the same day nearly everywhere.
_NOON = ibis.interval(hours=12)


def _with_deletions(records: ir.Table, deleted: ir.Table) -> ir.Table:
    """Records with `is_gone`: deleted, and not restored and changed since."""
    last = deleted.group_by(gone=deleted.id).aggregate(gone_at=deleted.deleted_time.max())
    rows = records.left_join(last, records.id == last.gone)
    gone = rows.gone_at.notnull() & (rows.gone_at >= rows.Modified_Time).fill_null(True)
    return rows.mutate(is_gone=gone)


def _with_home(records: ir.Table, organisation: ir.Table) -> ir.Table:
    """Records with `money`, the currency of their amounts: only where there are several do they
    name their own."""
    home = organisation.aggregate(home=organisation.iso_code.max())
    rows = records.cross_join(home)
    return rows.mutate(money=ibis.coalesce(rows.Currency, rows.home))


def _owner(rows: ir.Table) -> ir.Value:
    return ibis.coalesce(rows.owner, rows.owner_name)


def _consents(rows: ir.Table) -> ir.Value:
    """What is known against writing: not opting out is no consent."""
    since = rows.Unsubscribed_Time.strftime("%Y-%m-%dT%H:%M:%SZ")
    quoted = ibis.coalesce(ibis.literal('"') + since + '"', ibis.literal("null"))
    said = ibis.literal('{"marketing": {"granted": false, "since": ') + quoted + "}}"
    return ibis.ifelse(rows.Email_Opt_Out, said, ibis.null("string"))


def account_rows(accounts: ir.Table, deleted: ir.Table) -> ir.Table:
    """Companies."""
    rows = _with_deletions(accounts, deleted)
    domain = rows.Website.re_replace(r"^https?://", "").re_replace(r"^www\.", "")
    return core_rows(
        rows,
        company_id=rows.id,
        name=rows.Account_Name,
        domain=domain.re_replace("/.*$", ""),
        phone=rows.Phone,
        street=rows.Billing_Street,
        city=rows.Billing_City,
        region=rows.Billing_State,
        postcode=rows.Billing_Code,
        country=rows.Billing_Country,
        industry=rows.Industry,
        employee_count=rows.Employees,
        owner=_owner(rows),
        created_at=rows.Created_Time,
        updated_at=rows.Modified_Time,
        is_deleted=rows.is_gone,
    )


def contact_rows(contacts: ir.Table, deleted: ir.Table) -> ir.Table:
    """Contacts."""
    rows = _with_deletions(contacts, deleted)
    return core_rows(
        rows,
        contact_id=rows.id,
        company_id=rows.account,
        given_name=rows.First_Name,
        family_name=rows.Last_Name,
        full_name=rows.Full_Name,
        email=rows.Email,
        phone=ibis.coalesce(rows.Phone, rows.Mobile),
        street=rows.Mailing_Street,
        city=rows.Mailing_City,
        region=rows.Mailing_State,
        postcode=rows.Mailing_Zip,
        country=rows.Mailing_Country,
        birth_date=rows.Date_of_Birth,
        job_title=rows.Title,
        owner=_owner(rows),
        lifecycle_stage=ibis.literal("contact"),
        acquisition_channel=rows.Lead_Source,
        consents=_consents(rows),
        created_at=rows.Created_Time,
        updated_at=rows.Modified_Time,
        is_deleted=rows.is_gone,
    )


def lead_rows(leads: ir.Table, deleted: ir.Table) -> ir.Table:
    """Contacts that are leads; one that was converted lives on as a contact."""
    rows = _with_deletions(leads, deleted)
    return core_rows(
        rows,
        contact_id=rows.id,
        given_name=rows.First_Name,
        family_name=rows.Last_Name,
        full_name=rows.Full_Name,
        email=rows.Email,
        phone=ibis.coalesce(rows.Phone, rows.Mobile),
        street=rows.Street,
        city=rows.City,
        region=rows.State,
        postcode=rows.Zip_Code,
        country=rows.Country,
        job_title=rows.Designation,
        owner=_owner(rows),
        lifecycle_stage=ibis.literal("lead"),
        acquisition_channel=rows.Lead_Source,
        consents=_consents(rows),
        created_at=rows.Created_Time,
        updated_at=rows.Modified_Time,
        is_deleted=rows.is_gone | rows.Converted__s.fill_null(False),
    )


def _stages(fields: ir.Table) -> ir.Table:
    """Each stage by the names it may be given under, with what it means for the forecast."""
    stage = fields.filter(fields.api_name == "Stage")
    one = stage.select(value=json_list(stage.pick_list_values).unnest())
    means = json_text_at(one.value, "$.forecast_type")
    names = [
        one.select(stage_name=json_text_at(one.value, f"$.{key}"), means=means)
        for key in ("actual_value", "display_value")
    ]
    named = ibis.union(*names)
    return named.group_by("stage_name").aggregate(means=named.means.max())


def deal_rows(
    deals: ir.Table, fields: ir.Table, organisation: ir.Table, deleted: ir.Table
) -> ir.Table:
    """Deals; the values of the stage say which are closed, and which of them are won."""
    stages = _stages(fields)
    rows = _with_home(_with_deletions(deals, deleted), organisation)
    rows = rows.left_join(stages, rows.Stage == stages.stage_name)
    is_closed = rows.means.startswith("Closed")
    return core_rows(
        rows,
        deal_id=rows.id,
        contact_id=rows.contact,
        company_id=rows.account,
        owner=_owner(rows),
        stage=rows.Stage,
        is_won=rows.means == "Closed Won",
        is_closed=is_closed,
        amount=rows.Amount,
        currency=rows.money,
        created_at=rows.Created_Time,
        # Until it is closed, this day is a guess.
        closed_at=ibis.ifelse(
            is_closed, rows.Closing_Date.cast("timestamp(6)") + _NOON, ibis.null("timestamp(6)")
        ),
        channel=rows.Lead_Source,
        updated_at=rows.Modified_Time,
        is_deleted=rows.is_gone,
    )


def _sales(rows: ir.Table, ordered_at: ir.Value) -> ir.Table:
    is_cancelled = rows.Status.lower().isin(["cancelled", "canceled"]).fill_null(False)
    return core_rows(
        rows,
        order_id=rows.id,
        contact_id=rows.contact,
        company_id=rows.account,
        ordered_at=ordered_at,
        status=rows.Status,
        country=rows.Billing_Country,
        region=rows.Billing_State,
        currency=rows.money,
        gross=rows.Sub_Total,
        discount=rows.Discount,
        tax=rows.Tax,
        total=rows.Grand_Total,
        cancelled_at=ibis.ifelse(is_cancelled, rows.Modified_Time, ibis.null("timestamp(6)")),
        updated_at=rows.Modified_Time,
        is_deleted=rows.is_gone,
    )


def order_rows(orders: ir.Table, organisation: ir.Table, deleted: ir.Table) -> ir.Table:
    """Orders."""
    rows = _with_home(_with_deletions(orders, deleted), organisation)
    return _sales(rows, rows.Created_Time)


def _without_order(invoices: ir.Table) -> ir.Table:
    return invoices.filter(invoices.sales_order.isnull())


def _invoiced_at(rows: ir.Table) -> ir.Value:
    return ibis.coalesce(rows.Invoice_Date.cast("timestamp(6)") + _NOON, rows.Created_Time)


def invoice_rows(invoices: ir.Table, organisation: ir.Table, deleted: ir.Table) -> ir.Table:
    """Orders from invoices that invoice no sales order: the others are counted there."""
    rows = _with_home(_with_deletions(_without_order(invoices), deleted), organisation)
    return _sales(rows, _invoiced_at(rows))


def _lines(lines: ir.Table, sales: ir.Table, products: ir.Table, how: str) -> ir.Table:
    articles = products.select(
        article=products.id, code=products.Product_Code, category=products.Product_Category
    )
    rows = lines.left_join(articles, lines.product == articles.article)
    rows = rows.join(sales, rows.parent == sales.sale, how=how)
    return core_rows(
        rows,
        order_id=rows.parent,
        line_id=rows.id,
        sku=ibis.coalesce(rows.code, rows.product),
        product=rows.product_name,
        category=rows.category,
        quantity=rows.Quantity,
        unit_price=rows.List_Price,
        discount=rows.Discount,
        amount=ibis.coalesce(rows.Total_After_Discount, rows.Total, rows.Net_Total),
        currency=rows.sale_money,
        ordered_at=rows.sale_at,
        contact_id=rows.sale_contact,
        country=rows.sale_country,
        updated_at=rows.Modified_Time,
        is_deleted=rows.sale_is_gone.fill_null(False),
    )


def _heads(rows: ir.Table, at: ir.Value) -> ir.Table:
    return rows.select(
        sale=rows.id,
        sale_money=rows.money,
        sale_at=at,
        sale_contact=rows.contact,
        sale_country=rows.Billing_Country,
        sale_is_gone=rows.is_gone,
    )


def order_line_rows(
    lines: ir.Table,
    orders: ir.Table,
    products: ir.Table,
    organisation: ir.Table,
    deleted: ir.Table,
) -> ir.Table:
    """Lines of orders."""
    rows = _with_home(_with_deletions(orders, deleted), organisation)
    return _lines(lines, _heads(rows, rows.Created_Time), products, "left")


def invoice_line_rows(
    lines: ir.Table,
    invoices: ir.Table,
    products: ir.Table,
    organisation: ir.Table,
    deleted: ir.Table,
) -> ir.Table:
    """Lines of the invoices that count as orders."""
    rows = _with_home(_with_deletions(_without_order(invoices), deleted), organisation)
    return _lines(lines, _heads(rows, _invoiced_at(rows)), products, "inner")


def campaign_rows(campaigns: ir.Table, organisation: ir.Table, deleted: ir.Table) -> ir.Table:
    """Campaigns."""
    rows = _with_home(_with_deletions(campaigns, deleted), organisation)
    return core_rows(
        rows,
        campaign_id=rows.id,
        name=rows.Campaign_Name,
        channel=rows.Type,
        sent_at=rows.Start_Date.cast("timestamp(6)") + _NOON,
        cost=rows.Actual_Cost,
        currency=rows.money,
        updated_at=rows.Modified_Time,
        is_deleted=rows.is_gone,
    )


def case_rows(cases: ir.Table, deleted: ir.Table) -> ir.Table:
    """Tickets."""
    rows = _with_deletions(cases, deleted)
    return core_rows(
        rows,
        ticket_id=rows.id,
        contact_id=rows.contact,
        company_id=rows.account,
        email=rows.Email,
        subject=rows.Subject,
        text=rows.Description,
        topic=ibis.coalesce(rows.Case_Reason, rows.Type),
        priority=rows.Priority,
        channel=rows.Case_Origin,
        status=rows.Status,
        assignee=_owner(rows),
        opened_at=rows.Created_Time,
        updated_at=rows.Modified_Time,
        is_deleted=rows.is_gone,
    )
