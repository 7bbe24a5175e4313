"""What goes wrong with a record on its way into a system, each with its known rate."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from aar_platform.sandbox.names import NICKNAMES
from aar_platform.sandbox.places import BY_CODE


@dataclass(frozen=True)
class Rates:
    """Share of a system's records that suffer each mishap."""

    typo: float = 0.03
    nickname: float = 0.06
    swapped_names: float = 0.015
    latin_letters: float = 0.25  # of those whose name is Chinese or Cyrillic
    moved: float = 0.08
    changed_email: float = 0.08
    info_address: float = 0.08  # of those employed
    switchboard: float = 0.35  # of those employed
    missing_email: float = 0.03
    missing_phone: float = 0.18
    missing_address: float = 0.12
    upper_case: float = 0.03
    lower_case: float = 0.03
    stray_blank: float = 0.02
    duplicate: float = 0.03
    deleted: float = 0.015
    wrong_birth_date: float = 0.015


def some(rng: np.random.Generator, n: int, share: float) -> np.ndarray:
    """The positions, about `share` of `n`, that a mishap strikes."""
    return np.flatnonzero(rng.random(n) < share)


def change(values: np.ndarray, at: np.ndarray, how: Callable[[str], str]) -> None:
    """Apply `how` to the given positions, in place."""
    for i in at:
        values[i] = how(values[i])


def misspell(rng: np.random.Generator, values: np.ndarray, share: float) -> None:
    """Swap, drop, double or replace one letter in some of the values, in place."""
    at = some(rng, len(values), share)
    kinds, spots = rng.integers(0, 4, len(at)), rng.random(len(at))
    for i, kind, spot in zip(at, kinds, spots, strict=True):
        word = values[i]
        if len(word) < 4:
            continue
        k = 1 + int(spot * (len(word) - 2))
        values[i] = (
            word[: k - 1] + word[k] + word[k - 1] + word[k + 1 :],
            word[:k] + word[k + 1 :],
            word[:k] + word[k] + word[k:],
            word[:k] + "aeinrst"[int(spot * 7)] + word[k + 1 :],
        )[kind]


def use_nicknames(rng: np.random.Generator, given: np.ndarray, share: float) -> None:
    """Call some people as their friends do, in place."""
    change(given, some(rng, len(given), share), lambda name: NICKNAMES.get(name, name))


def spoil_letters(rng: np.random.Generator, values: np.ndarray, rates: Rates) -> None:
    """Upper case, lower case and stray blanks, in place."""
    n = len(values)
    change(values, some(rng, n, rates.upper_case), str.upper)
    change(values, some(rng, n, rates.lower_case), str.lower)
    change(values, some(rng, n, rates.stray_blank), lambda text: f" {text}  ")


def blank(rng: np.random.Generator, values: np.ndarray, share: float) -> None:
    """Empty some of the values, in place."""
    values[some(rng, len(values), share)] = ""


def write_phones(
    rng: np.random.Generator, digits: np.ndarray, countries: np.ndarray, shares: tuple[float, ...]
) -> np.ndarray:
    """National digits as people type them.

    `shares` are those of E.164, international with blanks, 00 prefix, national with trunk prefix,
    and national with dots. Numbers without a country stand only beside their country.
    """
    style = rng.choice(len(shares), len(digits), p=np.array(shares) / sum(shares))
    written = np.empty(len(digits), object)
    for i, (number, code, kind) in enumerate(zip(digits, countries, style, strict=True)):
        if not number:
            written[i] = ""
            continue
        country = BY_CODE[code]
        pairs = [number[:-8], number[-8:-6], number[-6:-4], number[-4:-2], number[-2:]]
        written[i] = (
            f"+{country.calling_code}{number}",
            f"+{country.calling_code} {number[:3]} {number[3:6]} {number[6:]}",
            f"00{country.calling_code}{number}",
            f"{country.trunk_prefix}{number[:3]}-{number[3:]}",
            country.trunk_prefix + ".".join(part for part in pairs if part),
        )[kind]
    return written


def name_countries(rng: np.random.Generator, codes: np.ndarray, *, first: float) -> np.ndarray:
    """Country names: the English one with probability `first`, else any other way to write it."""
    usual = rng.random(len(codes)) < first
    draw = np.where(usual, 0.0, rng.random(len(codes)))
    spelled = [BY_CODE[code].names for code in codes]
    return np.array(
        [names[int(u * len(names))] for names, u in zip(spelled, draw, strict=True)], object
    )


def write_birth_dates(rng: np.random.Generator, days: np.ndarray, share: float) -> np.ndarray:
    """Day, month and year with slashes; some impossible, some the system's default of 1900."""
    written = np.array([d.strftime("%d/%m/%Y") for d in days], object)
    at = some(rng, len(written), share)
    impossible = rng.random(len(at)) < 0.5
    for i, wrong in zip(at, impossible, strict=True):
        written[i] = f"31/02/{written[i][-4:]}" if wrong else "01/01/1900"
    return written
