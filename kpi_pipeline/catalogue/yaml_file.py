"""YAML with line marks: plain Python values beside the line each of them stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError

from kpi_pipeline.errors import Issue


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
    loader = YAML(typ="rt", pure=True)
    try:
        return YamlFile(label, loader.load(text))
    except MarkedYAMLError as error:
        mark = error.problem_mark if error.problem_mark is not None else error.context_mark
        line = mark.line + 1 if mark is not None else 1
        issues.append(Issue(label, line, f"not valid YAML: {error.problem}", rule="syntax"))
        return None
