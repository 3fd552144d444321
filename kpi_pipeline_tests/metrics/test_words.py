"""Definitions as people read them: other KPIs by their names, and × 100 only where a share becomes a percentage."""

from __future__ import annotations

import re

import pytest

from kpi_pipeline.metrics import words
from kpi_pipeline_tests.catalogue.conftest import shipped


@pytest.mark.parametrize(
    ("company", "kpi", "language", "text"),
    [
        ("mister_dj", "cash_runway_months", "nl", "Beschikbaar kasgeld ÷ Gemiddelde maandlasten; "),
        ("dgskills", "teacher_activation_7d", "nl", "Actieve docenten (7 dagen) ÷ Docenten met account × 100; "),
        # A step between two percentages is in points as it is.
        ("inpact", "kpi09_behind_plan", "nl", "Gepland volgens de bevroren planning (Azure) − KPI 9 "),
        ("inpact", "kpi04_ai_share_new_revenue", "nl", "MRR toegevoegd met AI-producten ÷ 200.000 × 100; "),
        ("dgskills", "teacher_activation_last_week", "nl", "(Docentactivatie, 1 week eerder); "),
        (
            "inopsio",
            "ltv",
            "nl",
            "Monthly revenue per account (ARPA) × Gross margin ÷ (Customer churn rate, gemiddeld over 6 maanden); ",
        ),
        ("datainsight_pro", "revenue_growth_rate", "en", "Net MRR movement ÷ (Monthly recurring revenue 1 "),
    ],
)  # fmt: skip
def test_a_formula_names_the_kpis_in_it(company: str, kpi: str, language: str, text: str) -> None:
    declared = shipped()[0].companies[company]
    assert words.describe(declared, declared.kpis[kpi], language).startswith(text)


def test_every_name_in_a_definition_has_a_word() -> None:
    said = [
        (company.id, kpi.id, name)
        for company in shipped()[0].companies.values()
        for kpi in company.kpis.values()
        for name in re.findall(r"\b[a-z]+(?: [a-z]+)* at in het venster", words.describe(company, kpi, "nl"))
    ]
    assert said == []


def test_a_base_is_said_as_a_day() -> None:
    inpact = shipped()[0].companies["inpact"]
    assert "ijkpunt: 30 juni 2025)" in words.describe(inpact, inpact.kpis["kpi01_revenue_churn"], "nl")
    assert "ijkpunt: 30 juni 2025)" in words.describe(inpact, inpact.kpis["kpi11_legacy_conversion"], "nl")


def test_points_of_a_formula_are_not_scaled_again() -> None:
    inpact = shipped()[0].companies["inpact"]
    assert "× 100" not in words.describe(inpact, inpact.kpis["kpi09_behind_plan"], "nl")


@pytest.mark.parametrize(
    ("text", "nl", "en"),
    [
        (
            "not repeat and first_paid_at <= ended_at + 1209600000",
            "alleen waar not repeat and first_paid_at ≤ ended_at + 14 × 24 uur",
            "only where not repeat and first_paid_at ≤ ended_at + 14 × 24 hours",
        ),
        ("amount_minor >= 1250000", "alleen waar amount_minor ≥ 1250000", "only where amount_minor ≥ 1250000"),
        ("", "", ""),
    ],
)
def test_a_condition_tells_spans_as_people_do_and_leaves_amounts(text: str, nl: str, en: str) -> None:
    assert [words.condition(text, language) for language in ("nl", "en")] == [nl, en]
