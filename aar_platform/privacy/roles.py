"""The section `roles` of aar.yaml: who may see which privacy classes, of which rows."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

# Words of aar.yaml for the privacy classes of columns; `contact` is the class `direct`, and
# `aggregate` stands for figures over groups, which belong to no class.
Sight = Literal["aggregate", "contact", "quasi", "financial", "free_text"]


class Role(BaseModel):
    """What a role sees: classes of columns, rows for which the expression `rows` holds (over the
    account's columns and `recipient`; None: all), groups of at least `smallest_group` customers."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    see: tuple[Sight, ...]
    rows: str | None = None
    smallest_group: Annotated[int, Field(strict=True, ge=1)] = 1


# Roles that exist without being written down; aar.yaml may redefine each.
DEFAULT_ROLES: dict[str, Role] = {
    "executive": Role(see=("aggregate",)),
    "account_manager": Role(
        see=("aggregate", "contact", "financial"), rows="owner == recipient.email"
    ),
    "engineer": Role(see=("aggregate", "contact", "quasi", "financial", "free_text")),
}
