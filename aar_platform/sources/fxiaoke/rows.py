"""From what Fxiaoke says to rows of core tables."""

from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.sources.mapping import core_rows


def _is_gone(rows: ir.Table) -> ir.Value:
    """Voided records (作废) stay in every answer, and are marked."""
    return rows.is_deleted.fill_null(False) | (rows.life_status == "invalid").fill_null(False)


def _shown(rows: ir.Table, name: str) -> ir.Value:
    """The label of a value chosen from a list; the value where no label came."""
    return ibis.coalesce(rows[f"{name}__r"], rows[name])


def _owner(rows: ir.Table) -> ir.Value:
    return ibis.coalesce(rows.owner_email, rows.owner_name)


def _currency(rows: ir.Table) -> ir.Value:
    """The currency of a record's amounts: only where there are several does it name its own."""
    return ibis.coalesce(rows.mc_currency, rows.home_currency)


def _common(rows: ir.Table) -> dict[str, Any]:
    return {"updated_at": rows.last_modified_time, "is_deleted": _is_gone(rows)}


def company_rows(accounts: ir.Table) -> ir.Table:
    """Companies."""
    domain = accounts.url.re_replace(r"^https?://", "").re_replace(r"^www\.", "")
    return core_rows(
        accounts,
        company_id=accounts.id,
        name=accounts.name,
        domain=domain.re_replace("/.*$", ""),
        phone=accounts.tel,
        street=accounts.address,
        city=_shown(accounts, "city"),
        region=_shown(accounts, "province"),
        country=_shown(accounts, "country"),
        industry=_shown(accounts, "industry_level1"),
        owner=_owner(accounts),
        created_at=accounts.create_time,
        **_common(accounts),
    )


def contact_rows(contacts: ir.Table) -> ir.Table:
    """Contacts."""
    return core_rows(
        contacts,
        contact_id=contacts.id,
        company_id=contacts.account_id,
        full_name=contacts.name,
        email=contacts.email,
        phone=ibis.coalesce(contacts.mobile1, contacts.tel1),
        street=contacts.add,
        city=_shown(contacts, "city"),
        region=_shown(contacts, "province"),
        country=_shown(contacts, "country"),
        birth_date=contacts.date_of_birth,
        gender=_shown(contacts, "gender"),
        job_title=contacts.job_title,
        owner=_owner(contacts),
        lifecycle_stage=ibis.literal("contact"),
        acquisition_channel=_shown(contacts, "contact_source"),
        created_at=contacts.create_time,
        **_common(contacts),
    )


def lead_rows(leads: ir.Table) -> ir.Table:
    """Contacts that are leads."""
    gone = _is_gone(leads) | (leads.biz_status == "transformed").fill_null(False)
    return core_rows(
        leads,
        contact_id=leads.id,
        full_name=leads.name,
        email=leads.email,
        phone=ibis.coalesce(leads.mobile, leads.tel),
        street=leads.address,
        city=_shown(leads, "city"),
        region=_shown(leads, "province"),
        country=_shown(leads, "country"),
        job_title=leads.job_title,
        owner=_owner(leads),
        lifecycle_stage=ibis.literal("lead"),
        acquisition_channel=_shown(leads, "source"),
        created_at=leads.create_time,
        updated_at=leads.last_modified_time,
        # A lead that was transformed lives on as an account and a contact.
        is_deleted=gone,
    )


def deal_rows(deals: ir.Table) -> ir.Table:
    """Deals."""
    state = _shown(deals, "sales_status").lower()
    is_won = state.isin(["2", "win", "won", "赢单"]).fill_null(False)
    is_closed = is_won | state.isin(["3", "4", "lose", "lost", "输单", "invalid", "无效"])
    return core_rows(
        deals,
        deal_id=deals.id,
        contact_id=deals.contact_id,
        company_id=deals.account_id,
        owner=_owner(deals),
        stage=_shown(deals, "sales_stage"),
        is_won=is_won,
        is_closed=is_closed.fill_null(False),
        amount=deals.amount,
        currency=_currency(deals),
        created_at=deals.create_time,
        closed_at=ibis.ifelse(is_closed, deals.close_date, ibis.null("timestamp(6)")),
        channel=_shown(deals, "source"),
        **_common(deals),
    )


