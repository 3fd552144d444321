"""Notices → one message: the gravest alert first, the notices of one alert in the order in which they were made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from kpi_pipeline.alerts.lines import line_of
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Earlier, Line, Message, Outdated, Told
from kpi_pipeline.alerts.model import SEVERITY
from kpi_pipeline.alerts.vocabulary import LEVELS, word


def compose(
    reader: Reader,
    message_id: str,
    told: Sequence[Told],
    *,
    answers: Sequence[Earlier] = (),
    outdated: Sequence[Outdated] = (),
    notes: Sequence[str] = (),
) -> Message:
    """The message of a dispatch; `told` in the order in which the notices were made."""
    company = reader.company
    ordered = _gravest_first(told)
    lines = tuple(line_of(reader, each) for each in ordered)
    level = max((each.level for each in ordered), key=lambda each: SEVERITY[each])
    return Message(
        id=message_id,
        company=company.id,
        language=company.language,
        level=level,
        headline=_headline(lines, company.language),
        lines=lines,
        footer=f"{company.name} · {word('notice', company.language)} {message_id}",
        at=max(each.created_at for each in told),
        notes=tuple(notes),
        answers=tuple(answers),
        outdated=tuple(outdated),
    )


def _gravest_first(told: Sequence[Told]) -> list[Told]:
    worst: dict[str, int] = {}
    for each in told:
        worst[each.alert_key] = max(worst.get(each.alert_key, 0), SEVERITY[each.level])
    return sorted(told, key=lambda each: (-worst[each.alert_key], list(worst).index(each.alert_key)))


def _headline(lines: Sequence[Line], language: str) -> str:
    """That of the only alert; of several how many there are of each level: '3 alerts: 1 × critical, 2 × recovered'."""
    if len(lines) == 1:
        return lines[0].headline
    levels = Counter(line.told.level for line in lines)
    ranked = sorted(levels, key=lambda level: -SEVERITY[level])
    counted = ", ".join(f"{levels[level]} × {LEVELS[level][language]}" for level in ranked)
    return f"{LEVELS[ranked[0]]['glyph']} {word('several', language, n=len(lines))}: {counted}"
