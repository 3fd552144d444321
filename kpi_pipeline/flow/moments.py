"""Moments as people write them: '3 days', '5 working days', a day, or a local time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from kpi_pipeline.alerts.calendar import working_time
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.spans import SPAN, Span, parse_any_span
from kpi_pipeline.errors import UsageError

EXAMPLES = "Write it as '3 days', '5 working days', 2026-12-01 or 2026-12-01T09:00"


def until(company: Company, text: str, now: datetime) -> datetime:
    """The end that somebody means, in UTC: a span from now, the end of a day, or a time by the company's clocks.

    Raises UsageError for anything else.
    """
    return _moment(company, text, now, days_later=1)


def since(company: Company, text: str, now: datetime) -> datetime:
    """The start that somebody means, in UTC: as `until`, but a day is meant from its beginning."""
    return _moment(company, text, now, days_later=0)


def _moment(company: Company, text: str, now: datetime, *, days_later: int) -> datetime:
    text = text.strip()
    doing = f"reading the moment {text!r}"
    if SPAN.fullmatch(text):
        span = parse_any_span(text)
        if isinstance(span, Span) and not span.is_counted:
            return working_time(company).after(now, span).astimezone(UTC)
        raise UsageError(doing, "periods and measurements have no length", remedy=EXAMPLES)
    try:
        day = date.fromisoformat(text)
    except ValueError:
        pass
    else:
        return datetime.combine(day + timedelta(days=days_later), time(), company.tz).astimezone(UTC)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(doing, "it is neither a span, nor a day, nor a time", remedy=EXAMPLES) from None
    return (found if found.tzinfo is not None else found.replace(tzinfo=company.tz)).astimezone(UTC)
