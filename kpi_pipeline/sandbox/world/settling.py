"""Records whose vendors need time: web figures that are counted again for three days, mail events that show up late."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.days import DAY, Days
from kpi_pipeline.sandbox.world.model import Email, MailEvent, Traffic, WebDay, WebReach

HOUR = timedelta(hours=1)
COUNTED = ((-12 * HOUR, 0.45), (0 * HOUR, 0.93), (24 * HOUR, 0.985), (48 * HOUR, 0.997), (72 * HOUR, 1.0))
"""How long after the end of its day a figure is counted again, and what share of it is then there."""
NEWEST = timedelta(minutes=25)  # Mailgun: the events of the last half hour are not all there


def web_day(
    days: Days, day: date, channel: str, *, sessions: int, engaged_sessions: int, page_views: int, users: int
) -> WebDay:
    """A day's final figures with the lower ones that were shown before."""
    end = days.start(day + DAY)
    counted = tuple(
        Traffic(
            end + after, int(sessions * part), int(engaged_sessions * part), int(page_views * part), int(users * part)
        )
        for after, part in COUNTED
    )
    return WebDay(day, channel, counted)


def web_reach(days: Days, day: date, *, users: int, until_yesterday: int) -> WebReach:
    """Distinct users of the month to the end of `day`: what `day` adds to `until_yesterday` is counted bit by bit."""
    end = days.start(day + DAY)
    new = users - until_yesterday
    return WebReach(day, tuple((end + after, until_yesterday + int(new * part)) for after, part in COUNTED))


def email(
    r: Random, message_id: str, recipient: str, subject: str, tags: tuple[str, ...], *events: tuple[str, datetime]
) -> Email:
    """A message with ("accepted", instant), ("temporary", instant) … ; each event shows up within 25 minutes."""
    codes = {"accepted": 0, "delivered": 250, "temporary": 421, "permanent": 550}
    reasons = {"temporary": "generic", "permanent": "bounce"}
    told = tuple(
        MailEvent(kind, at, at + r.random() * NEWEST, codes[kind], reasons.get(kind, "")) for kind, at in events
    )
    return Email(message_id, recipient, subject, tags, told)
