"""Alerts as lines and documents: what the commands about them print for people and for machines."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from kpi_pipeline.alerts.standing import Standing
from kpi_pipeline.alerts.state_words import COLOURS, state_text, when
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import NOTHING, count_text, kpi_text
from kpi_pipeline.cli.output import console, next_step, plain, write_json
from kpi_pipeline.flow.alert_desk import Done


def tell(done: Done, as_json: bool, following: str) -> None:
    """What was done, and what may come next."""
    if as_json:
        write_json({"operation": done.operation, **done.data})
        return
    for line in done.lines:
        console.print(line, markup=False, soft_wrap=True)
    next_step(following)


def as_document(standing: Standing) -> dict[str, Any]:
    """One alert for machines: the state as it is kept, what it is called, and what people did."""
    row = standing.row
    return {
        **plain(standing.state),
        "shown": standing.state.shown,
        "fires": standing.state.fires,
        "title": standing.title,
        "owners": standing.owners,
        "declared": standing.rule is not None,
        "n": None if row is None else row.n,
        "numerator": None if row is None else row.numerator,
        "denominator": None if row is None else row.denominator,
        "status": None if row is None else row.status,
        "silenced_until": None if standing.silence is None else standing.silence.ends_at,
        "silence": standing.silence,
        "muted_until": standing.muted_until,
        "acknowledged": standing.acknowledged,
        "pause": standing.pause,
        "next_repeat": standing.next_repeat,
        "decisions": standing.decisions,
    }


def row_of(company: Company, standing: Standing) -> tuple[str, ...]:
    state = standing.state
    since = state.since_day if state.fires or state.phase == "pending" else None
    again = standing.next_repeat
    return (
        coloured(company, standing),
        escape(standing.title),
        state.rule if state.segment == "" else f"{state.rule} ({state.segment})",
        value_of(company, standing),
        NOTHING if since is None else f"{since}",
        NOTHING if again is None or not state.fires else when(company, again),
    )


def coloured(company: Company, standing: Standing) -> str:
    state = standing.state
    colour = COLOURS.get(state.shown, "dim")
    return f"[{colour}]{state_text(state, company.language)}[/]"


def value_of(company: Company, standing: Standing) -> str:
    kpi, row = company.kpis.get(standing.state.subject), standing.row
    if kpi is None or standing.state.value is None:
        return NOTHING
    n = "" if row is None or row.n is None else f" (n = {count_text(row.n, company.language)})"
    return f"{kpi_text(kpi, standing.state.value, company.language)}{n}"
