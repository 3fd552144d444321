"""Who is told, and where."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from kpi_pipeline.alerts.routes import Route, people_of, routes_for
from kpi_pipeline.catalogue import Company

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
