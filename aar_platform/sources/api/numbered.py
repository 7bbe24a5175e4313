"""Lists that are only had by page number, read so that a list that moves meanwhile shows it.

Records are had twice where two pages meet: when some leave the list, those behind them move up, and
the next page would begin too late. A page that shares no record with the one before tells of it.
"""

from collections.abc import Mapping
from typing import Any

from aar_platform.sources.api.client import TRIES, Api
from aar_platform.sources.api.objects import Page

# So many records are asked for again with the next page: of a list that moves, often enough.
OVERLAP = 5

# Where a page begins, the ids of the page before and where that ended, how often there was a step
# back since, whether records were seen to move, and how often the list has been read.
_BEGIN = {"start": 0, "before": [], "ends": 0, "tries": 0, "moved": False, "round": 1}


def stretch(start: int, largest: int) -> tuple[int, int]:
    """The page, by its number and size, that holds record `start` (from 0) and reaches farthest.

    A page begins at a multiple of its size: only by choosing the size can two pages overlap.
    """
    sizes = range(largest, largest // 2, -1)
    size = max(sizes, key=lambda size: (start // size + 1) * size)
    return start // size + 1, size


def numbered(
    api: Api, path: str, params: Mapping[str, Any], at: Any, largest: int, is_whole: bool
) -> Page:
    """One page of a list that has parameters `page` and `per_page` and records with an `id`.

    at: what the page before gave as `next`. largest: the most records a page may hold. is_whole:
    what is not in the list counts as gone, so a list in which records moved is read once more, for
    one may have moved to a page that had been read.
    """
    at = {**_BEGIN, **(at or {})}
    number, size = stretch(at["start"], largest)
    answer = api.get(path, {**params, "page": number, "per_page": size})
    records = answer.records()
    ids = [str(record["id"]) for record in answer.value()]
    first, before = (number - 1) * size, at["before"]
    is_full = len(ids) == size
    is_gap = first > 0 and not set(ids) & set(before)
    # The same records under another number: a system that looks at no number, or answers late.
    is_standing = first > 0 and is_full and at["tries"] == 0 and set(ids) <= set(before)
    if is_gap or is_standing:
        back = max(0, first - largest) if at["tries"] < TRIES else 0
        return Page(records, {**at, "start": back, "tries": at["tries"] + 1, "moved": True})
    shared = at["ends"] - first
    is_moved = at["moved"] or (first > 0 and before[-shared:] != ids[:shared])
    ends = first + len(ids)
    if is_full:
        goes_on = {"start": max(0, ends - OVERLAP), "before": ids, "ends": ends, "moved": is_moved}
        return Page(records, {**_BEGIN, **goes_on, "round": at["round"]})
    if is_whole and is_moved and at["round"] < TRIES:
        return Page(records, {**_BEGIN, "round": at["round"] + 1})
    return Page(records)
