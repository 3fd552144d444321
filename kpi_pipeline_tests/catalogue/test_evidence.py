"""What stands beside a value: its quotient in the units of its parts, and an n that does not contradict it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.arithmetic import parse
from kpi_pipeline.catalogue.evidence import counted, evidence_text
from kpi_pipeline.catalogue.quantity import PLAIN, Quantity, of_quotient
from kpi_pipeline_tests.catalogue.conftest import KPI, Read, shipped

FEWEST = "kleinste deel: n ="


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _said(company: Company, kpi: str, value: str | None, numerator: str, denominator: str | None, n: int | None) -> str:
    sides = {"numerator": _decimal(numerator), "denominator": _decimal(denominator)}
    said = evidence_text(company, company.kpis[kpi], "nl", value=_decimal(value), n=n, **sides)
    return said.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("unit", "value", "numerator", "denominator", "n", "text"),
    [
        ("percent", "31.563421828909", "107", "339", 339, "107 / 339; n = 339"),
        ("points", "65.853658536585", "27", "41", 41, "27 / 41; n = 41"),
        ("EUR", "1930.617757009346", "20657610", "107", 107, "€ 206.576 / 107; n = 107"),
        ("hours", "1.697834359812", "4052391050", "663", 663, "1.125,7 uur / 663; n = 663"),
        ("jobs", "17", "24", "24", 24, "n = 24"),
        ("ms", "204000", "20", "24", 196, "n = 196"),
        ("percent", None, "0", "0", 0, "n = 0"),
        ("percent", "0", "0", "12345", 12345, "0 / 12.345; n = 12.345"),
        ("count", "9", "9", None, None, "–"),
    ],
)
def test_evidence_is_what_the_value_was_divided_from(
    read: Read, unit: str, value: str | None, numerator: str, denominator: str | None, n: int | None, text: str
) -> None:
    acme = read(KPI.replace("unit: count", f"unit: {unit}"))[0].companies["acme"]
    assert _said(acme, "leads", value, numerator, denominator, n) == text


@pytest.mark.parametrize(
    ("company", "kpi", "value", "numerator", "denominator", "n", "text"),
    [
        # The denominator of a formula is a count: it is n, not the smaller count of the numerator.
        ("dgskills", "teacher_activation_7d", "59.203980099502", "119", "201", 119, "119 / 201; n = 201"),
        ("mister_dj", "cash_runway_months", "5", "1200000", "240000", 1, f"€ 1.200.000 / € 240.000; {FEWEST} 1"),
        ("mister_dj", "website_availability", "50", "3600000", "7200000", 2, "1,0 uur / 2,0 uur; n = 2 monitors"),
        ("mister_dj", "website_availability_api", "50", "3600000", "7200000", 1, "1,0 uur / 2,0 uur; n = 1 monitor"),
        ("mister_dj", "gross_burn_per_month", "200", "60000", "3", 24, "€ 600 / 3; n = 24 boekhoudregels"),
        ("dgskills", "teacher_activation_lowest_pilot", "0", "0", "11", 6, "0 / 11; n = 6 scholen"),
        ("inpact", "kpi01_revenue_churn", "5", "2000000", "40000000", 114, "€ 20.000 / € 400.000; n = 114 klanten"),
        ("inpact", "kpi04_ai_share_new_revenue", "60", "120000", "200000", 48, f"€ 120.000 / € 200.000; {FEWEST} 48"),
        ("inpact", "kpi09_azure_migration", "80", "80", "100", 10, "80 / 100; n = 10 mijlpalen"),
        # A denominator of money counts nothing, however often it is stored as n.
        ("inpact", "kpi17_innovative_partner", "50", "40000", "80000", 80000, "€ 400 / € 800"),
        ("inpact", "kpi21b_overrun_ratio", "1.06", "106", "100", 13497500, "106,0% / 100,0%"),
        ("inopsio", "ltv", "8000", "29600", "3.7", 235, f"US$ 296 / 3,7%; {FEWEST} 235"),
        ("inopsio", "ltv_without_margin", "10000", "37000", "3.7", 235, f"US$ 370 / 3,7%; {FEWEST} 235"),
        ("inopsio", "error_rate", "0.1", "35000", "35000000", 35000000, "35 / 35.000; n = 35.000"),
        ("datainsight_pro", "pipeline_velocity", "9", "333", "37", 19, f"US$ 333 / 37,0 dagen; {FEWEST} 19"),
        ("datainsight_pro", "payback_period", "12", "666000", "55500", 3, f"US$ 6.660 / US$ 555; {FEWEST} 3"),
        ("datainsight_pro", "cac", "5000", "110000", "22", 3, "US$ 110.000 / 22; n = 22"),
        ("datainsight_pro", "bookings_growth", "-50", "-95000", "190000", 6, f"−US$ 95.000 / US$ 190.000; {FEWEST} 6"),
    ],
)  # fmt: skip
def test_each_side_is_written_in_its_own_unit_and_n_says_what_it_counts(
    company: str, kpi: str, value: str, numerator: str, denominator: str, n: int, text: str
) -> None:
    assert _said(shipped()[0].companies[company], kpi, value, numerator, denominator, n) == text


@pytest.mark.parametrize(
    ("company", "kpi", "denominator", "n", "alone"),
    [
        ("dgskills", "teacher_activation_7d", "201", 119, 201),
        ("inpact", "kpi17_innovative_partner", "80000", 80000, None),
        ("inpact", "kpi01_revenue_churn", "40000000", 114, 114),
        ("inopsio", "error_rate", "35000000", 35000000, 35000),
        ("mister_dj", "cash_runway_months", "240000", 1, 1),
        ("mister_dj", "cash_available", None, 1, 1),
    ],
)
def test_n_alone_is_the_one_beside_the_quotient(
    company: str, kpi: str, denominator: str | None, n: int, alone: int | None
) -> None:
    declared = shipped()[0].companies[company]
    assert counted(declared, declared.kpis[kpi], denominator=_decimal(denominator), n=n) == alone


def test_a_formula_without_a_quotient_has_a_plain_n() -> None:
    company = shipped()[0].companies["dgskills"]
    kpi = company.kpis["teacher_activation_last_week"]
    found = evidence_text(company, kpi, "nl", value=Decimal(65), numerator=None, denominator=None, n=127)
    assert found == "n = 127"


def test_a_formula_that_is_judged_by_its_fewest_records_shows_them() -> None:
    company = shipped()[0].companies["dgskills"]
    kpi = company.kpis["teacher_activation_7d"].model_copy(update={"min_n": 20})
    found = evidence_text(company, kpi, "en", value=Decimal(5), numerator=Decimal(10), denominator=Decimal(200), n=10)
    assert found == "10 / 200; smallest part: n = 10"


@pytest.mark.parametrize(
    ("expression", "sides"),
    [
        ("euros / people", (Quantity("EUR"), PLAIN)),
        ("euros * share / share", (Quantity("EUR", 100), Quantity("percent"))),
        ("euros * 100 / share", (Quantity("EUR", 100), Quantity("percent"))),
        ("people * 100 / people", (PLAIN, PLAIN)),
        ("people * share / 100 * euros / hours", (Quantity("EUR"), Quantity("hours"))),
        ("(euros - euros) / euros@1 month", (Quantity("EUR"), Quantity("EUR"))),
        ("euros / (12 * euros)", (Quantity("EUR"), Quantity("EUR"))),
        ("euros / 200000", (Quantity("EUR"), Quantity("EUR"))),
        ("euros + people", None),
        ("(euros + people) / people", None),
        ("euros * hours / people", None),
    ],
)
def test_the_units_of_a_division_come_from_its_parts(expression: str, sides: tuple[Quantity, Quantity] | None) -> None:
    units = {"euros": "EUR", "people": "users", "share": "percent", "hours": "hours"}
    assert of_quotient(parse(expression), units) == sides
