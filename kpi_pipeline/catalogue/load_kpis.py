"""kpis.yaml → KPIs: a KPI with a fault does not hide the others, and every fault has a file and a line."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from kpi_pipeline.catalogue import yaml_file
from kpi_pipeline.catalogue.faults import issues_of, unknown_keys
from kpi_pipeline.catalogue.model import Kpi, Parameters
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import Issue

KPI_KEYS = frozenset(Kpi.model_fields) - {"company", "params", "file", "line", "lines"}


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to be declared: kinds with the model of their parameters, facts with their columns, windows."""

    kinds: Mapping[str, type[Parameters]]
    facts: Mapping[str, set[str]]
    check_window: Callable[[str], object]


class Unread(Parameters):
    """Stands for parameters that could not be read, so that other rules still see the KPI; never leaves this room."""


def kpi_files(folder: Path, root: Path, issues: list[Issue]) -> Iterable[YamlFile]:
    """kpis.yaml, or where a framework is long the files of kpis/ by name; both at once is a fault."""
    parts = sorted((folder / "kpis").glob("*.yaml"))
    if parts and (folder / "kpis.yaml").exists():
        issues.append(Issue(f"{folder.name}/kpis.yaml", 1, "there is a folder kpis/ too; keep one of the two"))
    for path in parts or [folder / "kpis.yaml"]:
        file = yaml_file.read(path, root, issues)
        if file is not None:
            yield file


def read_kpis(company: str, file: YamlFile, known: Known, issues: list[Issue]) -> Iterable[Kpi]:
    """The KPIs of one file, as far as they can be read."""
    if not isinstance(file.data, list):
        issues.append(Issue(file.label, 1, "must be a list of KPIs, each starting with `- id:`"))
        return
    for index, entry in enumerate(file.data):
        label = f"KPI {entry.get('id', index + 1)}" if isinstance(entry, dict) else f"entry {index + 1}"
        kpi = read_kpi(company, entry, file, (index,), label, known, issues)
        if kpi is not None:
            yield kpi


def read_kpi(
    company: str, entry: Any, file: YamlFile, path: tuple[str | int, ...], label: str, known: Known, issues: list[Issue]
) -> Kpi | None:
    """One entry, which stands at `path` of the file and is called `label` in what is said of it; None if unreadable."""
    if not isinstance(entry, dict) or "kind" not in entry:
        issues.append(Issue(file.label, file.line(path), f"{label} must be a mapping with at least id and kind"))
        return None
    params_model = known.kinds.get(str(entry["kind"]))
    if params_model is None:
        hint = did_you_mean(str(entry["kind"]), known.kinds)
        line = file.line((*path, "kind"))
        issues.append(Issue(file.label, line, f"{label}: unknown kind {entry['kind']!r}{hint}", rule="kind"))
        return None
    own = frozenset(params_model.model_fields)
    issues.extend(unknown_keys(entry, KPI_KEYS | own, file, path, label))
    params: Parameters | None = None
    try:
        params = params_model.model_validate(
            {key: value for key, value in entry.items() if key in own}, context={"facts": known.facts}
        )
    except ValidationError as error:
        issues.extend(issues_of(error, file, path, label))
    try:
        known.check_window(str(entry.get("window", "")))
    except ValueError as error:
        issues.append(Issue(file.label, file.line((*path, "window")), f"{label}: {error}", rule="window"))
    common = {key: value for key, value in entry.items() if key in KPI_KEYS}
    where = {"file": file.label, "line": file.line(path), "lines": file.lines(path)}
    stand_in = params if params is not None else Unread()
    try:
        return Kpi.model_validate({**common, **where, "company": company, "params": stand_in})
    except ValidationError as error:
        issues.extend(issues_of(error, file, path, label))
        return None
