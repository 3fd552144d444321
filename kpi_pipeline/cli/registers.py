"""`kpi register`: files that people fill in: a template to start from, a check before they count, which are due."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.display import NOTHING
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, table, write_json
from kpi_pipeline.errors import RegisterError, UsageError
from kpi_pipeline.facts import sources
from kpi_pipeline.flow import registers
from kpi_pipeline.flow.registers import SOURCE
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.metrics.uses import facts_of
from kpi_pipeline.metrics.windows import next_period_start, period_start

app = typer.Typer(help="Registers: files that people fill in.", no_args_is_help=True)
SCORECARD = "scorecard"


@app.command()
def template(
    company: options.CompanyArg,
    what: Annotated[str, typer.Argument(metavar="KPI", help="KPI id, or the name of a register.")],
    out: Annotated[Path | None, typer.Option(help="Write to this .csv or .xlsx file (default: print CSV).")] = None,
    as_json: options.Json = False,
) -> None:
    """A register to fill in, with its header and an example row.

    For a KPI it is the register that the KPI is computed from; one that reads none is reported on the weekly scorecard.
    """
    from kpi_pipeline.connectors.registers import template as templates

    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        register = _register_for(workspace, company_, what)
        filled = _filled(workspace, company_, what, register.form.name)
    form, notation = register.form, register.notation
    if out is not None and out.suffix not in (".csv", ".xlsx"):
        raise UsageError(f"writing {out}", "it is neither .csv nor .xlsx", remedy="Name a file with one of the two")
    body = (
        templates.as_workbook(form, notation, filled)
        if out is not None and out.suffix == ".xlsx"
        else templates.as_csv(form, notation, register.delimiter, filled)
    )
    if out is not None:
        if out.exists():
            raise UsageError(f"writing {out}", "it is there already", remedy="Name another; nothing is overwritten")
        out.write_bytes(body)
    if as_json:
        row = templates.example(form, notation, filled)
        columns = [
            {"header": column.header, "optional": column.optional, "example": cell}
            for column, cell in zip(form.columns, row, strict=True)
        ]
        write_json(
            {
                "company": company,
                "register": form.name,
                "title": form.title,
                "columns": columns,
                "file": None if out is None else str(out),
            }
        )
    elif out is not None:
        console.print(f"{out}: {form.title}. Replace the example row, then `kpi register check {company} {out}`")
    else:
        typer.echo(body.decode("utf-8-sig"), nl=False)


@app.command()
def check(
    company: options.CompanyArg,
    file: Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")],
    name: Annotated[str | None, typer.Option("--as", help="The register it is for (default: by its name).")] = None,
    as_json: options.Json = False,
) -> None:
    """Judge a file as a load would, without taking anything of it; exit code 1 when it has faults."""
    from kpi_pipeline.connectors.registers.parse import parse

    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        register = _register_of_file(company_, file, name)
        try:
            body = file.read_bytes()
        except OSError as error:
            raise UsageError(f"reading {file}", str(error.strerror), remedy="Name a file that is there") from None
        issues: list[Any] = []
        rows = 0
        try:
            rows = len(
                parse(
                    body,
                    register.form,
                    file=file.name,
                    delimiter=register.delimiter,
                    notation=register.notation,
                    now=workspace.now,
                    zone=company_.tz,
                    known=registers.taken(workspace, company_, register.form.name),
                )
            )
        except RegisterError as error:
            issues = list(error.issues)
    if as_json:
        write_json(
            {"company": company, "register": register.form.name, "file": str(file), "rows": rows, "issues": issues}
        )
    else:
        for issue in issues:
            console.print(str(issue), markup=False, soft_wrap=True)
        verdict = f"{len(issues)} faults, nothing of it would be taken" if issues else f"{rows} rows, all good"
        console.print(f"{file.name} as {register.form.name}: {verdict}", markup=False)
    if issues:
        raise typer.Exit(1)


@app.command(name="list")
def list_registers(company: options.CompanyArg, as_json: options.Json = False) -> None:
    """Every register of a company: its owner, its last entry by whom, and when the next is due."""
    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = registers.kept(workspace, company_)
        places = {
            "folder": str(registers.folder(workspace, company_)),
            "drop": str(registers.drop(workspace, company_)),
        }
    if as_json:
        write_json({"company": company, **places, "registers": found})
        return
    rows = []
    for each in found:
        entry = each.last_entry
        when = NOTHING if entry is None else f"{entry.at.astimezone(company_.tz):%Y-%m-%d %H:%M}"
        who = " ".join(filter(None, (entry.initials, f"({entry.role})" if entry.role else ""))) if entry else ""
        due = NOTHING if each.due is None else f"{each.due}{', late' if each.late else ''}"
        kind = "by hand" if each.by_hand else "export"
        rows.append((each.name, kind, each.owner, str(each.rows), when, who or NOTHING, due))
    table("", ("register", "filled", "owner", "rows", "last entry", "by", "due"), rows, right=("rows",))
    console.print(f"\nDrop further files into {places['drop']}", markup=False, soft_wrap=True)


def _register_for(workspace: Workspace, company: Company, what: str) -> Any:
    """The register of that name, or the one a KPI is computed from; the scorecard where it reads none."""
    from kpi_pipeline.connectors.registers.formats import FORMATS

    if what in FORMATS:
        return _declared(company, what)
    _, kpi = options.company_and_kpi(workspace, company.id, what)
    names = _by_hand(company, kpi)
    if len(names) > 1:
        raise UsageError(
            f"choosing the register of {what}",
            f"it is computed from {', '.join(names)}",
            remedy=f"Say which: `kpi register template {company.id} {names[0]}`",
        )
    return _declared(company, names[0] if names else SCORECARD)


def _by_hand(company: Company, kpi: Kpi) -> list[str]:
    from kpi_pipeline.connectors.registers.formats import FORMATS

    streams = sources(facts_of(kpi, company), company.sources)
    return [name for source, name in streams if source == SOURCE and FORMATS[name].by_hand]


def _declared(company: Company, name: str) -> Any:
    """A register as the company writes it, or in its usual form where the company does not keep it yet."""
    from kpi_pipeline.connectors.registers import declared

    kept = company.sources[SOURCE].settings if SOURCE in company.sources else {}
    own = declared(kept) if kept.get("files") else {}
    return own[name] if name in own else declared({"files": [name]})[name]


def _register_of_file(company: Company, file: Path, name: str | None) -> Any:
    from kpi_pipeline.connectors.registers.files import is_for
    from kpi_pipeline.connectors.registers.formats import FORMATS

    chosen = [each for each in FORMATS if (each == name if name is not None else is_for(file.name, each))]
    if len(chosen) != 1:
        raise UsageError(
            f"judging {file.name}",
            f"there is no register {name!r}" if name is not None else "its name does not begin with that of a register",
            remedy=f"Say which with --as: {', '.join(FORMATS)}",
        )
    return _declared(company, chosen[0])


def _filled(workspace: Workspace, company: Company, what: str, register: str) -> dict[str, str]:
    """What is known already: the KPI, the last whole week, one of its owners, now."""
    now = workspace.now.astimezone(company.tz)
    monday = period_start(now.date(), "week")
    filled = {"entered_at": now.isoformat(timespec="seconds")}
    if what in company.kpis:
        owners = [company.people[each] for each in company.kpis[what].owners if each in company.people]
        filled["kpi_id"] = what
        if owners and owners[0].email is not None:
            filled["entered_by"] = owners[0].email
    if register == SCORECARD:
        last = period_start(monday.fromordinal(monday.toordinal() - 1), "week")
        sunday = next_period_start(last, "week").toordinal() - 1
        filled |= {
            "framework": company.id,
            "period_start": last.isoformat(),
            "period_end": last.fromordinal(sunday).isoformat(),
            "value": "0",
        }
    return filled
