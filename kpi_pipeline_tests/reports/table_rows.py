"""Rows of every kind of table beneath the KPIs, with names that do not break and some that try to be markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kpi_pipeline.analytics import TABLES
from kpi_pipeline.catalogue.dashboards import Dashboards, DataTable

LONG = "Zonderspaties" * 10
FEATURES = {name: {"nl": words} for name, words in (("a", LONG), ("b", "<b>API</b>"), ("c", "שיעור המרה"))}
PARAMS: Mapping[str, Mapping[str, Any]] = {
    "customer_cohorts": {"customer_targets": {1: 95}, "revenue_targets": {12: 115}},
    "feature_cohorts": {"features": FEATURES},
    "feature_use": {"features": FEATURES},
    "journey": {"features": FEATURES},
    "lead_funnel": {},
    "pipeline": {},
    "pipeline_outcome": {},
    "leaderboard": {"reps": [{"owner": "1", "name": LONG}, {"owner": "2", "name": "<b>Bob</b>"}]},
    "win_loss": {},
    "health": {"features": FEATURES, "plans": ["Team", "Business"]},
    "initiatives": {"kpi": "initiatives"},
}
MONTHS = [f"2026-{month:02d}" for month in range(1, 12)]


def _customer(name: str, score: int, band: str) -> dict[str, Any]:
    parts = dict.fromkeys(("use", "breadth", "trend", "support"), 25 if band == "healthy" else 3)
    who = {"kind": "customer", "name": name, "customer": "cus_1", "plan": "Team", "mrr_minor": 1_234_567}
    return {**who, "score": score, "band": band, **parts, "active": 6, "enabled": 8, "features": 4, "tickets": 0}


ROWS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "customer_cohorts": [
        {
            "cohort": cohort,
            "size": 40,
            "month": month,
            "kept": 40 - place,
            "mrr_minor": 900_000,
            "base_minor": 1_000_000,
        }
        for cohort in MONTHS
        for place, month in enumerate((0, 1, 3, 6, 12))
    ],
    "feature_cohorts": [
        {"cohort": cohort, "feature": feature, "week": week, "size": 50, "used": week % 50}
        for cohort in ("2026-Q1", "2026-Q2")
        for feature in FEATURES
        for week in (1, 4, 12)
    ],
    "feature_use": [
        {"feature": feature, "plan": plan, "of": 40, "used": 10 * place}
        for feature in FEATURES
        for place, plan in enumerate(("Team", "Business", LONG, ""))
    ],
    "journey": [
        {"stage": 0, "source": "signed_up", "target": "a", "accounts": 70},
        {"stage": 0, "source": "signed_up", "target": "nothing", "accounts": 30},
        {"stage": 1, "source": "a", "target": "1-2", "accounts": 70},
        {"stage": 1, "source": "nothing", "target": "0", "accounts": 30},
        {"stage": 2, "source": "1-2", "target": "paying", "accounts": 25},
        {"stage": 2, "source": "1-2", "target": "not_paying", "accounts": 45},
        {"stage": 2, "source": "0", "target": "not_paying", "accounts": 30},
    ],
    "lead_funnel": [
        {"month": month, "leads": 90, "marketing_qualified": 60, "sales_qualified": 30, "customers": 9}
        for month in MONTHS
    ],
    "pipeline": [
        {"month": month, "stage": LONG, "place": 1, "deals": 3, "amount_minor": 5_000_000, "weighted_minor": 3_000_000}
        for month in ("overdue", *MONTHS[-3:], "undated")
    ],
    "pipeline_outcome": [
        {
            "month": month,
            "deals": 30,
            "amount_minor": 90_000_000,
            "weighted_minor": 50_000_000,
            "won": 12,
            "won_minor": 45_000_000,
            "lost": 15,
            "still_open": 3,
        }
        for month in MONTHS[-6:]
    ],
    "leaderboard": [
        {"quarter": "2026-Q4", "owner": owner, "won": 3, "lost": 1, "won_minor": 900_000, "quota_minor": quota}
        for owner, quota in (("1", 1_000_000), ("2", 500_000), ("", None))
    ],
    "win_loss": [{"month": month, "won": 3, "lost": 4, "won_minor": 5, "lost_minor": 7} for month in MONTHS],
    "health": [
        _customer(LONG, 12, "at_risk"),
        _customer("<b>Beta</b>", 60, "watch"),
        _customer("שיעור המרה", 100, "healthy"),
        *(
            {"kind": "month", "month": month, "band": band, "customers": 5}
            for month in MONTHS[-6:]
            for band in ("healthy", "watch", "at_risk")
        ),
    ],
    "initiatives": [
        {"item": "a", "name": LONG, "state": "needs_attention", "done": 100, "of": 300, "next": "2026-12-01"},
        {"item": "b", "name": "<b>B</b>", "state": "done", "done": 100, "of": 100, "next": None},
    ],
}


def declared(params: Mapping[str, Mapping[str, Any]] = PARAMS) -> Dashboards:
    """A table of every kind, called by its kind."""
    tables = {
        kind: DataTable(id=kind, kind=kind, params=TABLES[kind].model_validate(of)) for kind, of in params.items()
    }
    return Dashboards(data=tables)
