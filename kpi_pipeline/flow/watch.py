"""Looks at what time alone brings: silent sources, missing measurements, late registers, and every alert's clock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from kpi_pipeline.alerts import clockwork, ledger, silences
from kpi_pipeline.alerts.model import DATA, FRESHNESS, LOAD_FAILURE, RUN_FAILURE, AlertState, Level
from kpi_pipeline.alerts.reminders import expected_day
from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.alerts.watch import Finding, Watch, set_level
from kpi_pipeline.alerts.watch import watch as pass_over
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow import registers
from kpi_pipeline.flow.freshness import source_freshness
from kpi_pipeline.flow.sight import upstream, upstream_of_all
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.reports.freshness import SourceFreshness

States = Mapping[tuple[str, str], AlertState]
REGISTER = "register"
REGISTERS_EVERY = timedelta(hours=1)  # reading them costs more than a look at the clock


def watch(workspace: Workspace, company: Company) -> list[str]:
    """One pass over the alerts of a company; the ids of the notices it made. Raises StoreUnavailable."""
    now, history = workspace.now, workspace.history
    fresh, lineage = source_freshness(workspace, company), upstream_of_all(company)
    newest = history.latest(company.id)
    with history.engine.connect() as connection:
        looked = clockwork.last(connection, company.id, REGISTER)
    is_due = looked is None or now - looked >= REGISTERS_EVERY
    late = list(_registers(workspace, company)) if is_due else []
    with writing(history.engine, f"watching the alerts of {company.id}", company.id) as connection:
        if is_due:
            clockwork.mark(connection, company.id, REGISTER, now)
        states = {(each.subject, each.rule): each for each in ledger.load_all(connection, company.id)}
        measured = clockwork.all_of(connection, company.id)
        gaps = list(_gaps(company, newest, lineage, states, measured, now))
        findings = [*_sources(fresh, states, now), *gaps, *late]
        run = Watch(company, now, findings, lineage, _incomplete(company, newest, gaps, fresh, lineage, now))
        return pass_over(connection, run)


def tell_failure(workspace: Workspace, company: Company, job: str, run_id: str, steps: Mapping[str, str]) -> list[str]:
    """A run failed for good: tell it once, with the sources and KPIs whose steps failed and why.

    `steps` maps the key of a failed step to its first line of error. The KPIs and sources are in error until they are
    measured or loaded again; their values are not replaced.
    """
    now = workspace.now
    with writing(workspace.history.engine, f"noting that {job} failed", company.id) as connection:
        silenced = silences.current(connection, company.id, now)
        owners = tuple(sorted({source.owner for source in company.sources.values()}))
        findings = [Finding(f"run/{job}", RUN_FAILURE, "critical", owners, {"run": run_id, "steps": dict(steps)})]
        for step, cause in steps.items():
            layer, _, name = step.removeprefix(f"{company.id}__").partition("__")
            source = next((each for each in company.sources if name.startswith(f"{each}_")), "")
            content = {"run": run_id, "cause": cause}
            if layer == "kpi" and name in company.kpis:
                data = _data_owners(company, upstream(company, company.kpis[name]))
                findings.append(Finding(name, DATA, "critical", data, content, evidence="error"))
            elif layer == "landing" and source in company.sources:
                owner = (company.sources[source].owner,)
                findings.append(Finding(f"source/{source}", LOAD_FAILURE, "critical", owner, content))
        return [each for finding in findings for each in set_level(connection, company, finding, now, silenced)]


def tell_success(workspace: Workspace, company: Company, job: str) -> list[str]:
    """A run of a job that had failed went well: say so once."""
    now = workspace.now
    with writing(workspace.history.engine, f"noting that {job} went well", company.id) as connection:
        silenced = silences.current(connection, company.id, now)
        owners = tuple(sorted({source.owner for source in company.sources.values()}))
        return set_level(connection, company, Finding(f"run/{job}", RUN_FAILURE, "ok", owners, {}), now, silenced)


def _sources(fresh: Sequence[SourceFreshness], states: States, now: datetime) -> Iterator[Finding]:
    """A source is stale by its newest record; one that failed to load is well again when it was loaded since."""
    for item in fresh:
        subject = f"source/{item.source}"
        content = {"source": item.source, "newest": _instant(item.newest_at), "loaded": _instant(item.loaded_at)}
        if item.loaded_at is None:
            continue  # never loaded: nothing to be late with, and a failing load is told by itself
        level: Level = "warning" if item.is_stale(now) else "ok"
        yield Finding(subject, FRESHNESS, level, (item.owner,), content, evidence="stale")
        failed = states.get((subject, LOAD_FAILURE))
        if failed is not None and failed.fires and failed.since_at is not None and item.loaded_at > failed.since_at:
            yield Finding(subject, LOAD_FAILURE, "ok", (item.owner,), content)


def _gaps(
    company: Company,
    newest: Mapping[str, Recorded],
    lineage: Mapping[str, tuple[str, ...]],
    states: States,
    measured: Mapping[str, datetime],
    now: datetime,
) -> Iterator[Finding]:
    """KPIs with a rule whose measurement is overdue, or that failed and were not measured since.

    A company that was never measured has no gaps: it has not started.
    """
    if not newest:
        return
    for kpi_id in sorted({kpi for rule in rules_of(company) for kpi in rule.kpis if kpi in company.kpis}):
        kpi, row = company.kpis[kpi_id], newest.get(kpi_id)
        settling = max((company.sources[name].settles_after for name in lineage[kpi_id]), default=timedelta(0))
        due = expected_day(kpi.cadence, company.tz, settling, now)
        known = states.get((kpi_id, DATA))
        owners = _data_owners(company, lineage[kpi_id])
        if known is not None and known.fires and known.evidence == "error":
            at = measured.get(f"kpi:{kpi_id}")
            if at is None or known.since_at is None or at <= known.since_at:
                yield Finding(kpi_id, DATA, "critical", owners, {"kpi": kpi_id, "newest": _day(row)}, evidence="error")
                continue  # in error until it is measured again
        missing = due is not None and (row is None or row.day < due)
        content = {"kpi": kpi_id, "due": None if due is None else due.isoformat(), "newest": _day(row)}
        yield Finding(kpi_id, DATA, "warning" if missing else "ok", owners, content, evidence="no_data")


def _registers(workspace: Workspace, company: Company) -> Iterator[Finding]:
    """Registers whose next entry is overdue, for the person who keeps them; one that was never read has not begun."""
    for each in registers.kept(workspace, company):
        if not workspace.landing.receipts(company.id, registers.SOURCE, each.name):
            continue
        last = None if each.last_entry is None else each.last_entry.at.isoformat()
        due = None if each.due is None else each.due.isoformat()
        content = {"register": each.name, "title": each.title, "file": each.file, "due": due, "last_entry": last}
        yield Finding(f"register/{each.name}", REGISTER, "warning" if each.late else "ok", (each.owner,), content)


def _incomplete(
    company: Company,
    newest: Mapping[str, Recorded],
    gaps: Sequence[Finding],
    fresh: Sequence[SourceFreshness],
    lineage: Mapping[str, tuple[str, ...]],
    now: datetime,
) -> list[dict[str, Any]]:
    """The headline KPIs without a fresh value, each with what is wrong: missing, no data, or a stale source."""
    stale = {item.source for item in fresh if item.is_stale(now)}
    late = {finding.subject for finding in gaps if finding.level != "ok"}
    found: list[dict[str, Any]] = []
    for kpi in company.headline_kpis():
        row = newest.get(kpi.id)
        old = sorted(stale.intersection(lineage[kpi.id]))
        if row is None or kpi.id in late:
            found.append({"kpi": kpi.id, "what": "missing", "newest": _day(row)})
        elif old or row.status == "stale":
            found.append({"kpi": kpi.id, "what": "stale", "sources": old, "newest": _day(row)})
        elif row.status == "no_data":
            found.append({"kpi": kpi.id, "what": "no_data", "newest": _day(row)})
    return found


def _data_owners(company: Company, sources: Sequence[str]) -> tuple[str, ...]:
    """Who looks after the data of a KPI: those named for the company, else the owners of its sources."""
    if company.alerts.data_owners:
        return company.alerts.data_owners
    return tuple(sorted({company.sources[name].owner for name in sources}))


def _instant(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _day(row: Recorded | None) -> str | None:
    return None if row is None else row.day.isoformat()
