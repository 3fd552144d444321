"""Which rules no timeline proves: each must be seen doing nothing, speaking up, and being over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kpi_pipeline.alerts.rules import rules_of
from kpi_pipeline.catalogue.model import Catalogue, Company, Rule
from kpi_pipeline.flow.timelines.stage import Story
from kpi_pipeline.flow.timelines.verdict import Verdict

QUIET, TOLD, OVER = "quiet", "told", "over"
CALLS = ("reminder", "missed", "ask", "milestone", "first_breach", "mute_ended", "silence_expired", "inhibit_ended")


@dataclass(frozen=True, slots=True)
class Unproved:
    """A rule, and what of quiet, told and over no timeline shows of it."""

    company: str
    rule: str
    kpi: str | None
    missing: tuple[str, ...]


def unproved(catalogue: Catalogue, companies: Iterable[str], verdicts: Iterable[Verdict]) -> Iterator[Unproved]:
    """Every rule of these companies, those implied by thresholds included, that the timelines do not show whole."""
    shown: dict[tuple[str, str, str], set[str]] = {}
    for verdict in verdicts:
        timeline = verdict.timeline
        if not timeline.change:  # what holds of a changed rule says nothing of the one that is declared
            company = catalogue.companies[timeline.company]
            rule = _rule(company, timeline.rule, timeline.kpi)
            shown.setdefault((company.id, rule.subject, rule.id), set()).update(shows(rule, verdict.story))
    for company in (catalogue.companies[name] for name in companies):
        for rule in rules_of(company):
            found = shown.get((company.id, rule.subject, rule.id), set())
            missing = tuple(word for word in (QUIET, TOLD, OVER) if word not in found)
            if missing:
                yield Unproved(company.id, rule.id, rule.kpi, missing)


def shows(rule: Rule, story: Story) -> Iterator[str]:
    """What a story shows of its rule."""
    told = [line[:16] for line in story.notices if line.split()[2] in CALLS and " of " not in line]
    whys = [(line[:16], line.split()[2]) for line in story.log]
    before = min(told, default="9999")
    if any(at < before and _is_quiet(why) for at, why in whys):
        yield QUIET
    if told:
        yield TOLD
    if _is_over(rule, story, max(told, default=""), dict(whys)):
        yield OVER


def _is_quiet(why: str) -> bool:
    return why in ("baseline", "ok", "first_mark") or why.startswith("pending")


def _is_over(rule: Rule, story: Story, told: str, whys: Mapping[str, str]) -> bool:
    """A resolved alert; a reminder or milestone that is not told again; a missed target that was decided on."""
    if rule.by is not None:
        decided = any(line.endswith(" decided") for line in story.states)
        return decided or (rule.decision is None and "target_reached" in whys.values())
    if rule.remind is not None or rule.each is not None:
        return bool(told) and any(line[:16] > told for line in (*story.states, *story.log))
    return any(line.split()[2].endswith("_to_ok") for line in story.log)


def _rule(company: Company, rule_id: str, kpi: str | None) -> Rule:
    return next(rule for rule in rules_of(company) if rule.id == rule_id and kpi in (None, rule.kpi))
