"""The library of templates: one folder each below `templates`, found by itself."""

import importlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from aar_platform.reports import templates as library
from aar_platform.reports.blocks import Document
from aar_platform.reports.context import ReportContext, Tables
from aar_platform.reports.request import template_names
from aar_platform.reports.wording import Texts

# One document per context, in order. All contexts differ in their account only.
Compose = Callable[[Tables, Sequence[ReportContext]], Iterator[Document]]


@dataclass(frozen=True)
class Template:
    """A kind of report: `compose` makes its documents, `texts` are its words by language;
    `per_account` says whether it is rendered for one account at a time."""

    name: str
    title: str
    per_account: bool
    texts: Texts
    compose: Compose


@cache
def templates() -> dict[str, Template]:
    """All templates by name. Each folder holds a module `template` with a TEMPLATE."""
    found = {}
    for name in template_names():
        module = importlib.import_module(f"{library.__name__}.{name}.template")
        found[name] = module.TEMPLATE
    return found


def template(name: str) -> Template:
    """The template of a name. Raises ValueError, with a suggestion, where there is none."""
    known = templates()
    if name not in known:
        near = get_close_matches(name, known, n=1)
        remedy = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise ValueError(f"report template {name!r} does not exist; {remedy}")
    return known[name]
