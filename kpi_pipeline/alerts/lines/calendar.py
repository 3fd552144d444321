"""Notices that the calendar brings: reminders with what is incomplete, and the overview when watching begins."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_pipeline.alerts.lines.base import Reader, asked, commands, to_do
from kpi_pipeline.alerts.message import Line, Listing, Told
from kpi_pipeline.alerts.vocabulary import LACKS, LEVELS, REASONS, mark


def reminder(reader: Reader, told: Told) -> Line:
    """That something is to be done now, and for which KPIs or registers."""
    content = told.content
    items = tuple(_lacking(reader, each) for each in content.get("incomplete") or ())
    incomplete = [Listing(f"{reader.word('incomplete')} ({len(items)})", items)] if items else []
    return Line(
        told,
        f"{mark('reminder', told.level, reader.language)}: {content.get('title') or told.rule}",
        facts=((reader.word("when"), reader.instant(content["due"])), *reader.owner(content), *asked(reader, told)),
        listings=(*incomplete, *to_do(reader, told)),
        commands=tuple(commands(reader, told)),
    )


def summary(reader: Reader, told: Told) -> Line:
    """Everything that already was past a threshold when it was first judged."""
    alerts = told.content["alerts"]
    counted = reader.word("one" if len(alerts) == 1 else "several", n=len(alerts))
    items = tuple(_standing(reader, each) for each in alerts)
    return Line(
        told,
        f"{mark('summary', told.level, reader.language)}: {counted} {REASONS['summary'][reader.language]}",
        facts=tuple(reader.owner(told.content)),
        listings=(Listing(reader.word("alerts"), items),),
        commands=((reader.word("acknowledge"), f"kpi alerts list {reader.company.id}"),),
    )


def _lacking(reader: Reader, each: Mapping[str, Any]) -> str:
    """'Conversie: ontbreekt (Nieuwste meting: 1 maart 2026)', or the sources that are stale."""
    name = reader.title(each["kpi"]) if "kpi" in each else str(each.get("title") or each.get("register"))
    what = str(each.get("what", "overdue"))
    found = f"{name}: {LACKS[what][reader.language] if what in LACKS else what}"
    remarks = [", ".join(each["sources"])] if each.get("sources") else []
    if "newest" in each:
        remarks.append(f"{reader.word('newest_day').lower()} {reader.day(each['newest'])}")
    return f"{found} ({'; '.join(remarks)})" if remarks else found


def _standing(reader: Reader, each: Mapping[str, Any]) -> str:
    """'■ Conversie 20,0%, sinds 2 maart 2026'."""
    level = LEVELS.get(each["level"], LEVELS["warning"])
    subject = str(each["subject"])
    shown = reader.title(subject) if subject in reader.company.kpis else subject
    value = "" if each.get("value") is None else f" {reader.value(subject, each['value'])}"
    since = f", {reader.word('since').lower()} {reader.day(each['since'])}" if each.get("since") else ""
    return f"{level['glyph']} {shown}{value}{since}"
