"""`aar report`: one report on demand, for one reader, into a folder."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import get_args

from aar_platform.delivery.dispatch import context_for
from aar_platform.delivery.outbox import safe_name
from aar_platform.delivery.readers import Reader, reader_of
from aar_platform.privacy.expression import ExpressionError
from aar_platform.privacy.masking import NotVisible, seen_accounts
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.months import data_as_of, report_month
from aar_platform.reports.registry import Template, template
from aar_platform.reports.render import render
from aar_platform.reports.request import Format
from aar_platform.resources.platform import open_warehouse
from aar_platform.resources.reporting import report_basis
from aar_platform.settings.loading import Settings

# Who asks at a command line may see everything in the warehouse anyway.
OPERATOR = "engineer"


class ReportRefused(ValueError):
    """The report cannot be rendered as asked for."""


def render_report(
    settings: Settings,
    name: str,
    account: str | None,
    formats: Sequence[str],
    locale: str | None,
    recipient: str | None,
    month: str | None,
    out: Path,
) -> Iterator[Path]:
    """Render a template and write the files; yields their paths. Raises ReportRefused.

    Without a recipient the report shows what the engineer may see. The default month is the last
    one that the data covers completely.
    """
    chosen = _known(name)
    if chosen.per_account and account is None:
        raise ReportRefused(f"{name}: say which account with --account (a customer_id)")
    reader = _reader(settings, recipient)
    warehouse = open_warehouse(settings, read_only=True)
    try:
        as_of = data_as_of(warehouse.table)
        period = _month(month) if month else report_month(as_of or date.today())
        basis = report_basis(settings, warehouse, period)
        context = replace(context_for(basis, reader, locale), account=account)
        if chosen.per_account:
            _require_visible(context, warehouse.table)
        wanted = [one for one in get_args(Format) if one in formats] or ["html"]
        files = render(name, warehouse.table, context, wanted)
    except (NotVisible, ExpressionError, ValueError) as error:
        raise ReportRefused(f"{name}: {error}") from None
    finally:
        warehouse.close()
    out.mkdir(parents=True, exist_ok=True)
    for form, content in files.items():
        path = out / f"{name}-{safe_name(account or reader.label)}-{period:%Y-%m}.{form}"
        path.write_bytes(content)
        yield path


def _known(name: str) -> Template:
    try:
        return template(name)
    except ValueError as error:
        raise ReportRefused(str(error)) from None


def _reader(settings: Settings, email: str | None) -> Reader:
    locale = settings.organisation.locale
    if email is None:
        return Reader(None, OPERATOR, settings.roles[OPERATOR], locale)
    for one in settings.recipients:
        if one.email.lower() == email.lower():
            return reader_of(one, settings.roles, locale)
    raise ReportRefused(f"{email}: no such recipient in aar.yaml")


def _require_visible(context: ReportContext, tables: Tables) -> None:
    accounts = seen_accounts(tables, context.role, context.recipient, context.regions)
    found = accounts.filter(accounts.customer_id == context.account).count().execute()
    if not found:
        raise NotVisible(
            f"account {context.account}: there is none of this id among those that "
            f"{context.recipient or context.role_name} may see"
        )


def _month(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m").date()
    except ValueError:
        raise ReportRefused(f"--month {text}: write it as 2024-07") from None
