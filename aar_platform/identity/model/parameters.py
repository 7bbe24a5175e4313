"""What the data say of each comparison: a model of one kind of record, as numbers."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from aar_platform.identity.code_version import code_version
from aar_platform.identity.model.comparison import Comparison


@dataclass(frozen=True)
class Answered:
    """One comparison's shares by level, strongest first: among pairs of one customer's records, of
    random records, of random records of one country, and of the records of two customers in each
    of the groups NEAR."""

    name: str
    same: tuple[float, ...]
    strangers: tuple[float, ...]
    compatriots: tuple[float, ...]
    near: tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Parameters:
    """A fitted model. `same_rate` and `near_rate` are the shares of all pairs of records that are
    one customer's, or of two customers in each of the groups NEAR. `comparing` is a checksum of the
    code that compares and weighs: by another version it means something else."""

    kind: str
    records: int
    rules: tuple[tuple[str, ...], ...]
    same_rate: float
    near_rates: tuple[float, ...]
    answers: tuple[Answered, ...]
    threshold: float = 1.0
    comparing: str = ""

    def to_json(self) -> str:
        """The model as JSON."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> "Parameters":
        """The model written by `to_json`."""
        read = json.loads(text)
        read["rules"] = tuple(tuple(rule) for rule in read["rules"])
        read["near_rates"] = tuple(read["near_rates"])
        read["answers"] = tuple(
            Answered(
                answer["name"],
                tuple(answer["same"]),
                tuple(answer["strangers"]),
                tuple(answer["compatriots"]),
                tuple(tuple(shares) for shares in answer["near"]),
            )
            for answer in read["answers"]
        )
        return cls(**read)


@cache
def way_of_comparing() -> str:
    """A checksum of the code that compares and weighs."""
    return code_version(sorted(Path(__file__).parent.glob("*.py")))


def compared(
    parameters: Parameters, comparisons: Sequence[Comparison]
) -> list[tuple[Comparison, Answered]]:
    """The comparisons of a model, each with what the data say of it."""
    by_name = {comparison.name: comparison for comparison in comparisons}
    return [(by_name[answer.name], answer) for answer in parameters.answers]
