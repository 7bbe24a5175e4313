"""The section `reports` of aar.yaml: which templates are rendered, when, for whom, as what."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Format = Literal["html", "pdf", "xlsx"]
Schedule = Literal["daily", "weekly", "monthly"]

TEMPLATES_FOLDER = Path(__file__).parent / "templates"


class ReportRequest(BaseModel):
    """One template on a schedule. `accounts` is an expression that picks accounts where a template
    is rendered for each (None: the ten with most revenue); `locale` None means the recipient's."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    template: str
    schedule: Schedule = "monthly"
    formats: tuple[Format, ...] = Field(default=("html", "pdf"), min_length=1)
    accounts: str | None = None
    locale: str | None = None


# What is rendered when aar.yaml says nothing about reports.
DEFAULT_REPORTS: tuple[ReportRequest, ...] = (
    ReportRequest(template="portfolio", formats=("html", "pdf", "xlsx")),
    ReportRequest(template="account_activity", formats=("html", "pdf")),
)


def template_names(folder: Path = TEMPLATES_FOLDER) -> tuple[str, ...]:
    """The templates that exist: each folder that holds a template.py."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/template.py")))
