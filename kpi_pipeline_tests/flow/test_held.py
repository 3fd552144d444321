"""What a site says of alerts that are held back or in hand, and of messages that did not arrive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.outbox import Outbox
from kpi_pipeline.errors import DeliveryRefused
from kpi_pipeline.flow.site import write_site
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline_tests.alerts.alarm import NOW
from kpi_pipeline_tests.alerts.desk import DAY, HOUR, Desk, critical, opened
from kpi_pipeline_tests.alerts.observing import observation
from kpi_pipeline_tests.alerts.sending import Inbox
from kpi_pipeline_tests.reports.read_back import Page, read

BOARDS = """\
dashboards:
  - id: sales
    name: {nl: Verkoop}
    audience: Sales
    cadence: weekly
    origin: the sales board
    panels:
      - {kind: tiles, kpis: [conversion]}
      - {kind: scores, kpis: [conversion]}
"""
BY = ("--by", "ann", "--reason", "<b>campagne</b>")
FIRST = datetime(2026, 3, 2, tzinfo=UTC)
EVERYWHERE = ["index", "kpis", "dashboard/sales", "kpi/conversion"]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    for found in opened(tmp_path):
        (tmp_path / "companies" / "acme" / "dashboards.yaml").write_text(BOARDS, encoding="utf-8")
        yield critical(found, lambda days, *said: observation(FIRST + days * DAY, *said))


def pages(desk: Desk, *, known: bool = False) -> dict[str, Page]:
    """The site by name of page, as it stands now; `known`: as it was known now."""
    with Workspace(desk.settings, now=desk.now) as workspace:
        root = desk.settings.reports_root / "acme"
        paths = write_site(workspace, workspace.company("acme"), known_at=desk.now if known else None)
        return {
            path.relative_to(root).with_suffix("").as_posix(): read(path.read_text(encoding="utf-8")) for path in paths
        }


def saying(found: dict[str, Page], words: str) -> list[str]:
    return [name for name in EVERYWHERE if words in found[name].text]


def test_a_site_without_anything_held_back_says_nothing_of_it(desk: Desk) -> None:
    found = pages(desk)
    for words in ("gedempt", "Gedempt en opgepakt", "Niet bezorgde meldingen"):
        assert saying(found, words) == []


def test_a_silence_is_said_wherever_the_kpi_stands(desk: Desk) -> None:
    done = desk.kpi("silence", "acme", "--match", "kpi=conversion", "--until", "3 days", *BY)
    assert done.exit_code == 0, done.output
    found = pages(desk)
    assert saying(found, "gedempt tot 23 mrt 2026 07:00") == EVERYWHERE
    whole = "gedempt tot 23 mrt 2026 07:00 door ann: <b>campagne</b>"
    assert saying(found, whole) == ["index", "kpi/conversion"]
    assert "Gedempt en opgepakt Conversie" in found["index"].text
    desk.now += 4 * DAY
    assert saying(pages(desk), "gedempt") == []


def test_a_page_as_it_was_known_then_does_not_say_what_is_silenced_today(desk: Desk) -> None:
    desk.kpi("silence", "acme", "--match", "kpi=conversion", "--until", "3 days", *BY)
    assert saying(pages(desk, known=True), "gedempt") == []


def test_who_has_it_in_hand_and_what_is_paused_is_said_too(desk: Desk) -> None:
    for command in ("ack", "pause"):
        done = desk.kpi(command, "acme", "conversion", "--rule", "threshold", *BY)
        assert done.exit_code == 0, done.output
    found = pages(desk)
    assert saying(found, "gepauzeerd") == EVERYWHERE
    assert saying(found, "gepauzeerd door ann sinds") == ["index", "kpi/conversion"]
    assert saying(found, "⊙ opgepakt tot") == ["index", "kpis", "dashboard/sales"]
    assert saying(found, "opgepakt door ann tot") == ["index", "kpi/conversion"]


def test_messages_that_did_not_arrive_stand_on_the_overview(desk: Desk) -> None:
    refused = DeliveryRefused("x", "<i>geen toegang</i>", remedy="y")
    senders = dict.fromkeys(desk.company.channels, Inbox(*[refused] * 9))
    box = Outbox(desk.store, Reader(desk.company, lambda _kpi: None), senders, lambda: NOW + HOUR, lambda: 0.5)
    assert "dead" in {attempt.outcome for attempt in outbox.deliver(box, flush=True)}
    text = pages(desk)["index"].text
    assert "Niet bezorgde meldingen" in text
    assert "kpi alerts dead acme" in text
    assert "Conversie" in text[text.index("Waarover") :]
    assert "<i>geen toegang</i>" in text
