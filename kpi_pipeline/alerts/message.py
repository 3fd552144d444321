"""What is told, free of any channel's markup: a message with a line for every alert in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.vocabulary import word
from kpi_pipeline.catalogue.display import sparkline


@dataclass(frozen=True, slots=True)
class Told:
    """The notice behind a line: which alert, in which episode, why it is told, and its content as it was frozen."""

    notice_id: str
    company: str
    subject: str
    rule: str
    segment: str
    episode: int
    reason: str
    level: str
    content: Mapping[str, Any]
    created_at: datetime

    @property
    def alert_key(self) -> str:
        """The same for every notice of one alert, whatever its level, value or episode."""
        return fingerprint(self.company, self.subject, self.rule, self.segment)


@dataclass(frozen=True, slots=True)
class Chart:
    """The last days of a KPI, oldest first; None where a day has no value. `limit` is what it is held against."""

    values: tuple[Decimal | None, ...]
    limit: Decimal | None
    limit_text: str
    alt: str

    @property
    def blocks(self) -> str:
        """The line as block characters, for channels that show text only."""
        return sparkline(self.values)


@dataclass(frozen=True, slots=True)
class Listing:
    """A titled list; `boxes` are to be ticked off by whoever acts."""

    title: str
    items: tuple[str, ...]
    boxes: bool = False

    def lines(self) -> list[str]:
        mark = "☐" if self.boxes else "•"
        return [f"{mark} {item}" for item in self.items]


@dataclass(frozen=True, slots=True)
class Line:
    """One alert: what happened in one sentence, the facts as (label, value), what to do, and where to look.

    `digest` gives the mail that a report has ready.
    """

    told: Told
    headline: str
    facts: tuple[tuple[str, str], ...] = ()
    listings: tuple[Listing, ...] = ()
    chart: Chart | None = None
    link: str | None = None
    commands: tuple[tuple[str, str], ...] = ()
    digest: Callable[[], bytes] | None = None

    def text(self, language: str) -> list[str]:
        found = [self.headline, *(f"{label}: {value}" for label, value in self.facts)]
        if self.chart is not None:
            found.append(f"{word('days', language, n=len(self.chart.values))}: {self.chart.blocks}")
        for listing in self.listings:
            found += [f"{listing.title}:", *(f"  {item}" for item in listing.lines())]
        found += [f"{label}: {command}" for label, command in self.commands]
        return found if self.link is None else [*found, f"{word('page', language)}: {self.link}"]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The first message about the same alerts in the same channel; `reference` is what the channel called it."""

    id: str
    reference: str | None


@dataclass(frozen=True, slots=True)
class Outdated:
    """An earlier message that no longer says how its alerts stand: what it should say now, and for whom it was."""

    reference: str
    now: Message
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Message:
    """What leaves for one channel at once. `id` stays the same however often it is sent; `at` is when it was made.

    `answers` are the earlier messages that it goes on about, empty when an alert in it is new to the channel.
    `outdated` are those that it makes old, where the channel can show them anew. `notes` say what is special about it
    (a trial, another channel's message); `left_out` counts alerts that found no place.
    """

    id: str
    company: str
    language: str
    level: str
    headline: str
    lines: tuple[Line, ...]
    footer: str
    at: datetime
    notes: tuple[str, ...] = ()
    answers: tuple[Earlier, ...] = ()
    outdated: tuple[Outdated, ...] = ()
    left_out: int = 0
    is_test: bool = False

    @property
    def reasons(self) -> frozenset[str]:
        return frozenset(line.told.reason for line in self.lines)

    @property
    def digest(self) -> bytes | None:
        """The mail of the one report that it is about; None of anything else, and where there is more to say."""
        made = self.lines[0].digest if len(self.lines) == 1 and not self.notes else None
        return None if made is None else made()

    @property
    def more(self) -> str | None:
        """How many alerts were left out, and where they are; None when all are there."""
        if not self.left_out:
            return None
        return word("more", self.language, n=self.left_out, company=self.company)

    def shortened(self, most: int) -> Message:
        """The message with its first `most` alerts, and how many more there are."""
        if len(self.lines) <= most:
            return self
        return replace(self, lines=self.lines[:most], left_out=self.left_out + len(self.lines) - most)

    def text(self) -> str:
        """The whole message as plain text."""
        return "\n".join(self._text())

    def _text(self) -> Iterator[str]:
        yield from self.notes
        if len(self.lines) != 1:
            yield self.headline
        for number, line in enumerate(self.lines):
            if number or len(self.lines) > 1:
                yield ""
            yield from line.text(self.language)
        if self.more is not None:
            yield from ("", self.more)
        yield from ("", self.footer)
