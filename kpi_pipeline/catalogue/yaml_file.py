"""YAML with line marks: plain Python values beside the line each of them stands on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from kpi_pipeline.errors import Issue

DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b")


@dataclass(frozen=True, slots=True)
class YamlFile:
    """One parsed file. `label` is its path relative to the folder of companies, for messages."""

    label: str
    data: Any

    def line(self, path: Sequence[str | int]) -> int:
        """Line (from 1) of the deepest part of `path` that exists in the file."""
        node, line = self.data, 1
        for step in path:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
                node = node[step]
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0] + 1
                node = node[step]
            else:
                break
        return line

    def lines(self, path: Sequence[str | int], depth: int = 1) -> dict[str, int]:
        """Line of every key below `path`, deeper ones as "people.ann" or "routes.0.to" up to `depth`."""
        node = self.data
        for step in path:
            node = node[step]
        return dict(_lines(node, "", depth))


def _lines(node: Any, prefix: str, depth: int) -> Iterator[tuple[str, int]]:
    if depth == 0:
        return
    if isinstance(node, CommentedMap):
        for key in node:
            yield f"{prefix}{key}", node.lc.key(key)[0] + 1
            yield from _lines(node[key], f"{prefix}{key}.", depth - 1)
    elif isinstance(node, CommentedSeq):
        for index, each in enumerate(node):
            yield f"{prefix}{index}", node.lc.item(index)[0] + 1
            yield from _lines(each, f"{prefix}{index}.", depth - 1)


def entry(path: Path, line: int) -> str:
    """The entry of a list that begins on `line`, as it is written, without what follows it."""
    lines = path.read_text(encoding="utf-8").splitlines()[line - 1 :]
    rest = (number for number, text in enumerate(lines[1:], start=1) if text and text[0] not in " ")
    return "\n".join(lines[: next(rest, len(lines))]).rstrip()


def plain(node: Any) -> Any:
    """The same values as ordinary dicts and lists."""
    if isinstance(node, dict):
        return {key: plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [plain(value) for value in node]
    return node


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
        data = _parsed(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark if error.problem_mark is not None else error.context_mark
        line = mark.line + 1 if mark is not None else 1
        issues.append(Issue(label, line, f"not valid YAML: {error.problem}", rule="syntax"))
    except YAMLError as error:  # a character that YAML forbids: no mark, but a position
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1
        issues.append(Issue(label, line, f"not valid YAML: {str(error).splitlines()[0]}", rule="syntax"))
    except ValueError as error:  # 2026-02-30 has the shape of a date
        issues.append(Issue(label, _line_of_bad_date(text), f"not valid YAML: {error}", rule="syntax"))
    except RecursionError:
        issues.append(Issue(label, 1, "not valid YAML: an anchor refers to itself", rule="syntax"))
    else:
        return YamlFile(label, data)
    return None


@lru_cache(maxsize=256)
def _parsed(text: str) -> Any:
    """Kept, because one process reads the same files for every run and parsing takes nearly all of that time."""
    data = YAML(typ="rt", pure=True).load(text)
    plain(data)  # an anchor that refers to itself has no end
    return data


def _line_of_bad_date(text: str) -> int:
    for number, line in enumerate(text.splitlines(), start=1):
        for found in DATE.finditer(line):
            try:
                date.fromisoformat(found[0])
            except ValueError:
                return number
    return 1
