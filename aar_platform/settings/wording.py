"""What pydantic found wrong with settings, in words: one problem per key, with a remedy."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from aar_platform.settings.yaml_source import Problem, Where, YamlSource

# Names are listed in full where there are no more than these; otherwise the nearest is named.
MOST_LISTED = 24

PATTERNS = {
    "^[a-z][a-z0-9_]*$": "a name of small letters, digits and _ that begins with a letter",
}

# What a value should have been, by pydantic's error type. Values are not quoted: a secret pasted
# into the wrong place would be printed.
EXPECTED: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "string_type": lambda ctx: "text (in quotes where it looks like a number)",
    "string_pattern_mismatch": lambda ctx: PATTERNS.get(
        ctx["pattern"], f"text of the form {ctx['pattern']}"
    ),
    "string_too_short": lambda ctx: "text that is not empty",
    "bool_type": lambda ctx: "true or false",
    "bool_parsing": lambda ctx: "true or false",
    "int_type": lambda ctx: "a whole number",
    "int_parsing": lambda ctx: "a whole number",
    "int_from_float": lambda ctx: "a whole number",
    "float_type": lambda ctx: "a number",
    "float_parsing": lambda ctx: "a number",
    "finite_number": lambda ctx: "a finite number",
    "greater_than": lambda ctx: f"more than {ctx['gt']:g}",
    "greater_than_equal": lambda ctx: f"at least {ctx['ge']:g}",
    "less_than": lambda ctx: f"less than {ctx['lt']:g}",
    "less_than_equal": lambda ctx: f"at most {ctx['le']:g}",
    "literal_error": lambda ctx: str(ctx["expected"]),
    "enum": lambda ctx: str(ctx["expected"]),
    "date_type": lambda ctx: "a date such as 2023-01-31",
    "date_parsing": lambda ctx: "a date such as 2023-01-31",
    "date_from_datetime_parsing": lambda ctx: "a date such as 2023-01-31",
    "date_from_datetime_inexact": lambda ctx: "a date without a time, such as 2023-01-31",
    "path_type": lambda ctx: "the path of a file or folder",
    "model_type": lambda ctx: "a section of `key: value` pairs",
    "model_attributes_type": lambda ctx: "a section of `key: value` pairs",
    "dict_type": lambda ctx: "a section of `key: value` pairs",
    "mapping_type": lambda ctx: "a section of `key: value` pairs",
    "list_type": lambda ctx: "a list: [a, b], or one item a line after '- '",
    "tuple_type": lambda ctx: "a list: [a, b], or one item a line after '- '",
    "too_short": lambda ctx: f"a list of at least {ctx['min_length']}",
    "too_long": lambda ctx: f"a list of at most {ctx['max_length']}",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """A remedy for a name that does not exist: the name nearest to it, or those there are."""
    names = sorted(set(known))
    by_fold = {name.casefold(): name for name in names}
    found = difflib.get_close_matches(word.casefold(), by_fold, n=1, cutoff=0.6)
    if found:
        return f"did you mean '{by_fold[found[0]]}'?"
    if not names:
        return "remove it"
    if len(names) <= MOST_LISTED:
        return f"there are: {', '.join(names)}"
    return "correct or remove it"


def problems_in_words(
    error: ValidationError,
    source: YamlSource,
    root: type[BaseModel],
    kinds: Mapping[str, type[BaseModel]],
) -> list[Problem]:
    """One problem per key, in words. `root` is the model of the whole file; `kinds` are the models
    of the entries of `sources`, by the word in their `kind`."""
    by_place: dict[Where, list[Mapping[str, Any]]] = {}
    for found in error.errors(include_url=False, include_input=False):
        where = _place_in_data(found["loc"], source.data, found["type"])
        by_place.setdefault(where, []).append(found)
    problems = []
    for where, errors in by_place.items():
        within = any(other[: len(where)] == where for other in by_place if other != where)
        if within and all(found["type"] == "too_short" for found in errors):
            # Items that are wrong in themselves do not count towards a list's length.
            continue
        known = list(_names_at(where[:-1], root, source.data, kinds))
        what, remedy = _words(where, errors, known, source.data)
        problems.append(source.problem(where, what, remedy))
    return problems


def _place_in_data(loc: Where, data: Any, error_type: str) -> Where:
    """pydantic's location without the names of the union members that it went through."""
    place: list[str | int] = []
    for position, step in enumerate(loc):
        last = position == len(loc) - 1
        in_mapping = isinstance(data, Mapping) and step in data
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if in_mapping or in_list:
            place.append(step)
            data = data[step]
        elif last and error_type in ("missing", "source_kind"):
            place.append(step)
    return tuple(place)


def _words(
    where: Where, errors: list[Mapping[str, Any]], known: list[str], data: Any
) -> tuple[str, str]:
    first = errors[0]
    if first["type"] == "extra_forbidden":
        name = str(where[-1])
        return f"there is no key '{name}' here", nearest(name, known)
    if first["type"] == "missing":
        return "is missing", "add it"
    for error in errors:
        if error["type"] == "value_error":
            return str(error["ctx"]["error"]), ""
        if error["type"] not in EXPECTED:
            return str(error["msg"]), ""
    words = [EXPECTED[error["type"]](error.get("ctx") or {}) for error in errors]
    remedy = ""
    if any(error["type"] == "literal_error" for error in errors):
        value = _value_at(where, data)
        allowed = [
            word.strip("'")
            for error in errors
            if error["type"] == "literal_error"
            for word in error["ctx"]["expected"].replace(" or ", ", ").split(", ")
        ]
        close = nearest(value, allowed) if isinstance(value, str) else ""
        remedy = close if close.startswith("did you mean") else ""
    return f"must be {' or '.join(dict.fromkeys(words))}", remedy


def _value_at(where: Where, data: Any) -> Any:
    for step in where:
        data = data[step]
    return data


def _names_at(
    where: Where, root: type[BaseModel], data: Any, kinds: Mapping[str, type[BaseModel]]
) -> Iterator[str]:
    """The keys that the models at a place know."""
    annotations: list[Any] = [root]
    for position, step in enumerate(where):
        if where[0] == "sources" and position == 1:
            entry = _value_at(where[:2], data)
            kind = entry.get("kind") if isinstance(entry, Mapping) else None
            annotations = [kinds[kind]] if isinstance(kind, str) and kind in kinds else []
        else:
            annotations = [inner for outer in annotations for inner in _below(outer, step)]
    for annotation in annotations:
        for model in _members(annotation):
            if _is_model(model):
                for name, known in model.model_fields.items():
                    yield known.alias or name


def _below(annotation: Any, step: str | int) -> Iterator[Any]:
    """The annotations of what lies at a key or an item of something annotated so."""
    for member in _members(annotation):
        origin = get_origin(member)
        if _is_model(member):
            if step in member.model_fields:
                yield member.model_fields[step].annotation
        elif isinstance(origin, type) and issubclass(origin, Mapping):
            yield get_args(member)[1]
        elif origin is not None:
            yield from get_args(member)


def _members(annotation: Any) -> Iterator[Any]:
    """The members of a union; anything else as it is."""
    if get_origin(annotation) in (Union, UnionType):
        for part in get_args(annotation):
            yield from _members(part)
    elif get_origin(annotation) is Annotated:
        yield from _members(get_args(annotation)[0])
    else:
        yield annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
