"""`kpi history verify` and `audit`: whether history is still what was written, and in line with itself and others."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import orjson
import typer

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import NOTHING, value_text
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.errors import UsageError
from kpi_pipeline.flow.audited import audit_file, run_audit
from kpi_pipeline.flow.recompute import recompute
from kpi_pipeline.history import integrity
from kpi_pipeline.history.integrity import Difference
from kpi_pipeline.history.verdicts import QUIET, Aged
from kpi_pipeline.reports.audited import VERDICTS, Audited, title

FINDING = 1
FROM_A_TERMINAL = "command line"
SHOWN = 60


def verify(
    company: options.CompanyArg,
    kpi: Annotated[str | None, typer.Option("--kpi", help="Only this KPI.")] = None,
    first: Annotated[str | None, typer.Option("--first", help="First day computed again (default: all).")] = None,
    last: Annotated[str | None, typer.Option("--last", help="Last day computed again (default: the newest).")] = None,
    from_landing: Annotated[
        bool, typer.Option("--from-landing/--rows-only", help="Compute every number again from landing too.")
    ] = True,
    as_json: options.Json = False,
) -> None:
    """Check every row against what was noted when it was written, then compute all numbers again; exit code 1 if any
    differs."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        chosen = list(company_.kpis.values())
        if kpi is not None:
            chosen = [options.company_and_kpi(workspace, company, kpi)[1]]
        proved = integrity.check(workspace.history, company)
        if not proved.rows:
            raise UsageError(
                f"verifying the history of {company_.name}",
                f"{workspace.settings.home} holds no observation of it",
                remedy=f"`kpi backfill {company}` computes past months; KPI_HOME says where history is",
            )
        found = list(proved.differences)
        if from_landing:
            since = date.min if first is None else options.parse_day(first)
            until = date.max if last is None else options.parse_day(last)
            with console.status("computing again from landing", spinner="dots") as status:
                tell = (lambda _: None) if as_json else (lambda name: status.update(f"computing {name} again"))
                found += recompute(workspace, company_, chosen, since, until, tell)
    if kpi is not None:
        found = [each for each in found if each.kpi in (None, kpi)]
    if as_json:
        head = {"rows": proved.rows, "unproved": proved.unproved, "batches": proved.batches}
        write_json({**head, "computed_again": from_landing, "differences": found})
    else:
        _print_verified(company_, proved.rows, proved.unproved, found, from_landing)
    if found:
        raise typer.Exit(FINDING)


def _print_verified(company: Company, rows: int, unproved: int, found: list[Difference], from_landing: bool) -> None:
    older = f" ({unproved:,} from before rows had digests)" if unproved else ""
    if not found:
        again = " and come out of landing again as they are" if from_landing else ""
        console.print(f"[green]✓[/green] {rows:,} rows of {company.name} are as they were written{older}{again}")
        return
    shown: list[tuple[Any, ...]] = [
        (kind, kpi or NOTHING, days, message) for (kind, kpi, message), days in _by_days(found)
    ]
    more = f", the first {SHOWN} lines" if len(shown) > SHOWN else ""
    table(
        f"{company.name}: {len(found)} differences in {rows:,} rows{older}{more}",
        ("what", "KPI", "days", "which"),
        shown[:SHOWN],
        whole=("what",),
    )
    if any(each.kind in ("inputs_changed", "not_computed") for each in found):
        next_step(f"kpi backfill {company.id} --first YYYY-MM --only kpis, for days that nobody computed since")


def _by_days(found: list[Difference]) -> list[tuple[tuple[str, str | None, str], str]]:
    """The same said of several days of a KPI once, with the days."""
    groups: dict[tuple[str, str | None, str], list[date]] = {}
    for each in found:
        groups.setdefault((each.kind, each.kpi, each.message), []).extend([] if each.day is None else [each.day])
    return [(what, _days(days)) for what, days in groups.items()]


def _days(days: list[date]) -> str:
    if len(days) < 2:
        return str(days[0]) if days else NOTHING
    return f"{len(days)} days, {min(days)} to {max(days)}"


def audit(
    company: options.CompanyArg,
    on: options.On = None,
    every: Annotated[bool, typer.Option("--all", help="Also what is in order or could not be judged.")] = False,
    as_json: options.Json = False,
) -> None:
    """Audit every KPI against its own history and what has to agree; exit code 1 while a difference is open."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        day = None if on is None else options.parse_day(on)
        found = run_audit(workspace, company_, day, run_id=FROM_A_TERMINAL)
        path = audit_file(workspace, company_)
    if as_json:
        write_json(orjson.loads(path.read_bytes()))
    else:
        _print_audit(company_, found, every)
        console.print(f"[dim]All of it:[/dim] {path}", soft_wrap=True)
    if found.open:
        raise typer.Exit(FINDING)


def _print_audit(company: Company, found: Audited, every: bool) -> None:
    words = VERDICTS[company.language]
    counts = ", ".join(f"{found.counts[verdict]} {words[verdict]}" for verdict in words if found.counts.get(verdict))
    shown = [each for each in found.found if every or each.verdict.verdict in ("differs", "suspect", "explained")]
    table(
        f"{company.name}, {found.day}: {counts}",
        ("verdict", "what", "day", "found", "expected", "off by", "open for", "why"),
        [_row(company, each) for each in shown],
        right=("found", "expected", "off by"),
        whole=("verdict", "day"),
    )


def _row(company: Company, each: Aged) -> tuple[Any, ...]:
    verdict = each.verdict
    left, right = (verdict.value, verdict.expected) if verdict.rule in QUIET else (verdict.left, verdict.right)
    unit, language = _unit(company, each), company.language
    off = NOTHING if verdict.difference is None else value_text(verdict.difference, unit, language)
    why = f"{verdict.reason} ({verdict.by}, {verdict.expires})" if verdict.by else verdict.reason
    return (
        VERDICTS[company.language][verdict.verdict],
        title(company, each),
        verdict.day,
        NOTHING if left is None else value_text(left, unit, language),
        NOTHING if right is None else value_text(right, unit, language),
        f"{verdict.score} σ" if verdict.score is not None else off,
        f"{each.age_days} d" if each.open_since else NOTHING,
        why,
    )


def _unit(company: Company, each: Aged) -> str:
    if each.verdict.rule == "volume":
        return "count"
    if each.verdict.rule in QUIET:
        return company.kpis[each.verdict.subject].unit
    return next(rule.unit for rule in company.audit.reconcile if rule.id == each.verdict.rule)
