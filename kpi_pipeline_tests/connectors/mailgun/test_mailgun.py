"""Mailgun over the wire: late events are found by the next read, old ones are not asked in vain, nobody is named."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.connectors.mailgun import LATE
from kpi_pipeline.errors import IncompleteLoad, SettingsError, SourceRefused
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import Email, MailEvent, World
from kpi_pipeline.schemas.base import origins
from kpi_pipeline.schemas.mailgun import Events
from kpi_pipeline_tests.connectors.wire import NOW, Wire, utc, wired, world

START, MINUTE = utc("2026-11-01 00:00"), timedelta(minutes=1)
SETTINGS = {"domain": "mail.example"}
MANY = {"account": Limit(10**6, 1.0)}


def email(name: str, *events: tuple[str, datetime], late: timedelta = timedelta(0)) -> Email:
    told = tuple(MailEvent(kind, at, at + late, 550 if kind == "permanent" else 250, "bounce") for kind, at in events)
    return Email(f"{name}@mail.example", f"{name}@person.example", "Hello", ("nps", "event"), told)


def post(*emails: Email) -> World:
    return world(mail_domain="mail.example", emails=list(emails))


def ids(wire: Wire, start: datetime, end: datetime) -> list[tuple[str, str]]:
    rows = wire.rows("events", start, end)
    return [(row["message"]["headers"]["message-id"].partition("@")[0], row["event"]) for row in rows]


def test_every_event_comes_with_how_it_failed(tmp_path: Path) -> None:
    a = email("a", ("accepted", START), ("temporary", START + MINUTE), ("permanent", START + 480 * MINUTE))
    b = email("b", ("accepted", START + MINUTE / 2), ("delivered", START + 2 * MINUTE))
    with wired("mailgun", post(a, b), tmp_path, SETTINGS, limits=MANY) as wire:
        rows = wire.rows("events", START, NOW)
    assert [(row["event"], row.get("severity")) for row in rows] == [
        ("accepted", None),
        ("accepted", None),
        ("failed", "temporary"),
        ("delivered", None),
        ("failed", "permanent"),
    ]
    assert rows[-1]["delivery-status"]["code"] == 550
    assert [row["timestamp"] for row in rows] == sorted(row["timestamp"] for row in rows)


def test_an_event_on_a_boundary_is_in_one_window_only(tmp_path: Path) -> None:
    cut = START + timedelta(hours=5)
    edge = [email(f"m{n}", ("accepted", cut + timedelta(milliseconds=400 * n))) for n in range(-4, 5)]
    with wired("mailgun", post(*edge), tmp_path, SETTINGS, limits=MANY) as wire:
        before, after = ids(wire, START, cut), ids(wire, cut, NOW)
    assert (len(before), len(after)) == (4, 5)
    assert not set(before) & set(after)


def test_events_that_come_late_are_found_by_the_next_read(tmp_path: Path) -> None:
    late = email("late", ("accepted", NOW - 20 * MINUTE), late=25 * MINUTE)
    soon = email("soon", ("accepted", NOW - 10 * MINUTE))
    at = [NOW]
    with wired("mailgun", post(late, soon), tmp_path, SETTINGS, limits=MANY, now=lambda: at[0]) as wire:
        reading = wire.read("events", START, NOW)
        assert sum(page.count for page in reading) == 1
        assert reading.proof.watermark == NOW
        at[0] = NOW + timedelta(hours=6)
        assert ids(wire, NOW - LATE, at[0]) == [("late", "accepted"), ("soon", "accepted")]


def test_a_page_that_is_empty_too_early_is_not_taken_for_the_end(tmp_path: Path) -> None:
    many = [email(f"m{n}", ("accepted", START + n * MINUTE)) for n in range(700)]
    with wired("mailgun", post(*many), tmp_path, SETTINGS, limits=MANY) as wire:
        wire.fault("empty_page_with_more", path="/events/", times=1)
        assert len(ids(wire, START, NOW)) == 700
        wire.sandbox.faults.clear()
        wire.fault("empty_page_with_more", path="/events/")
        with pytest.raises(IncompleteLoad, match="an empty page promised more, twice"):
            ids(wire, START, NOW)


def test_a_window_without_events_is_empty_and_asked_about_once_more(tmp_path: Path) -> None:
    with wired("mailgun", post(), tmp_path, SETTINGS) as wire:
        assert ids(wire, START, NOW) == []
        assert len(wire.requests) == 2


def test_a_month_that_the_account_no_longer_keeps_is_refused_not_read_as_empty(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = email("old", ("accepted", NOW - timedelta(days=60)))
    with wired("mailgun", post(old), tmp_path, SETTINGS, limits=MANY) as wire:
        with pytest.raises(SourceRefused, match=r"keeps events for 30 days.*say so by keeps_days"):
            ids(wire, NOW - timedelta(days=70), NOW - timedelta(days=40))
        with caplog.at_level(logging.WARNING):
            ids(wire, NOW - timedelta(days=31), NOW)
        assert "only events since 2026-10-23 12:00 are kept" in caplog.text
    with wired("mailgun", post(old), tmp_path, {**SETTINGS, "keeps_days": 400}, limits=MANY) as wire:
        assert ids(wire, NOW - timedelta(days=70), NOW - timedelta(days=40)) == [("old", "accepted")]


def test_the_recipient_is_hashed_and_nothing_else_of_a_person_has_a_column() -> None:
    found = origins(Events)
    assert found["recipient_hash"].hashed
    personal = ("recipient", "subject", "headers.to", "headers.from", "user-variables", "geolocation", "ip")
    assert [o.path for o in found.values() if any(word in o.path for word in personal)] == ["recipient"]


@pytest.mark.parametrize(
    ("settings", "key", "said"),
    [
        ({"domain": "mail.wrong"}, None, "HTTP 404: Domain not found.*api.eu.mailgun.net"),
        (SETTINGS, "wrong-0123456789abcdef", "HTTP 401.*api.eu.mailgun.net"),
    ],
)
def test_a_wrong_domain_or_region_says_so(tmp_path: Path, settings: dict[str, Any], key: str | None, said: str) -> None:
    with (
        wired("mailgun", post(), tmp_path, settings, key=key, limits=MANY) as wire,
        pytest.raises(SourceRefused, match=said),
    ):
        ids(wire, START, NOW)


def test_the_domain_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no `domain`"), wired("mailgun", post(), tmp_path, {}):
        pass
