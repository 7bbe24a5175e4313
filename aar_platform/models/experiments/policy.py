"""The section `experiments` of aar.yaml: what is known of an experiment beforehand."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

# Shares may be rounded: three thirds of 0.333 are a split.
ROUNDING = 0.005

Name = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(gt=0, le=1)]


class ExperimentPolicy(BaseModel):
    """How the experiment `name` is evaluated; whatever is left out is found in the data.

    `control` is the variant that others are compared with, `metrics` are compared, `split` says
    which share of the customers each variant should have (default: equal shares), `until` is the
    last day that counts (default: the last one with data), and `counts` a CSV file with customers
    and results counted elsewhere.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    name: Name
    control: Name | None = None
    metrics: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    split: Annotated[dict[Name, Share], Field(min_length=2)] | None = None
    until: date | None = None
    counts: Path | None = None

    @model_validator(mode="after")
    def _is_whole(self) -> "ExperimentPolicy":
        if self.split is None:
            return self
        total = sum(self.split.values())
        if abs(total - 1) > ROUNDING:
            raise ValueError(f"the shares of split add up to {total:g}; they must add up to 1")
        return self
