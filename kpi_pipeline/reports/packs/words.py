"""The words of reports in Dutch and English, those of the calendar included: no locale is asked which week it is."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.catalogue.display import day_text, full_month_text, quarter_text, short_day_text
from kpi_pipeline.catalogue.periods import Period
from kpi_pipeline.reports.packs.dutch import DUTCH
from kpi_pipeline.reports.packs.english import ENGLISH

WEEKDAYS = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
WORDS = {"nl": DUTCH, "en": ENGLISH}


def period_text(unit: str, period: Period, language: str) -> str:
    """'Week 47 van 2026, 16 t/m 22 november 2026'; 'november 2026'; '4e kwartaal 2026'."""
    dutch = language == "nl"
    days = _span(period.first, period.last, language)
    if unit == "day":
        return f"{WEEKDAYS[language][period.first.weekday()]} {day_text(period.first, language)}"
    if unit == "week":
        year, week = period.name.split("-W")
        return f"Week {int(week)} {'van' if dutch else 'of'} {year}, {days}"
    if unit == "weeks":
        year, first, last = period.name.replace("W", "").split("-")
        return f"{'Weken' if dutch else 'Weeks'} {int(first)}–{int(last)} {'van' if dutch else 'of'} {year}, {days}"
    if unit == "month":
        return full_month_text(period.first, language)
    if unit == "quarter":
        return quarter_text(period.name, language)
    return period.name if unit == "year" else days


def _span(first: date, last: date, language: str) -> str:
    to = "t/m" if language == "nl" else "to"
    if first.year != last.year:
        return f"{day_text(first, language)} {to} {day_text(last, language)}"
    if first.month != last.month:
        return f"{short_day_text(first, language)} {to} {day_text(last, language)}"
    return f"{first.day} {to} {day_text(last, language)}"
