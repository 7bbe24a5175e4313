"""The section `identity` of aar.yaml: how sure the platform must be that two records are one
customer."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Probability = Annotated[float, Field(strict=True, ge=0, le=1)]


def _rising(band: tuple[float, float]) -> tuple[float, float]:
    low, high = band
    if low > high:
        raise ValueError(f"must rise from low to high; write [{high}, {low}]")
    return band


def _once_each(names: tuple[str, ...]) -> tuple[str, ...]:
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(
            f"names {repeated[0]} twice; name each source once, the most trusted first"
        )
    return names


class IdentityPolicy(BaseModel):
    """Pairs at or above `match_probability` are one customer ("auto": chosen from the data, since
    a fixed threshold does not carry over); pairs within `review_band` wait for a person. Of values
    equally late, that of the first of `trusted_sources` stands; sources not named come after."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    match_probability: Literal["auto"] | Probability = "auto"
    review_band: Annotated[tuple[Probability, Probability], AfterValidator(_rising)] = (0.6, 0.9)
    trusted_sources: Annotated[tuple[str, ...], AfterValidator(_once_each)] = ()
