"""`kpi catalogue` on the command line: what it shows to people and to machines, and what it keeps."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from kpi_pipeline.cli.app import app
from kpi_pipeline.errors import CatalogueError
from kpi_pipeline_tests.catalogue.conftest import ALERTS, COMPANY, KPI, Read, changed

AGREED = "approved_by: [{by: ann, on: 2026-05-20}, {by: bob, on: 2026-05-21}]"
COMPANION = """\
- id: leads_share
  companion_of: leads
  name: {nl: Aandeel, en: Share}
  kind: formula
  expression: leads / leads
  window: rolling 30 days
  unit: percent
  better: higher
  owners: [ann]
  cadence: daily
  origin: Companion of row 1
"""
DATED = changed(KPI, '">= 50"', f"[{{is: '>= 50'}}, {{is: '>= 55', since: 2026-06-01, {AGREED}}}]").replace(
    "row 1", "row 1\n  contradiction: 3 + 3 are 6, printed 7\n  reading: As printed"
)


@pytest.fixture
def kpi(tmp_path: Path):  # type: ignore[no-untyped-def]
    def run(*words: str) -> Result:
        settings = {
            "KPI_COMPANIES": str(tmp_path / "companies"),
            "KPI_HOME": str(tmp_path / "home"),
            "KPI_HASH_SALT": "s",
        }
        return CliRunner().invoke(app, ["catalogue", *words], env=settings)

    return run


def document(result: Result) -> Any:
    assert result.exit_code in (0, 11), result.output
    return json.loads(result.stdout)


def test_show_tells_everything_of_a_definition(read: Read, kpi) -> None:  # type: ignore[no-untyped-def]
    read(DATED + COMPANION)
    done = kpi("show", "acme", "leads")
    assert done.exit_code == 0, done.output
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for expected in (
        "Leads acme/kpis.yaml:1",
        "read as: As printed",
        "printed as: row 1",
        "owners: Ann (Sales), On duty (On duty)",
        "computed from: lead: created_at",
        "companions: leads_share",
        "contradiction: 3 + 3 are 6, printed 7",
        "target ≥ 50 as printed –",
        "target ≥ 55 2026-06-01 ann 2026-05-20, bob 2026-05-21 today",
        "warning < 40 as printed – today",
    ):
        assert expected in lines
    assert "companion of: leads" in " ".join(kpi("show", "acme", "leads_share").stdout.split())


def test_show_says_the_same_to_a_machine(read: Read, kpi) -> None:  # type: ignore[no-untyped-def]
    read(DATED + COMPANION)
    shown = document(kpi("show", "acme", "leads", "--json"))
    assert shown["params"]["of"][0]["fact"] == "lead"
    assert [(each["is"], each["since"]) for each in shown["target"]] == [(">= 50", None), (">= 55", "2026-06-01")]
    assert shown["target"][1]["approved_by"] == [{"by": "ann", "on": "2026-05-20"}, {"by": "bob", "on": "2026-05-21"}]
    assert (shown["facts"], shown["contradiction"]) == ({"lead": ["created_at"]}, ["3 + 3 are 6, printed 7"])
    assert shown["companions"] == ["leads_share"]
    share = document(kpi("show", "acme", "leads_share", "--json"))
    assert (share["kpis"], share["facts"]) == (["leads"], {"lead": ["created_at"]})


def test_list_has_companions_below_their_kpi(read: Read, kpi) -> None:  # type: ignore[no-untyped-def]
    read(DATED + COMPANION)
    lines = kpi("list", "acme").stdout.splitlines()
    assert [line.split("  ")[0] for line in lines[:3]] == ["Acme (2)", "id", "leads"]
    assert lines[3].startswith("  leads_share  Aandeel")
    assert "≥ 55" in lines[2]
    listed = document(kpi("list", "--json"))
    assert [(each["company"], [entry["id"] for entry in each["kpis"]]) for each in listed] == [
        ("acme", ["leads", "leads_share"])
    ]


def test_check_counts_by_severity_and_prints_lines_as_they_are(read: Read, kpi) -> None:  # type: ignore[no-untyped-def]
    faulty = changed(DATED, "unit: count", "unit: coutn")
    read("# \n" * 99 + faulty, changed(COMPANY, "deputy: bob", "deputy: bop"))
    done = kpi("check")
    assert done.exit_code == CatalogueError.exit_code == 11
    assert done.stdout.splitlines()[-1] == "1 KPIs, 1 alert rules, 2 errors, 1 contradictions, 0 warnings"
    assert "acme/kpis.yaml:105: error: KPI leads: unknown unit 'coutn'; did you mean 'count'?" in done.stdout
    found = document(kpi("check", "--json"))
    assert (found["errors"], found["contradictions"], found["warnings"]) == (2, 1, 0)
    assert [issue["line"] for issue in found["issues"]] == [11, 105, 113]
    read("# \n" * 99 + changed(KPI, "- id: leads", "- id: leads\n  id: leads"))
    assert "acme/kpis.yaml:101: error: not valid YAML" in kpi("check").stdout
    read("#\n" * 94 + faulty)
    assert "acme/kpis.yaml:100: error: KPI leads: unknown unit" in kpi("check").stdout


def test_accept_keeps_and_check_compares(read: Read, kpi) -> None:  # type: ignore[no-untyped-def]
    read()
    assert document(kpi("accept", "--json"))[0]["kpis"] == 1
    assert kpi("check").stdout == "1 KPIs, 1 alert rules, 0 errors, 0 contradictions, 0 warnings\n"
    read(changed(KPI, "rolling 30 days", "rolling 7 days"))
    assert kpi("check").exit_code == 11
    refused = kpi("accept", "acme")
    assert isinstance(refused.exception, CatalogueError)
    assert "write version: 2" in str(refused.exception)
    read(changed(KPI, "rolling 30 days", "rolling 7 days\n  version: 2"))
    assert kpi("accept", "acme").exit_code == 0
    assert (kpi("check").exit_code, kpi("check").stdout) == (
        0,
        "1 KPIs, 1 alert rules, 0 errors, 0 contradictions, 0 warnings\n",
    )


def test_rules_of_alerts_are_listed_shown_and_counted(read: Read, kpi) -> None:  # type: ignore[no-untyped-def]
    read(alerts=ALERTS)
    assert document(kpi("accept", "--json"))[0]["kpis"] == 1
    assert kpi("check").stdout == "1 KPIs, 5 alert rules, 0 errors, 0 contradictions, 0 warnings\n"
    assert document(kpi("check", "--json"))["rules"] == 5
    listed = " ".join(kpi("list", "acme").stdout.split())
    assert "alerts.yaml (5)" in listed
    assert "hundred_leads Leads ann, duty acme/alerts.yaml:52 ter info ≥ 100; uiterlijk 31 december 2026" in listed
    (company,) = document(kpi("list", "--json"))
    assert [rule["id"] for rule in company["rules"]][:2] == ["few_leads", "leads_quiet"]
    assert company["rules"][1]["words"]["en"].startswith(
        "critical if Leads < 10 and at least 1 of: Leads ≤ 0.5 × the mean of 28 days, mean Leads over 7 days < 5, "
        "Leads better than last month by at least 2; asks for a decision within 5 working days"
    )


def test_show_tells_a_kpi_with_its_rules_and_a_rule_by_itself(read: Read, kpi) -> None:  # type: ignore[no-untyped-def]
    read(alerts=ALERTS)
    shown = " ".join(kpi("show", "acme", "leads").stdout.split())
    assert (
        "few_leads Leads ann, duty acme/alerts.yaml:24 waarschuwing < 40, kritiek < 30; beoordeeld elke week" in shown
    )
    assert [rule["id"] for rule in document(kpi("show", "acme", "leads", "--json"))["rules"]] == [
        "few_leads", "leads_quiet", "hundred_leads", "own_limits",
    ]  # fmt: skip
    lines = [" ".join(line.split()) for line in kpi("show", "acme", "leads_quiet").stdout.splitlines()]
    for expected in ("Stil acme/alerts.yaml:34", "owners: Ann", "asks: Wat nu?", "action: Bel rond", "KPIs: leads"):
        assert expected in lines
    rule = document(kpi("show", "acme", "leads_quiet", "--json"))
    assert (rule["subject"], rule["level"], rule["line"]) == ("leads_quiet", "critical", 34)
    review = kpi("show", "acme", "review").stdout
    assert "herinnering elke maand, dag -1 om 09:00" in review
