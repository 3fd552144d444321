"""Who is told, and where."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kpi_pipeline.alerts.model import AlertState, Level, Notice
from kpi_pipeline.alerts.routes import Route, people_of, routes_for, routes_of_notice, with_those_told
from kpi_pipeline.alerts.rules import levels_of
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Alerting
from kpi_pipeline.catalogue.model import Channel, Rule

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("owners", "day", "routes"),
    [
        (["ann"], date(2026, 3, 2), [Route("slack", ("Ann",)), Route("mail", ("ann@acme.example",))]),
        (
            ["ann", "bob"],
            date(2026, 3, 2),
            [Route("slack", ("Ann", "Bob")), Route("mail", ("ann@acme.example", "bob@acme.example"))],
        ),
        (["ann", "ann"], date(2026, 3, 2), [Route("slack", ("Ann",)), Route("mail", ("ann@acme.example",))]),
        (["duty", "ann"], date(2026, 3, 2), [Route("slack", ("Ann",)), Route("mail", ("ann@acme.example",))]),
        (["duty"], date(2026, 3, 9), [Route("teams", ("Cas",))]),
        ([], date(2026, 3, 2), []),
    ],
)
def test_owners_become_one_route_a_channel(company: Company, owners: list[str], day: date, routes: list[Route]) -> None:
    assert routes_for(company, {}, owners, ["owners"], day) == routes


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2026, 3, 2), "Ann"),
        (date(2026, 3, 8), "Ann"),
        (date(2026, 3, 9), "Cas"),
        (date(2026, 3, 16), "Ann"),
        (date(2026, 3, 1), "Cas"),
        (date(2026, 2, 16), "Ann"),
    ],
)
def test_a_rota_turns_every_week_and_counts_back_before_its_start(company: Company, day: date, name: str) -> None:
    assert [person.name for person in people_of(company, ["duty"], (), day)] == [name]


def test_two_owners_of_one_mailbox_get_one_mail(company: Company) -> None:
    shared = company.people["bob"].model_copy(update={"email": "ann@acme.example", "channels": ("mail",)})
    both = company.model_copy(update={"people": {**company.people, "bob": shared}})
    routes = routes_for(both, {}, ["ann", "bob"], ["owners"], date(2026, 3, 2))
    assert routes == [Route("slack", ("Ann",)), Route("mail", ("ann@acme.example",))]


@pytest.mark.parametrize(
    ("notice", "channels"),
    [
        (Notice("first_breach", "critical"), {"slack", "mail", "teams"}),
        (Notice("worse", "warning"), {"slack", "mail"}),
        (Notice("resolved", "ok"), {"slack", "mail", "teams"}),
        (Notice("escalation", "critical", ("cas",)), {"teams"}),
    ],
)
def test_a_notice_goes_by_its_level_and_that_it_is_over_by_the_level_that_was_told(
    company: Company, notice: Notice, channels: set[str]
) -> None:
    tree = {"to": ["owners"], "routes": [{"match": {"severity": "critical"}, "to": ["owners", "cas"]}]}
    found = company.model_copy(update={"alerts": Alerting.model_validate({"route": tree})})
    rule = Rule.model_validate({"id": "low", "kpi": "conversion", "owners": ["ann"], "file": "f", "line": 1})
    before = AlertState("acme", "conversion", "low", phase="firing", level="critical", told_level="critical")
    routes = routes_of_notice(found, rule, notice, before, before, NOW)
    assert {route.channel for route in routes} == channels


@pytest.mark.parametrize(
    ("keys", "levels"),
    [
        ({"kpi": "conversion"}, ("warning", "critical")),
        ({"kpi": "conversion", "warning": "< 26"}, ("warning",)),
        ({"kpi": "conversion", "critical": "< 20"}, ("critical",)),
        ({"kpi": "conversion", "info": ">= 40", "by": date(2026, 12, 31)}, ("info", "warning")),
        ({"kpi": "conversion", "each": 50}, ("info",)),
        ({"all": [{"kpi": "conversion", "is": "> 40"}], "level": "critical"}, ("critical",)),
        ({"manual": {"nl": "Gehaald?"}, "by": date(2026, 12, 31)}, ("warning",)),
        ({"remind": {"every": "week", "on": "fri"}}, ("info",)),
    ],
)
def test_the_levels_of_a_rule_are_those_that_it_can_come_to(
    company: Company, keys: dict[str, object], levels: tuple[Level, ...]
) -> None:
    rule = Rule.model_validate({"id": "r", "file": "f", "line": 1, **keys})
    assert levels_of(company, rule) == levels


def test_those_who_were_told_hear_that_it_is_better_and_threads_hear_all(company: Company) -> None:
    bot = Channel(kind="slack_bot", secret="ACME_TOKEN", room="C1")
    found = company.model_copy(update={"channels": {**company.channels, "room": bot}})
    told = [Route("mail", ("ann@acme.example",)), Route("room", ("Ann",)), Route("gone", ("Ann",))]
    now = [Route("teams", ("Cas",))]
    assert with_those_told(found, "worse", now, told) == [*now, told[1]]
    assert with_those_told(found, "resolved", now, told) == [*now, *told[:2]]
