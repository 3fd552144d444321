"""YAML with line marks: plain Python values beside the line each of them stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar

import yaml

from kpi_pipeline.errors import Issue

TAG = "tag:yaml.org,2002:"
DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


@dataclass(frozen=True, slots=True)
class _Place:
    """The line of a value (from 1), and the places of what is in it, by key or position."""

    line: int
    inside: Mapping[Any, _Place]


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One parsed file. `label` is its path relative to the folder of companies, for messages."""

    label: str
    data: Any
    place: _Place

    def line(self, path: Sequence[str | int]) -> int:
        """Line (from 1) of the deepest part of `path` that exists in the file."""
        found = self.place
        for step in path:
            if step not in found.inside:
                break
            found = found.inside[step]
        return found.line

    def lines(self, path: Sequence[str | int], depth: int = 1) -> dict[str, int]:
        """Line of every key below `path`, deeper ones as "people.ann" or "routes.0.to" up to `depth`."""
        found = self.place
        for step in path:
            found = found.inside[step]
        return dict(_lines(found, "", depth))


def _lines(place: _Place, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    if depth == 0:
        return
    for key, each in place.inside.items():
        yield f"{prefix}{key}", each.line
        yield from _lines(each, f"{prefix}{key}.", depth - 1)


def entry(path: Path, line: int) -> str:
    """The entry of a list that begins on `line`, as it is written, without what follows it."""
    lines = path.read_text(encoding="utf-8").splitlines()[line - 1 :]
    rest = (number for number, text in enumerate(lines[1:], start=1) if text and text[0] not in " ")
    return "\n".join(lines[: next(rest, len(lines))]).rstrip()


def read(path: Path, root: Path, issues: list[Issue]) -> YamlFile | None:
    """Parse one file; a syntax fault, a duplicate key or a file that is not UTF-8 becomes an issue and None."""
    label = path.relative_to(root).as_posix()
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        issues.append(Issue(label, 1, f"not UTF-8 (byte {error.start}): save the file as UTF-8", rule="encoding"))
        return None
    except FileNotFoundError:
        issues.append(Issue(label, 1, "file is missing", rule="missing-file"))
        return None
    except OSError as error:
        issues.append(Issue(label, 1, f"cannot be read ({error.strerror})", rule="missing-file"))
        return None
    try:
        return YamlFile(label, *_parsed(text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark if error.problem_mark is not None else error.context_mark
        line = min(mark.line, text.count("\n")) + 1 if mark is not None else 1  # the end may lie a line further
        issues.append(Issue(label, line, f"not valid YAML: {error.problem}", rule="syntax"))
    except yaml.YAMLError as error:  # a character that YAML forbids: no mark, but a position
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        issues.append(Issue(label, line, f"not valid YAML: {str(error).splitlines()[0]}", rule="syntax"))
    except ValueError as error:  # 2026-02-30 has the shape of a date
        issues.append(Issue(label, _line_of_bad_date(text), f"not valid YAML: {error}", rule="syntax"))
    except RecursionError:
        issues.append(Issue(label, 1, "not valid YAML: an anchor refers to itself", rule="syntax"))
    return None


# libyaml where the wheel has it: thirty times as fast, and one command reads fifty files.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The scalars of YAML 1.2, and dates: `no` is a word (1.1 reads false) and `010` is ten (1.1 reads eight)."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[tuple[str, re.Pattern[str]]]]] = {}

    def construct_int(self, node: yaml.ScalarNode) -> int:
        text = str(self.construct_scalar(node)).replace("_", "")
        return int(text, 0) if text.lstrip("+-")[1:2] in ("o", "x") else int(text)

    def construct_float(self, node: yaml.ScalarNode) -> float:
        return float(str(self.construct_scalar(node)).replace("_", "").replace(".inf", "inf").replace(".nan", "nan"))


for _name, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ("~", "n", "N", "")),
    ("bool", r"true|True|TRUE|false|False|FALSE", tuple("tTfF")),
    ("int", r"[-+]?[0-9][0-9_]*|0o[0-7_]+|0x[0-9a-fA-F_]+", tuple("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9_]+|[0-9][0-9_]*\.[0-9_]*)(?:[eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)",
        tuple("-+.0123456789"),
    ),
    ("timestamp", dict(yaml.SafeLoader.yaml_implicit_resolvers["2"])[f"{TAG}timestamp"].pattern, tuple("0123456789")),
    ("merge", r"<<", ("<",)),
):
    _Loader.add_implicit_resolver(f"{TAG}{_name}", re.compile(f"^(?:{_pattern})$", re.X), _first)
_Loader.add_constructor(f"{TAG}int", _Loader.construct_int)
_Loader.add_constructor(f"{TAG}float", _Loader.construct_float)


def _parsed(text: str) -> tuple[Any, _Place]:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, _Place(1, {})
        place = _place(loader, node, 1, set())  # before the values: it has no end where an anchor refers to itself
        return loader.construct_document(node), place
    finally:
        loader.dispose()


def _place(loader: Any, node: yaml.Node, line: int, checked: set[int]) -> _Place:
    inside: dict[Any, _Place] = {}
    if isinstance(node, yaml.SequenceNode):
        for index, each in enumerate(node.value):
            inside[index] = _place(loader, each, each.start_mark.line + 1, checked)
    elif isinstance(node, yaml.MappingNode):
        if id(node) not in checked:
            checked.add(id(node))
            _check_keys(node)
            loader.flatten_mapping(node)  # what `<<` brings in comes first, so that own keys win
        for key, value in node.value:
            inside[loader.construct_object(key)] = _place(loader, value, key.start_mark.line + 1, checked)
    return _Place(line, inside)


def _check_keys(node: yaml.MappingNode) -> None:
    """Of a key that is there twice YAML libraries keep the last without a word."""
    lines: dict[tuple[str, str], int] = {}
    for key, _ in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise yaml.constructor.ConstructorError(problem="a key must be a word", problem_mark=key.start_mark)
        if (first := lines.get((key.tag, key.value))) is not None:
            problem = f"the key {key.value!r} is on line {first} already"
            raise yaml.constructor.ConstructorError(problem=problem, problem_mark=key.start_mark)
        lines[key.tag, key.value] = key.start_mark.line + 1


def _line_of_bad_date(text: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        for found in DATE.finditer(line):
            try:
                date.fromisoformat(found[0])
            except ValueError:
                return number
    return 1
