"""A notice of a rule over several KPIs, or of a question that only people can answer."""

from __future__ import annotations

from kpi_pipeline.alerts.lines.base import Fact, Reader, asked, commands, history, to_do
from kpi_pipeline.alerts.message import Line, Listing, Told
from kpi_pipeline.alerts.vocabulary import CONDITIONS, mark
from kpi_pipeline.catalogue.display import count_text, status_text


def line(reader: Reader, told: Told) -> Line:
    """What is now the case, with the value of each KPI that it depends on."""
    content, values = told.content, _values(reader, told)
    kpis = content.get("kpis") or ()
    return Line(
        told,
        _headline(reader, told),
        facts=tuple(_facts(reader, told)),
        listings=(*([Listing(reader.word("values"), values)] if values else []), *to_do(reader, told)),
        link=reader.page(kpis[0]) if kpis else None,
        commands=tuple(commands(reader, told)),
    )


def _headline(reader: Reader, told: Told) -> str:
    title = told.content.get("title") or told.rule
    phrase = CONDITIONS[told.reason][reader.language]
    return f"{mark(told.reason, told.level, reader.language)}: {title}: {phrase}".removesuffix(": ")


def _facts(reader: Reader, told: Told) -> list[Fact]:
    content, facts = told.content, []
    if content.get("manual"):
        facts.append((reader.word("question"), str(content["manual"])))
    if content.get("by"):
        facts.append((reader.word("by"), reader.day(content["by"])))
    if content.get("day"):
        facts.append((reader.word("newest_day"), reader.day(content["day"])))
    return [*facts, *history(reader, told), *reader.owner(content), *asked(reader, told)]


def _values(reader: Reader, told: Told) -> tuple[str, ...]:
    language = reader.language
    return tuple(
        f"{reader.title(each['kpi'])}: {reader.value(each['kpi'], each['value'])} "
        f"(n = {count_text(each['n'], language)}), {status_text(each['status'], language)}"
        for each in told.content.get("values") or ()
    )
