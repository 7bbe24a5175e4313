"""The section `segments` of aar.yaml."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class BehaviouralPolicy(BaseModel):
    """`clusters`: how many behavioural segments there are ("auto": by silhouette)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    clusters: Literal["auto"] | Annotated[int, Field(strict=True, ge=2, le=12)] = "auto"


class SegmentPolicy(BaseModel):
    """How customers are divided."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    behavioural: BehaviouralPolicy = BehaviouralPolicy()
