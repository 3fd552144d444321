"""`kpi alerts backtest`: what rules would have told over a span of history, before and after a proposed change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from kpi_pipeline.alerts.course import RuleCourse
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import NOTHING, instant_text, kpi_text, status_text
from kpi_pipeline.cli import options
from kpi_pipeline.cli.output import console, next_step, plain, table, write_json

if TYPE_CHECKING:
    from kpi_pipeline.flow.backtest import Backtest

ONE_DAY = timedelta(days=1)
Change = Annotated[
    Path | None,
    typer.Option("--change", help="YAML with other thresholds under `kpis`, and other `rules`, as in alerts.yaml."),
]
From = Annotated[str | None, typer.Option("--from", help="First day, YYYY-MM-DD (default: a year before the last).")]
To = Annotated[str | None, typer.Option("--to", help="Last day, YYYY-MM-DD (default: yesterday).")]
AlertFilter = Annotated[
    str | None, typer.Argument(help="Only rules about this KPI, or of this id.", show_default=False)
]
Each = Annotated[bool, typer.Option("--alerts", help="List every alert with its days, level and worst value.")]

WORDS: dict[str, dict[str, Any]] = {
    "nl": {
        "rules": "Regels van {name}, {first} t/m {last}",
        "columns": (
            "melding",
            "regel",
            "afgegaan",
            "berichten",
            "weer af",
            "dagen af",
            "kritiek",
            "wachtend",
            "herstellend",
        ),
        "people": "Wie er bericht van kreeg",
        "people_columns": ("wie", "kanaal", "berichten"),
        "alerts": "Wat er afging",
        "alerts_columns": ("sinds", "tot", "duur", "niveau", "ergste waarde", "melding", "regel"),
        "quiet": "Geen enkele regel ging af.",
        "filled": "{filled} van {days} waarden zijn later ingevuld; ze tellen vanaf toen ze bekend zouden zijn.",
        "still": "nog niet over",
        "before": "nu",
        "after": "met het voorstel",
    },
    "en": {
        "rules": "Rules of {name}, {first} to {last}",
        "columns": ("alert", "rule", "fired", "notices", "flaps", "days firing", "critical", "pending", "recovering"),
        "people": "Who was told",
        "people_columns": ("who", "channel", "notices"),
        "alerts": "What fired",
        "alerts_columns": ("since", "until", "for", "level", "worst value", "alert", "rule"),
        "quiet": "No rule fired.",
        "filled": "{filled} of {days} values were filled in later; they count as known when they would have been.",
        "still": "not over",
        "before": "now",
        "after": "as proposed",
    },
}


def backtest(
    company: options.CompanyArg,
    alert: AlertFilter = None,
    change: Change = None,
    first: From = None,
    last: To = None,
    alerts: Each = False,
    as_json: options.Json = False,
) -> None:
    """Play the alert rules over history as it was known then: alerts, flaps, time in state and who was told.

    With --change the same once more with what is proposed, beside each other. Nothing is written or sent.
    """
    from kpi_pipeline.flow.backtest import run_backtest

    with options.open_workspace() as workspace:
        company_ = workspace.company(company)
        found = run_backtest(
            workspace,
            company_,
            alert=alert,
            first=None if first is None else options.parse_day(first),
            last=None if last is None else options.parse_day(last),
            change=change,
        )
    if as_json:
        write_json(_document(found))
        return
    _print(found, alerts)
    if change is None:
        next_step(f"kpi alerts backtest {company} --change FILE, with other thresholds under `kpis` or other `rules`")
    else:
        next_step(f"put the change into the files of {company}, then kpi catalogue check")


def _print(found: Backtest, alerts: bool) -> None:
    company, words = found.company, WORDS[found.company.language]
    pairs = [pair for pair in _pairs(found) if any(each is not None and (each.alerts or each.notices) for each in pair)]
    if pairs:
        title = words["rules"].format(name=company.name, first=found.first, last=found.last)
        columns = words["columns"]
        rows = [_rule_row(company, pair, found.after is not None) for pair in pairs]
        table(title, columns, rows, right=columns[2:], whole=columns[1:2])
        people = _people_rows(found)
        console.print()
        table(words["people"], words["people_columns"], people, right=words["people_columns"][2:])
    else:
        console.print(words["quiet"])
    if alerts and pairs:
        for label, courses in _variants(found):
            console.print()
            rows = [row for course in courses for row in _alert_rows(company, course)]
            table(f"{words['alerts']}{label}", words["alerts_columns"], rows, whole=words["alerts_columns"][:4])
    if found.filled_in:
        console.print(f"\n{words['filled'].format(filled=found.filled_in, days=found.days)}", soft_wrap=True)


def _pairs(found: Backtest) -> list[tuple[RuleCourse | None, RuleCourse | None]]:
    """Each rule before and after, in the order in which they are declared."""
    before = {_key(each): each for each in found.before}
    after = {_key(each): each for each in found.after or ()}
    return [(before.get(key), after.get(key)) for key in dict.fromkeys([*before, *after])]


def _key(course: RuleCourse) -> tuple[str, str, str]:
    return (course.subject, course.rule, course.segment)


def _rule_row(company: Company, pair: tuple[RuleCourse | None, RuleCourse | None], compares: bool) -> tuple[str, ...]:
    known = next(each for each in pair if each is not None)
    kpi = company.kpis.get(known.subject)
    name = known.subject if kpi is None else kpi.name[company.language]
    shown = pair if compares else (known,)
    cells = [(NOTHING,) * 7 if each is None else _counts(each) for each in shown]
    segment = f" ({known.segment})" if known.segment else ""
    return (escape(name), f"{known.rule}{segment}", *(_beside(each) for each in zip(*cells, strict=True)))


def _beside(values: Iterable[str]) -> str:
    """What does not change once, what does with an arrow."""
    return " → ".join(dict.fromkeys(values))


def _counts(course: RuleCourse) -> tuple[str, ...]:
    spent = (course.spent.get(state, timedelta(0)) for state in ("firing(critical)", "pending", "recovering"))
    return (
        str(len(course.alerts)),
        str(len(course.notices)),
        str(course.flaps),
        *(_days(each) for each in (course.fired, *spent)),
    )


def _days(span: timedelta) -> str:
    return f"{span / ONE_DAY:.1f}".removesuffix(".0")


def _people_rows(found: Backtest) -> list[tuple[str, ...]]:
    variants = [_told(courses) for _, courses in _variants(found)]
    return [
        (escape(who), channel, _beside(str(each[who, channel]) for each in variants))
        for who, channel in sorted(set().union(*variants))
    ]


def _told(courses: Iterable[RuleCourse]) -> Counter[tuple[str, str]]:
    return Counter(
        (who, route.channel)
        for course in courses
        for notice in course.notices
        for route in notice.routes
        for who in route.recipients
    )


def _variants(found: Backtest) -> Iterator[tuple[str, Sequence[RuleCourse]]]:
    if found.after is None:
        yield "", found.before
    else:
        words = WORDS[found.company.language]
        yield f", {words['before']}", found.before
        yield f", {words['after']}", found.after


def _alert_rows(company: Company, course: RuleCourse) -> Iterator[tuple[str, ...]]:
    kpi = company.kpis.get(course.subject)
    for alert in course.alerts:
        yield (
            _at(company, alert.began_at),
            WORDS[company.language]["still"] if alert.ended_at is None else _at(company, alert.ended_at),
            NOTHING if alert.ended_at is None else f"{_days(alert.ended_at - alert.began_at)} d",
            status_text(alert.level, company.language),
            NOTHING if kpi is None else kpi_text(kpi, alert.worst, company.language),
            escape(course.subject if kpi is None else kpi.name[company.language]),
            course.rule,
        )


def _at(company: Company, instant: datetime) -> str:
    return instant_text(instant.astimezone(company.tz), company.language)


def _document(found: Backtest) -> dict[str, Any]:
    """Lengths of time are seconds."""
    return {
        "company": found.company.id,
        "first": found.first,
        "last": found.last,
        "values": found.days,
        "filled_in": found.filled_in,
        "before": [_course(each) for each in found.before],
        "after": None if found.after is None else [_course(each) for each in found.after],
    }


def _course(course: RuleCourse) -> dict[str, Any]:
    spent = {state: length.total_seconds() for state, length in course.spent.items()}
    return {**plain(course), "spent": spent}
