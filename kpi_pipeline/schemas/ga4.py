"""Streams of Google Analytics 4: traffic of a day by channel, users of a month so far."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Flag, Instant, StreamModel, Text, Whole, column


class WebTraffic(StreamModel):
    """A day of the property and a default channel group of its sessions. Restated until 72 hours after the day.

    `users` are distinct within the row: adding them over channels or days counts people twice. `thresholded`: rows of
    this report are withheld because too few people are behind them.
    """

    day: Day = column("day", key=True)
    channel: Text = column("channel", key=True)
    begins_at: Instant = column("begins_at", unit="iso", cursor=True)
    sessions: Whole = column("sessions", ge=0)
    engaged_sessions: Whole = column("engaged_sessions", ge=0)
    page_views: Whole = column("page_views", ge=0)
    users: Whole = column("users", ge=0)
    thresholded: Flag = column("thresholded")

    class Config(StreamModel.Config):
        name = "ga4.web_traffic"


class MonthUsers(StreamModel):
    """Distinct users from the first of `day`'s month to the end of `day`."""

    day: Day = column("day", key=True)
    begins_at: Instant = column("begins_at", unit="iso", cursor=True)
    users: Whole = column("users", ge=0)
    thresholded: Flag = column("thresholded")

    class Config(StreamModel.Config):
        name = "ga4.month_users"
