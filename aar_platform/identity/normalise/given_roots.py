"""The names behind a nickname: Bob and Rob are Robert, Ted is Theodore or Edward."""

from collections import defaultdict
from functools import cache
from typing import Any

import ibis
import ibis.expr.types as ir

from aar_platform.identity.normalise.short_names import short_names
from aar_platform.quality.stored import stored_rows

# What the commonest short forms stand for most often, where the lists alone would say otherwise.
_FOR_SHORT = """
    al=albert alex=alexander andy=andrew ann=ann anna=anna bert=albert bill=william billy=william
    chris=christopher dan=daniel ed=edward frank=francis fred=frederick hank=henry hannah=hannah
    harry=henry jack=john jane=jane jo=joanna joe=joseph john=john kate=katherine lee=lee
    maria=maria mary=mary max=maximilian meg=margaret michael=michael mike=michael molly=mary
    nick=nicholas pat=patricia polly=mary ray=raymond rick=richard rob=robert ron=ronald
    sam=samuel ted=theodore tom=thomas tommy=thomas tony=anthony will=william abby=abigail
    sally=sarah thomas=thomas samantha=samantha
"""
_USUAL = dict(pair.split("=") for pair in _FOR_SHORT.split())
# A name with so many nicknames of its own is nobody's nickname.
_OWN = 6
_SCHEMA = ibis.schema({"nickname": "string", "roots": "string"})


@cache
def given_roots() -> dict[str, str]:
    """The root of each English nickname, both as they are compared.

    Of several names that a nickname can stand for, the usual one where it is listed above; else
    the one that shares most nicknames with it, then one with its first letter, then the one with
    most nicknames, then the first of the alphabet. It must have more nicknames than the nickname
    itself, so that every chain (Billy, Bill, William) ends.
    """
    from nicknames import name_triplets

    short: dict[str, set[str]] = defaultdict(set)
    long: dict[str, set[str]] = defaultdict(set)
    for triplet in name_triplets():
        short[triplet.name1].add(triplet.name2)
        long[triplet.name2].add(triplet.name1)
    ends = set(_USUAL.values())
    sizes = {name: len(short.get(name, ())) for name in {*short, *long}}

    def parent(name: str) -> str | None:
        own = short.get(name, set())
        larger = [one for one in long.get(name, ()) if sizes[one] > sizes[name]]
        if name in _USUAL:
            return _USUAL[name]
        if name in ends or sizes[name] >= _OWN or not larger:
            return None
        return min(
            larger,
            key=lambda one: (
                -len(own & {one, *short[one]}),
                one[0] != name[0],
                -sizes[one],
                one,
            ),
        )

    roots = {}
    for name in sorted({*sizes, *_USUAL}, key=lambda name: (name in _USUAL, name)):
        root, above = name, parent(name)
        while above and above != root:
            root, above = above, parent(above)
        roots[_compared(name)] = _compared(root)
    return roots


def _compared(name: str) -> str:
    return name.replace("ae", "a").replace("oe", "o").replace("aa", "a").replace("ue", "u")


@cache
def all_roots() -> dict[str, tuple[str, ...]]:
    """The names that each nickname of any language can stand for, as they are compared.

    A name that is itself short for another (Jan for Johannes) and has short forms of its own
    (Janek) stands for itself as well, so that all three have a root in common.
    """
    longer: dict[str, set[str]] = defaultdict(set)
    for nickname, root in given_roots().items():
        longer[nickname].add(root)
    for nickname, names in short_names().items():
        longer[_compared(nickname)] |= {_compared(name) for name in names}
    ends = {name for names in longer.values() for name in names}

    def roots(name: str) -> set[str]:
        found, waiting = {name} & ends, [name]
        while waiting:
            above = longer.get(waiting.pop(), set()) - found
            found |= above
            waiting += above
        return found

    return {name: tuple(sorted(roots(name))) for name in longer}


def root_table(backend: Any) -> ir.Table:
    """Columns nickname and roots (separated by blanks), for names that stand for others."""
    roots = {name: names for name, names in all_roots().items() if names != (name,)}
    told = [" ".join(names) for names in roots.values()]
    return stored_rows(backend, {"nickname": list(roots), "roots": told}, _SCHEMA)
