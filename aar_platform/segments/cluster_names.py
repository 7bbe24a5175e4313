"""Names of behavioural clusters: the words for what sets each apart."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

# Feature → (what it speaks of, word for a low mean, word for a high one).
WORDS: dict[str, tuple[str, str, str]] = {
    "orders": ("frequency", "occasional", "frequent"),
    "value": ("value", "low value", "high value"),
    "order_value": ("order value", "small orders", "large orders"),
    "inactive_days": ("recency", "recently active", "long inactive"),
    "tenure_days": ("tenure", "new", "long-standing"),
    "gap_variation": ("rhythm", "regular", "irregular"),
    "refund_share": ("refunds", "few refunds", "many refunds"),
    "active_months": ("frequency", "occasional", "frequent"),
}
# In standard deviations of all customers: below it a cluster is like the whole.
NOTABLE = 0.25
AVERAGE = "Average"


def cluster_names(means: "pd.DataFrame") -> dict[int, str]:
    """A unique name for each row of `means`, by its index.

    `means` holds the clusters' means of features scaled to mean 0 and standard deviation 1. A name
    is the words of the two features furthest from 0, of two different kinds ("Frequent, high
    value"), of one where only one is notable, "Average" where none is. Clusters that would be
    namesakes say more about themselves, and are numbered where words run out.
    """
    phrases = {number: _phrases(means.loc[number]) for number in means.index}
    used = {number: min(2, notable) for number, (_, notable) in phrases.items()}
    while True:
        names = {number: _sentence(words[: used[number]]) for number, (words, _) in phrases.items()}
        namesakes = [n for n in names if list(names.values()).count(names[n]) > 1]
        longer = [n for n in namesakes if used[n] < len(phrases[n][0])]
        if not longer:
            break
        for number in longer:
            used[number] += 1
    for earlier, number in enumerate(sorted(namesakes)):
        same = [n for n in sorted(namesakes)[:earlier] if names[n].startswith(names[number])]
        if same:
            names[number] = f"{names[number]} ({len(same) + 1})"
    return names


def _phrases(means: "pd.Series") -> tuple[list[str], int]:
    """All words of a cluster, the most telling first, and how many of them are notable."""
    furthest = sorted(means.index, key=lambda name: (-round(abs(means[name]), 9), name))
    words: dict[str, str] = {}
    notable = 0
    for name in furthest:
        kind, low, high = WORDS[name]
        if kind in words or means[name] == 0:
            continue
        words[kind] = high if means[name] > 0 else low
        notable += abs(means[name]) >= NOTABLE
    return list(words.values()), notable


def _sentence(words: list[str]) -> str:
    text = ", ".join(words)
    return text[:1].upper() + text[1:] if text else AVERAGE
