"""The portfolio report: the month's figures, markets, segments and data quality of a whole
organisation, or of the part of its customers that a reader may see."""

from collections.abc import Iterator, Sequence

from aar_platform.reports.blocks import Document
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.registry import Template
from aar_platform.reports.templates.portfolio.content import portfolio_content
from aar_platform.reports.templates.portfolio.pages import portfolio_document
from aar_platform.reports.templates.portfolio.texts import TEXTS
from aar_platform.reports.wording import Wording


def compose(tables: Tables, contexts: Sequence[ReportContext]) -> Iterator[Document]:
    """One document per context."""
    for context in contexts:
        wording = Wording(context.locale, context.currency, TEXTS, context.kpis)
        yield portfolio_document(portfolio_content(tables, context), context, wording)


TEMPLATE = Template(
    name="portfolio", title="Portfolio report", per_account=False, texts=TEXTS, compose=compose
)
