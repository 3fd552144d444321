"""Mute calendars: in a zone that exists, with hours that pass, and never for ever."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import available_timezones

from kpi_pipeline.catalogue.alerting import Mute
from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.rules.alert_routes import match_faults
from kpi_pipeline.catalogue.rules.alerting import CODE, unknown
from kpi_pipeline.errors import Issue

HOURS = ("days", "start", "end")
WEEK = 7


def mutes_end(company: Company) -> Iterable[Issue]:
    first: dict[str, int] = {}
    for index, mute in enumerate(company.alerts.mutes):
        line = company.alerts.line_of(f"mutes.{index}")
        if first.setdefault(mute.id, line) != line:
            yield _issue(company, f"mutes.{index}.id", mute, f"is already declared on line {first[mute.id]}")
        for key, message in _faults(company, mute):
            yield _issue(company, f"mutes.{index}.{key}", mute, message)


def _faults(company: Company, mute: Mute) -> Iterable[tuple[str, str]]:
    if mute.zone is not None and mute.zone not in available_timezones():
        yield "zone", unknown("zone", mute.zone, available_timezones())
    for label, message in match_faults(company, mute.match):
        yield f"match.{label}", message
    if mute.dates:
        if written := mute.model_fields_set.intersection(HOURS):
            key = {"start": "from", "end": "to"}.get(min(written), min(written))
            yield key, "`dates` are whole days: put hours and days of the week in a mute of their own"
        return
    if mute.start == mute.end:
        yield "from", f"from {mute.start} to {mute.end} is no span; the whole day is from 00:00 to 24:00"
    elif (mute.start, mute.end) == ("00:00", "24:00") and len(set(mute.days)) == WEEK:
        yield "id", "it never ends: give it days, hours or dates; `kpi alerts pause` stops a single rule"
    if not mute.days:
        yield "days", "it has no days, so it never begins"


def _issue(company: Company, path: str, mute: Mute, message: str) -> Issue:
    return Issue(company.alerts.file, company.alerts.line_of(path), f"mute {mute.id}: {message}", rule=CODE)
