"""A notice as a line of a message: what happened in one sentence, the facts, what to do and where to look."""

from __future__ import annotations

from kpi_pipeline.alerts.lines import calendar, conditions, data, kpi, report
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Line, Told
from kpi_pipeline.alerts.vocabulary import DATA

BY_REASON = {"reminder": calendar.reminder, "summary": calendar.summary, "report": report.line}


def line_of(reader: Reader, told: Told) -> Line:
    """The line of a notice, in the company's language.

    A KPI that is no longer declared is shown by its id and exact value: what was to be told is still told.
    """
    if told.rule in DATA:
        return data.line(reader, told)
    if told.reason in BY_REASON:
        return BY_REASON[told.reason](reader, told)
    if told.content.get("kpi") is not None:
        return kpi.line(reader, told)
    return conditions.line(reader, told)
