"""Decisions as lines and documents: who has to decide, what was decided, and what the KPIs did since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kpi_pipeline.alerts.effects import Effect
from kpi_pipeline.alerts.state_words import when
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import NOTHING, day_text, kpi_text, sparkline
from kpi_pipeline.cli.output import plain
from kpi_pipeline.flow.alert_view import Followed

WORDS = {
    "nl": {
        "waiting": "open, uiterlijk {due}, aan {owners}",
        "late": "te laat, uiterlijk {due}, aan {owners}",
        "decided": "{at}, {by}: {text}",
        "action": "actie: {who}{due}",
        "due": ", uiterlijk {day}",
        "effect": "{kpi}: {before} op {from_day} → {after} op {to_day}, {verdict} {spark}",
        "better": "beter",
        "worse": "slechter",
        "same": "gelijk",
        "overlaps": " (het venster telt nog dagen van vóór het besluit)",
        "no_effect": "nog geen volledige waarde sinds het besluit",
        "outcome": "uitkomst, {by}: {text}",
    },
    "en": {
        "waiting": "open, due {due}, asked of {owners}",
        "late": "late, due {due}, asked of {owners}",
        "decided": "{at}, {by}: {text}",
        "action": "action: {who}{due}",
        "due": ", by {day}",
        "effect": "{kpi}: {before} on {from_day} → {after} on {to_day}, {verdict} {spark}",
        "better": "better",
        "worse": "worse",
        "same": "the same",
        "overlaps": " (its window still counts days from before the decision)",
        "no_effect": "no complete value since the decision yet",
        "outcome": "outcome, {by}: {text}",
    },
}


def lines_of(company: Company, followed: Followed) -> Iterator[str]:
    words, row, language = WORDS[company.language], followed.row, company.language
    if row["decided_at"] is None:
        owners = ", ".join(company.name_of(each) if _is_known(company, each) else each for each in row["owners"])
        due = when(company, row["due_at"])
        yield words["late" if followed.is_late else "waiting"].format(due=due, owners=owners)
        return
    at = when(company, row["decided_at"])
    yield words["decided"].format(at=at, by=row["decided_by"], text=row["decision"])
    if row["action_owner"] is not None or row["action_due"] is not None:
        who = row["action_owner"] or NOTHING
        due = "" if row["action_due"] is None else words["due"].format(day=day_text(row["action_due"], language))
        yield words["action"].format(who=company.name_of(who) if _is_known(company, who) else who, due=due)
    for effect in followed.effects:
        yield _effect(company, effect, row)
    if not followed.effects:
        yield words["no_effect"]
    if row["outcome"] is not None:
        yield words["outcome"].format(by=row["outcome_by"], text=row["outcome"])


def _effect(company: Company, effect: Effect, row: Mapping[str, Any]) -> str:
    words, language, kpi = WORDS[company.language], company.language, company.kpis[effect.kpi]
    verdict = {True: "better", False: "worse", None: "same"}[effect.improved(kpi)]
    overlaps = "" if effect.is_clear(row["decided_at"]) else words["overlaps"]
    return (
        words["effect"]
        .format(
            kpi=kpi.title(language),
            before=kpi_text(kpi, effect.before.value, language),
            from_day=day_text(effect.before.day, language),
            after=kpi_text(kpi, effect.after.value, language),
            to_day=day_text(effect.after.day, language),
            verdict=f"{words[verdict]}{overlaps}",
            spark=sparkline(effect.series),
        )
        .rstrip()
    )


def document_of(company: Company, followed: Followed) -> dict[str, Any]:
    decided_at = followed.row["decided_at"]
    effects = [
        {
            **plain(effect),
            "change": effect.change,
            "improved": effect.improved(company.kpis[effect.kpi]),
            "is_clear": effect.is_clear(decided_at),
        }
        for effect in followed.effects
    ]
    return {**followed.row, "late": followed.is_late, "effects": effects}


def _is_known(company: Company, name: str) -> bool:
    return name in company.people or name in company.rotas
