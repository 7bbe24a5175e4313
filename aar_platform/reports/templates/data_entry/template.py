"""The data entry report, the material to train those who enter data: what was refused and repaired
of whose entries, where systems disagree, and how far each source can be relied on."""

from collections.abc import Iterator, Sequence

from aar_platform.reports.blocks import Document
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.registry import Template
from aar_platform.reports.templates.data_entry.content import data_entry_content
from aar_platform.reports.templates.data_entry.pages import data_entry_document
from aar_platform.reports.templates.data_entry.texts import TEXTS
from aar_platform.reports.wording import Wording


def compose(tables: Tables, contexts: Sequence[ReportContext]) -> Iterator[Document]:
    """One document per context."""
    for context in contexts:
        wording = Wording(context.locale, context.currency, TEXTS)
        yield data_entry_document(data_entry_content(tables, context), context, wording)


TEMPLATE = Template(
    name="data_entry", title="Data entry report", per_account=False, texts=TEXTS, compose=compose
)
