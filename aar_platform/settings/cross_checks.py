"""What must hold between the sections of aar.yaml, and names checked against what exists.

Works on the plain data, so that these problems are listed beside those of single values.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aar_platform.settings.sections import checked_locale, checked_timezone
from aar_platform.settings.wording import nearest
from aar_platform.settings.yaml_source import Problem, Where, YamlSource


def cross_checks(
    source: YamlSource, roles: Iterable[str], templates: Iterable[str]
) -> Iterator[Problem]:
    """All problems between sections. `roles` are those that exist by default."""
    yield from _repeated(source, "sources", "name", "source")
    yield from _repeated(source, "recipients", "email", "recipient")
    yield from _core_names(source)
    yield from _trusted_sources(source)
    yield from _repeated(source, "experiments", "name", "experiment")
    yield from _experiments(source)
    yield from _recipients(source, {*roles, *_mapping(source.data.get("roles"))}, [*templates])
    yield from _domains(source)
    for section, key, checked in (
        ("sources", "timezone", checked_timezone),
        ("recipients", "locale", checked_locale),
        ("reports", "locale", checked_locale),
    ):
        for position, entry in _entries(source.data, section):
            if isinstance(entry.get(key), str):
                try:
                    checked(entry[key])
                except ValueError as error:
                    yield source.problem((section, position, key), str(error))
    for position, request in _entries(source.data, "reports"):
        template = request.get("template")
        if isinstance(template, str):
            yield from _known(source, ("reports", position, "template"), template, templates)
        yield from _expression(source, ("reports", position, "accounts"), request.get("accounts"))
    for name, role in _mapping(source.data.get("roles")).items():
        yield from _expression(source, ("roles", name, "rows"), _mapping(role).get("rows"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _entries(data: Mapping[str, Any], key: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The items of a list of mappings; what has another shape is the models' to refuse."""
    found = data.get(key)
    for position, entry in enumerate(found if isinstance(found, list) else []):
        if isinstance(entry, Mapping):
            yield position, entry


def _repeated(source: YamlSource, section: str, key: str, noun: str) -> Iterator[Problem]:
    first: dict[str, Where] = {}
    for position, entry in _entries(source.data, section):
        value = entry.get(key)
        if not isinstance(value, str):
            continue
        where = (section, position, key)
        # Table names and mailboxes do not tell capitals from small letters.
        earlier = first.setdefault(value.casefold(), where)
        if earlier != where:
            line = source.places[earlier][0]
            what = f"another {noun} has the same {key}, in line {line}"
            yield source.problem(where, what, f"give each {noun} once, under its own {key}")


def _known(
    source: YamlSource, where: Where, name: str, known: Iterable[str], noun: str = "report template"
) -> Iterator[Problem]:
    names = set(known)
    if name not in names:
        yield source.problem(where, f"no {noun} is called '{name}'", nearest(name, names))


def _core_names(source: YamlSource) -> Iterator[Problem]:
    """Core tables and their columns, wherever a source maps its own to them."""
    mapped = [
        (("sources", at, "tables", position), table)
        for at, entry in _entries(source.data, "sources")
        for position, table in _entries(entry, "tables")
        if isinstance(table.get("into"), str)
    ]
    if not mapped:
        return
    # The tables bring Ibis along: only where there is a name to check.
    from aar_platform.tables.catalogue import CORE, column_names

    for where, table in mapped:
        into = table["into"]
        if into not in CORE:
            yield from _known(source, (*where, "into"), into, CORE, "core table")
            continue
        columns = column_names(into)
        for part in ("columns", "constants"):
            for column in _mapping(table.get(part)):
                noun = f"column of '{into}'"
                yield from _known(source, (*where, part, column), column, columns, noun)


def _trusted_sources(source: YamlSource) -> Iterator[Problem]:
    trusted = _mapping(source.data.get("identity")).get("trusted_sources")
    names = [entry.get("name") for _, entry in _entries(source.data, "sources")]
    known = [name for name in names if isinstance(name, str)]
    for position, name in enumerate(trusted if isinstance(trusted, list) else []):
        if isinstance(name, str):
            where: Where = ("identity", "trusted_sources", position)
            yield from _known(source, where, name, known, "source")


def _experiments(source: YamlSource) -> Iterator[Problem]:
    """Metrics against those that can be told per customer, the control against the split."""
    for at, entry in _entries(source.data, "experiments"):
        wanted = entry.get("metrics")
        for position, name in enumerate(wanted if isinstance(wanted, list) else []):
            if isinstance(name, str):
                # The metrics bring Ibis along: only where there is a name to check.
                from aar_platform.kpis.registry import kpis
                from aar_platform.models.experiments.metrics import CONVERSION

                where: Where = ("experiments", at, "metrics", position)
                own = _mapping(source.data.get("kpis")).get("custom")
                known = [CONVERSION, *kpis()]
                if not isinstance(own, str):
                    yield from _known(source, where, name, known, "metric of experiments")
        control, split = entry.get("control"), _mapping(entry.get("split"))
        if isinstance(control, str) and split:
            variants = [variant for variant in split if isinstance(variant, str)]
            where = ("experiments", at, "control")
            yield from _known(source, where, control, variants, "variant of split")


def _recipients(
    source: YamlSource, roles: Iterable[str], templates: Iterable[str]
) -> Iterator[Problem]:
    for position, recipient in _entries(source.data, "recipients"):
        where: Where = ("recipients", position)
        role = recipient.get("role")
        if isinstance(role, str):
            yield from _known(source, (*where, "role"), role, roles, "role")
        wanted = recipient.get("reports")
        for item, name in enumerate(wanted if isinstance(wanted, list) else []):
            if isinstance(name, str):
                yield from _known(source, (*where, "reports", item), name, templates)


def _domains(source: YamlSource) -> Iterator[Problem]:
    allowed = _mapping(source.data.get("delivery")).get("allowed_domains")
    if not isinstance(allowed, list):
        return
    domains = {domain.lower() for domain in allowed if isinstance(domain, str)}
    for position, recipient in _entries(source.data, "recipients"):
        email = recipient.get("email")
        domain = email.partition("@")[2].lower() if isinstance(email, str) else ""
        if domain and domain not in domains:
            yield source.problem(
                ("recipients", position, "email"),
                f"the domain '{domain}' is not among delivery.allowed_domains",
                "add it there or correct the address",
            )


def _expression(source: YamlSource, where: Where, text: Any) -> Iterator[Problem]:
    if not isinstance(text, str):
        return
    try:
        ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        offset = error.offset if isinstance(error, SyntaxError) else None
        at = f" at character {offset}" if offset else ""
        remedy = "write a comparison such as segment == 'Champions'"
        yield source.problem(where, f"is not an expression{at}", remedy)
