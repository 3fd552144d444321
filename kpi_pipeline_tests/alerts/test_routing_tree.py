"""The routing tree, deputies, and that whoever heard of the beginning hears of the end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from kpi_pipeline.alerts.routes import Route, paths, people_of, routes_for, with_deputy
from kpi_pipeline.alerts.tables import delivery, notice
from kpi_pipeline.alerts.whom import places
from kpi_pipeline.catalogue import Company, alerting
from kpi_pipeline.catalogue.alerting import Alerting
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.alarm import NOW, Alarm

DAY = date(2026, 3, 2)
HOUR = timedelta(hours=1)
Observed = Callable[..., Observation]
TREE = alerting.Route.model_validate(
    {
        "routes": [
            {"match": {"severity": "critical"}, "to": "cas", "continue": True},
            {"match": {"kpi": "~conv.*"}, "to": "bob", "routes": [{"match": {"owner": "ann"}, "to": "ann"}]},
            {"match": {"kpi": "conversion"}, "to": "duty"},
        ]
    }
)


@pytest.mark.parametrize(
    ("labels", "ends"),
    [
        ({}, [("route",)]),
        ({"kpi": "visits", "severity": "warning"}, [("route",)]),
        ({"kpi": "visits", "severity": "critical"}, [("route", "route.routes.0")]),
        ({"kpi": "conversion", "owner": ("bob",)}, [("route", "route.routes.1")]),
        ({"kpi": "conversion", "owner": ("bob", "ann")}, [("route", "route.routes.1", "route.routes.1.routes.0")]),
        (
            {"kpi": "conversion", "owner": ("bob",), "severity": "critical"},
            [("route", "route.routes.0"), ("route", "route.routes.1")],
        ),
        ({"kpi": "aconversion", "owner": ("bob",)}, [("route",)]),
    ],
)
def test_at_28_the_first_route_that_matches_wins_unless_it_continues(
    labels: dict[str, Any], ends: list[tuple[str, ...]]
) -> None:
    assert places(TREE, labels) == ends
    assert [path[0] for path in paths(TREE, labels)] == [TREE] * len(ends), "every way begins at the root"


def with_alerts(company: Company, **alerts: Any) -> Company:
    return company.model_copy(update={"alerts": Alerting.model_validate(alerts)})


def away(company: Company, **spans: str) -> Company:
    people = {
        name: person.model_copy(update={"deputy": deputy})
        for (name, person), deputy in zip(company.people.items(), ("bob", "cas", "ann"), strict=True)
    }
    for name, span in spans.items():
        raw = people[name].model_dump() | {"away": [span]}
        people[name] = type(people[name]).model_validate(raw)
    return company.model_copy(update={"people": people})


def test_a_route_narrows_channels_but_never_leaves_somebody_untold(company: Company) -> None:
    narrow = with_alerts(company, route={"routes": [{"match": {"severity": "info"}, "channels": ["mail"]}]})
    found = routes_for(narrow, {"severity": "info"}, ["ann", "cas"], ["owners"], DAY)
    assert found == [Route("mail", ("ann@acme.example",)), Route("teams", ("Cas",))]
    assert [route.channel for route in routes_for(narrow, {}, ["ann"], ["owners"], DAY)] == ["slack", "mail"]


def test_at_29_an_owner_is_all_of_their_channels_and_the_deputy_joins_while_they_are_away(company: Company) -> None:
    both = away(company, ann="2026-03-02/2026-03-06")
    names = {
        day: [person.name for person in people_of(both, ["owners"], ["ann"], date(2026, 3, day))]
        for day in (1, 2, 6, 7)
    }
    assert names == {1: ["Ann"], 2: ["Ann", "Bob"], 6: ["Ann", "Bob"], 7: ["Ann"]}
    assert {route.channel for route in routes_for(both, {}, ["ann"], ["owners"], DAY)} == {"slack", "mail"}


def test_at_29_when_deputies_are_away_too_the_next_one_joins_but_nobody_twice(company: Company) -> None:
    week = "2026-03-02/2026-03-06"
    assert with_deputy(away(company, ann=week, bob=week), "ann", DAY) == ["ann", "bob", "cas"]
    assert with_deputy(away(company, ann=week, bob=week, cas=week), "ann", DAY) == ["ann", "bob", "cas"]
    alone = away(company, ann=week)
    alone = alone.model_copy(
        update={"people": {**alone.people, "ann": alone.people["ann"].model_copy(update={"deputy": None})}}
    )
    assert with_deputy(alone, "ann", DAY) == ["ann"]


@pytest.mark.parametrize(
    ("group", "names"),
    [("deputy", ["Bob"]), ("management", ["Cas"]), ("data_owners", ["Bob"]), ("duty", ["Ann"]), ("cas", ["Cas"])],
)
def test_groups_become_people(company: Company, group: str, names: list[str]) -> None:
    known = with_alerts(away(company), management=["cas"], data_owners=["bob"])
    assert [person.name for person in people_of(known, [group], ["ann"], DAY)] == names


def test_what_belongs_to_nobody_goes_to_management_rather_than_nowhere(company: Company) -> None:
    assert people_of(company, ["owners"], [], DAY) == []
    known = with_alerts(company, management=["cas"])
    assert [person.name for person in people_of(known, ["owners"], [], DAY)] == ["Cas"]


def told(alarm: Alarm) -> dict[str, set[str]]:
    reasons = {row.id: row.reason for row in alarm.rows(notice)}
    found: dict[str, set[str]] = {}
    for row in alarm.rows(delivery):
        found.setdefault(reasons[row.notice_id], set()).update(row.recipients)
    return found


def test_whoever_was_told_of_the_beginning_is_told_of_the_end(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    """Critical goes to Cas, a warning to the owners, and the rota turns meanwhile: all of them hear that it is over."""
    route = {
        "routes": [{"match": {"severity": "critical"}, "to": "cas"}, {"match": {"severity": "warning"}, "to": "duty"}]
    }
    alarm = Alarm(store, company, route=route)
    alarm.record(observed(0, 40, "ok"), now=NOW)
    alarm.record(observed(1, 26, "warning"), now=NOW + HOUR)
    alarm.record(observed(2, 20, "critical"), now=NOW + 2 * HOUR)
    alarm.record(observed(3, 40, "ok"), now=NOW + timedelta(days=5))
    assert told(alarm) == {
        "first_breach": {"Ann", "ann@acme.example"},
        "worse": {"Cas"},
        "resolved": {"Ann", "ann@acme.example", "Cas"},
    }


def test_those_it_was_escalated_to_are_told_of_the_end_too(
    store: HistoryStore, company: Company, observed: Observed
) -> None:
    alarm = Alarm(store, company, management=["cas"], escalation=[{"after": "1 working day", "to": "management"}])
    alarm.record(observed(0, 40, "ok"), now=NOW)
    alarm.record(observed(1, 20, "critical"), now=NOW + HOUR)
    alarm.watch(NOW + timedelta(days=4))
    alarm.record(observed(2, 40, "ok"), now=NOW + timedelta(days=5))
    assert "Cas" in told(alarm)["escalation"]
    assert told(alarm)["resolved"] == {"Ann", "Bob", "Cas", "ann@acme.example", "bob@acme.example"}
    alarm.record(observed(3, 20, "critical"), now=NOW + timedelta(days=6))
    alarm.record(observed(4, 40, "ok"), now=NOW + timedelta(days=7))
    resolved = [row.id for row in alarm.rows(notice) if row.reason == "resolved"]
    second = {name for row in alarm.rows(delivery) if row.notice_id == resolved[-1] for name in row.recipients}
    assert "Cas" not in second, "of another time that it fired they know nothing"
