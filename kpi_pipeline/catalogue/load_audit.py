"""audit.yaml → Audit: what has to agree, and which differences people have explained; every fault with its line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kpi_pipeline.catalogue import yaml_file
from kpi_pipeline.catalogue.faults import issues_of, unknown_keys
from kpi_pipeline.catalogue.load_kpis import Known, read_kpi
from kpi_pipeline.catalogue.model import Audit, Explanation, Kpi, Reconciliation
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import Issue

FILE = "audit.yaml"
OURS = frozenset({"file", "line"})
RULE_KEYS = frozenset(Reconciliation.model_fields) - OURS | {"window"}
EXPLANATION_KEYS = frozenset(Explanation.model_fields) - OURS
Path_ = tuple[str | int, ...]
Declared = TypeVar("Declared", bound=BaseModel)


def read_audit(folder: Path, root: Path, known: Known, issues: list[Issue]) -> Audit:
    """What a company declares about audits; nothing when it has no such file."""
    path = folder / FILE
    if not path.is_file():
        return Audit()
    file = yaml_file.read(path, root, issues)
    if file is None or file.data is None:
        return Audit()
    data = file.data
    if not isinstance(data, dict):
        issues.append(Issue(file.label, 1, "must be a mapping with `reconcile:` and `explained:`"))
        return Audit()
    issues.extend(unknown_keys(data, frozenset(Audit.model_fields), file, (), "the audit"))
    rules: dict[str, Reconciliation] = {}
    for where, entry in _entries(data, "reconcile", file, issues):
        rule = _rule(folder.name, entry, file, where, known, issues)
        if rule is not None and rule.id in rules:
            message = f"reconciliation {rule.id!r} is already declared on line {rules[rule.id].line}"
            issues.append(Issue(file.label, rule.line, message))
        if rule is not None:
            rules[rule.id] = rule
    explained = [
        found
        for where, entry in _entries(data, "explained", file, issues)
        if (found := _read(Explanation, entry, entry, EXPLANATION_KEYS, file, where, "explanation", issues)) is not None
    ]
    return Audit(reconcile=tuple(rules.values()), explained=tuple(explained))


def _entries(data: Mapping[str, Any], key: str, file: YamlFile, issues: list[Issue]) -> list[tuple[Path_, Any]]:
    found = data.get(key) or []
    if not isinstance(found, list):
        issues.append(Issue(file.label, file.line((key,)), f"{key} must be a list"))
        return []
    return [((key, index), entry) for index, entry in enumerate(found)]


def _rule(
    company: str, entry: Any, file: YamlFile, path: Path_, known: Known, issues: list[Issue]
) -> Reconciliation | None:
    if not isinstance(entry, Mapping):
        issues.append(Issue(file.label, file.line(path), "a reconciliation must be a mapping with at least an id"))
        return None
    label = f"reconciliation {entry.get('id', path[-1])}"
    sides = {side: _side(company, entry, side, file, path, label, known, issues) for side in ("left", "right")}
    if None in sides.values():
        return None
    said = {key: value for key, value in entry.items() if key != "window"}
    return _read(Reconciliation, {**said, **sides}, entry, RULE_KEYS, file, path, label, issues)


def _side(
    company: str,
    entry: Mapping[str, Any],
    side: str,
    file: YamlFile,
    path: Path_,
    label: str,
    known: Known,
    issues: list[Issue],
) -> Kpi | str | None:
    """A KPI by its id (`left: mrr`), or a measure that is declared in place with the rule's window and unit."""
    said, whole = entry.get(side), f"{label}, {side}"
    if isinstance(said, str):
        return said
    if not isinstance(said, dict) or "kind" not in said:
        message = f"{whole} must be the id of a KPI, or a measure with a kind"
        issues.append(Issue(file.label, file.line((*path, side)), message))
        return None
    common = {
        "id": f"{entry.get('id')}_{side}",
        "name": entry.get("name"),
        "window": entry.get("window", ""),
        "unit": entry.get("unit"),
        "better": "higher",
        "cadence": "daily",
        "origin": "audit",
    }
    return read_kpi(company, {**common, **said}, file, (*path, side), whole, known, issues)


def _read(
    model: type[Declared],
    content: Mapping[str, Any],
    written: Any,
    keys: frozenset[str],
    file: YamlFile,
    path: Path_,
    label: str,
    issues: list[Issue],
) -> Declared | None:
    if not isinstance(written, Mapping):
        issues.append(Issue(file.label, file.line(path), f"an {label} must be a mapping"))
        return None
    issues.extend(unknown_keys(written, keys, file, path, label))
    known = {key: value for key, value in content.items() if key in keys}
    try:
        return model.model_validate({**known, "file": file.label, "line": file.line(path)})
    except ValidationError as error:
        issues.extend(issues_of(error, file, path, label))
        return None
