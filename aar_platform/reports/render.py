"""From a template and the warehouse's tables to files, as bytes."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from aar_platform.privacy.masking import NotVisible, may_see_accounts
from aar_platform.reports.blocks import (
    BarChart,
    Chart,
    ColumnChart,
    Document,
    HeatMap,
    LineChart,
    Pair,
)
from aar_platform.reports.charts.draw import draw
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.formats.html import html
from aar_platform.reports.formats.pdf import pdf
from aar_platform.reports.formats.xlsx import xlsx
from aar_platform.reports.registry import template
from aar_platform.reports.request import Format
from aar_platform.reports.wording import Wording

Charts = dict[Chart, str]
PAGES: dict[Format, Callable[[Document, Wording, Charts], bytes]] = {"html": html, "pdf": pdf}


def render(
    name: str, tables: Tables, context: ReportContext, formats: Sequence[Format]
) -> dict[Format, bytes]:
    """One report in each of the formats: the same data gives the same bytes.

    Raises ValueError for an unknown template, locale or account, and NotVisible where the role
    may not see the account.
    """
    return next(render_each(name, tables, [context], formats))[1]


def render_each(
    name: str, tables: Tables, contexts: Sequence[ReportContext], formats: Sequence[Format]
) -> Iterator[tuple[ReportContext, dict[Format, bytes]]]:
    """The reports of many readers or accounts, in order. What contexts that differ in their
    account only have in common, next to each other, is computed once for all of them."""
    chosen = template(name)
    for shared, group in groupby(contexts, key=lambda context: replace(context, account=None)):
        some = list(group)
        wording = Wording(shared.locale, shared.currency, chosen.texts, shared.kpis)
        if chosen.per_account:
            _check_accounts(name, some)
        for context, document in zip(some, chosen.compose(tables, some), strict=True):
            yield context, _files(document, wording, formats)


def _check_accounts(name: str, contexts: Sequence[ReportContext]) -> None:
    if not may_see_accounts(contexts[0].role):
        raise NotVisible(
            f"report {name} is about single accounts and the role {contexts[0].role_name} sees "
            "aggregates only; render portfolio, or give the role contact or financial to see"
        )
    if any(context.account is None for context in contexts):
        raise ValueError(f"report {name} is about one account; name its customer_id")


def _files(document: Document, wording: Wording, formats: Sequence[Format]) -> dict[Format, bytes]:
    charts: Charts = {}
    if any(wanted in PAGES for wanted in formats):
        charts = {chart: draw(chart, wording) for chart in _charts(document)}
    return {
        wanted: PAGES[wanted](document, wording, charts)
        if wanted in PAGES
        else xlsx(document, wording)
        for wanted in formats
    }


def _charts(document: Document) -> Iterator[Chart]:
    for section in document.sections:
        for block in section.blocks:
            for single in (block.left, block.right) if isinstance(block, Pair) else (block,):
                if isinstance(single, LineChart | ColumnChart | BarChart | HeatMap):
                    yield single
