"""Panels over tables beneath the KPIs: what each says of rows worked out by hand, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.dashboards import Beneath
from kpi_pipeline.history.panel_table import PanelTable, save
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.panels import Context, render
from kpi_pipeline.reports.panels.beneath import VIEWS
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.tables import Tables
from kpi_pipeline_tests.reports import table_rows
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, company_of, kpi
from kpi_pipeline_tests.reports.read_back import Page, as_kept, read
from kpi_pipeline_tests.reports.table_rows import ROWS, declared

FEATURES = {"reports": {"nl": "Rapporten"}, "api": {"nl": "API <b>"}}
PARAMS: Mapping[str, Mapping[str, Any]] = {
    "customer_cohorts": {"months": [0, 1, 3], "customer_targets": {1: 95}, "revenue_targets": {3: 115}},
    "feature_cohorts": {"features": FEATURES, "weeks": [1, 4]},
    "feature_use": {"features": FEATURES},
    "journey": {"features": FEATURES},
    "lead_funnel": {},
    "pipeline": {},
    "pipeline_outcome": {},
    "leaderboard": {"reps": [{"owner": "1", "name": "Ann <b>"}, {"owner": "2", "name": "Bob"}]},
    "win_loss": {},
    "health": {"features": FEATURES, "plans": ["Team", "Business"]},
    "initiatives": {"kpi": "initiatives"},
}
Rows = Sequence[Mapping[str, Any]]


def company(params: Mapping[str, Mapping[str, Any]] = PARAMS) -> Company:
    return company_of(kpi("conversie"), dashboards=declared(params))


def keep(store: HistoryStore, kind: str, rows: Rows, day: date = YESTERDAY, known: datetime | None = None) -> None:
    at = datetime(day.year, day.month, day.day, 23, tzinfo=UTC) + timedelta(hours=5) if known is None else known
    save(store, PanelTable("acme", kind, day, rows, "d", "i", "r", at))


def show(store: HistoryStore, kind: str, view: str = "", *, declares: Company | None = None) -> Page:
    reading = Reading(company() if declares is None else declares, store, known_at=NOW)
    panel = Beneath(kind="data", data=kind, view=view, title={"nl": "Titel <b>"})
    return read(str(render(panel, Context(reading, Tables(reading))).body))


def cohort(name: str, size: int, month: int, kept: int, mrr: int, base: int) -> dict[str, Any]:
    return {"cohort": name, "size": size, "month": month, "kept": kept, "mrr_minor": mrr, "base_minor": base}


COHORTS = [
    cohort("2026-07", 100, 0, 100, 100_000, 100_000),
    cohort("2026-07", 100, 1, 96, 100_000, 100_000),
    cohort("2026-07", 100, 3, 58, 81_200, 100_000),
    cohort("2026-10", 50, 0, 50, 50_000, 50_000),
]


def test_retention_leaves_empty_what_is_not_ripe_and_sums_up_what_is(store: HistoryStore) -> None:
    keep(store, "customer_cohorts", COHORTS)
    page = show(store, "customer_cohorts", "customers")
    assert [number.text for number in page.numbers] == [
        "100,0%",
        "96,0%",
        "58,0%",
        "100,0%",
        "100,0%",
        "96,0%",
        "58,0%",
    ]
    assert "okt 2026 50 100,0% Alle samen 150" in page.text
    assert "96,0% ✓" in page.text
    assert "Doel – 95,0% –" in page.text
    assert "Stand van 21 november 2026." in page.text


def test_true_revenue_retention_stands_beside_revenue_per_survivor(store: HistoryStore) -> None:
    """The framework's table prints 140% for a cohort that has 0.58 × 1.40 = 81.2% of its revenue left."""
    keep(store, "customer_cohorts", COHORTS)
    page = show(store, "customer_cohorts", "revenue")
    texts = [number.text for number in page.numbers]
    assert texts[:3] == ["100,0%", "100,0%", "81,2%"]
    assert texts[-4:] == ["€\u00a010,00", "€\u00a010,42", "€\u00a014,00", "€\u00a010,00"]
    assert "81,2% ◇" in page.text

    assert "2026-07" not in page.text


