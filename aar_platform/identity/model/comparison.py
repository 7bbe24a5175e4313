"""What a comparison of two records is made of, and what is expected of it before the data speak."""

import re
from dataclasses import dataclass

# What two customers can have in common: home and family, the place they work at, a family name that
# is frequent where both live. Without these groups a family, alike in name, telephone and address,
# would pass for one person.
NEAR = ("household", "firm", "namesakes")


@dataclass(frozen=True)
class Level:
    """One outcome of a comparison.

    `condition` is DuckDB SQL over columns ending in _l and _r; the last level of a comparison has
    none and takes what is left. `same`, `strangers` and each of NEAR are the shares of pairs
    expected at this level: of one customer's records, of random records, and of records of two
    customers who have something in common; those not stated are as among strangers. They count as
    much as a few pairs and so decide only where there are few records. `term` names the column
    whose rarer values weigh more; `reads` one whose frequency (`tf_…`) the condition looks at.
    `tells_apart`: as the weakest level of a comparison that tells apart; `identifies`: outranks
    what tells apart.
    """

    label: str
    condition: str
    same: float
    strangers: float
    household: float | None = None
    firm: float | None = None
    namesakes: float | None = None
    term: str | None = None
    reads: str | None = None
    tells_apart: bool = False
    identifies: bool = False

    def among(self, group: str) -> float:
        """The share expected among pairs of a group: same, strangers or one of NEAR."""
        share: float | None = getattr(self, group)
        return self.strangers if share is None else share


@dataclass(frozen=True)
class Comparison:
    """A question asked of each pair of records, with its outcomes from strongest to weakest.

    `unknown` is SQL that is true where there is nothing to compare. `is_own`: the answer is a
    customer's own, no more alike among people of one household or firm than among strangers.
    `is_name`: alike names, in one country, alone link nobody. `tells_apart`: the weakest
    level is that of two customers, whatever they share, unless at a level that `identifies`; what a
    family or twins share does not. `keeps_apart`: at the weakest level they
    are two customers even so. `unless` (a comparison and one of its levels): beside that, agreeing
    here is no news.
    """

    name: str
    columns: tuple[str, ...]
    unknown: str
    levels: tuple[Level, ...]
    is_own: bool = False
    is_name: bool = False
    tells_apart: bool = False
    keeps_apart: bool = False
    unless: "tuple[Comparison, str] | None" = None


def unknown(*columns: str) -> str:
    """SQL: none of the columns is filled on both sides."""
    return " and ".join(f"({column}_l is null or {column}_r is null)" for column in columns)


def same(column: str) -> str:
    """SQL: both sides say the same."""
    return f"{column}_l = {column}_r"


def same_word(column: str) -> str:
    """SQL: both sides have a word in common."""
    left, right = f"{column}_l", f"{column}_r"
    # Most have one word each: lists are made where one of them has a blank.
    return (
        f"{left} = {right} or ((contains({left}, ' ') or contains({right}, ' ')) "
        f"and list_has_any(string_split({left}, ' '), string_split({right}, ' ')))"
    )


def alike(column: str, similarity: float) -> str:
    """SQL: Jaro-Winkler similarity (Winkler 1990), 0 to 1, is at least so high."""
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {similarity}"


def edits(column: str, count: int) -> str:
    """SQL: at most so many letters inserted, left out, replaced or swapped (Damerau 1964)."""
    return f"damerau_levenshtein({column}_l, {column}_r) <= {count}"


def either_way(condition: str) -> str:
    """SQL: the condition, or the condition with the two sides exchanged."""
    mirrored = re.sub(r"_([lr])\b", lambda side: "_r" if side[1] == "l" else "_l", condition)
    return f"({condition}) or ({mirrored})"
