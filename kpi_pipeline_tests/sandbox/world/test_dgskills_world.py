"""The world of DGSkills holds the cases that its definitions turn on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest

from kpi_pipeline.sandbox import truth, world
from kpi_pipeline.sandbox.truth.dgskills import crm, use
from kpi_pipeline.sandbox.world.dgskills.holidays import days_off
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.sandbox.world.conftest import ANCHORS

ANCHOR = ANCHORS["dgskills"]
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def dgskills(world_of: Callable[[str], World]) -> World:
    return world_of("dgskills")


@pytest.fixture(scope="module")
def done(dgskills: World) -> use.Use:
    return use.use(dgskills, NOW)


def test_the_same_arguments_give_the_same_world_and_a_later_anchor_changes_no_past(dgskills: World) -> None:
    """A week later in the same month: schools, deals and events of before stay as they were."""
    later = world.build("dgskills", 7, ANCHOR + timedelta(days=7))
    for name in ("organisations", "deals", "engagements", "tickets", "issues"):
        past = [each for each in getattr(dgskills, name) if each.created_at <= NOW]
        assert [each for each in getattr(later, name) if each.created_at <= NOW] == past, name
    columns = (dgskills.product.events, later.product.events)
    before = [
        [row for row in zip(e.at.tolist(), e.event.tolist(), strict=True) if row[0] < NOW.timestamp() * 1000]
        for e in columns
    ]
    assert before[0] == before[1]
    assert len(before[0]) > 100_000


def test_size(dgskills: World) -> None:
    assert 80 <= len(dgskills.organisations) <= 140
    assert 130_000 <= len(dgskills.product.events.at) <= 180_000
    assert dgskills.starts_at == datetime(2025, 9, 30, 22, tzinfo=UTC)


def test_ids_are_unique(dgskills: World) -> None:
    for name in ("organisations", "leads", "deals", "engagements", "tickets", "issues"):
        assert len({each.id for each in getattr(dgskills, name)}) == len(getattr(dgskills, name)), name
    assert len({each.id for each in dgskills.product.users}) == len(dgskills.product.users)
    assert len({each.id for each in dgskills.product.assignments}) == len(dgskills.product.assignments)
    assert len({each.token for each in dgskills.responses}) == len(dgskills.responses)


def test_pilots_end_in_every_way(dgskills: World) -> None:
    ended = [d for d in crm.deals(dgskills, NOW) if d.pilot_ended_at is not None and d.pilot_ended_at < NOW]
    ways = Counter(
        "annual" if d.annual else "short" if d.won else "lost" if d.closed_at is not None else "undecided"
        for d in ended
    )
    assert set(ways) == {"annual", "short", "lost", "undecided"}
    assert any(
        d.won and d.pilot_ends is not None and d.closed_at is not None and d.closed_at > d.pilot_ends for d in ended
    )


def test_a_school_pauses_and_comes_back(dgskills: World, done: use.Use) -> None:
    """Four weeks in a row without a soul, with work in the week before and in the weeks after, outside holidays."""
    found = 0
    for days in done.at_work.values():
        at_work = sorted(days)
        gaps = [(a, b) for a, b in pairwise(at_work) if timedelta(27) < b - a < timedelta(40)]
        found += bool(gaps)
    assert found >= 2


def test_teachers_do_nothing_in_the_holidays(dgskills: World, done: use.Use) -> None:
    regions = {each.id: crm.at_last(each.custom["holiday_region"], NOW) for each in dgskills.organisations}
    free = busy = 0
    for school, days in done.at_work.items():
        off = days_off(regions[school] or "")
        free += sum(day in off for day in days)
        busy += sum(day not in off for day in days)
    assert 0 < free < busy / 20


def test_a_school_waits_for_its_first_student_for_more_than_ten_days(dgskills: World) -> None:
    days = truth.values(dgskills, date(2026, 8, 1), date(2026, 11, 22), NOW)["implementation_overdue"]
    assert max(each.value for each in days.values() if each.value is not None) >= 1


def test_tickets_are_opened_again_and_some_are_never_answered(dgskills: World) -> None:
    reopened = [t for t in dgskills.tickets if [s for s, _ in t.stages].count("gesloten") > 1]
    assert len(reopened) > 10
    assert sum(t.first_reply_at is None for t in dgskills.tickets) > 10


def test_a_p1_stays_open_for_more_than_a_working_day_and_not_over_a_weekend_alone(dgskills: World) -> None:
    days = truth.values(dgskills, date(2026, 9, 1), date(2026, 11, 22), NOW)["open_p1_oldest_age"]
    ages = [each.value for each in days.values() if each.value is not None]
    assert max(ages) > 1
    assert any(age < 1 for age in ages)


def test_students_are_known_by_pseudonym_only(dgskills: World) -> None:
    assert {user.id[:2] for user in dgskills.product.users if not user.internal} == {"t-", "s-"}