def test_a_cohort_that_is_gone_is_nobody_and_not_unknown(store: HistoryStore) -> None:
    keep(store, "customer_cohorts", [cohort("2026-07", 2, 0, 2, 100, 100), cohort("2026-07", 2, 1, 0, 0, 100)])
    assert [number.text for number in show(store, "customer_cohorts", "customers").numbers][:2] == ["100,0%", "0,0%"]
    assert [number.text for number in show(store, "customer_cohorts", "revenue").numbers] == [
        "100,0%", "0,0%", "100,0%", "0,0%", "€\u00a00,50",
    ]  # fmt: skip


def test_features_have_a_table_a_cohort_the_newest_first(store: HistoryStore) -> None:
    rows = [
        {"cohort": "2026-Q2", "feature": "reports", "week": 1, "size": 8, "used": 2},
        {"cohort": "2026-Q2", "feature": "reports", "week": 4, "size": 8, "used": 4},
        {"cohort": "2026-Q2", "feature": "api", "week": 1, "size": 8, "used": 0},
        {"cohort": "2026-Q3", "feature": "api", "week": 1, "size": 4, "used": 1},
    ]
    keep(store, "feature_cohorts", rows)
    page = show(store, "feature_cohorts")
    assert page.text.index("3e kwartaal 2026: 4 accounts") < page.text.index("2e kwartaal 2026: 8 accounts")
    assert [number.text for number in page.numbers] == ["25,0%", "25,0%", "50,0%", "0,0%"]
    assert "API <b>" in page.text


def test_features_by_plan_with_the_accounts_behind_them(store: HistoryStore) -> None:
    rows = [
        {"feature": feature, "plan": plan, "of": of, "used": used}
        for feature, plan, of, used in (
            ("reports", "Team", 4, 3),
            ("reports", "", 2, 0),
            ("api", "Team", 4, 1),
            ("api", "", 2, 2),
        )
    ]
    keep(store, "feature_use", rows)
    page = show(store, "feature_use")
    assert [number.text for number in page.numbers] == ["75,0%", "0,0%", "25,0%", "100,0%"]
    assert "n: Team 4, Zonder abonnement 2" in page.text


def test_a_feature_that_was_declared_since_is_not_known_yet(store: HistoryStore) -> None:
    keep(store, "feature_use", [{"feature": "reports", "plan": "Team", "of": 4, "used": 3}])
    page = show(store, "feature_use")
    assert [number.text for number in page.numbers] == ["75,0%"]
    assert "API" not in page.text


def test_a_journey_counts_accounts(store: HistoryStore) -> None:
    rows = [
        {"stage": 0, "source": "signed_up", "target": "reports", "accounts": 30},
        {"stage": 0, "source": "signed_up", "target": "nothing", "accounts": 10},
        {"stage": 1, "source": "reports", "target": "3-4", "accounts": 30},
        {"stage": 1, "source": "nothing", "target": "0", "accounts": 10},
        {"stage": 2, "source": "3-4", "target": "paying", "accounts": 12},
    ]
    keep(store, "journey", rows)
    page = show(store, "journey")
    assert [(number.text, number.of["row"]) for number in page.numbers] == [
        (str(row["accounts"]), str(n)) for n, row in enumerate(rows)
    ]
    assert "40 accounts die zich in 180 dagen aanmeldden" in page.text
    assert "Functies in 30 dagen: 3-4 functies" in page.text


def test_leads_are_one_funnel_and_a_table_by_month(store: HistoryStore) -> None:
    rows = [
        {"month": "2026-09", "leads": 100, "marketing_qualified": 50, "sales_qualified": 20, "customers": 5},
        {"month": "2026-10", "leads": 60, "marketing_qualified": 30, "sales_qualified": 12, "customers": 3},
    ]
    keep(store, "lead_funnel", rows)
    page = show(store, "lead_funnel")
    assert "MQL 80 50,0% 50,0%" in page.text
    assert "Klanten 8 25,0% 5,0%" in page.text
    assert "okt 2026 60 30 12 3" in page.text


def open_deals(month: str, stage: str, deals: int, amount: int, weighted: int) -> dict[str, Any]:
    return {
        "month": month,
        "stage": stage,
        "place": 1,
        "deals": deals,
        "amount_minor": amount,
        "weighted_minor": weighted,
    }


