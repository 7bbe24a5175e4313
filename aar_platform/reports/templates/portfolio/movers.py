"""What moved an unusual figure most, in the reader's words and number formats."""

import re

from aar_platform.kpis.dimensions import DIMENSIONS
from aar_platform.reports.blocks import Kind
from aar_platform.reports.wording import Wording

# As `kpi_alerts` holds it: "country DE +7; segment At risk -4.66667".
_MOVER = re.compile(rf"({'|'.join(DIMENSIONS)}) (.*?) ([+-][0-9.e+-]+)(?:; |$)")


def moved_by(stored: str, kind: Kind, unit: str, wording: Wording) -> str:
    """The members and their effect on a figure of that kind and unit; as it is stored where it is
    in no form that is known."""
    found = list(_MOVER.finditer(stored))
    if "".join(one.group() for one in found) != stored:
        return stored
    return wording.text("note.separator").join(
        wording.text(
            "mover",
            dimension=wording.name_of("dimension", dimension),
            member=_member(dimension, member, wording),
            effect=_effect(float(effect), kind, unit, wording),
        )
        for dimension, member, effect in (one.groups() for one in found)
    )


def _member(dimension: str, member: str, wording: Wording) -> str:
    if dimension == "country":
        return wording.country(member)
    return wording.name_of("label", member) if dimension == "segment" else member


def _effect(effect: float, kind: Kind, unit: str, wording: Wording) -> str:
    sign = "+" if effect >= 0 else "-"
    size = abs(effect)
    if kind == "percent":
        return sign + wording.text("points", value=wording.show(size * 100, "decimal"))
    if kind in ("money", "compact_money"):
        return sign + wording.show(size, "money")
    shown = wording.show(size, "number" if size == round(size) else "decimal")
    return sign + wording.text("amount", value=shown, unit=wording.optional(f"unit.{unit}") or unit)
