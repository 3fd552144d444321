"""companies/*.yaml → Catalogue. Reads every file, collects every issue with file and line, then raises once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from pydantic import ValidationError

from kpi_pipeline.catalogue import yaml_file
from kpi_pipeline.catalogue.faults import issues_of, unknown_keys
from kpi_pipeline.catalogue.load_alerts import read_alerts
from kpi_pipeline.catalogue.load_audit import read_audit
from kpi_pipeline.catalogue.load_dashboards import DataKinds, read_dashboards
from kpi_pipeline.catalogue.load_kpis import Known, kpi_files, read_kpis
from kpi_pipeline.catalogue.load_reports import read_reports
from kpi_pipeline.catalogue.model import Catalogue, Company, Kpi, Parameters
from kpi_pipeline.catalogue.rules import RULES
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import CatalogueError, Issue

Kinds = Mapping[str, type[Parameters]]
Facts = Mapping[str, set[str]]
CheckWindow = Callable[[str], object]

COMPANY_KEYS = frozenset(Company.model_fields) - {"kpis", "alerts", "audit", "dashboards", "reports", "lines"}

NO_COMPANY = "schema"  # the folder of the files for editors


def load(
    root: Path,
    kinds: Kinds,
    facts: Facts,
    check_window: CheckWindow,
    sources: Collection[str] | None = None,
    tables: DataKinds | None = None,
) -> Catalogue:
    """All companies under `root`.

    `kinds` maps each kind to the model of its parameters, `facts` each fact to its columns, `check_window` parses a
    window or raises ValueError, `sources` are those that can be read, `tables` maps each kind of table beneath the KPIs
    to the model of its parameters (None: not checked): the catalogue learns what exists as arguments and imports none
    of it.
    Raises CatalogueError with all issues of all files; warnings alone do not raise.
    """
    catalogue, issues = inspect(root, kinds, facts, check_window, sources, tables)
    errors = [issue for issue in issues if issue.severity == "error"]
    if errors:
        raise CatalogueError(
            f"reading the companies in {root}",
            errors,
            remedy="Mend the lines above; `kpi catalogue check` shows warnings too",
        )
    return catalogue


def inspect(
    root: Path,
    kinds: Kinds,
    facts: Facts,
    check_window: CheckWindow,
    sources: Collection[str] | None = None,
    tables: DataKinds | None = None,
) -> tuple[Catalogue, list[Issue]]:
    """The catalogue as far as it can be read, and every issue of every file in order of file and line."""
    issues: list[Issue] = []
    companies: dict[str, Company] = {}
    folders = [path for path in root.iterdir() if _is_company(path)] if root.is_dir() else []
    if not folders:
        issues.append(Issue(str(root), 1, "there is no company here: a company is a folder with company.yaml"))
    known = Known(kinds, facts, check_window)
    for folder in sorted(folders):
        company = _company(folder, root, known, tables, issues)
        if company is not None:
            companies[company.id] = company
            issues.extend(_unknown_sources(company, sources))
            for rule in RULES:
                issues.extend(rule(company))
    issues.sort(key=lambda issue: (issue.file, issue.line))
    return Catalogue(companies=companies), issues


def _is_company(path: Path) -> bool:
    return path.is_dir() and path.name[0] not in "._" and path.name != NO_COMPANY


def _unknown_sources(company: Company, known: Collection[str] | None) -> Iterable[Issue]:
    for name in company.sources:
        if known is not None and name not in known:
            line = company.line_of(f"sources.{name}")
            yield Issue(company.file, line, f"unknown source {name!r}{did_you_mean(name, known)}", rule="source")


def _company(
    folder: Path, root: Path, known_things: Known, tables: DataKinds | None, issues: list[Issue]
) -> Company | None:
    file = yaml_file.read(folder / "company.yaml", root, issues)
    kpis: dict[str, Kpi] = {}
    for kpi_file in kpi_files(folder, root, issues):
        for kpi in read_kpis(folder.name, kpi_file, known_things, issues):
            if kpi.id in kpis:
                first = kpis[kpi.id]
                where = f"on line {first.line}" if first.file == kpi.file else f"in {first.file}:{first.line}"
                issues.append(Issue(kpi.file, kpi.line, f"KPI {kpi.id!r} is already declared {where}"))
            kpis[kpi.id] = kpi
    own = {
        "kpis": kpis,
        "alerts": read_alerts(folder, root, issues),
        "audit": read_audit(folder, root, known_things, issues),
        "dashboards": read_dashboards(folder, root, tables, issues),
        "reports": read_reports(folder, root, issues),
    }
    if file is None:
        return None
    if not isinstance(file.data, dict):
        issues.append(Issue(file.label, 1, "must be a mapping with at least id, name and zone"))
        return None
    data = file.data
    issues.extend(unknown_keys(data, COMPANY_KEYS, file, (), "the company"))
    known = {key: value for key, value in data.items() if key in COMPANY_KEYS}
    if known.get("id") != folder.name:
        found = known.get("id")
        issues.append(Issue(file.label, file.line(("id",)), f"id {found!r} differs from its folder {folder.name!r}"))
    try:
        return Company.model_validate({**known, **own, "lines": file.lines((), 2)})
    except ValidationError as error:
        issues.extend(issues_of(error, file, (), "the company"))
        return None
