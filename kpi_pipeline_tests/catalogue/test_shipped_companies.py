"""The companies that ship: without an error, and every KPI in as few lines as the README promises."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner, Result

from kpi_pipeline.catalogue.lock import accept
from kpi_pipeline.cli.app import app
from kpi_pipeline.settings import COMPANIES
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, Read, changed, judge, shipped

UNCOUNTED = (
    "#",
    "- {since:",
    "reading_in:",
    "contradiction_in:",
)  # a path of targets is one line a date, a translation says nothing new
IDS = sorted(path.parent.name for path in COMPANIES.glob("[!_]*/company.yaml"))


def check(root: Path) -> Result:
    return CliRunner().invoke(app, ["catalogue", "check"], env={"KPI_COMPANIES": str(root)})


def test_the_shipped_companies_have_no_error() -> None:
    catalogue, issues = shipped()
    assert [str(issue) for issue in issues if issue.severity == "error"] == []
    assert sorted(catalogue.companies) == IDS
    assert IDS


@pytest.mark.parametrize("company", IDS)
def test_every_entry_is_a_screenful_at_most(company: str) -> None:
    folder = COMPANIES / company
    files = sorted((folder / "kpis").glob("*.yaml")) or [folder / "kpis.yaml"]
    lengths = {}
    for lines in (file.read_text().splitlines() for file in files):
        starts = [number for number, line in enumerate(lines) if line.startswith("- id:")]
        for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
            entry = [line for line in lines[start:end] if line.strip() and not line.lstrip().startswith(UNCOUNTED)]
            lengths[entry[0].removeprefix("- id: ")] = len(entry)
    # Nine keys every KPI has, and those it may have: target, warning, critical, min_n, reading, settles_after …; a
    # ratio of long conditions, or a cohort with its four columns, takes some more.
    assert {name: length for name, length in lengths.items() if not 9 <= length <= 22} == {}
    assert len(lengths) == len(shipped()[0].companies[company].kpis)


def test_the_command_line_says_file_and_line_and_exits_with_11(read: Read, tmp_path: Path) -> None:
    accept(read()[0].companies["acme"], tmp_path / "companies")
    read(KPI.replace("critical:", "critcal:"), COMPANY.replace("deputy: bob", "deputy: bop"))
    done = check(tmp_path / "companies")
    assert done.exit_code == 11
    assert done.stdout.splitlines() == [
        "acme/company.yaml:11: error: ann: unknown deputy 'bop'; did you mean 'bob'?",
        "acme/kpis.yaml:10: error: unknown key 'critcal' in KPI leads; did you mean 'critical'?",
        "1 KPIs, 1 alert rules, 2 errors, 0 contradictions, 0 warnings",
    ]


def test_the_command_line_accepts_what_is_right(read: Read, tmp_path: Path) -> None:
    accept(read()[0].companies["acme"], tmp_path / "companies")
    done = check(tmp_path / "companies")
    assert (done.exit_code, done.stdout, done.stderr) == (
        0,
        "1 KPIs, 1 alert rules, 0 errors, 0 contradictions, 0 warnings\n",
        "",
    )


def test_targets_that_cannot_all_be_reached_are_told_with_their_numbers() -> None:
    told = [issue.message for issue in shipped()[1] if issue.rule == "derived-target"]
    for message in (
        "KPI arr: from 2025-12-01 on the target >= 25000000 is not 12 * mrr = 24000000 (targets: mrr >= 2000000)",
        "KPI annual_churn_rate: the target < 5 is not 100 * (1 - (1 - monthly_churn_rate / 100) ^ 12) = 21.5283 "
        "(targets: monthly_churn_rate < 2)",
        "KPI signup_conversion_rate: the target >= 3.0 is not 100 * trial_signups / website_traffic = 1 "
        "(targets: trial_signups >= 500, website_traffic >= 50000)",
    ):
        assert message in told


def test_a_target_that_moves_alone_is_told(tmp_path: Path) -> None:
    def told() -> list[str]:
        issues = judge(tmp_path)[1]
        return [str(issue) for issue in issues if issue.rule == "derived-target" and "arr" in issue.message]

    copytree(COMPANIES / "inopsio", tmp_path / "inopsio")
    assert told() == []
    path = tmp_path / "inopsio" / "kpis" / "2_financial.yaml"
    path.write_text(changed(path.read_text(encoding="utf-8"), '"> 100000"', '"> 110000"'), encoding="utf-8")
    assert len(told()) == 1
    assert "from 2025-12-31 on the target > 1200000 is not 12 * mrr = 1320000 (targets: mrr > 110000)" in told()[0]


def test_only_what_counts_from_a_fixed_day_says_so() -> None:
    companies = shipped()[0].companies.values()
    found = {kpi.id for company in companies for kpi in company.kpis.values() if kpi.params.counts_from_a_fixed_day}
    assert {"kpi01_revenue_churn", "kpi02_new_business", "kpi03_cross_upsell_net", "kpi11_legacy_conversion"} <= found
    bases = {str(getattr(kpi.params, "base", "")) for company in companies for kpi in company.kpis.values()}
    moving = {each for each in bases if each and not each.startswith("20")}
    assert moving, "there are cohorts whose base moves along, and they are not meant"
    assert all(
        str(getattr(kpi.params, "base", "")).startswith("20") == kpi.params.counts_from_a_fixed_day
        for company in companies
        for kpi in company.kpis.values()
    )
