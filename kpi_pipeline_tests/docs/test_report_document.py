"""The document about reports says what the code and the companies' files say; every row that asks for one has one.

KPI_UPDATE_GOLDEN=1 writes the generated parts anew.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from kpi_pipeline.catalogue import Company, explained_reports
from kpi_pipeline.catalogue.reporting import SECTIONS, Report, Section
from kpi_pipeline_tests.architecture.source import ROOT
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, judge, shipped

DOCUMENT = ROOT / "kpi_pipeline" / "docs" / "reports.md"

# Rows of the frameworks that ask for a report → the report, and what it has to have: a kind of section, the id of a
# text, or the KPIs of a section.
ROWS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "mister_dj monthly review": ("mister_dj", "monthly_review", ("scorecard", "engineering", "product", "finance")),
    "mister_dj quarterly review": ("mister_dj", "quarterly_review", ("scorecard", "process")),
    "mister_dj thresholds every quarter": ("mister_dj", "quarterly_review", ("targets", "threshold_review")),
    "dgskills monday sync": ("dgskills", "monday_scorecard", ("scorecard", "deviations", "actions")),
    "dgskills step 1": ("dgskills", "monday_scorecard", ("scorecard", "main_risk", "main_action")),
    "dgskills step 2": ("dgskills", "monday_scorecard", ("focus",)),
    "dgskills step 3": ("dgskills", "monday_scorecard", ("actions",)),
    "dgskills step 4": ("dgskills", "friday_update", ("actions", "decisions")),
    "dgskills wednesday": ("dgskills", "wednesday_pilots", ("pilots", "pilot_cohort_retention", "actions")),
    "dgskills friday": ("dgskills", "friday_update", ("deviations", "decisions", "actions")),
    "dgskills every four weeks": ("dgskills", "fourweekly_review", ("process", "forecast", "decisions", "direction")),
    "dgskills rollout": ("dgskills", "rollout_30d", ("scorecard", "rollout_w1_assets_updated")),
    "inpact progress": ("inpact", "monthly_progress", ("scorecard", "trust")),
    "inpact AI 200k": ("inpact", "monthly_progress", ("counter", "kpi04b_ai_mrr_added")),
    "inpact azure 10 x 10": (
        "inpact",
        "monthly_progress",
        ("blocks", "kpi09_azure_migration", "kpi09_systems_phased_out"),
    ),
    "inpact roadmap freeze": ("inpact", "monthly_progress", ("kpi05_strategic_roadmap", "kpi05_plan_slip")),
    "inpact MRR bridge": ("inpact", "monthly_progress", ("bridge", "mrr_reference", "mrr_now")),
    "inpact delivery by value": ("inpact", "monthly_progress", ("kpi07_tactical_delivery_cumulative",)),
    "inpact compliance": ("inpact", "monthly_progress", ("kpi18_iso_isae", "kpi19_dora", "kpi18_expiring")),
    "inpact projects split": ("inpact", "monthly_progress", ("kpi21_overrun_finished", "kpi21_overrun_running")),
    "inpact support baselines": ("inpact", "monthly_progress", ("kpi23_history_rpa", "kpi23_history_awi")),
    "inpact legacy register": ("inpact", "monthly_progress", ("kpi10_progress",)),
    "inopsio daily": ("inopsio", "daily_operations", ("scorecard", "alerts", "platform_uptime")),
    "inopsio weekly": ("inopsio", "weekly_business", ("scorecard", "summary")),
    "inopsio monthly": ("inopsio", "monthly_strategic", ("scorecard", "process")),
    "inopsio monthly trend analysis": ("inopsio", "monthly_strategic", ("process", "targets")),
    "inopsio quarterly": ("inopsio", "quarterly_governance", ("trust", "reconciliations", "corrections", "targets")),
    "inopsio cross-department review": ("inopsio", "quarterly_governance", ("recalibration",)),
    "inopsio controls": ("inopsio", "quarterly_governance", ("controls",)),
    "inopsio annual": ("inopsio", "annual_evaluation", ("scorecard", "targets")),
    "inopsio executive audit": ("inopsio", "annual_evaluation", ("objectives",)),
    "datainsight daily": (
        "datainsight_pro",
        "daily_metrics",
        ("system_uptime", "daily_active_users_pct", "trial_signups", "tickets_7d", "arr"),
    ),
    "datainsight weekly": (
        "datainsight_pro",
        "weekly_business_review",
        ("bridge", "bookings", "competitive_intelligence"),
    ),
    "datainsight monthly": (
        "datainsight_pro",
        "monthly_board_report",
        ("market_position", "initiatives", "gross_margin"),
    ),
    "datainsight quarterly": ("datainsight_pro", "quarterly_strategic_review", ("market", "roadmap", "team", "goals")),
    "datainsight stages": ("datainsight_pro", "quarterly_strategic_review", ("stages",)),
}


def has(section: Section) -> set[str]:
    return {section.kind, getattr(section, "id", section.kind), *section.uses()}


@pytest.fixture(scope="module")
def companies() -> dict[str, Company]:
    return dict(shipped()[0].companies)


@pytest.mark.parametrize("row", ROWS)
def test_every_row_has_its_report(companies: dict[str, Company], row: str) -> None:
    company, name, wanted = ROWS[row]
    report = companies[company].reports[name]
    shown = {each for section in report.sections for each in has(section)}
    assert set(wanted) <= shown


def test_every_report_is_asked_for_by_a_row(companies: dict[str, Company]) -> None:
    declared = {(company.id, name) for company in companies.values() for name in company.reports}
    assert declared == {(company, name) for company, name, _ in ROWS.values()}


def test_every_executive_report_has_the_trend_since_a_month_before(companies: dict[str, Company]) -> None:
    for name in ("daily_metrics", "weekly_business_review"):
        sections = companies["datainsight_pro"].reports[name].sections
        assert all(each.month for each in sections if each.kind == "scorecard")  # type: ignore[attr-defined]
    assert companies["datainsight_pro"].reports["monthly_board_report"].period.unit == "month"


def written(text: str, companies: dict[str, Company]) -> str:
    keys = "\n".join(f"| `{key}` | {said} |" for key, said in explained_reports.REPORT.items())
    sends = "\n".join(f"| `send`: `{key}` | {said} |" for key, said in explained_reports.SEND.items())
    parts = {
        "keys of reports": f"| key | what it is for |\n|---|---|\n{keys}\n{sends}\n",
        "sections": "\n".join(_section(name, model) for name, model in SECTIONS.items()) + "\n",
        "rows": _rows(companies),
        "reports": "".join(_company(company) for company in companies.values()),
    }
    for name, content in parts.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda match, new=content: f"{match[1]}\n{new}\n{match[2]}", text, flags=re.DOTALL)
    return text


def _rows(companies: dict[str, Company]) -> str:
    lines = []
    for row, (company, name, wanted) in ROWS.items():
        report = companies[company].reports[name]
        shown = [
            section.heading("en") or section.kind.capitalize()
            for section in report.sections
            if has(section) & set(wanted)
        ]
        lines.append(
            f"| {row} | {report.title('en')} (`{company}/report/{name}/`) | {', '.join(dict.fromkeys(shown))} |"
        )
    return "| row | page | where on it |\n|---|---|---|\n" + "\n".join(lines) + "\n"


def _section(name: str, model: type[Section]) -> str:
    own = [key for key in model.model_fields if key not in ("kind", "title", "note", "line")]
    keys = ", ".join(f"`{key}`" + ("" if model.model_fields[key].is_required() else "?") for key in own)
    said = " ".join((model.__doc__ or "").split())
    return f"- `{name}`: {said}{f' Keys: {keys}.' if keys else ''}"


def _company(company: Company) -> str:
    rows = [
        f"| `{report.id}` | {report.title('en')} | {report.period}, {report.due} | {_sent(report)} "
        f"| {'<br>'.join(report.origin)} | {_shown(report)} |"
        for report in company.reports.values()
    ]
    head = "| report | name | period, due | goes to | what asks for it | sections |\n|---|---|---|---|---|---|\n"
    return f"### {company.name}\n\n{head}" + "\n".join(rows) + "\n\n"


def _sent(report: Report) -> str:
    return ", ".join(each.channel or f"folder `{each.folder}`" for each in report.send) or "the pages"


def _shown(report: Report) -> str:
    return ", ".join(each.heading("en") or each.kind for each in report.sections)


def test_the_document_says_what_there_is(companies: dict[str, Company]) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    new = written(text, companies)
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        DOCUMENT.write_text(new, encoding="utf-8")
        return
    assert text == new, "KPI_UPDATE_GOLDEN=1 writes it anew; look at the difference first"


def test_the_example_is_accepted(tmp_path: Path) -> None:
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    folder = tmp_path / "acme"
    folder.mkdir()
    for name, text in (("company", COMPANY), ("kpis", KPI), ("reports", example)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert [str(issue) for issue in judge(tmp_path)[1]] == []
