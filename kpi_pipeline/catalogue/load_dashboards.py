"""dashboards.yaml → Dashboards: every fault with file and line; what cannot be read does not hide the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kpi_pipeline.catalogue import yaml_file
from kpi_pipeline.catalogue.dashboards import PANELS, Dashboard, Dashboards, DataTable, Panel
from kpi_pipeline.catalogue.faults import issues_of, unknown_keys
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import Issue

FILE = "dashboards.yaml"
KEYS = frozenset({"data", "dashboards"})
DATA_KEYS = frozenset({"id", "kind"})
BOARD_KEYS = frozenset(Dashboard.model_fields) - {"line"}

Path_ = tuple[str | int, ...]
DataKinds = Mapping[str, type[BaseModel]]
Named = TypeVar("Named", Dashboard, DataTable)


def read_dashboards(folder: Path, root: Path, data_kinds: DataKinds | None, issues: list[Issue]) -> Dashboards:
    """What a company declares; nothing when it has no such file.

    `data_kinds` maps each kind of table to the model of its parameters; None: tables are not checked.
    """
    path = folder / FILE
    if not path.is_file():
        return Dashboards()
    file = yaml_file.read(path, root, issues)
    if file is None or file.data is None:
        return Dashboards()
    content = file.data
    if not isinstance(content, dict):
        issues.append(Issue(file.label, 1, "must be a mapping with `dashboards:`, and `data:` where panels need it"))
        return Dashboards()
    issues.extend(unknown_keys(content, KEYS, file, (), "the dashboards"))
    tables = _each_once(_tables(content.get("data"), file, data_kinds, issues), "table", file, issues)
    boards = _each_once(_boards(content.get("dashboards"), file, issues), "dashboard", file, issues)
    return Dashboards(data=tables, boards=boards, file=file.label)


def _each_once(found: Iterator[Named], what: str, file: YamlFile, issues: list[Issue]) -> dict[str, Named]:
    known: dict[str, Named] = {}
    for each in found:
        if each.id in known:
            message = f"{what} {each.id!r} is already declared on line {known[each.id].line}"
            issues.append(Issue(file.label, each.line, message))
        known[each.id] = each
    return known


def _entries(
    node: Any, key: str, file: YamlFile, path: Path_, issues: list[Issue]
) -> Iterator[tuple[Path_, Mapping[str, Any]]]:
    """The mappings of a list, with their paths; anything else is an issue."""
    if node is None:
        return
    if not isinstance(node, list):
        issues.append(Issue(file.label, file.line(path), f"{key} must be a list"))
        return
    for index, entry in enumerate(node):
        where = (*path, index)
        if isinstance(entry, dict):
            yield where, entry
        else:
            issues.append(Issue(file.label, file.line(where), f"{key}: entry {index + 1} must be a mapping"))


def _tables(node: Any, file: YamlFile, kinds: DataKinds | None, issues: list[Issue]) -> Iterator[DataTable]:
    for path, entry in _entries(node, "data", file, ("data",), issues):
        label = f"table {entry.get('id', int(path[-1]) + 1)}"
        kind = str(entry.get("kind"))
        params: BaseModel | None = None
        if kinds is not None and kind not in kinds:
            line = file.line((*path, "kind"))
            issues.append(Issue(file.label, line, f"{label}: unknown kind {kind!r}{did_you_mean(kind, kinds)}"))
            continue
        if kinds is not None:
            own = frozenset(kinds[kind].model_fields)
            issues.extend(unknown_keys(entry, DATA_KEYS | own, file, path, label))
            params = _read(kinds[kind], {key: entry[key] for key in entry if key in own}, file, path, label, issues)
        common = {key: entry[key] for key in entry if key in DATA_KEYS}
        found = _read(DataTable, {**common, "params": params, "line": file.line(path)}, file, path, label, issues)
        if found is not None:
            yield found


def _boards(node: Any, file: YamlFile, issues: list[Issue]) -> Iterator[Dashboard]:
    for path, entry in _entries(node, "dashboards", file, ("dashboards",), issues):
        label = f"dashboard {entry.get('id', int(path[-1]) + 1)}"
        issues.extend(unknown_keys(entry, BOARD_KEYS, file, path, label))
        panels = tuple(_panels(entry.get("panels"), file, (*path, "panels"), label, issues))
        known = {key: entry[key] for key in entry if key in BOARD_KEYS and key != "panels"}
        if entry.get("panels") and not panels:
            continue  # each of them was an issue already
        found = _read(Dashboard, {**known, "panels": panels, "line": file.line(path)}, file, path, label, issues)
        if found is not None:
            yield found


def _panels(node: Any, file: YamlFile, path: Path_, board: str, issues: list[Issue]) -> Iterator[Panel]:
    for where, entry in _entries(node, f"{board}: panels", file, path, issues):
        label = f"{board}, panel {int(where[-1]) + 1}"
        kind = str(entry.get("kind"))
        if kind not in PANELS:
            line = file.line((*where, "kind"))
            issues.append(Issue(file.label, line, f"{label}: unknown kind {kind!r}{did_you_mean(kind, PANELS)}"))
            continue
        keys = frozenset(PANELS[kind].model_fields) - {"line"}
        issues.extend(unknown_keys(entry, keys, file, where, label))
        known = {key: entry[key] for key in entry if key in keys}
        found = _read(PANELS[kind], {**known, "line": file.line(where)}, file, where, label, issues)
        if found is not None:
            yield found


Read = TypeVar("Read", bound=BaseModel)


def _read(
    model: type[Read], content: Mapping[str, Any], file: YamlFile, path: Path_, label: str, issues: list[Issue]
) -> Read | None:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        issues.extend(issues_of(error, file, path, label))
        return None
