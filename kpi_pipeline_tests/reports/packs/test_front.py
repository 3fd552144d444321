"""What page one of a report says: its period, counts, what needs attention and what is to be decided."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from kpi_pipeline.reports.packs.beside import Beside
from kpi_pipeline_tests.reports.conftest import Put, kpi
from kpi_pipeline_tests.reports.packs.conftest import (
    NOW,
    SUNDAY,
    Built,
    acme,
    decision,
    table,
    texts,
)


def test_page_one_says_what_it_is_about_and_what_needs_attention(built: Built) -> None:
    document = built(acme())
    facts = dict(document.front.facts)
    assert facts["Periode"] == "Week 47 van 2026, 16 t/m 22 november 2026 · Europe/Amsterdam"
    assert facts["Gegevens tot en met"] == "22 november 2026"
    assert facts["Zoals bekend op"] == "23 nov 2026 09:00"
    assert {each.status: each.count for each in document.front.counts} == {
        "ok": 2,
        "below_target": 2,
        "critical": 1,
        "unrated": 2,
    }
    assert [texts(row.cells)[0] for row in table(document, "attention").rows] == ["Conversie", "Migratie", "Nps"]
    assert document.front.headline.startswith(
        "2 van 7 KPI's op koers, 1 kritiek, 2 missen het doel. Eerst: Conversie 23,9% (doel ≥ 32%)"
    )
    assert document.complete


def test_the_first_exception_says_what_it_is_judged_by_or_why_it_has_no_value(built: Built, put: Put) -> None:
    limited = kpi("omzet", unit="EUR", target=None, warning="< 2500", critical=None)
    late = NOW - timedelta(minutes=2)
    company = acme({"kind": "scorecard"}, kpis=(limited, kpi("nieuw")))
    put("omzet", SUNDAY, "2000", "warning", known=late)
    put("nieuw", SUNDAY, None, "no_data", n=0, known=late)
    assert built(company).front.headline.endswith("Eerst: Omzet € 2.000 (waarschuwing < € 2.500).")
    put("omzet", SUNDAY, None, "no_data", n=0, known=late + timedelta(minutes=1))
    assert built(company).front.headline.endswith(
        "Eerst: Omzet: geen gegevens, voor het laatst € 1.999 op 21 november 2026."
    )
    alone = acme({"kind": "scorecard"}, kpis=(kpi("nieuw"),))
    assert built(alone).front.headline.endswith("Eerst: Nieuw: geen gegevens.")


def test_page_one_says_not_rated_only_of_what_it_counts_so(built: Built, put: Put) -> None:
    put("bezoek", SUNDAY, "12345", "unrated", n=12345)
    front = built(acme({"kind": "scorecard"}, kpis=(kpi("bezoek", target=None, warning=None, critical=None),))).front
    assert [(each.status, each.count) for each in front.counts] == [("unrated", 1)]
    assert "niet beoordeeld" not in dict(front.facts)["Vertrouwen"]
    assert "0 in twijfel" in dict(front.facts)["Vertrouwen"]


def test_page_one_counts_what_the_framework_names_and_not_what_stands_beside_it(built: Built) -> None:
    document = built(acme({"kind": "scorecard", "kpis": ["conversie", "conversie_cohort"]}))
    assert [(each.status, each.count) for each in document.front.counts] == [("critical", 1)]
    assert document.front.headline.startswith("0 van 1 ")
    beside_only = built(acme({"kind": "scorecard", "kpis": ["conversie_cohort"]}))
    assert [(each.status, each.count) for each in beside_only.front.counts] == [("unrated", 1)]


def test_an_open_decision_names_the_kpi_that_it_is_about(built: Built) -> None:
    document = built(acme(), beside=Beside(decisions=(decision(),)))
    asked = table(document, "open_decisions").rows[0].cells[0]
    assert (texts((asked,)), asked.quiet) == (["Wat doen we?"], "Conversie 23,9%; Ann")  # type: ignore[union-attr]


def test_a_week_that_runs_says_so_and_goes_up_to_yesterday(built: Built) -> None:
    document = built(acme(), known_at=datetime(2026, 11, 19, 8, tzinfo=UTC))
    assert not document.complete
    assert document.until == date(2026, 11, 18)
    assert "de periode loopt nog" in dict(document.front.facts)["Periode"]


def test_a_report_of_midweek_made_after_the_week_says_of_which_day_it_is(built: Built) -> None:
    company = acme(report={"running": True, "due": "thu 08:00"})
    assert "(stand van 18 nov)" in dict(built(company).front.facts)["Periode"]
