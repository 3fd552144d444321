"""What happens to Mister DJ, placed relative to the anchor: the events that its scorecard must tell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpi_pipeline.sandbox.world.days import DAY, Days, month_start

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Outage:
    """`monitor` is down over [start, end); a long one has a P1 incident in the tracker."""

    monitor: str
    start: datetime
    end: datetime
    reason: str


@dataclass(frozen=True)
class Story:
    """Local days are ranges [first, last]; instants are UTC."""

    anchor: date
    monday: date  # of the anchor's week
    outages: tuple[Outage, ...]
    slow_replies: tuple[date, date]  # half the sales team away: leads wait 2.5 times as long
    cheap_bookings: tuple[date, date]  # a price promotion
    nps_dip: date  # first of the month whose events went badly: a supplier's loudspeakers
    nps_recovery: date
    survey_dip: date  # first of the month whose invitations mostly land in spam folders
    queue_jams: dict[date, int]  # day: highest backlog
    slow_retries: frozenset[date]
    migration_crisis: date  # around it three P1 incidents that took more than a day
    lean_months: tuple[date, date]
    fair: datetime  # an exhibition's leads are imported in one second
    bulk_edit: datetime  # an owner hands over 200+ leads in one second
    bulk_triage: datetime  # 150+ issues are touched in one second

    def within(self, day: date, span: tuple[date, date]) -> bool:
        return span[0] <= day <= span[1]


def tell(days: Days, anchor: date) -> Story:
    """Recent events are counted back from the anchor, older ones from the Monday of its week.

    So most of history stays as it is when the anchor moves by a day.
    """
    monday = anchor - anchor.weekday() * DAY

    def recently(count: int, hour: float) -> datetime:
        return days.at(anchor - count * DAY, hour * 3600)

    def ago(count: int, hour: float) -> datetime:
        return days.at(monday - count * DAY, hour * 3600)

    def back(first: int, last: int) -> tuple[date, date]:
        return monday - first * DAY, monday - last * DAY

    return Story(
        anchor=anchor,
        monday=monday,
        outages=(
            Outage("API /health", ago(215, 10.25), ago(215, 10.25) + 92 * MINUTE, "Internal Server Error"),
            Outage("Website", ago(128, 19.5), ago(128, 19.5) + 245 * MINUTE, "Connection Timeout"),
            Outage("Website", recently(5, 13.2), recently(5, 13.2) + 463 * MINUTE, "SSL Certificate Expired"),
            Outage("API /health", recently(5, 13.5), recently(5, 13.5) + 75 * MINUTE, "Bad Gateway"),
        ),
        slow_replies=back(170, 135),
        cheap_bookings=back(260, 226),
        nps_dip=month_start(anchor, -4),
        nps_recovery=month_start(anchor, -3),
        survey_dip=month_start(anchor, -7),
        queue_jams={
            monday - 190 * DAY: 46,
            monday - 76 * DAY: 71,
            monday - 75 * DAY: 52,
            anchor - 5 * DAY: 58,
            anchor - 4 * DAY: 43,
        },
        slow_retries=frozenset({monday - 190 * DAY, monday - 76 * DAY, monday - 75 * DAY, anchor - 5 * DAY}),
        migration_crisis=monday - 205 * DAY,
        lean_months=back(240, 185),
        fair=ago(100, 10),
        bulk_edit=ago(20, 7.5),
        bulk_triage=ago(9, 8.75),
    )
