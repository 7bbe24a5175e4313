"""How the weight of a pair of records came about: what two records in general have in common, and
what each comparison added or took away."""

from dataclasses import dataclass

from aar_platform.operations.decisions import Record

# Nearer to 0 or 1 a probability would round to it.
_TOLD = 0.0001


@dataclass(frozen=True)
class Step:
    """What one comparison told. `weight` is in bits: log2 of how much more often one customer's
    records give this answer than strangers' do. The values compared are None where they are
    unknown or not to be shown."""

    comparison: str
    level: str
    weight: float
    left_value: str | None = None
    right_value: str | None = None


@dataclass(frozen=True)
class Waterfall:
    """The weight of one pair, step by step. `prior_weight` is log2 of the odds that two records
    are one customer's before anything is compared."""

    left: Record
    right: Record
    prior_weight: float
    steps: tuple[Step, ...]

    @property
    def final_weight(self) -> float:
        """log2 of the odds that the records are one customer's."""
        return self.prior_weight + sum(step.weight for step in self.steps)

    @property
    def probability(self) -> float:
        """The same as a probability, 0 to 1."""
        # Beyond 2**1000 a double overflows.
        return 1 / (1 + 2 ** min(-self.final_weight, 1000.0))


def in_words(waterfall: Waterfall) -> str:
    """Such as "any two records: −13.2; date of birth the same: +12.1; … = 5.9, i.e. 98.3 %".

    Steps stand in the order of their weight, the strongest first; those that tell nothing are
    left out.
    """
    telling = [step for step in waterfall.steps if weight_in_words(step.weight) != "0.0"]
    telling.sort(key=lambda step: (-abs(step.weight), step.comparison))
    parts = [("any two records", waterfall.prior_weight)]
    parts += [(f"{step.comparison} {step.level}", step.weight) for step in telling]
    told = "; ".join(f"{what}: {weight_in_words(weight)}" for what, weight in parts)
    final = weight_in_words(waterfall.final_weight).removeprefix("+")
    return f"{told} = {final}, i.e. {share_in_words(waterfall.probability)}"


def weight_in_words(weight: float) -> str:
    """A weight with its sign and one decimal."""
    text = f"{abs(weight):.1f}"
    return text if text == "0.0" else f"{'−' if weight < 0 else '+'}{text}"


def share_in_words(probability: float) -> str:
    """A probability in per cent, with one decimal; two where it is nearly certain."""
    rest = min(probability, 1 - probability)
    if 0 < rest < _TOLD:
        return "over 99.99 %" if probability > 0.5 else "under 0.01 %"
    if rest == 0:
        return f"{probability:.0%}".replace("%", " %")
    return f"{100 * probability:.{1 if rest >= 0.001 else 2}f} %"
