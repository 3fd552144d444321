"""Who is told, and where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.routes import Route, people_of, routes_for
from kpi_pipeline.alerts.tables import dispatch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.tell import composer
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore

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


def test_a_notice_of_a_kpi_that_is_gone_does_not_hold_up_the_others(
    store: HistoryStore, company: Company, observed: Callable[..., Observation], judged: Callable[..., None]
) -> None:
    gone = company.kpis["conversion"].model_copy(update={"id": "gone"})
    both = company.model_copy(update={"kpis": {**company.kpis, "gone": gone}})
    first, second = observed(0, 20, "critical", kpi="gone"), observed(0, 20, "critical")
    judged(both, [first, second])
    sent = []

    def send(message: object, _recipients: tuple[str, ...]) -> None:
        sent.append(message)

    attempts = outbox.deliver(store, "acme", {"slack": send, "mail": send}, composer(company), NOW)
    assert sorted(attempt.outcome for attempt in attempts) == ["dead", "dead", "sent", "sent"]
    assert {message.at for message in sent} == {NOW}  # type: ignore[attr-defined]
    with store.engine.connect() as connection:
        errors = {row.error for row in connection.execute(select(dispatch)) if row.status == "dead"}
    assert len(errors) == 1
    assert "the KPI 'gone' is no longer declared" in errors.pop()
    again = outbox.deliver(store, "acme", {"slack": send, "mail": send}, composer(company), NOW + timedelta(hours=1))
    assert again == []


def test_two_owners_of_one_mailbox_get_one_mail(company: Company) -> None:
    shared = company.people["bob"].model_copy(update={"email": "ann@acme.example", "channels": ("mail",)})
    both = company.model_copy(update={"people": {**company.people, "bob": shared}})
    routes = routes_for(both, {}, ["ann", "bob"], ["owners"], date(2026, 3, 2))
    assert routes == [Route("slack", ("Ann",)), Route("mail", ("ann@acme.example",))]
