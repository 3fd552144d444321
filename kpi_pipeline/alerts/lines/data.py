"""Notices about data and decisions: a source, a run, a measurement, a register, a decision that is late."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_pipeline.alerts.lines.base import Fact, Reader, commands, history
from kpi_pipeline.alerts.message import Line, Told
from kpi_pipeline.alerts.vocabulary import AGAIN, DATA, mark

MOST_CAUSES = 5


def line(reader: Reader, told: Told) -> Line:
    """What is wrong with the data, or that it is well again, with what is known of the cause."""
    return Line(
        told,
        _headline(reader, told),
        facts=tuple(_facts(reader, told)),
        link=reader.page(told.subject) if told.subject in reader.company.kpis else None,
        commands=tuple(_commands(reader, told)),
    )


def _headline(reader: Reader, told: Told) -> str:
    key = told.rule
    if told.level == "ok":
        key = f"{told.rule}_ok"
    elif told.rule == "data" and told.level == "critical":
        key = "data_error"
    words = DATA[key][reader.language].format(name=_name(reader, told))
    return f"{mark(told.reason, told.level, reader.language)}: {words}"


def _name(reader: Reader, told: Told) -> str:
    content, (kind, _, rest) = told.content, told.subject.partition("/")
    if told.rule == "data":
        return reader.title(told.subject)
    if told.rule == "register":
        return str(content.get("title") or rest)
    if told.rule == "decision_overdue":
        return str(content.get("question") or rest)
    return rest or kind


def _facts(reader: Reader, told: Told) -> list[Fact]:
    content, facts = told.content, []
    if told.reason in AGAIN:
        facts.append((reader.word("why_now"), AGAIN[told.reason][reader.language]))
    if content.get("cause"):
        facts.append((reader.word("cause"), str(content["cause"])))
    steps: Mapping[str, str] = content.get("steps") or {}
    facts += [(f"{reader.word('cause')} ({step})", cause) for step, cause in list(steps.items())[:MOST_CAUSES]]
    if len(steps) > MOST_CAUSES:
        facts.append((reader.word("cause"), f"+ {len(steps) - MOST_CAUSES}"))
    for key, label in (("due", "due"), ("newest", "newest" if told.rule != "data" else "newest_day")):
        if key in content:
            facts.append((reader.word(label), _moment(reader, content[key])))
    facts += [(reader.word(key), _moment(reader, content[key])) for key in ("loaded", "last_entry") if key in content]
    if content.get("file"):
        facts.append((reader.word("file"), str(content["file"])))
    if content.get("run"):
        facts.append((reader.word("run"), str(content["run"])))
    if content.get("of_subject"):
        subject = str(content["of_subject"])
        shown = reader.title(subject) if subject in reader.company.kpis else subject
        facts.append((reader.word("of"), f"{shown} ({content.get('of_rule')})"))
    return [*facts, *history(reader, told), *reader.owner(content)]


def _commands(reader: Reader, told: Told) -> list[Fact]:
    found = commands(reader, told)
    if told.rule == "decision_overdue" and told.level != "ok":
        command = f"kpi alerts decide {reader.company.id} {told.content['decision']} --by NAME --decision …"
        return [(reader.word("decide"), command), *found]
    return found


def _moment(reader: Reader, text: str | None) -> str:
    """A day or an instant, as it was written."""
    return reader.instant(text) if text is not None and "T" in text else reader.day(text)
