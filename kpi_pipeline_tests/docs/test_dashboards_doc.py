"""The table of dashboards in the documents: every row of the frameworks has a page that is declared, and vice versa."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import kpi_pipeline
from kpi_pipeline.analytics import KINDS
from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.catalogue.dashboards import PANELS, Beneath, Manual, Model, Scores
from kpi_pipeline.flow.workspace import read_catalogue
from kpi_pipeline.settings import Settings

DOCUMENT = (Path(kpi_pipeline.__file__).parent / "docs" / "dashboards.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| `([a-z_]+\.[a-z_0-9]+)` \| `([a-z_/]+)\.html` \|", DOCUMENT, re.M))
# Every dashboard, cohort and model row of the five frameworks.
FRAMEWORK = {
    "mister_dj": ("grafana_technical", "hubspot_commercial"),
    "dgskills": ("weekly_dashboard", "forecast_8w"),
    "inopsio": (
        "dash_business_performance",
        "dash_security_compliance",
        "dash_technical_reliability",
        "dash_customer_success",
        "dash_revenue_ops",
        "panel_user_metrics",
    ),
    "datainsight_pro": (
        "dash_executive",
        "dash_product",
        "dash_sales",
        "dash_customer_success",
        "dash_ceo",
        "dash_cto",
        "dash_head_of_sales",
        "dash_head_of_cs",
        "initiatives",
        "cohort_retention",
        "cohort_revenue",
        "cohort_feature_adoption",
        "trend_column",
        "churn_rf",
        "mrr_prophet",
        "rfm",
    ),
}
# What a row names, as (kind of panel, what it shows): KPIs, a group, or a table and its view.
NAMED = {
    "datainsight_pro.dash_executive": [
        "tiles arr revenue_growth_rate monthly_churn_rate customers_total nps ltv_cac_ratio",
        "trend mrr",
        "funnel website_traffic trial_signups new_customers",
        "data initiatives",
    ],
    "datainsight_pro.dash_product": [
        "tiles monthly_active_users_pct daily_active_users_pct session_duration mabv dashboards_per_user "
        "feature_adoption_core",
        "data feature_use",
        "data journey",
        "data customer_cohorts customers",
    ],
    "datainsight_pro.dash_sales": [
        "tiles open_pipeline win_rate average_contract_value sales_cycle_length trial_signups trial_to_paid",
        "data lead_funnel",
        "data pipeline forecast",
        "data leaderboard",
    ],
    "datainsight_pro.dash_customer_success": [
        "tiles nps csat monthly_churn_rate tickets_per_100_customers first_response_time net_revenue_retention",
        "data health distribution",
        "data health trend",
        "data health at_risk",
        "model Churn prediction",
        "data health expansion",
    ],
    "datainsight_pro.dash_ceo": [
        "trend arr",
        "columns new_mrr churned_mrr",
        "manual Market position",
        "data initiatives",
    ],
    "datainsight_pro.dash_cto": [
        "process page_load_time",
        "process feature_velocity",
        "manual Security and compliance",
    ],
    "datainsight_pro.dash_head_of_sales": [
        "data pipeline_outcome",
        "data pipeline accuracy",
        "data leaderboard",
        "data win_loss",
        "trend cac",
    ],
    "datainsight_pro.dash_head_of_cs": [
        "data health at_risk",
        "model Churn prediction",
        "data health expansion",
        "process nps",
    ],
    "datainsight_pro.cohort_revenue": ["data customer_cohorts revenue"],
    "datainsight_pro.cohort_feature_adoption": ["data feature_cohorts"],
    "mister_dj.grafana_technical": [
        "tiles website_availability queue_backlog_max retry_age_p95 p1_resolution_time_avg"
    ],
    "mister_dj.hubspot_commercial": [
        "tiles lead_to_booking_conversion lead_response_time_avg net_revenue_per_booking nps_post_event "
        "nps_response_rate cash_runway_months"
    ],
    "dgskills.weekly_dashboard": [
        "scores Commercieel",
        "scores Productgebruik",
        "scores Delivery",
        "scores USP & marktvalidatie",
    ],
    "dgskills.forecast_8w": [
        "forecast new_leads demos_planned demo_to_pilot_conversion pilot_to_contract_conversion acv_closed_deals "
        "teacher_activation_7d wau_students assignment_completion_ratio pilot_cohort_retention onboarding_lead_time "
        "first_response_time_support open_p1_p2_tickets nps_satisfaction_teachers usp_resonance vso_adoption "
        "report_usage implementation_speed"
    ],
    "datainsight_pro.churn_rf": ["model Churn prediction"],
    "datainsight_pro.mrr_prophet": ["model MRR forecast"],
    "datainsight_pro.rfm": ["model Customer segments"],
    "inopsio.dash_business_performance": ["scores Business Performance"],
    "inopsio.dash_security_compliance": ["scores Security & Compliance"],
    "inopsio.dash_technical_reliability": ["scores Technical Reliability"],
    "inopsio.dash_customer_success": ["scores Customer Success"],
    "inopsio.dash_revenue_ops": ["scores Revenue Ops"],
    "inopsio.panel_user_metrics": ["process page_views_per_session"],
}


@pytest.fixture(scope="module")
def shipped() -> Catalogue:
    return read_catalogue(Settings.from_environment({}))


def shown(shipped: Catalogue, page: str) -> set[str]:
    """The panels of a page in the words of NAMED."""
    company, _, board = page.split("/")
    panels = shipped.companies[company].dashboards.boards[board].panels
    found = set()
    for panel in panels:
        if isinstance(panel, Beneath):
            found.add(f"data {panel.data} {panel.view}".strip())
        elif isinstance(panel, Manual | Model):
            found.add(f"{panel.kind} {panel.heading('en')}")
        else:
            found.add(" ".join([panel.kind, *(panel.uses() or [getattr(panel, "group", "")])]).strip())
    return found


def test_every_row_of_the_frameworks_has_a_page_and_nothing_else_is_claimed() -> None:
    assert set(ROWS) == {f"{company}.{row}" for company, rows in FRAMEWORK.items() for row in rows}


def test_every_page_of_the_table_is_declared_and_every_dashboard_is_in_the_table(shipped: Catalogue) -> None:
    declared = {
        f"{company.id}/dashboard/{board}"
        for company in shipped.companies.values()
        for board in company.dashboards.boards
    }
    assert set(ROWS.values()) == declared


@pytest.mark.parametrize("row", NAMED)
def test_a_page_has_every_panel_that_its_row_names(shipped: Catalogue, row: str) -> None:
    assert set(NAMED[row]) <= shown(shipped, ROWS[row])


def test_the_weekly_board_has_the_seventeen_kpis_of_its_layers(shipped: Catalogue) -> None:
    company = shipped.companies["dgskills"]
    layers = {getattr(panel, "group", "") for panel in company.dashboards.boards["weekly"].panels}
    assert sum(kpi.group in layers for kpi in company.headline_kpis()) == 17


def test_every_kpi_of_inopsio_is_on_exactly_one_of_its_five_boards(shipped: Catalogue) -> None:
    company = shipped.companies["inopsio"]
    panels = [panel for board in company.dashboards.boards.values() for panel in board.panels]
    groups = [panel.group for panel in panels if isinstance(panel, Scores)]
    assert sorted(groups) == sorted({kpi.group for kpi in company.headline_kpis()})
    assert len(groups) == 5


def test_the_document_names_every_kind_of_panel_and_table() -> None:
    for kind in PANELS:
        assert f"`{kind}`" in DOCUMENT
    assert set(re.findall(r"^\| `([a-z_]+)` \| (?:`|\|)", DOCUMENT, re.M)) == set(KINDS)
