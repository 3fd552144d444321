"""Time zones exist, opening hours open before they close, and a KPI's clock is one of the company's calendars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue

ELAPSED = "elapsed"
MIDNIGHT = time()  # as a closing time it is the end of the day


def calendars_make_sense(company: Company) -> Iterable[Issue]:
    try:
        ZoneInfo(company.zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield _issue(
            company, "zone", f"unknown zone {company.zone!r}{did_you_mean(company.zone, available_timezones())}"
        )
    for name, calendar in company.calendars.items():
        if calendar.closes != MIDNIGHT and calendar.opens >= calendar.closes:
            message = f"calendar {name}: opens at {calendar.opens:%H:%M}, which is not before {calendar.closes:%H:%M}"
            yield _issue(company, f"calendars.{name}", message)
        if calendar.holidays is not None and not _has_holidays(calendar.holidays):
            yield _issue(company, f"calendars.{name}", f"calendar {name}: no holidays known for {calendar.holidays!r}")
    for kpi in company.kpis.values():
        clock = getattr(kpi.params, "clock", ELAPSED)
        if clock != ELAPSED and clock not in company.calendars:
            message = f"KPI {kpi.id}: unknown calendar {clock!r}{did_you_mean(clock, [ELAPSED, *company.calendars])}"
            yield Issue(kpi.file, kpi.line_of("clock"), message, rule="calendar")


def _has_holidays(country: str) -> bool:
    from holidays import list_supported_countries  # hundreds of modules' names: only for those who ask

    return country in list_supported_countries()


def _issue(company: Company, path: str, message: str) -> Issue:
    return Issue(company.file, company.line_of(path), message, rule="calendar")
