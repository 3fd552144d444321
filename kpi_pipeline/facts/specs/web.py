"""The website and who visits it."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, flag, text, whole

SPECS = (
    FactSpec(
        "web_day",
        "Traffic of the website on a day, by the channel that its sessions came from.",
        ("day", "channel"),
        {
            "day": whole("local date (days since 1970-01-01)"),
            "channel": text("Google's default channel group"),
            "sessions": whole("sessions"),
            "engaged_sessions": whole("sessions of 10 seconds, with a key event, or with two views"),
            "page_views": whole("pages seen"),
            "users": whole("distinct users of this day and channel; not to be added up"),
            "thresholded": flag("rows of this report are withheld, so it is not whole"),
        },
        reads=(("ga4", "web_traffic"),),
    ),
    FactSpec(
        "web_month",
        "Distinct users of the website from the first of a month to the end of a day of it.",
        ("month_day",),
        {
            "month_day": whole("local date (days since 1970-01-01)"),
            "users": whole("distinct users from the first of that day's month to its end"),
            "thresholded": flag("the figure is not whole"),
        },
        reads=(("ga4", "month_users"),),
    ),
)
