"""Web analytics: what Google Analytics shows, the figures as they stood each time they were counted again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class WebProperty:
    """A GA4 property. Its days are those of the world's zone.

    `withholds_below`: rows with fewer users are withheld, and the report says so (thresholding, which a property with
    Google signals has); `samples_above`: a report over more page views than this is counted from a sample.
    """

    id: str
    created_at: datetime
    withholds_below: int = 0
    samples_above: int | None = None


@dataclass(frozen=True, slots=True)
class Traffic:
    """Figures of a day and channel as counted at `at`."""

    at: datetime
    sessions: int
    engaged_sessions: int
    page_views: int
    users: int


@dataclass(frozen=True, slots=True)
class WebDay:
    """A local day and session channel; `counted` ascending: the figures rise until 72 hours after the day."""

    day: date
    channel: str
    counted: tuple[Traffic, ...]


@dataclass(frozen=True, slots=True)
class WebReach:
    """Distinct users from the first of the month to the end of `day`, as counted at each instant, ascending."""

    day: date
    counted: tuple[tuple[datetime, int], ...]
