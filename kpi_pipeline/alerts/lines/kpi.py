"""A notice about one KPI: its value with evidence against the threshold, since when, and its last days."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from kpi_pipeline.alerts.lines.base import OVER, Fact, Reader, asked, commands, history, threshold, to_do
from kpi_pipeline.alerts.message import Chart, Line, Listing, Told
from kpi_pipeline.alerts.vocabulary import CONDITIONS, REASONS, mark, span_text
from kpi_pipeline.catalogue.display import count_text
from kpi_pipeline.catalogue.evidence import evidence_text

LEVELS = ("info", "warning", "critical")
USUAL = "1 period"


def line(reader: Reader, told: Told) -> Line:
    """The line of a rule about one KPI."""
    kpi_id = str(told.content["kpi"])
    return Line(
        told,
        _headline(reader, told, kpi_id),
        facts=tuple(_facts(reader, told, kpi_id)),
        listings=(*_restated(reader, told, kpi_id), *to_do(reader, told)),
        chart=_chart(reader, told, kpi_id),
        link=reader.page(kpi_id),
        commands=(*commands(reader, told), *_explain(reader, told, kpi_id)),
    )


def crossed(content: Mapping[str, Any], level: str) -> str | None:
    """The threshold that a notice is about: that of its level, or when it is over of the level it had."""
    wanted = level if level in LEVELS else content.get("before")
    ranked = LEVELS[LEVELS.index(wanted) :: -1] if wanted in LEVELS else LEVELS
    found = (content.get(each) for each in (*ranked, *LEVELS))
    return next((text for text in found if text is not None), None)


def _headline(reader: Reader, told: Told, kpi_id: str) -> str:
    content, language = told.content, reader.language
    title = reader.title(kpi_id)
    if content.get("title"):
        title = f"{content['title']}: {title}"
    began = f"{mark(told.reason, told.level, language)}: {title}"
    phrases = CONDITIONS if _is_good_news(told) else REASONS
    phrase = phrases[told.reason][language]
    if told.reason == "milestone":
        return f"{began}: {reader.value(kpi_id, content['mark'])} {phrase}"
    if told.reason == "ask":
        return f"{began}: {phrase}"
    label, limit = _limit(told)
    against = f", {reader.word(label).lower()} {reader.threshold(kpi_id, limit)}" if limit is not None else ""
    return f"{began} {phrase}: {_value(reader, content, kpi_id)}{against}"


def _limit(told: Told) -> tuple[str, str | None]:
    """What the value is held against, and what that is called: of a rule with a day it is the target."""
    if told.content.get("by"):
        return "target", told.content.get("info") or told.content.get("target")
    return "threshold", crossed(told.content, told.level)


def _value(reader: Reader, content: Mapping[str, Any], kpi_id: str) -> str:
    """The value with n, and that it is provisional when it is."""
    remarks = [] if content.get("n") is None else [f"n = {count_text(content['n'], reader.language)}"]
    remarks += [reader.word("provisional")] if content.get("provisional") else []
    shown = reader.value(kpi_id, content.get("value"))
    return f"{shown} ({', '.join(remarks)})" if remarks else shown


def _is_good_news(told: Told) -> bool:
    return "info" in (told.level, told.content.get("before"))


def _facts(reader: Reader, told: Told, kpi_id: str) -> list[Fact]:
    content = told.content
    shown = f"{reader.value(kpi_id, content.get('value'))} ({_evidence(reader, content, kpi_id)})"
    facts = [(reader.word("value"), f"{shown}, {reader.day(content['day'])}")]
    label, limit = _limit(told)
    if limit is not None and told.reason != "milestone":
        facts.append((reader.word(label), reader.threshold(kpi_id, limit)))
    if content.get("target") is not None and label != "target":
        facts.append((reader.word("target"), reader.threshold(kpi_id, content["target"])))
    if content.get("for") not in (None, USUAL) and told.reason not in OVER:
        facts.append((reader.word("condition"), span_text(content["for"], reader.language)))
    if content.get("by"):
        facts.append((reader.word("by"), reader.day(content["by"])))
    if content.get("manual"):
        facts.append((reader.word("question"), str(content["manual"])))
    if content.get("since") is not None and told.reason not in ("milestone", "retroactive"):
        facts.append((reader.word("since"), reader.day(content["since"])))
    if _is_worth_telling(told):
        facts.append((reader.word("worst"), reader.value(kpi_id, content["worst"])))
    return [*facts, *history(reader, told), *reader.owner(content), *asked(reader, told)]


def _is_worth_telling(told: Told) -> bool:
    """The worst value, of an alert that is over or that was worse than now."""
    worst = told.content.get("worst")
    if worst is None or told.reason in ("milestone", "retroactive"):
        return False
    return told.reason in OVER or worst != told.content.get("value")


def _evidence(reader: Reader, content: Mapping[str, Any], kpi_id: str) -> str:
    kpi = reader.company.kpis.get(kpi_id)
    value, numerator, denominator = (
        None if content.get(name) is None else Decimal(content[name]) for name in ("value", "numerator", "denominator")
    )
    n = content.get("n")
    if kpi is None:
        return f"n = {n}"
    sides = {"numerator": numerator, "denominator": denominator}
    return evidence_text(reader.company, kpi, reader.language, value=value, n=n, **sides)


def _restated(reader: Reader, told: Told, kpi_id: str) -> list[Listing]:
    days = tuple(
        f"{reader.day(each['day'])}: {reader.value(kpi_id, each['before'])} → {reader.value(kpi_id, each['after'])}"
        for each in told.content.get("restated") or ()
    )
    return [Listing(reader.word("restated"), days)] if days else []


def _chart(reader: Reader, told: Told, kpi_id: str) -> Chart | None:
    """The last days, when there are at least two of them with a value."""
    kpi = reader.company.kpis.get(kpi_id)
    values = tuple(None if each is None else Decimal(each) for each in told.content.get("spark") or ())
    known = [value for value in values if value is not None]
    if kpi is None or len(known) < 2:
        return None
    printed = crossed(told.content, told.level)
    limit = threshold(kpi, printed)
    shown = [reader.value(kpi_id, str(each)) for each in (known[0], known[-1], min(known), max(known))]
    names = ("first", "last", "low", "high")
    limit_text = reader.threshold(kpi_id, printed)
    alt = reader.word(
        "chart", title=reader.title(kpi_id), n=len(values), limit=limit_text, **dict(zip(names, shown, strict=True))
    )
    return Chart(values, None if limit is None else limit.value, limit_text, alt)


def _explain(reader: Reader, told: Told, kpi_id: str) -> list[Fact]:
    if kpi_id not in reader.company.kpis:
        return []
    return [(reader.word("explain"), f"kpi explain {reader.company.id} {kpi_id} --on {told.content['day']}")]
