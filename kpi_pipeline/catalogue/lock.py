"""What every KPI of a company meant, and was judged by, when somebody last accepted it: `definitions.lock`.

A number whose meaning changed under the same version cannot be compared with yesterday's, and a threshold rewritten in
place re-judges the past without the approvals that a dated one needs. Both show only against what was there before.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from dataclasses import astuple, dataclass, fields
from io import StringIO
from pathlib import Path

from kpi_pipeline.catalogue.model import Company, Kpi, Threshold
from kpi_pipeline.errors import CatalogueError, Issue

NAME = "definitions.lock"
LATER = "; "


@dataclass(frozen=True, slots=True)
class Accepted:
    """One line of the lock: thresholds as text, in order of their dates."""

    kpi: str
    version: str
    definition: str
    target: str
    warning: str
    critical: str


def compare(company: Company, root: Path) -> list[Issue]:
    """How the definitions of a company differ from those accepted; no lock at all is one warning."""
    path = root / company.id / NAME
    if not path.exists():
        message = f"no {NAME} yet: `kpi catalogue accept {company.id}` keeps what every KPI means"
        return [Issue(company.file, 1, message, "warning", "version")]
    accepted = read(path)
    found = [issue for kpi in company.kpis.values() for issue in _of_kpi(company, kpi, accepted.get(kpi.id))]
    gone = [name for name in accepted if name not in company.kpis]
    label = f"{company.id}/{NAME}"
    lines = {name: number for number, name in enumerate(accepted, start=2)}
    found += [
        Issue(label, lines[name], f"KPI {name} is gone; {_remedy(company)}", "warning", "version") for name in gone
    ]
    return found


def accept(company: Company, root: Path) -> Path:
    """Write the lock anew. Raises CatalogueError when a KPI means something else under an unchanged version."""
    path = root / company.id / NAME
    if path.exists():
        refused = [issue for issue in compare(company, root) if issue.severity == "error"]
        if refused:
            raise CatalogueError(f"accepting the definitions of {company.id}", refused, remedy="Mend the lines above")
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([field.name for field in fields(Accepted)])
    writer.writerows(astuple(now(kpi)) for kpi in company.kpis.values())
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text.getvalue(), encoding="utf-8")
    temporary.replace(path)
    return path


def read(path: Path) -> Mapping[str, Accepted]:
    """The accepted definitions by KPI, in the order of the file. Raises CatalogueError for a file that is no lock."""
    rows = list(csv.reader(StringIO(path.read_text(encoding="utf-8"))))
    names = [field.name for field in fields(Accepted)]
    bad = [number for number, row in enumerate(rows, start=1) if len(row) != len(names)]
    if not rows or rows[0] != names or bad:
        issue = Issue(path.name, bad[0] if bad else 1, f"must have the columns {', '.join(names)}", rule="version")
        raise CatalogueError(f"reading {path.parent.name}/{NAME}", [issue], remedy="Restore it from version control")
    return {row[0]: Accepted(*row) for row in rows[1:]}


def now(kpi: Kpi) -> Accepted:
    """What the files say of a KPI."""
    thresholds = (LATER.join(map(_text, series)) for series in (kpi.target, kpi.warning, kpi.critical))
    return Accepted(kpi.id, str(kpi.version), kpi.definition_hash, *thresholds)


def _text(threshold: Threshold) -> str:
    return str(threshold) if threshold.since is None else f"{threshold} since {threshold.since}"


def _of_kpi(company: Company, kpi: Kpi, before: Accepted | None) -> Iterable[Issue]:
    after = now(kpi)
    if before == after:
        return
    if before is None:
        yield _issue(kpi, "id", f"is not accepted yet; {_remedy(company)}", "warning")
        return
    changed = before.definition != after.definition
    if kpi.version < int(before.version):
        yield _issue(kpi, "version", f"version {kpi.version} was {before.version}: versions only rise")
    elif changed and kpi.version == int(before.version):
        message = f"means something else ({before.definition} → {after.definition}) under the same version"
        yield _issue(kpi, "version", f"{message}; write version: {kpi.version + 1}")
    elif changed or before.version != after.version:
        message = f"version {before.version} → {after.version} is not accepted yet; {_remedy(company)}"
        yield _issue(kpi, "version", message, "warning")
    for key in ("target", "warning", "critical"):
        yield from _threshold(company, kpi, key, getattr(before, key), getattr(after, key))


def _threshold(company: Company, kpi: Kpi, key: str, before: str, after: str) -> Iterable[Issue]:
    if before == after:
        return
    lost = [each for each in before.split(LATER) if each and each not in after.split(LATER)]
    if lost and company.approvers:
        message = f"{key} {', '.join(lost)} was rewritten: keep it, and add the new one with `since` and `approved_by`"
        yield _issue(kpi, key, message)
    else:
        said = f"{before if before else 'none'} → {after if after else 'none'}"
        yield _issue(kpi, key, f"{key} {said} is not accepted yet; {_remedy(company)}", "warning")


def _remedy(company: Company) -> str:
    return f"`kpi catalogue accept {company.id}`"


def _issue(kpi: Kpi, key: str, message: str, severity: str = "error") -> Issue:
    return Issue(kpi.file, kpi.line_of(key), f"KPI {kpi.id}: {message}", severity, "version")
