"""The words of reports in Dutch and English, those of the calendar included: no locale is asked which week it is."""

from __future__ import annotations

from datetime import date

from kpi_pipeline.catalogue.display import count_text, day_text, full_month_text, quarter_text, short_day_text
from kpi_pipeline.catalogue.periods import Period, Periods
from kpi_pipeline.reports.packs.dutch import DUTCH
from kpi_pipeline.reports.packs.english import ENGLISH

WEEKDAYS = {
    "nl": ("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
WORDS = {"nl": DUTCH, "en": ENGLISH}
NAMED = {
    "calendar month": Periods("month"),
    "calendar quarter": Periods("quarter"),
    "calendar year": Periods("year"),
}
# Of one, and of any other number.
FORMS = {
    "nl": {
        "critical": ("{} kritiek", "{} kritiek"),
        "warning": ("{} met een waarschuwing", "{} met een waarschuwing"),
        "below_target": ("{} mist het doel", "{} missen het doel"),
        "stale": ("{} verouderd", "{} verouderd"),
        "no_data": ("{} zonder gegevens", "{} zonder gegevens"),
        "without_target": (
            "{} KPI heeft geen doel en wordt niet beoordeeld.",
            "{} KPI's hebben geen doel en worden niet beoordeeld.",
        ),
        "records": ("{} record", "{} records"),
    },
    "en": {
        "critical": ("{} critical", "{} critical"),
        "warning": ("{} with a warning", "{} with a warning"),
        "below_target": ("{} misses its target", "{} miss their target"),
        "stale": ("{} out of date", "{} out of date"),
        "no_data": ("{} without data", "{} without data"),
        "without_target": (
            "{} KPI has no target and is not rated.",
            "{} KPIs have no target and are not rated.",
        ),
        "records": ("{} record", "{} records"),
    },
}


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


def day_or_period_text(window: str, day: date, language: str) -> str:
    """'October 2026' for the last day of a window of that month, so of a quarter or a year; else the day itself."""
    periods = NAMED.get(window)
    if periods is not None and (period := periods.containing(day)).last == day:
        return period_text(periods.unit, period, language)
    return day_text(day, language)


def of_count(form: str, count: int, language: str) -> str:
    """'1 KPI has …', '2 KPIs have …', '1,315 records'."""
    return FORMS[language][form][count != 1].format(count_text(count, language))


def _span(first: date, last: date, language: str) -> str:
    to = "t/m" if language == "nl" else "to"
    if first.year != last.year:
        return f"{day_text(first, language)} {to} {day_text(last, language)}"
    if first.month != last.month:
        return f"{short_day_text(first, language)} {to} {day_text(last, language)}"
    return f"{first.day} {to} {day_text(last, language)}"
