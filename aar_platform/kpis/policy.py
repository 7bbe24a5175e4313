"""The section `kpis` of aar.yaml: definitions that an organisation chooses for itself."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class KpiPolicy(BaseModel):
    """A customer without activity for `churn_after_days` has churned ("auto": from the customers'
    own rhythm); `custom` is a folder of further KPI definitions."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    churn_after_days: Literal["auto"] | Annotated[int, Field(strict=True, gt=0)] = "auto"
    custom: Path | None = None