def order_rows(orders: ir.Table) -> ir.Table:
    """Orders."""
    return core_rows(
        orders,
        order_id=orders.id,
        contact_id=orders.ship_to_id,
        company_id=orders.account_id,
        ordered_at=ibis.coalesce(orders.order_time, orders.create_time),
        status=ibis.coalesce(_shown(orders, "order_status"), orders.life_status),
        currency=_currency(orders),
        gross=orders.product_amount,
        total=orders.order_amount,
        **_common(orders),
    )


def line_rows(lines: ir.Table, orders: ir.Table) -> ir.Table:
    """Lines of orders."""
    heads = orders.select(
        head=orders.id,
        head_at=ibis.coalesce(orders.order_time, orders.create_time),
        head_currency=_currency(orders),
        head_contact=orders.ship_to_id,
        head_is_gone=_is_gone(orders),
    )
    rows = lines.left_join(heads, lines.order_id == heads["head"])
    return core_rows(
        rows,
        order_id=rows.order_id,
        line_id=rows.id,
        sku=ibis.coalesce(rows.product_code, rows.product_id),
        product=rows.product_id__r,
        quantity=rows.quantity,
        unit_price=rows.sales_price,
        amount=rows.subtotal,
        currency=ibis.coalesce(rows.head_currency, _currency(rows)),
        ordered_at=rows.head_at,
        contact_id=rows.head_contact,
        updated_at=rows.last_modified_time,
        is_deleted=_is_gone(rows) | rows.head_is_gone.fill_null(False),
    )


def refund_rows(refunds: ir.Table) -> ir.Table:
    """Refunds."""
    return core_rows(
        refunds,
        refund_id=refunds.id,
        order_id=refunds.order_id,
        refunded_at=ibis.coalesce(refunds.refunded_time, refunds.create_time),
        amount=refunds.refunded_amount,
        currency=_currency(refunds),
        reason=ibis.coalesce(_shown(refunds, "refunded_reason"), refunds.remark),
        **_common(refunds),
    )


def campaign_rows(events: ir.Table) -> ir.Table:
    """Campaigns."""
    return core_rows(
        events,
        campaign_id=events.id,
        name=events.name,
        channel=_shown(events, "event_type"),
        sent_at=events.begin_time,
        cost=events.actual_cost,
        currency=_currency(events),
        **_common(events),
    )


def case_rows(cases: ir.Table) -> ir.Table:
    """Tickets."""
    return core_rows(
        cases,
        ticket_id=cases.id,
        contact_id=cases.contact_id,
        company_id=cases.account_id,
        subject=ibis.coalesce(cases.title, cases.name),
        text=cases.description,
        topic=_shown(cases, "case_type"),
        priority=_shown(cases, "priority"),
        channel=_shown(cases, "source"),
        status=ibis.coalesce(_shown(cases, "case_status"), cases.life_status),
        assignee=_owner(cases),
        opened_at=cases.create_time,
        solved_at=cases.finish_time,
        **_common(cases),
    )


def old_deal_rows(deals: ir.Table) -> ir.Table:
    """Deals from the older kind of opportunity."""
    state = _shown(deals, "status").lower()
    is_won = state.isin(["2", "win", "won", "赢单"]).fill_null(False)
    is_closed = is_won | state.isin(["3", "4", "lose", "lost", "输单", "invalid", "无效"])
    return core_rows(
        deals,
        deal_id=deals.id,
        company_id=deals.account_id,
        owner=_owner(deals),
        stage=deals.after_sale_stage_name,
        is_won=is_won,
        is_closed=is_closed.fill_null(False),
        amount=deals.expected_deal_amount,
        currency=_currency(deals),
        created_at=deals.create_time,
        closed_at=ibis.ifelse(is_closed, deals.sales_stg_changed_time, ibis.null("timestamp(6)")),
        channel=_shown(deals, "source"),
        **_common(deals),
    )
