"""Panels over history: which value of which period each shows, and that every number is the one history holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.dashboards import PANELS, Panel
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.panels import Context, Shown, render
from kpi_pipeline.reports.panels.current import current_day, day_before, months_before
from kpi_pipeline.reports.reading import Reading, month_ends, quarter_ends, week_ends
from kpi_pipeline.reports.tables import Tables
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put, company_of, kpi
from kpi_pipeline_tests.reports.read_back import Page, read

BARE: dict[str, Any] = {"target": None, "warning": None, "critical": None}
OCTOBER, SEPTEMBER = date(2026, 10, 31), date(2026, 9, 30)


def panel(kind: str, **content: Any) -> Panel:
    return PANELS[kind].model_validate({"kind": kind, **content})


def show(company: Company, store: HistoryStore, shown: Panel, *, known_at: datetime = NOW) -> tuple[Shown, Page]:
    reading = Reading(company, store, known_at=known_at)
    found = render(shown, Context(reading, Tables(reading)))
    return found, read(str(found.body))


@pytest.fixture
def company() -> Company:
    month = {"window": "calendar month", "kind": "count", "unit": "count", "cadence": "monthly", **BARE}
    return company_of(
        kpi("conversie", group="Verkoop"),
        kpi("mrr", unit="EUR", window="at day end", target=">= 1000", warning=None, critical=None),
        kpi("bezoek", **month),
        kpi("proef", **month),
        kpi("klanten", **month),
        kpi("nieuw", **{**month, "unit": "EUR"}),
        kpi("verloren", **{**month, "unit": "EUR"}),
        kpi("wachttijd", unit="hours", better="lower", target="<= 2", warning=None, critical=None, owners=["bob"]),
        kpi("naast", companion_of="conversie", group="Verkoop"),
    )


@pytest.fixture
def months(put: Put) -> None:
    """Two whole months of the monthly ones, and the running one, which is not closed."""
    for day, closed, scale in ((SEPTEMBER, True, 1), (OCTOBER, True, 2), (YESTERDAY, False, 1)):
        for name, value in (("bezoek", 1000), ("proef", 100), ("klanten", 10), ("nieuw", 300), ("verloren", 100)):
            put(name, day, str(value * scale), "unrated", closed=closed)
    for day, value in ((SEPTEMBER, 900), (OCTOBER, 1300), (date(2026, 10, 21), 1200), (YESTERDAY, 1450)):
        put("mrr", day, str(value), "ok")


def test_a_tile_shows_today_and_the_step_since_a_month_before(
    company: Company, store: HistoryStore, put: Put, months: None
) -> None:
    shown, page = show(company, store, panel("tiles", kpis=["mrr"]))
    assert shown.wide
    assert [(each.text, each.value, each.of["day"]) for each in page.numbers] == [
        ("€\u00a01.450", "1450", "2026-11-21")
    ]
    assert "+€ 250 (beter) sinds 21 okt" in page.text
    assert "Doel ≥ € 1.000" in page.text
    assert page.links == ["../kpi/mrr.html"]


def test_a_tile_of_a_month_shows_the_last_whole_one(company: Company, store: HistoryStore, months: None) -> None:
    _, page = show(company, store, panel("tiles", kpis=["bezoek"]))
    assert [(each.text, each.of["day"]) for each in page.numbers] == [("2.000", "2026-10-31")]
    assert "+1.000 (beter) sinds 30 sep" in page.text
    assert "okt 2026" in page.text


def test_worse_is_worse_also_where_it_is_more(company: Company, store: HistoryStore, put: Put) -> None:
    put("wachttijd", YESTERDAY, "3.5", "below_target")
    put("wachttijd", date(2026, 10, 21), "2", "ok")
    _, page = show(company, store, panel("tiles", kpis=["wachttijd"]))
    assert "+1,5 uur (slechter)" in page.text


def test_a_tile_without_history_says_so(company: Company, store: HistoryStore) -> None:
    _, page = show(company, store, panel("tiles", kpis=["conversie"]))
    assert [(each.text, each.value) for each in page.numbers] == [("–", "")]
    assert "○ geen gegevens" in page.text
    assert "sinds" not in page.text


def test_a_group_lists_its_headline_kpis_with_owners(company: Company, store: HistoryStore, put: Put) -> None:
    put("conversie", YESTERDAY, "29.4", "below_target", numerator=Decimal(294), denominator=Decimal(1000), n=1000)
    _, page = show(company, store, panel("scores", group="Verkoop"))
    assert [attrs["data-tile"] for tag, attrs in page.tags if tag == "tr" and "data-tile" in attrs] == ["conversie"]
    for words in ("29,4%", "294 / 1.000; n = 1.000", "◇ mist doel", "≥ 32%", "Ann, Piket"):
        assert words in page.text


def test_a_trend_of_months_ends_today_where_today_can_be_read(
    company: Company, store: HistoryStore, months: None
) -> None:
    shown, page = show(company, store, panel("trend", kpis=["mrr"], count=3, title={"nl": "Omzet", "en": "Revenue"}))
    assert (shown.title, shown.wide) == ("", False)
    assert [(each.value, each.of["day"]) for each in page.numbers] == [
        ("900", "2026-09-30"),
        ("1300", "2026-10-31"),
        ("1450", "2026-11-21"),
    ]
    assert "Omzet" in page.text
    _, whole = show(company, store, panel("trend", kpis=["bezoek"], count=2))
    assert [each.of["day"] for each in whole.numbers] == ["2026-09-30", "2026-10-31"]


def test_columns_are_of_whole_periods(company: Company, store: HistoryStore, months: None) -> None:
    _, page = show(company, store, panel("columns", kpis=["nieuw", "verloren"], count=2, stacked=True))
    assert [(each.value, each.of["kpi"]) for each in page.numbers] == [
        ("300", "nieuw"),
        ("100", "verloren"),
        ("600", "nieuw"),
        ("200", "verloren"),
    ]


def test_a_funnel_is_of_one_whole_month_and_says_what_it_is(
    company: Company, store: HistoryStore, months: None
) -> None:
    _, page = show(company, store, panel("funnel", kpis=["bezoek", "proef", "klanten"], title={"nl": "Werving"}))
    assert [(each.text, each.of["day"]) for each in page.numbers] == [
        ("2.000", "2026-10-31"),
        ("200", "2026-10-31"),
        ("20", "2026-10-31"),
    ]
    assert "niet dezelfde mensen" in page.text


def test_a_bridge_leads_from_one_level_to_the_next_and_shows_a_gap(
    company: Company, store: HistoryStore, put: Put, months: None
) -> None:
    bridge = panel("bridge", level="mrr", movements=["nieuw", "-verloren"])
    _, page = show(company, store, bridge)
    assert [(each.value, each.of.get("kpi")) for each in page.numbers] == [
        ("900", "mrr"),
        ("600", "nieuw"),
        ("-200", None),
        ("1300", "mrr"),
    ]
    assert "Controle: som − eindstand € 0,00" in page.text
    put("mrr", OCTOBER, "1299", "ok", known=NOW - timedelta(hours=1))
    assert "Controle: som − eindstand € 1,00" in show(company, store, bridge)[1].text


def test_a_bridge_without_all_of_its_numbers_is_not_drawn(company: Company, store: HistoryStore, put: Put) -> None:
    put("mrr", OCTOBER, "1300", "ok")
    shown, page = show(company, store, panel("bridge", level="mrr", movements=["nieuw"]))
    assert "Nog niet alle KPI's van okt 2026 zijn bekend." in page.text
    assert "<svg" not in str(shown.body)


def test_what_people_write_and_what_waits_for_a_model_are_places_that_say_so(
    company: Company, store: HistoryStore
) -> None:
    _, page = show(company, store, panel("manual", filled_by="ann", what={"nl": "Marktpositie <b>"}))
    assert page.text == "Niet ingevuld. Sales vult dit in. Marktpositie <b>"
    _, page = show(company, store, panel("model", what={"nl": "Kans op vertrek"}))
    assert page.text == "Hiervoor is een model nodig, dat er nog niet is. Kans op vertrek"


def test_a_panel_is_as_it_was_known(company: Company, store: HistoryStore, put: Put) -> None:
    put("mrr", YESTERDAY, "1000", "ok", known=NOW - timedelta(hours=3))
    put("mrr", YESTERDAY, "1100", "ok", known=NOW - timedelta(hours=1))
    tiles = panel("tiles", kpis=["mrr"])
    assert show(company, store, tiles)[1].numbers[0].value == "1100"
    before = show(company, store, tiles, known_at=NOW - timedelta(hours=2))
    assert before[1].numbers[0].value == "1000"


def test_a_process_panel_has_its_verdicts(company: Company, store: HistoryStore, put: Put) -> None:
    for back, value in enumerate([90, *[30, 32] * 7]):
        put("conversie", YESTERDAY - timedelta(days=30 * back), str(value), "ok")
    _, page = show(company, store, panel("process", kpi="conversie"))
    assert "bijzondere oorzaak: verbetering (hoger dan gewoon)" in page.text
    assert len(page.numbers) == 15
    _, empty = show(company, store, panel("process", kpi="mrr"))
    assert empty.text == "Er zijn nog geen waarden."


def test_a_forecast_panel_looks_ahead_and_says_what_that_was_worth(
    company: Company, store: HistoryStore, put: Put
) -> None:
    sunday = YESTERDAY - timedelta(days=YESTERDAY.isoweekday() % 7)
    for back in range(60):
        put("mrr", sunday - timedelta(weeks=back), str(1000 - 10 * back), "ok")
    put("mrr", YESTERDAY, "1000", "ok")
    text = show(company, store, panel("forecast", kpis=["mrr", "conversie"], weeks=8))[1].text
    assert "Over 4 weken Over 8 weken" in text
    assert "€ 1.040 (€ 1.040 tot € 1.040) € 1.080 (€ 1.080 tot € 1.080) 132 van 132 binnen interval" in text
    assert "een periode langer dan een week: Conversie." in text


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 21), 1, date(2026, 10, 21)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2026, 3, 30), 1, date(2026, 2, 28)),
        (date(2026, 2, 28), 1, date(2026, 1, 31)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
    ],
)
def test_a_month_before(day: date, months: int, expected: date) -> None:
    assert months_before(day, months) == expected


def test_what_a_period_is_compared_with() -> None:
    company = company_of(kpi("week", window="calendar week"), kpi("quarter", window="calendar quarter"))
    assert day_before(company.kpis["week"], date(2026, 11, 15)) == date(2026, 10, 18)
    assert day_before(company.kpis["quarter"], date(2026, 9, 30)) == date(2026, 6, 30)


def test_a_running_period_without_a_whole_one_is_read_today(company: Company, store: HistoryStore, put: Put) -> None:
    put("bezoek", YESTERDAY, "5", "unrated", closed=False)
    assert current_day(Reading(company, store, known_at=NOW), company.kpis["bezoek"]) == YESTERDAY


def test_ends_of_whole_periods() -> None:
    assert month_ends(date(2026, 11, 30), 2) == [date(2026, 10, 31), date(2026, 11, 30)]
    assert month_ends(date(2026, 11, 29), 2) == [date(2026, 9, 30), date(2026, 10, 31)]
    assert quarter_ends(date(2026, 12, 30), 2) == [date(2026, 6, 30), date(2026, 9, 30)]
    assert week_ends(date(2026, 11, 22), 2) == [date(2026, 11, 15), date(2026, 11, 22)]
    assert week_ends(date(2026, 11, 21), 1) == [date(2026, 11, 15)]
