"""The account activity report: one customer's figures, course, activities, tickets, feedback."""

from collections.abc import Iterator, Sequence

from aar_platform.reports.blocks import Document
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.registry import Template
from aar_platform.reports.templates.account_activity.content import account_contents
from aar_platform.reports.templates.account_activity.pages import account_document
from aar_platform.reports.templates.account_activity.texts import TEXTS
from aar_platform.reports.wording import Wording


def compose(tables: Tables, contexts: Sequence[ReportContext]) -> Iterator[Document]:
    """One document per context, all accounts read together."""
    wording = Wording(contexts[0].locale, contexts[0].currency, TEXTS)
    contents = account_contents(tables, contexts)
    for context, content in zip(contexts, contents, strict=True):
        yield account_document(content, context, wording)


TEMPLATE = Template(
    name="account_activity",
    title="Account activity report",
    per_account=True,
    texts=TEXTS,
    compose=compose,
)
