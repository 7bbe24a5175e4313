"""How reports call the rules of data quality."""

# Rules there is one of for each column; the others are named after what they look for.
_PER_COLUMN = ("missing", "implausible", "below_minimum", "above_maximum", "not_allowed")


def kind_of_rule(rule: str, column: str | None) -> str:
    """A rule's name without its column's, which has a column of its own: missing_day → missing."""
    kind = rule.removesuffix(f"_{column}")
    return kind if kind in _PER_COLUMN else rule