def test_the_forecast_is_by_month_and_stage(store: HistoryStore) -> None:
    keep(
        store,
        "pipeline",
        [open_deals("overdue", "Demo", 1, 10_000, 6_000), open_deals("2026-12", "Demo", 2, 50_000, 30_000)],
    )
    page = show(store, "pipeline", "forecast")
    assert "Over datum € 100 € 60,00" in page.text
    assert "dec 2026 € 500 € 300" in page.text
    assert "dec 2026 Demo 2 € 500 € 300" in page.text
    assert "geen model" in page.text


def test_accuracy_compares_what_was_kept_then_with_what_was_won(store: HistoryStore) -> None:
    assert "Nog niet berekend." in show(store, "pipeline", "accuracy").text
    keep(store, "pipeline", [])
    said = show(store, "pipeline", "accuracy").text
    assert "Er is nog geen verwachting van een eerdere maand bewaard" in said
    assert "is dec 2026; die staat er op 1 januari 2027." in said
    kept = [open_deals("2026-10", "Demo", 2, 50_000, 40_000), open_deals("2026-11", "Demo", 2, 90_000, 90_000)]
    keep(store, "pipeline", kept, day=date(2026, 9, 29))
    keep(store, "win_loss", [{"month": "2026-10", "won": 1, "lost": 2, "won_minor": 30_000, "lost_minor": 1}])
    assert "okt 2026 € 400 € 300 75,0%" in show(store, "pipeline", "accuracy").text


def test_what_stages_promised_stands_beside_what_was_won_of_it_since(store: HistoryStore) -> None:
    row = {"month": "2026-09", "deals": 4, "amount_minor": 900_000, "weighted_minor": 500_000, "won": 2}
    keep(store, "pipeline_outcome", [{**row, "won_minor": 400_000, "lost": 1, "still_open": 1}])
    text = show(store, "pipeline_outcome").text
    assert "sep 2026 4 € 5.000 € 4.000 80,0% 1" in text
    assert "kan dat nog groeien" in text


def rep(owner: str, won: int, quota: int | None) -> dict[str, Any]:
    return {"quarter": "2026-Q4", "owner": owner, "won": 2, "lost": 1, "won_minor": won, "quota_minor": quota}


def test_reps_are_called_by_name_and_measured_by_quota(store: HistoryStore) -> None:
    keep(store, "leaderboard", [rep("1", 1_100_000, 1_000_000), rep("2", 400_000, None), rep("", 90_000, None)])
    page = show(store, "leaderboard")
    assert "Ann <b> € 11.000 € 10.000 110,0% 2 1" in page.text
    assert "Bob € 4.000 – – 2 1" in page.text
    assert "Anderen € 900 – – 2 1" in page.text


def test_won_and_lost_with_the_rate_of_each_month(store: HistoryStore) -> None:
    rows = [
        {"month": "2026-10", "won": 3, "lost": 1, "won_minor": 500, "lost_minor": 300},
        {"month": "2026-11", "won": 0, "lost": 0, "won_minor": 0, "lost_minor": 0},
    ]
    keep(store, "win_loss", rows)
    page = show(store, "win_loss")
    assert "okt 2026 75,0% € 5,00 € 3,00" in page.text
    assert "nov 2026 – € 0,00 € 0,00" in page.text


def customer(name: str, score: int, band: str, plan: str = "Team", **parts: int) -> dict[str, Any]:
    whole = {"use": 25, "breadth": 25, "trend": 25, "support": 25, **parts}
    facts = {"active": 6, "enabled": 8, "features": 4, "tickets": 0}
    return {
        "kind": "customer",
        "name": name,
        "customer": f"cus_{name}",
        "plan": plan,
        "mrr_minor": 12_300,
        "score": score,
        "band": band,
        **whole,
        **facts,
    }


HEALTH = [
    customer("Acme <b>", 30, "at_risk", use=0, trend=5, support=25, breadth=0),
    customer("Beta", 60, "watch", breadth=4),
    customer("Gamma", 90, "healthy"),
    customer("Delta", 90, "healthy", plan="Business"),
    customer("Epsilon", 80, "healthy", use=19),
    {"kind": "month", "month": "2026-10", "band": "healthy", "customers": 3},
    {"kind": "month", "month": "2026-10", "band": "watch", "customers": 1},
    {"kind": "month", "month": "2026-10", "band": "at_risk", "customers": 2},
]


