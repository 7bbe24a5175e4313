"""Results counted elsewhere: a CSV file with a row per variant and metric."""

import csv
import difflib
import math
from collections.abc import Iterator, Mapping
from pathlib import Path

from aar_platform.models.experiments.definition import Kind, Moments, Trial

REQUIRED = ("experiment", "variant", "metric", "sample_size")
RESULTS = ("successes", "mean", "standard_deviation")


class CountsUnreadable(ValueError):
    """A file of counts is wrong: one line per problem, with file and row."""


def counted_trials(path: Path, experiment: str) -> dict[str, Trial]:
    """The metrics of an experiment by name, from a CSV file.

    Its columns are experiment, variant, metric and sample_size, and either successes (customers who
    did it, for a proportion) or mean and standard_deviation (of all customers, for a mean). Rows of
    other experiments are passed over. Raises CountsUnreadable with a line for every bad row, the
    first row of data being row 2, and where the file has nothing on the experiment.
    """
    problems: list[str] = []
    found: dict[str, dict[str, tuple[Kind, Moments]]] = {}
    named: set[str] = set()
    for number, row in _rows(path):
        named.add(row["experiment"])
        if row["experiment"] != experiment:
            continue
        try:
            kind, moments = _moments(row)
            variants = found.setdefault(row["metric"], {})
            if row["variant"] in variants:
                raise ValueError(f"a second row of {row['metric']} in {row['variant']}")
            if any(other != kind for other, _ in variants.values()):
                raise ValueError(f"{row['metric']} has successes in one row and a mean in another")
            variants[row["variant"]] = kind, moments
        except ValueError as error:
            problems.append(f"{path.name}, row {number}: {error}")
    if problems:
        raise CountsUnreadable("\n".join(problems))
    if not found:
        near = difflib.get_close_matches(experiment, named, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise CountsUnreadable(f"{path.name}: no row is of the experiment {experiment!r}{hint}")
    return {metric: _trial(metric, variants) for metric, variants in found.items()}


def counted(sample_size: int, mean: float, variance: float) -> Moments:
    """The moments of a variant of which only size, mean and sample variance are known."""
    covariances = ((variance, 0.0, 0.0, 0.0), *((0.0,) * 4 for _ in range(3)))
    return Moments(sample_size, (mean, 1.0, 0.0, 1.0), covariances if sample_size > 1 else None)


def _trial(metric: str, variants: Mapping[str, tuple[Kind, Moments]]) -> Trial:
    kind = next(iter(variants.values()))[0]
    moments = {variant: one for variant, (_, one) in sorted(variants.items())}
    # Whatever the file calls it, in quotes: it may be no word of the sentence's language.
    return Trial(metric, kind, f"“{metric}”", f"“{metric}”", moments)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            columns = [(name or "").strip() for name in reader.fieldnames or ()]
            missing = [name for name in REQUIRED if name not in columns]
            if missing:
                raise CountsUnreadable(f"{path.name}: the column {missing[0]} is missing")
            for number, row in enumerate(reader, start=2):
                # Cells beyond the header's stand under None.
                known = {str(name).strip(): cell for name, cell in row.items() if name is not None}
                tidy = {name: (cell or "").strip() for name, cell in known.items()}
                if any(tidy.values()):
                    yield number, tidy
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CountsUnreadable(f"{path}: cannot be read: {error}") from error


def _moments(row: Mapping[str, str]) -> tuple[Kind, Moments]:
    for name in ("variant", "metric"):
        if not row[name]:
            raise ValueError(f"{name} is empty")
    size = _whole(row, "sample_size")
    given = tuple(name for name in RESULTS if row.get(name))
    if given == ("successes",):
        successes = _whole(row, "successes")
        if successes > size:
            raise ValueError(f"successes {successes} are more than sample_size {size}")
        share = successes / size if size else 0.0
        return "proportion", counted(size, share, share * (1 - share))
    if given == ("mean", "standard_deviation"):
        deviation = _number(row, "standard_deviation")
        if deviation < 0:
            raise ValueError("standard_deviation is negative")
        return "mean", counted(size, _number(row, "mean"), deviation**2)
    raise ValueError("write either successes, or mean and standard_deviation")


def _whole(row: Mapping[str, str], name: str) -> int:
    if not row[name].isdecimal():
        raise ValueError(f"{name} {row[name]!r} is no whole number, such as 44700")
    return int(row[name])


def _number(row: Mapping[str, str], name: str) -> float:
    try:
        number = float(row[name])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{name} {row[name]!r} is no number, such as 12.5")
    return number
