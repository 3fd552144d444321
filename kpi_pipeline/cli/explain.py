"""`kpi explain`: what a value means, the numbers that went in, the SQL, and the records behind it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Annotated, Any

import typer

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.display import NOTHING, kpi_text, status_text
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import COLOURS, console, table, write_json
from kpi_pipeline.cli.receipt import print_receipt, print_trust
from kpi_pipeline.clock import from_epoch_ms
from kpi_pipeline.facts import sources
from kpi_pipeline.flow import registers
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.receipts import receipts
from kpi_pipeline.history.trust import Trust
from kpi_pipeline.metrics import words
from kpi_pipeline.metrics.engine import Contribution
from kpi_pipeline.metrics.uses import facts_of
from kpi_pipeline.reports.trust import trust_lines


def explain(
    company: options.CompanyArg,
    kpi: options.KpiArg,
    on: options.On = None,
    limit: Annotated[int, typer.Option(min=1, help="Records shown a side.")] = 10,
    sql: Annotated[bool, typer.Option("--sql/--no-sql", help="Show the SQL that computes it.")] = True,
    as_json: options.Json = False,
) -> None:
    """Why a KPI has the value it has on a day: definition, numbers, SQL, records with ids and links, receipt."""
    with options.open_workspace() as workspace:
        company_, kpi_ = options.company_and_kpi(workspace, company, kpi)
        yesterday = workspace.now.astimezone(company_.tz).date() - timedelta(days=1)
        day = yesterday if on is None else options.parse_day(on)
        recorded = workspace.history.value(company, kpi, day)
        engine = workspace.engine(company_)
        contributions = engine.contributors(kpi_, day)
        statement = engine.sql(kpi_, day, day)
        signed = registers.by_hand(workspace, company_, kpi_, day)
        rows = [] if recorded is None else [recorded]
        receipt = next(iter(receipts(workspace.history, company, rows)), None)
        line = next(iter(trust_lines(workspace.history, company_, rows, known_at=workspace.now)), None)
        companions = {each.id: workspace.history.value(company, each.id, day) for each in company_.companions(kpi_.id)}
    if as_json:
        write_json(
            {
                "company": company,
                "kpi": kpi,
                "day": day,
                "definition": {language: words.describe(company_, kpi_, language) for language in words.LANGUAGES},
                "origin": kpi_.origin,
                "reading": kpi_.reading,
                "observation": recorded,
                "receipt": receipt,
                "trust": line,
                "companions": companions,
                "by_hand": signed,
                "sources": _sources(company_, kpi_),
                "sql": statement,
                "records": contributions,
            }
        )
        return
    _print(company_, kpi_, recorded, line, companions, contributions, limit)
    if signed is not None:
        console.print(f"\n{registers.note(company_, signed)}", markup=False)
    if receipt is not None:
        print_receipt(company_, receipt)
    if sql:
        console.print("\n[bold]SQL[/bold]")
        console.print(statement, markup=False, soft_wrap=True)


def _print(
    company: Company,
    kpi: Kpi,
    row: Recorded | None,
    line: Trust | None,
    companions: dict[str, Recorded | None],
    contributions: list[Contribution],
    limit: int,
) -> None:
    language = company.language
    console.print(f"[bold]{kpi.title(language)}[/bold]  ({company.name}, {kpi.id}, v{kpi.version})")
    console.print(words.describe(company, kpi, language), markup=False)
    if kpi.reading:
        console.print(kpi.read_as(language), markup=False)
    console.print(f"{kpi.origin}", style="dim", markup=False)
    if row is None:
        console.print("\nNo observation was recorded for this day.")
    else:
        shown = kpi_text(kpi, row.value, language, reason=row.reason)
        console.print(f"\n{row.day}: [{COLOURS[row.status]}]{shown}  {status_text(row.status, language)}[/]")
        if line is not None:
            print_trust(company, line)
        table(
            "",
            ("numerator", "denominator", "n", "target", "warning", "critical", "period", "known since", "inputs"),
            [
                (
                    _number(row.numerator),
                    _number(row.denominator),
                    _number(row.n),
                    row.target or NOTHING,
                    row.warning or NOTHING,
                    row.critical or NOTHING,
                    f"{row.period_start.astimezone(company.tz):%Y-%m-%d %H:%M} – "
                    f"{row.period_end.astimezone(company.tz):%Y-%m-%d %H:%M}",
                    f"{row.recorded_at.astimezone(company.tz):%Y-%m-%d %H:%M} ({row.cause})",
                    row.input_hash[:12],
                )
            ],
        )
    if companions:
        console.print()
        table(
            "Companions",
            ("KPI", "value", "numerator", "denominator", "n"),
            [
                (
                    company.kpis[name].title(language),
                    NOTHING if each is None else kpi_text(company.kpis[name], each.value, language, reason=each.reason),
                    NOTHING if each is None else _number(each.numerator),
                    NOTHING if each is None else _number(each.denominator),
                    NOTHING if each is None else _number(each.n),
                )
                for name, each in companions.items()
            ],
            right=("value", "numerator", "denominator", "n"),
        )
    console.print(f"\nFrom {', '.join(_sources(company, kpi))}")
    sides = Counter((each.side, each.fact) for each in contributions)
    for (side, fact), count in sides.items():
        shown_rows = [each for each in contributions if (each.side, each.fact) == (side, fact)][:limit]
        columns = list(shown_rows[0].fields)
        console.print()
        table(
            f"{side}: {count} {fact} records" + (f", the first {limit}" if count > limit else ""),
            [*columns, "link"],
            [[_cell(name, each.fields[name], company) for name in columns] + [each.link or ""] for each in shown_rows],
        )


def _sources(company: Company, kpi: Kpi) -> list[str]:
    return [f"{source}/{stream}" for source, stream in sources(facts_of(kpi, company), company.sources)]


def _number(value: Any) -> str:
    return NOTHING if value is None else f"{value:f}" if hasattr(value, "as_tuple") else str(value)


def _cell(name: str, value: Any, company: Company) -> str:
    if value is None:
        return NOTHING
    if name.endswith("_at") and isinstance(value, int):
        return f"{from_epoch_ms(value).astimezone(company.tz):%Y-%m-%d %H:%M:%S}"
    if name.endswith("_minor") and isinstance(value, int):
        return f"{value / 100:.2f}"
    return str(value)
