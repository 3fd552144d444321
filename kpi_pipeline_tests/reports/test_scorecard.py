"""The scorecard as data: which day, which week, which change, and what is said where there is nothing."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import STATUS
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.freshness import SourceFreshness
from kpi_pipeline.reports.render import file_name
from kpi_pipeline.reports.scorecard import Row, Scorecard, build
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put, company_of, kpi

pytestmark = pytest.mark.usefixtures("filled")


def row(card: Scorecard, name: str) -> Row:
    return next(each for each in card.rows if each.kpi_id == name)


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_a_row_says_value_target_change_and_what_it_was_divided_from(company: Company, store: HistoryStore) -> None:
    card = build(company, store, now=NOW)
    found = row(card, "conversie")
    assert (found.value, found.target, found.threshold) == ("23,9%", "≥ 32%", "< 24%")
    assert (found.previous, found.evidence) == ("−15,1 procentpunt", "239 / 1.000; n = 1.000")
    assert (found.status, found.status_words, found.owners) == ("critical", "■ kritiek", "Ann, Piket")
    money = row(card, "omzet")
    assert plain(f"{money.value} {money.previous} {money.evidence}") == "€ 1.931 −€ 43,71 € 206.576 / 107; n = 107"
    assert [each.kpi_id for each in card.rows] == ["conversie", "conversie_cohort", "omzet", "bezoek", "runway"]
    assert [each.is_companion for each in card.rows] == [False, True, False, False, False]


def test_a_kpi_without_target_or_value_says_so(company: Company, store: HistoryStore) -> None:
    card = build(company, store, now=NOW)
    visits, runway = row(card, "bezoek"), row(card, "runway")
    assert (visits.target, visits.threshold, visits.status_words) == ("–", "–", "· niet beoordeeld")
    assert visits.meaning == "Unieke bezoekers"
    assert 'class="target"' not in visits.spark
    assert (runway.value, runway.status, runway.previous, runway.spark) == ("∞ (geen netto uitgaven)", "ok", "–", "")
    assert (card.counts["ok"], card.counts["unrated"], card.counts["critical"]) == (2, 1, 1), "companions do not count"


def test_the_trend_has_a_target_line_and_a_gap_where_there_was_no_value(
    company: Company, store: HistoryStore, put: Put
) -> None:
    spark = row(build(company, store, now=NOW), "conversie").spark
    assert spark.count("<line") == 1
    assert spark.count("<polyline") == 1
    put("conversie", YESTERDAY - timedelta(weeks=10), None, "no_data")
    broken = row(build(company, store, now=NOW + timedelta(minutes=1)), "conversie").spark
    assert broken.count("<polyline") == 2
    assert "Conversie: 37,0% 38,0% 39,0% 23,9%" in broken


def test_no_history_is_no_data_everywhere_and_not_zero(company: Company, store: HistoryStore) -> None:
    card = build(company, store, now=NOW, week_of=date(2020, 3, 4))
    assert {each.status for each in card.rows} == {"no_data"}
    assert {each.value for each in card.rows} == {"–"}
    assert {each.evidence for each in card.rows} == {"–"}
    assert not card.all_on_target


def test_only_kpis_that_were_all_judged_and_fine_are_all_on_target(store: HistoryStore) -> None:
    fine = company_of(kpi("omzet", unit="EUR"))
    assert build(fine, store, now=NOW).all_on_target
    assert not build(company_of(kpi("omzet", unit="EUR"), kpi("bezoek")), store, now=NOW).all_on_target
    assert not build(company_of(), store, now=NOW).all_on_target


def test_the_worst_come_first_and_the_rest_is_counted(store: HistoryStore, put: Put) -> None:
    statuses = ["ok", "below_target", "warning", "no_data", "stale", "critical", "warning", "low_sample", "provisional"]
    names = [f"kpi_{number}" for number in range(len(statuses))]
    for name, status in zip(names, statuses, strict=True):
        put(name, YESTERDAY, "1", status)
    card = build(company_of(*(kpi(name) for name in names)), store, now=NOW)
    assert [each.status for each in card.exceptions] == ["critical", "warning", "warning", "below_target", "stale"]
    assert card.more_exceptions == 1
    assert sum(card.counts.values()) == len(statuses)
    assert list(card.counts) == list(STATUS)


@pytest.mark.parametrize(
    ("now", "week_of", "year", "week", "first", "until", "complete"),
    [
        (NOW, None, 2026, 47, date(2026, 11, 16), YESTERDAY, False),
        # Sunday is over in Amsterdam at 23:00 UTC.
        (datetime(2026, 11, 22, 22, 59, tzinfo=UTC), None, 2026, 47, date(2026, 11, 16), YESTERDAY, False),
        (datetime(2026, 11, 22, 23, tzinfo=UTC), None, 2026, 47, date(2026, 11, 16), date(2026, 11, 22), True),
        (NOW, date(2026, 11, 11), 2026, 46, date(2026, 11, 9), date(2026, 11, 15), True),
        # 1 January 2027 lies in week 53 of 2026, 29 December 2025 in week 1 of 2026.
        (datetime(2027, 1, 2, 8, tzinfo=UTC), None, 2026, 53, date(2026, 12, 28), date(2027, 1, 1), False),
        (NOW, date(2025, 12, 29), 2026, 1, date(2025, 12, 29), date(2026, 1, 4), True),
    ],
)
def test_weeks_are_iso_weeks_of_the_companys_days(
    company: Company,
    store: HistoryStore,
    now: datetime,
    week_of: date | None,
    year: int,
    week: int,
    first: date,
    until: date,
    complete: bool,
) -> None:
    card = build(company, store, now=now, week_of=week_of)
    assert (card.year, card.week, card.first, card.last) == (year, week, first, first + timedelta(days=6))
    assert (card.data_until, card.complete) == (until, complete)
    assert file_name("acme", card) == f"acme-{year}-W{week:02d}.html"


@pytest.mark.parametrize("week_of", [date(2026, 11, 23), date(2030, 1, 1)])
def test_a_week_without_a_complete_day_is_refused(company: Company, store: HistoryStore, week_of: date) -> None:
    with pytest.raises(UsageError, match="no day of that week is over yet"):
        build(company, store, now=NOW, week_of=week_of)


def test_a_step_too_small_to_show_has_no_direction(company: Company, store: HistoryStore, put: Put) -> None:
    put("conversie", YESTERDAY - timedelta(weeks=1), "23.91", "critical", known=NOW)
    assert row(build(company, store, now=NOW), "conversie").previous == "±0,0 procentpunt"


def test_the_page_shows_what_was_known_then(company: Company, store: HistoryStore, put: Put) -> None:
    put("conversie", YESTERDAY, "35", "ok", known=NOW + timedelta(hours=1))
    assert row(build(company, store, now=NOW), "conversie").value == "23,9%"
    assert row(build(company, store, now=NOW + timedelta(hours=2)), "conversie").value == "35,0%"


def test_targets_are_those_that_were_in_force(store: HistoryStore) -> None:
    dated = [{"is": ">= 30"}, {"is": ">= 32", "since": date(2026, 11, 20)}]
    company = company_of(kpi("conversie", target=dated))
    assert row(build(company, store, now=NOW), "conversie").target == "≥ 32%"
    assert row(build(company, store, now=NOW, week_of=date(2026, 11, 11)), "conversie").target == "≥ 30%"


def test_freshness_tells_stale_from_fresh_in_local_time(
    company: Company, store: HistoryStore, freshness: list[SourceFreshness]
) -> None:
    found = build(company, store, now=NOW, freshness=freshness).freshness
    assert [(each.source, each.newest, each.owner, each.stale) for each in found] == [
        ("stripe", "22 nov 2026 06:00", "Bob", False),
        ("hubspot", "21 nov 2026 08:00", "Ann", True),
        ("typeform", "–", "Piket", True),
    ]
