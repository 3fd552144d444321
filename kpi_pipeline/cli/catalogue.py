"""`kpi catalogue`: list and show what the companies declare; beside it what checks and writes their files."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from kpi_pipeline.alerts.rules import rules_reading
from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.display import NOTHING, threshold_text
from kpi_pipeline.catalogue.model import Rule, Threshold, in_force
from kpi_pipeline.catalogue.rules.formulas import references
from kpi_pipeline.cli import catalogue_files, options
from kpi_pipeline.cli.output import console, next_step, table, write_json
from kpi_pipeline.cli.rule_lines import print_rule, print_rules, rule_document
from kpi_pipeline.facts import columns, sources
from kpi_pipeline.metrics import words
from kpi_pipeline.metrics.uses import columns_of, facts_of

KEYS = ("target", "warning", "critical")

app = typer.Typer(help="Check, list and show what the companies declare.", no_args_is_help=True)
app.command()(catalogue_files.check)
app.command()(catalogue_files.accept)
app.command()(catalogue_files.schema)
app.command()(catalogue_files.pages)


@app.command(name="list")
def list_kpis(
    company: Annotated[str | None, typer.Argument(help="Company id (default: all).")] = None,
    as_json: options.Json = False,
) -> None:
    """The KPIs of a company with the target in force today, companions indented; and its rules of alerts."""
    with options.open_workspace() as workspace:
        chosen = [workspace.company(company)] if company else list(workspace.catalogue.companies.values())
        now = workspace.now
    if as_json:
        write_json([_listed_company(each) for each in chosen])
        return
    for each in chosen:
        rows = []
        day = now.astimezone(each.tz).date()
        for kpi in each.headline_kpis():
            for listed in (kpi, *each.companions(kpi.id)):
                target = threshold_text(in_force(listed.target, day), listed.unit, each.language)
                name = listed.id if listed is kpi else f"  {listed.id}"
                owners = ", ".join(listed.owners) if listed is kpi else ""
                rows.append((name, listed.title(each.language), listed.kind, listed.window, target, owners))
        table(
            f"{each.name} ({len(each.kpis)})", ("id", "name", "kind", "window", "target", "owners"), rows, whole=("id",)
        )
        if each.alerts.rules:
            console.print()
            print_rules(each, each.alerts.rules, f"alerts.yaml ({len(each.alerts.rules)})")


@app.command()
def show(
    company: options.CompanyArg,
    kpi: Annotated[str, typer.Argument(help="KPI id, for example website_availability, or the id of a rule.")],
    as_json: options.Json = False,
) -> None:
    """One definition: in words, its sources, its targets over time with who approved them, its rules of alerts."""
    with options.open_workspace() as workspace:
        rule = next((each for each in workspace.company(company).alerts.rules if each.id == kpi), None)
        if rule is not None and kpi not in workspace.company(company).kpis:
            _show_rule(workspace.company(company), rule, as_json)
            return
        company_, kpi_ = options.company_and_kpi(workspace, company, kpi)
        today = workspace.now.astimezone(company_.tz).date()
    if as_json:
        write_json(_shown(company_, kpi_))
        return
    language = company_.language
    console.print(f"[bold]{kpi_.title(language)}[/bold]  {kpi_.file}:{kpi_.line}")
    console.print(words.describe(company_, kpi_, language), markup=False)
    details = {
        "read as": kpi_.reading,
        "printed as": kpi_.origin,
        "owners": ", ".join(f"{company_.name_of(owner)} ({company_.role_of(owner)})" for owner in kpi_.owners),
        "cadence": kpi_.cadence,
        "version": f"{kpi_.version}, {kpi_.definition_hash}",
        "computed from": "; ".join(
            f"{fact}: {', '.join(named)}" for fact, named in columns_of(kpi_, company_, columns()).items()
        ),
        "other KPIs": ", ".join(references(kpi_)),
        "companion of": kpi_.companion_of,
        "companions": ", ".join(each.id for each in company_.companions(kpi_.id)),
        "sources": ", ".join(_sources(company_, kpi_)),
        "target follows": "; ".join(kpi_.target_follows),
    }
    for label, text in details.items():
        if text:
            console.print(f"  {label}: {text}", markup=False, soft_wrap=True)
    for text in kpi_.contradiction:
        console.print(f"  contradiction: {text}", markup=False, soft_wrap=True)
    steps = [
        (
            key,
            threshold_text(threshold, kpi_.unit, language),
            "as printed" if threshold.since is None else str(threshold.since),
            ", ".join(f"{each.by} {each.on}" for each in threshold.approved_by) or NOTHING,
            "today" if threshold is in_force(getattr(kpi_, key), today) else "",
        )
        for key in KEYS
        for threshold in getattr(kpi_, key)
    ]
    if steps:
        table("", ("", "is", "since", "approved by", "in force"), steps)
    if rules := rules_reading(company_, [kpi_.id]):
        console.print()
        print_rules(company_, rules, "alerts")


def _show_rule(company: Company, rule: Rule, as_json: bool) -> None:
    if as_json:
        write_json(rule_document(company, rule))
        return
    print_rule(company, rule)
    next_step(f"kpi alerts who {company.id} {rule.id}, for who would be told")


def _listed_company(company: Company) -> dict[str, Any]:
    rules = [rule_document(company, rule) for rule in company.alerts.rules]
    return {"company": company.id, "kpis": [_listed(kpi) for kpi in company.kpis.values()], "rules": rules}


def _listed(kpi: Kpi) -> dict[str, Any]:
    return {
        "id": kpi.id,
        "name": kpi.name,
        "kind": kpi.kind,
        "window": kpi.window,
        "unit": kpi.unit,
        "better": kpi.better,
        **{key: [_step(threshold) for threshold in getattr(kpi, key)] for key in KEYS},
        "owners": kpi.owners,
        "cadence": kpi.cadence,
        "companion_of": kpi.companion_of,
        "version": kpi.version,
        "contradictions": len(kpi.contradiction),
    }


def _shown(company: Company, kpi: Kpi) -> dict[str, Any]:
    return {
        **kpi.model_dump(mode="json", exclude=set(KEYS)),
        **{key: [_step(threshold) for threshold in getattr(kpi, key)] for key in KEYS},
        "definition": {language: words.describe(company, kpi, language) for language in words.LANGUAGES},
        "definition_hash": kpi.definition_hash,
        "facts": columns_of(kpi, company, columns()),
        "kpis": references(kpi),
        "companions": [each.id for each in company.companions(kpi.id)],
        "sources": _sources(company, kpi),
        "rules": [rule_document(company, rule) for rule in rules_reading(company, [kpi.id])],
    }


def _step(threshold: Threshold) -> dict[str, Any]:
    return {"is": str(threshold), **threshold.model_dump(mode="json")}


def _sources(company: Company, kpi: Kpi) -> list[str]:
    return [f"{source}/{stream}" for source, stream in sources(facts_of(kpi, company), company.sources)]
