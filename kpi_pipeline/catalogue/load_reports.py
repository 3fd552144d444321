"""reports.yaml → reports by id: every fault with file and line, a report that cannot be read hides no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kpi_pipeline.catalogue import yaml_file
from kpi_pipeline.catalogue.faults import issues_of, unknown_keys
from kpi_pipeline.catalogue.reporting import SECTIONS, Report, Section
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import Issue

FILE = "reports.yaml"
OURS = frozenset({"file", "line"})
REPORT_KEYS = frozenset(Report.model_fields) - OURS
Path_ = tuple[str | int, ...]
Read = TypeVar("Read", bound=BaseModel)


def read_reports(folder: Path, root: Path, issues: list[Issue]) -> dict[str, Report]:
    """What a company declares about reports; none when it has no such file."""
    path = folder / FILE
    if not path.is_file():
        return {}
    file = yaml_file.read(path, root, issues)
    if file is None or file.data is None:
        return {}
    entries = file.data
    if not isinstance(entries, list):
        issues.append(Issue(file.label, 1, "must be a list of reports, each starting with `- id:`"))
        return {}
    found: dict[str, Report] = {}
    for index, entry in enumerate(entries):
        report = _report(entry, file, (index,), issues)
        if report is not None and report.id in found:
            message = f"report {report.id!r} is already declared on line {found[report.id].line}"
            issues.append(Issue(file.label, report.line, message))
        if report is not None:
            found[report.id] = report
    return found


def _report(entry: Any, file: YamlFile, path: Path_, issues: list[Issue]) -> Report | None:
    if not isinstance(entry, Mapping):
        issues.append(Issue(file.label, file.line(path), "a report must be a mapping with at least an id"))
        return None
    label = f"report {entry.get('id', int(path[-1]) + 1)}"
    issues.extend(unknown_keys(entry, REPORT_KEYS, file, path, label))
    sections = tuple(_sections(entry.get("sections"), file, (*path, "sections"), label, issues))
    known = {key: entry[key] for key in entry if key in REPORT_KEYS and key != "sections"}
    if entry.get("sections") and not sections:
        return None  # each of them was an issue already
    where = {"sections": sections, "file": file.label, "line": file.line(path)}
    return _read(Report, {**known, **where}, file, path, label, issues)


def _sections(node: Any, file: YamlFile, path: Path_, report: str, issues: list[Issue]) -> Iterator[Section]:
    if not isinstance(node, list):
        if node is not None:
            issues.append(Issue(file.label, file.line(path), f"{report}: sections must be a list"))
        return
    for index, entry in enumerate(node):
        where, label = (*path, index), f"{report}, section {index + 1}"
        if not isinstance(entry, Mapping):
            issues.append(Issue(file.label, file.line(where), f"{label} must be a mapping with a kind"))
            continue
        kind = str(entry.get("kind"))
        if kind not in SECTIONS:
            line = file.line((*where, "kind"))
            issues.append(Issue(file.label, line, f"{label}: unknown kind {kind!r}{did_you_mean(kind, SECTIONS)}"))
            continue
        keys = frozenset(SECTIONS[kind].model_fields) - OURS
        issues.extend(unknown_keys(entry, keys, file, where, label))
        known = {key: entry[key] for key in entry if key in keys}
        found = _read(SECTIONS[kind], {**known, "line": file.line(where)}, file, where, label, issues)
        if found is not None:
            yield found


def _read(
    model: type[Read], content: Mapping[str, Any], file: YamlFile, path: Path_, label: str, issues: list[Issue]
) -> Read | None:
    try:
        return model.model_validate(content)
    except ValidationError as error:
        issues.extend(issues_of(error, file, path, label))
        return None
