"""What has to agree is compared, a difference has an age and may be explained by a person until that expires."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.errors import CatalogueError
from kpi_pipeline.flow.audited import audit_file, run_audit
from kpi_pipeline.flow.measure import measure
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.reports.audited import Audited
from kpi_pipeline.reports.trust import trust_lines
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.plan_company import NOW, installed, load

DAY = date(2025, 3, 19)
AUDIT = """
reconcile:
  - id: rows_of_the_plan
    name: {en: Rows of the plan}
    left: {kind: count, of: {fact: milestone, time: planned_day, count: rows}}
    right: {kind: formula, expression: migration / 30}
    window: rolling 30 days
    unit: count
    tolerance: 0
    kpis: [migration]
    owners: [bob]
    reading: One milestone of the plan is worth 30 points.
"""
EXPLAINED = """
explained:
  - {{rule: rows_of_the_plan, first: 2025-03-01, last: 2025-03-31, by: bob, reason: a second plan, expires: {expires}}}
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = installed(tmp_path)
    declare(tmp_path, AUDIT)
    load(found, "l1")
    return found


def declare(root: Path, text: str) -> None:
    (root / "companies" / "acme" / "audit.yaml").write_text(text, encoding="utf-8")


def compute(settings: Settings) -> None:
    with Workspace(settings, now=NOW) as workspace:
        company = workspace.company("acme")
        measure(workspace, company, list(company.kpis.values()), DAY - timedelta(days=30), DAY, run_id="r1")


def audited(settings: Settings, run_id: str = "a1", days: int = 0) -> Audited:
    with Workspace(settings, now=NOW + timedelta(days=days)) as workspace:
        return run_audit(workspace, workspace.company("acme"), run_id=run_id)


def test_two_ways_to_count_that_agree_are_reconciled(settings: Settings) -> None:
    (found,) = audited(settings).reconciliations
    verdict = found.verdict
    assert (verdict.rule, verdict.verdict, verdict.day) == ("rows_of_the_plan", "ok", DAY)
    assert (verdict.left, verdict.right, verdict.difference, verdict.kpis) == (1, 1, 0, ("migration",))


def test_a_difference_beyond_the_tolerance_is_open_and_ages(settings: Settings, tmp_path: Path) -> None:
    declare(tmp_path, AUDIT.replace("migration / 30", "migration / 10"))
    audited(settings)
    (found,) = audited(settings, "a2", days=3).open
    assert (found.verdict.difference, found.open_since, found.age_days) == (-2, DAY, 3)


@pytest.mark.parametrize(
    ("expires", "verdict", "reason"),
    [("2025-06-01", "explained", "a second plan"), ("2025-03-31", "differs", "explanation_expired")],
)
def test_an_explained_difference_is_no_open_one_until_it_expires(
    settings: Settings, tmp_path: Path, expires: str, verdict: str, reason: str
) -> None:
    declare(tmp_path, AUDIT.replace("migration / 30", "migration / 10") + EXPLAINED.format(expires=expires))
    with Workspace(settings, now=NOW + timedelta(days=30)) as workspace:
        found = run_audit(workspace, workspace.company("acme"), DAY, run_id="a1")
    (one,) = found.reconciliations
    assert (one.verdict.verdict, one.verdict.reason, one.verdict.by) == (verdict, reason, "bob")


def test_an_open_difference_takes_green_from_the_kpis_it_speaks_of(settings: Settings, tmp_path: Path) -> None:
    compute(settings)
    declare(tmp_path, AUDIT.replace("migration / 30", "migration / 10"))
    audited(settings)
    with Workspace(settings, now=NOW) as workspace:
        rows = [workspace.history.value("acme", kpi, DAY) for kpi in ("migration", "satisfaction")]
        lines = trust_lines(workspace.history, workspace.company("acme"), [row for row in rows if row], known_at=NOW)
    vetoes = [line.veto for line in lines]
    assert vetoes[0] is not None
    assert (vetoes[0].reason, vetoes[0].about) == ("open_difference", ("rows_of_the_plan",))
    assert vetoes[1] is None


def test_the_file_names_every_kpi_and_what_could_not_be_judged(settings: Settings) -> None:
    compute(settings)
    audited(settings)
    with Workspace(settings, now=NOW) as workspace:
        document = json.loads(audit_file(workspace, workspace.company("acme")).read_bytes())
    assert document["counts"] == {"differs": 0, "suspect": 0, "explained": 0, "not_evaluated": 2, "ok": 5}
    kinds = {(each["rule"], each["subject"]): each["verdict"] for each in document["verdicts"]}
    assert kinds["level", "satisfaction"] == "not_evaluated"
    assert kinds["rows_of_the_plan", "rows_of_the_plan"] == "ok"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("migration / 30", "migraton / 30", r"audit.yaml:3: .*there is no KPI 'migraton'; did you mean 'migration'"),
        ("owners: [bob]", "owners: [rob]", r"unknown owner 'rob'; did you mean 'bob'"),
        ("kpis: [migration]", "kpi: [migration]", r"audit.yaml:10: error: unknown key 'kpi'"),
        ("kind: count", "kind: cuont", r"audit.yaml:5: .*left: unknown kind 'cuont'"),
        ("count: rows}}", "cuont: rows}}", r"audit.yaml:5: .*left: of.0.cuont: unknown key 'cuont'"),
        ("rows_of_the_plan\n", "level\n", r"level is the name of an audit of every KPI"),
        ("tolerance: 0", "tolerance: much", r"'much': write a step in the KPI's unit"),
        (AUDIT, "reconcile: 3", r"audit.yaml:1: error: reconcile must be a list"),
        (AUDIT, EXPLAINED.format(expires="2025-03-05"), r"nothing is audited under that name"),
        (AUDIT, EXPLAINED.format(expires="2025-03-05"), r"expires on 2025-03-05, before the last day"),
    ],
)
def test_a_fault_of_the_file_has_its_line(settings: Settings, tmp_path: Path, old: str, new: str, message: str) -> None:
    declare(tmp_path, AUDIT.replace(old, new))
    with Workspace(settings, now=NOW) as workspace, pytest.raises(CatalogueError, match=message):
        workspace.company("acme")
