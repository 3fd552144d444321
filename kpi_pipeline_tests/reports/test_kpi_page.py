"""The numbers of a KPI's page: what history holds, the process behind them, and what happened to them since."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Parameters
from kpi_pipeline.history.causes import Cause
from kpi_pipeline.history.inputs import RunInputs, StreamState
from kpi_pipeline.history.restatements import Restatement
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports import definition
from kpi_pipeline.reports.charts import render
from kpi_pipeline.reports.charts.process import Dot, ProcessChart
from kpi_pipeline.reports.definition import Page
from kpi_pipeline.reports.kpi_page import Evidence, Numbers, Told, numbers_of
from kpi_pipeline.reports.process import process_of
from kpi_pipeline.reports.reading import Reading, month_ends
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put, company_of, kpi

WORDLESS = {"target": ">= goed", "warning": None, "critical": None}
STEADY = [30, 32] * 6


def numbers(company: Company, store: HistoryStore, name: str = "conversie", beside: Evidence | None = None) -> Numbers:
    reading = Reading(company, store, known_at=NOW)
    return numbers_of(reading, company.kpis[name], Evidence() if beside is None else beside)


@pytest.fixture
def steady(put: Put) -> None:
    """A point every 30 days, the length of the window, and other values between them that are not to count."""
    for back, value in enumerate([40, *STEADY]):
        day = YESTERDAY - timedelta(days=30 * back)
        put("conversie", day, str(value), "ok", n=100, numerator=Decimal(value), denominator=Decimal(100))
        put("conversie", day - timedelta(days=15), "5", "ok")


def test_the_page_says_what_history_says(company: Company, store: HistoryStore, filled: None) -> None:
    found = numbers(company, store)
    assert (found.number.text, found.number.value) == ("23,9%", Decimal("23.9"))
    assert found.number.ref == (("kpi", "conversie"), ("day", "2026-11-21"))
    assert (found.status, found.target, found.evidence) == ("critical", "≥ 32%", "239 / 1.000; n = 1.000")
    assert found.steps[0] == ("t.o.v. een week eerder", "−15,1 procentpunt")
    assert found.steps[2] == ("t.o.v. 52 weken eerder", "–")
    assert [each.number.text for each in found.days[:8]] == ["23,9%", *["–"] * 6, "39,0%"]
    assert len(found.days) == 14


def test_points_share_no_data_and_are_judged(company: Company, store: HistoryStore, steady: None) -> None:
    process = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"])
    assert process.chart is not None
    assert process.judged is not None
    assert [dot.value for dot in process.chart.dots] == [*STEADY[::-1], 40]
    days = [dot.day for dot in process.chart.dots]
    assert {(after - before).days for before, after in pairwise(days)} == {30}
    assert process.chart.dots[-1].signal == "outside"
    assert process.judged.assurance == "hit_and_miss"
    found = numbers(company, store)
    assert [words for _, words in found.verdicts] == [
        "bijzondere oorzaak: verbetering (hoger dan gewoon)",
        "haalt het doel nu eens wel, dan weer niet",
    ]
    assert found.note == ""


@pytest.mark.parametrize(
    ("name", "changed", "shown"),
    [
        ("bezoek", {"better": "higher"}, [7, 0, 8, 7, 8, 7, 8]),  # nothing was counted before; later none came
        ("incidenten", {"better": "lower"}, [0, 0, 7, 0, 8, 7, 8, 7, 8]),
        ("aandeel", {"unit": "percent", "window": "calendar month"}, [0, 0, 7, 0, 8, 7, 8, 7, 8]),
    ],
)
def test_a_series_begins_when_something_was_counted(
    store: HistoryStore, put: Put, name: str, changed: dict[str, Any], shown: list[int]
) -> None:
    none = {"target": None, "warning": None, "critical": None}
    company = company_of(kpi(name, **{"unit": "count", "kind": "count", "window": "calendar month", **none, **changed}))
    ends = month_ends(YESTERDAY, 9)
    for day, value in zip(ends, [0, 0, 7, 0, 8, 7, 8, 7, 8], strict=True):
        put(name, day, str(value), "unrated")
    reading = Reading(company, store, known_at=NOW)
    chart = process_of(reading, company.kpis[name]).chart
    assert chart is not None
    assert [dot.value for dot in chart.dots] == shown
    assert reading.since_first([company.kpis[name]], ends) == ends[-len(shown) :]


@pytest.mark.parametrize(
    ("newest_first", "verdict"),
    [
        ([40, *[20, 21] * 6], "hit_and_miss"),  # far below the target of 32 for a year, and met at last
        ([20, *[21, 20] * 6], "fail"),
        ([20, *[40, 41] * 6], "hit_and_miss"),  # met for a year, and missed now
        ([*[40, 41] * 4, 20, *[41, 40] * 4], "pass"),  # one miss, longer ago than a run of points
    ],
)
def test_no_verdict_stands_beside_a_value_that_belies_it(
    company: Company, store: HistoryStore, put: Put, newest_first: list[int], verdict: str
) -> None:
    for back, value in enumerate(newest_first):
        put("conversie", YESTERDAY - timedelta(days=30 * back), str(value), "ok")
    judged = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"]).judged
    assert judged is not None
    assert judged.assurance == verdict


def test_points_with_too_few_observations_are_shown_and_left_out(
    company: Company, store: HistoryStore, put: Put, steady: None
) -> None:
    put("conversie", YESTERDAY, "90", "low_sample", n=3, known=NOW - timedelta(hours=1))
    process = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"])
    assert process.chart is not None
    assert process.judged is not None
    assert (process.chart.dots[-1].kind, process.chart.dots[-1].value) == ("left_out", 90)
    assert process.judged.limits.points == 12
    assert process.judged.variation.kind == "common"


def test_a_window_that_reaches_back_before_history_is_no_point(company: Company, store: HistoryStore, put: Put) -> None:
    first = YESTERDAY - timedelta(days=30 * 7 + 20)
    for back in range(30 * 7 + 20, -1, -1):
        day = YESTERDAY - timedelta(days=back)
        put("conversie", day, "0" if (day - first).days < 29 else "30", "ok")
    process = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"])
    assert process.chart is not None
    assert [dot.value for dot in process.chart.dots] == [30] * 7


def test_a_period_that_runs_stands_beside_the_newest_whole_one(company: Company, store: HistoryStore, put: Put) -> None:
    acme = company_of(kpi("nps", unit="points", window="calendar month", target=">= 60", warning=None, critical=None))
    for day, value, closed in ((date(2026, 9, 30), 61, True), (date(2026, 10, 31), 58, True), (YESTERDAY, 90, False)):
        put("nps", day, str(value), "below_target" if closed else "provisional", closed=closed)
    found = numbers(acme, store, "nps")
    assert (found.number.text, found.day, found.status) == ("58 punten", "31 oktober 2026", "below_target")
    assert found.held == ["Lopend t/m 21 nov: 90 punten (~ voorlopig)"]
    assert found.steps == [("t.o.v. de periode ervoor", "−3 punten")]


def test_the_name_of_a_target_stands_where_no_point_is_in_its_way() -> None:
    first = date(2026, 1, 1)

    def name(*values: int) -> tuple[float, float]:
        dots = [
            Dot(first + timedelta(days=30 * step), Decimal(value), str(value), "common", target=Decimal(20))
            for step, value in enumerate(values)
        ]
        drawn = ProcessChart(title="", language="nl", dots=tuple(dots)).draw(900)
        found = re.search(r'<text x="([\d.]+)" y="([\d.]+)"[^>]*>doel</text>', drawn)
        assert found is not None
        return float(found[1]), float(found[2])

    free, above = name(10, 40, 10, 40)
    assert (free, above) == name(15, 40, 10, 40)
    x, below = name(21, 40, 10, 40)  # a point just above the line
    assert (x, below) == (free, above + 18)
    assert name(20, 40, 10, 40)[0] > free  # a point on it


def test_a_target_that_moves_at_every_point_is_named_at_its_ends() -> None:
    first = date(2026, 1, 1)
    dots = [
        Dot(first + timedelta(days=30 * step), Decimal(step), str(step), "common", target=Decimal(step + 2))
        for step in range(8)
    ]
    drawn = ProcessChart(title="", language="nl", dots=tuple(dots)).draw(900)
    assert drawn.count(">doel</text>") == 2


def test_what_does_not_count_does_not_set_the_axis(
    company: Company, store: HistoryStore, put: Put, steady: None
) -> None:
    put("conversie", YESTERDAY, "900", "low_sample", n=1, known=NOW - timedelta(hours=1))
    chart = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"]).chart
    assert chart is not None
    drawn = render(chart)
    assert "900,0% ↑</text>" in drawn
    assert "800%" not in drawn
    ends = [element for element in re.findall(r"<circle[^>]*>", drawn) if "stroke" in element]
    assert len(ends) == 1


def test_a_changed_definition_begins_a_new_process(
    company: Company, store: HistoryStore, put: Put, steady: None
) -> None:
    for back in range(6):
        day = YESTERDAY - timedelta(days=30 * back)
        put("conversie", day, "70", "ok", definition_hash="other", known=NOW - timedelta(hours=1))
    process = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"])
    assert process.chart is not None
    assert [(each.first, each.last, each.centre) for each in process.chart.lines] == [
        (0, 6, Decimal("31.142857")),
        (7, 12, 70),
    ]


class SinceJune(Parameters):
    @property
    def counts_from_a_fixed_day(self) -> bool:
        return True


class Formula(Parameters):
    def references(self) -> tuple[str, ...]:
        return ("bezoek", "sinds_juni")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"kind": "milestones"}, "grows"),
        ({"params": SinceJune()}, "builds_up"),
        ({"params": Formula()}, "builds_up"),
        ({"window": "from 2026-11-16 to 2026-11-22"}, "fixed"),
        (
            {"grades": ["slecht", "goed"], "unit": "grade", "target": ">= goed", "warning": None, "critical": None},
            "grades",
        ),
    ],
)
def test_what_has_no_process_gets_no_limits(store: HistoryStore, put: Put, changed: dict[str, Any], why: str) -> None:
    company = company_of(kpi("conversie", **changed), kpi("sinds_juni", params=SinceJune()), kpi("bezoek"))
    for back in range(20):
        put("conversie", YESTERDAY - timedelta(days=7 * back), "1", "ok")
        put("conversie", YESTERDAY - timedelta(days=30 * back), "1", "ok")
    process = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"])
    assert (process.judged, process.why_not) == (None, why)
    assert (process.chart is None) == (why == "grades")
    assert numbers(company, store).note
    assert numbers(company, store).verdicts == []


def test_few_points_get_no_limits_and_a_dozen_trial_limits(company: Company, store: HistoryStore, put: Put) -> None:
    for back in range(5):
        put("conversie", YESTERDAY - timedelta(days=30 * back), "30", "ok")
    assert numbers(company, store).note == "Nog te weinig punten voor grenzen."
    put("conversie", YESTERDAY - timedelta(days=150), "30", "ok")
    assert numbers(company, store).note == "Voorlopige grenzen: minder dan 13 punten."


def test_limits_beyond_what_a_value_can_be_are_not_drawn(store: HistoryStore, put: Put) -> None:
    company = company_of(kpi("conversie", target=None, warning=None, critical=None))
    for back, value in enumerate([1, 99] * 7):
        put("conversie", YESTERDAY - timedelta(days=30 * back), str(value), "ok")
    process = process_of(Reading(company, store, known_at=NOW), company.kpis["conversie"])
    assert process.chart is not None
    assert (process.chart.lines[0].lower, process.chart.lines[0].upper) == (None, None)
    assert "grens" not in process.chart.summary()


def windows() -> Sequence[tuple[str, str, list[date]]]:
    return [
        ("rolling 7 days", "daily", [date(2026, 11, 7), date(2026, 11, 14), date(2026, 11, 21)]),
        ("rolling 90 days", "daily", [date(2026, 5, 25), date(2026, 8, 23), date(2026, 11, 21)]),
        ("rolling 2592000 seconds", "daily", [date(2026, 9, 22), date(2026, 10, 22), date(2026, 11, 21)]),
        ("calendar week", "weekly", [date(2026, 11, 1), date(2026, 11, 8), date(2026, 11, 15)]),
        ("calendar month", "monthly", [date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)]),
        ("last 3 complete months", "monthly", [date(2026, 4, 30), date(2026, 7, 31), date(2026, 10, 31)]),
        ("calendar quarter", "monthly", [date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)]),
        ("calendar day", "every 6 hours", [date(2026, 11, 7), date(2026, 11, 14), date(2026, 11, 21)]),
        ("at day end", "monthly", [date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)]),
        ("at day end", "quarterly", [date(2026, 3, 31), date(2026, 6, 30), date(2026, 9, 30)]),
        ("at day end", "weekly", [date(2026, 11, 7), date(2026, 11, 14), date(2026, 11, 21)]),
    ]


@pytest.mark.parametrize(("window", "cadence", "expected"), windows())
def test_sampled_days_step_by_the_window(window: str, cadence: str, expected: list[date]) -> None:
    from kpi_pipeline.reports.sampling import sample_days

    one = company_of(kpi("conversie", window=window, cadence=cadence)).kpis["conversie"]
    assert sample_days(one, YESTERDAY)[-3:] == expected


def test_what_is_known_later_is_not_on_the_page(company: Company, store: HistoryStore, put: Put) -> None:
    put("conversie", YESTERDAY, "40", "ok", known=NOW - timedelta(hours=2))
    put("conversie", YESTERDAY, "10", "critical", known=NOW + timedelta(hours=2))
    assert numbers(company, store).number.text == "40,0%"


def test_alerts_restatements_and_receipts_are_told(company: Company, store: HistoryStore, filled: None) -> None:
    day = YESTERDAY - timedelta(weeks=1)
    restatement = Restatement(
        company="acme",
        kpi="conversie",
        day=day,
        segment="",
        reported=Decimal(41),
        now=Decimal(39),
        delta=Decimal(-2),
        reported_text=None,
        now_text=None,
        reported_status="ok",
        now_status="ok",
        reported_at=NOW - timedelta(days=6),
        restated_at=NOW - timedelta(days=2),
        causes=(Cause("late_records", "hubspot/deals: 3 records"), Cause("late_records", "more")),
        is_material=True,
    )
    state = StreamState(4, 2, 1234, 1, datetime(2026, 11, 22, 5, tzinfo=UTC), None)
    beside = Evidence(
        told=[Told(NOW - timedelta(days=1), YESTERDAY, "critical"), Told(NOW - timedelta(days=9), None, "paused")],
        restatements=[restatement] * 25,
        inputs=RunInputs("r", {("hubspot", "deals"): state}, {}, None, None),
        streams=[("hubspot", "deals"), ("stripe", "refunds")],
    )
    found = numbers(company, store, beside=beside)
    first = found.restated[0]
    assert (first.reported, first.now.text, first.step, first.cause) == (
        "41,0%",
        "39,0%",
        "−2,0 procentpunt",
        "late gegevens",
    )
    assert (len(found.restated), found.more_restated) == (20, 5)
    assert [each[1:] for each in found.alerts] == [
        ("21 november 2026", "critical", "■ kritiek"),
        ("–", "paused", "paused"),
    ]
    assert [(each.stream, each.records, each.newest, each.complete_until) for each in found.read] == [
        ("hubspot/deals", "1.234", "–", "22 nov 2026 06:00")
    ]
    page = definition.html(_page(company), numbers=found)
    assert "En nog 5: kpi history restatements" in page


def test_a_kpi_that_nothing_judges_says_why_it_is_not_rated(store: HistoryStore, put: Put) -> None:
    put("bezoek", YESTERDAY, "12", "unrated", n=12)
    put("conversie", YESTERDAY, "12", "unrated", n=12)
    free = kpi("bezoek", unit="count", target=None, warning=None, critical=None)
    found = company_of(free, kpi("conversie"))
    assert numbers(found, store, "bezoek").held == ["Niet beoordeeld: er is geen doel of grens afgesproken."]
    assert numbers(found, store, "conversie").held == []


def test_a_kpi_without_history_has_a_page(company: Company, store: HistoryStore) -> None:
    found = numbers(company, store, "bezoek")
    page = definition.html(replace(_page(company), kpi=company.kpis["bezoek"]), numbers=found)
    assert found.row is None
    assert "Voor deze dag is niets vastgelegd." in page
    assert "Deze KPI heeft geen waarschuwing of kritieke grens, en meldt dus niets." in page


def _page(company: Company) -> Page:
    return Page(company, company.kpis["conversie"], YESTERDAY, lambda each: each.id, [], "- id: conversie")
