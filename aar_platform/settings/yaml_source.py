"""YAML text → plain data in which every key and item knows its line; what is wrong with the text
itself is collected as problems. Knows nothing of what the data means."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

Where = tuple[str | int, ...]

# More than any real configuration; nested aliases could otherwise unfold without end.
MOST_NODES = 100_000


@dataclass(frozen=True)
class Problem:
    """One thing to correct: in which file, line and column (from 1; None: the file as a whole),
    at which key, what is wrong and what to do."""

    file: str
    line: int | None
    column: int | None
    where: str
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        said = f"{self.what}; {self.remedy}" if self.remedy else self.what
        return ": ".join(part for part in (place, self.where, said) if part)


class SettingsError(Exception):
    """Settings that cannot be used; the text has one line per problem, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = dict.fromkeys(problems)
        self.problems: tuple[Problem, ...] = tuple(
            sorted(found, key=lambda problem: (problem.line or 0, problem.column or 0))
        )
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class YamlSource:
    """A file's data, the place of each key and item in it, and the problems of its text."""

    file: str
    data: dict[str, Any] = field(default_factory=dict)
    places: dict[Where, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def problem(self, where: Where, what: str, remedy: str = "") -> Problem:
        """A problem at a key; one that is absent is placed at the nearest key around it."""
        known = where
        while known and known not in self.places:
            known = known[:-1]
        line, column = self.places.get(known, (None, None))
        return Problem(self.file, line, column, path_text(where), what, remedy)


def path_text(where: Where) -> str:
    """A place in the data as people write it: `sources[1].tables[0].into`."""
    text = ""
    for step in where:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


class _Loader(yaml.SafeLoader):
    """YAML 1.2's plain scalars: in 1.1 the country NO is false, 12:30 is 750 and 010 is 8."""


_PLAIN: tuple[tuple[str, str, str], ...] = (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+\.[0-9]*)(?:[eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("null", r"~|null|Null|NULL|", "~nN\0"),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "0123456789"),
    ("merge", r"<<", "<"),
)
_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in _PLAIN:
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}",
        re.compile(f"^(?:{_pattern})$"),
        ["" if letter == "\0" else letter for letter in _first],
    )


def read_yaml(path: Path) -> YamlSource:
    """The data of a YAML file whose top is a mapping.

    Duplicate keys and the like are left in `.problems` beside the data. Raises SettingsError where
    there is no data to go on with: no file, not UTF-8 or UTF-16, not YAML, empty, not a mapping.
    """
    source = YamlSource(str(path))
    text = _decoded(path, source)
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is None:
            raise _whole(source, "the file is empty", "'aar init' writes a commented one to edit")
        if not isinstance(node, yaml.MappingNode):
            raise _whole(source, "the file must hold `key: value` lines, such as 'sources:'")
        source.data = _Builder(loader, source).mapping(node, (), ())
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        what = f"a character that no text holds (U+{ord(text[error.position]):04X})"
        raise SettingsError(
            [Problem(source.file, line, None, "", what, "save the file as plain UTF-8 text")]
        ) from None
    except yaml.MarkedYAMLError as error:
        raise SettingsError([_syntax_problem(source, text, error)]) from None
    except RecursionError:
        raise _whole(source, "is nested too deeply to read", "flatten it") from None
    finally:
        if loader is not None:
            loader.dispose()
    return source


def _whole(source: YamlSource, what: str, remedy: str = "") -> SettingsError:
    return SettingsError([Problem(source.file, None, None, "", what, remedy)])


def _decoded(path: Path, source: YamlSource) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise _whole(
            source, "there is no such file", "'aar init' writes one; --config names another"
        ) from None
    except IsADirectoryError:
        raise _whole(source, "is a folder", "name the file in it") from None
    except OSError as error:
        raise _whole(source, f"cannot be read: {error.strerror}") from None
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SettingsError(
            [Problem(source.file, line, None, "", "is not UTF-8", "save the file as UTF-8 text")]
        ) from None


