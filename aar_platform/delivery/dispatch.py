"""Reports of a month, rendered for everybody who asks for them and put into the outbox."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from aar_platform.delivery.outbox import Label, Outbox
from aar_platform.delivery.readers import Reader, readers_of
from aar_platform.delivery.recipients import Recipient
from aar_platform.privacy.masking import seen_accounts
from aar_platform.privacy.roles import Role
from aar_platform.reports.accounts import accounts_for
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.months import data_as_of
from aar_platform.reports.registry import template
from aar_platform.reports.render import render_each
from aar_platform.reports.request import ReportRequest


@dataclass(frozen=True)
class Audience:
    """Who may receive reports, in which roles, and the locale of those who state none."""

    recipients: Sequence[Recipient]
    roles: Mapping[str, Role]
    locale: str


def context_for(basis: ReportContext, reader: Reader, locale: str | None = None) -> ReportContext:
    """The context of one reader; `basis` says what all readers have in common."""
    from dataclasses import replace

    return replace(
        basis,
        role=reader.role,
        role_name=reader.role_name,
        locale=locale or reader.locale,
        recipient=reader.email,
        regions=reader.regions,
    )


def deliver(
    requests: Sequence[ReportRequest],
    audience: Audience,
    tables: Tables,
    basis: ReportContext,
    outbox: Outbox,
) -> Iterator[dict[str, Any]]:
    """Render every request for every reader; yields a row of `report_files` for each file.

    A template about accounts is rendered for each account that the request picks and the reader
    may see.
    """
    as_of = data_as_of(tables)
    for request in requests:
        per_account = template(request.template).per_account
        for reader in readers_of(
            request.template, per_account, audience.recipients, audience.roles, audience.locale
        ):
            context = context_for(basis, reader, request.locale)
            contexts = [context]
            if per_account:
                contexts = _by_account(context, request, tables)
            for shown, rendered in render_each(request.template, tables, contexts, request.formats):
                yield from outbox.write(_label(request.template, shown, as_of), {**rendered})


def _by_account(
    context: ReportContext, request: ReportRequest, tables: Tables
) -> list[ReportContext]:
    from dataclasses import replace

    seen = seen_accounts(tables, context.role, context.recipient, context.regions)
    allowed = set(seen.customer_id.to_pyarrow().to_pylist())
    picked = accounts_for(request.accounts, tables)
    return [replace(context, account=account) for account in picked if account in allowed]


def _label(template_name: str, context: ReportContext, as_of: date | None) -> Label:
    return Label(
        template=template_name,
        period_start=context.period_start,
        role=context.role_name,
        recipient=context.recipient,
        account=context.account,
        data_as_of=as_of,
        stale_sources=context.stale_sources(),
    )