def test_health_in_bands_and_by_month(store: HistoryStore) -> None:
    keep(store, "health", HEALTH)
    page = show(store, "health", "distribution")
    assert "✓ gezond 3 · ▲ in de gaten 1 · ■ risico 1" in page.text
    assert "90–100 2" in page.text
    assert "okt 2026 3 1 2" in show(store, "health", "trend").text


def test_who_is_at_risk_comes_with_why_and_what_to_do(store: HistoryStore) -> None:
    keep(store, "health", HEALTH)
    text = show(store, "health", "at_risk").text
    assert (
        "Acme <b> ■ risico 30 € 123 weinig mensen actief, weinig functies in gebruik, gebruik loopt terug Bel de"
        in text
    )
    assert "Beta ▲ in de gaten 60 € 123 weinig functies in gebruik Laat twee functies" in text
    assert "Gamma" not in text


def test_a_customer_that_only_billing_knows_says_so(store: HistoryStore) -> None:
    named, nameless = customer("Acme", 30, "at_risk"), customer("cus_1", 30, "at_risk") | {"customer": "cus_1"}
    keep(store, "health", [named, nameless])
    text = show(store, "health", "at_risk").text
    assert "Klant zonder naam in het CRM (cus_1) ■ risico" in text
    assert "Acme ■ risico" in text


def test_who_uses_what_there_is_and_can_still_grow(store: HistoryStore) -> None:
    keep(store, "health", HEALTH)
    text = show(store, "health", "expansion").text
    assert "Gamma Team 90 € 123 6 van 8 mensen actief, 4 functies Bied Business aan." in text
    assert not any(name in text for name in ("Acme", "Delta", "Epsilon"))
    keep(store, "health", HEALTH[:2], known=NOW - timedelta(minutes=1))
    assert "Niemand." in show(store, "health", "expansion").text


def test_a_long_list_says_how_many_are_left_out(store: HistoryStore) -> None:
    watched = [customer(f"W{n}", 60, "watch", use=0) for n in range(4)]
    keep(store, "health", [customer(f"C{n}", 30, "at_risk", use=0) for n in range(15)] + watched)
    assert "En nog 7: ▲ in de gaten 4 · ■ risico 3." in show(store, "health", "at_risk").text


def test_initiatives_with_their_state(store: HistoryStore) -> None:
    keep(store, "initiatives", [])
    assert "kpi register template acme initiatives" in show(store, "initiatives").text
    rows = [
        {"item": "a", "name": "Alfa <b>", "state": "needs_attention", "done": 100, "of": 300, "next": "2026-12-01"},
        {"item": "b", "name": "Beta", "state": "done", "done": 100, "of": 100, "next": None},
    ]
    keep(store, "initiatives", rows, known=NOW - timedelta(minutes=1))
    text = show(store, "initiatives").text
    assert "Alfa <b> ▲ vraagt aandacht 33,3% 1 december 2026" in text
    assert "Beta ✓ klaar 100,0% –" in text


@pytest.mark.parametrize(("kind", "view"), VIEWS)
def test_a_table_that_was_not_computed_or_is_old_says_so(store: HistoryStore, kind: str, view: str) -> None:
    assert show(store, kind, view).text == "Nog niet berekend."
    keep(store, kind, [], day=YESTERDAY - timedelta(days=41))
    assert show(store, kind, view).text == "Nog niet berekend."


@pytest.mark.parametrize(("kind", "view"), VIEWS)
def test_a_table_without_rows_is_shown_all_the_same(store: HistoryStore, kind: str, view: str) -> None:
    keep(store, kind, [])
    assert "Stand van 21 november 2026." in show(store, kind, view).text


@pytest.mark.parametrize(
    ("kind", "view"),
    [view for view in VIEWS if view not in {("health", "distribution"), ("health", "trend"), ("pipeline", "accuracy")}],
)
def test_numbers_of_a_row_are_those_that_history_keeps(store: HistoryStore, kind: str, view: str) -> None:
    """Also every share, whose two sides history keeps and which the page divides."""
    keep(store, kind, ROWS[kind])
    page = show(store, kind, view, declares=company(table_rows.PARAMS))
    placed = [number for number in page.numbers if "column" in number.of]
    assert placed
    assert [number.value for number in placed] == [as_kept(ROWS[kind], number) for number in placed]