def _syntax_problem(source: YamlSource, text: str, error: yaml.MarkedYAMLError) -> Problem:
    """PyYAML's complaint in words; its own snippet of the file might show a secret."""
    said, context = error.problem or "cannot be read", error.context or ""
    is_unclosed = "quoted scalar" in context or "flow" in context
    # What is never closed is best looked for where it was opened.
    mark = (is_unclosed and error.context_mark) or error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (None, None)
    lines = text.splitlines()
    near = lines[mark.line] if mark and mark.line < len(lines) else ""
    what, remedy = f"is not YAML: {said}", ""
    if "'\\t'" in said or near.lstrip(" ").startswith("\t"):
        what, remedy = "a tab stands before the text", "YAML is indented by spaces only"
    elif re.search(r"(?<![\"'\w])\$\{", near):
        what, remedy = "a reference is not quoted", 'write it as "${NAME}"'
    elif "quoted scalar" in context:
        what, remedy = "a quote opened here is not closed", "close it"
    elif "flow" in context:
        what, remedy = "the bracket opened here is not closed, or lacks a comma", "close it"
    elif "single document" in context + said:
        what, remedy = "a second document begins here", "remove the line '---'"
    elif "undefined alias" in said:
        remedy = "quote a text that begins with *"
    elif "mapping values are not allowed" in said:
        what = "a colon too many, one missing above, or a line indented too far"
        remedy = "quote a text that holds ': '"
    elif "could not find expected ':'" in said:
        what, remedy = "a key without its colon", "write 'key: value'"
    elif "block end" in said:
        what, remedy = "is not YAML here", "check that the lines above and here are indented alike"
    return Problem(source.file, line, column, "", what, remedy)


class _Builder:
    """Turns nodes into plain data and notes the place of each key and item."""

    def __init__(self, loader: _Loader, source: YamlSource) -> None:
        self.loader = loader
        self.source = source
        self.nodes = 0

    def value(self, node: yaml.Node, where: Where, around: tuple[yaml.Node, ...]) -> Any:
        self.nodes += 1
        if node in around or self.nodes > MOST_NODES:
            raise yaml.MarkedYAMLError(
                problem="an alias holds itself or unfolds to too much",
                problem_mark=node.start_mark,
            )
        if isinstance(node, yaml.MappingNode) and node.tag == "tag:yaml.org,2002:map":
            return self.mapping(node, where, around)
        if isinstance(node, yaml.SequenceNode) and node.tag == "tag:yaml.org,2002:seq":
            return self._sequence(node, where, around)
        if not isinstance(node, yaml.ScalarNode):
            self._note(where, node, f"{node.tag} is not understood here", "remove the tag")
            return None
        try:
            return self.loader.construct_object(node)
        except yaml.constructor.ConstructorError:
            self._note(where, node, f"the tag {node.tag} is not understood", "remove the tag")
        except ValueError:
            self._note(where, node, f"'{node.value}' is no date of the calendar", "correct it")
        return None

    def mapping(
        self, node: yaml.MappingNode, where: Where, around: tuple[yaml.Node, ...]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        lines: dict[str, int] = {}
        # Merged keys first: a key written out beside them wins, and its place with it.
        merge = "tag:yaml.org,2002:merge"
        for key_node, value_node in sorted(node.value, key=lambda pair: pair[0].tag != merge):
            if key_node.tag == merge:
                part = self.value(value_node, where, (*around, node))
                for mapping in part if isinstance(part, list) else [part]:
                    if isinstance(mapping, dict):
                        merged = {**mapping, **merged}
                    else:
                        self._note(where, key_node, "'<<' must name a mapping to take keys from")
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                self._note(where, key_node, "a key must be a word", "brackets need quotes here")
                continue
            # Keys are names in every section: 2024 and true are text here.
            key = str(key_node.value)
            line = key_node.start_mark.line + 1
            if key in lines:
                self._note(
                    (*where, key),
                    key_node,
                    f"stands here a second time, after line {lines[key]}",
                    "keep one of the two",
                )
                continue
            lines[key] = line
            self.source.places[(*where, key)] = (line, key_node.start_mark.column + 1)
            found[key] = self.value(value_node, (*where, key), (*around, node))
        return {**merged, **found}

    def _sequence(
        self, node: yaml.SequenceNode, where: Where, around: tuple[yaml.Node, ...]
    ) -> list[Any]:
        found = []
        for position, item in enumerate(node.value):
            mark = item.start_mark
            self.source.places[(*where, position)] = (mark.line + 1, mark.column + 1)
            found.append(self.value(item, (*where, position), (*around, node)))
        return found

    def _note(self, where: Where, node: yaml.Node, what: str, remedy: str = "") -> None:
        mark = node.start_mark
        self.source.problems.append(
            Problem(
                self.source.file, mark.line + 1, mark.column + 1, path_text(where), what, remedy
            )
        )
