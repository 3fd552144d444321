"""What history knows of a company besides its numbers, as known at an instant: decisions, comments, alerts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from kpi_pipeline.history.comments import Comment
from kpi_pipeline.history.corrections import Correction


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision that a rule asked for. `kpi` is "" of a rule over several; what came later than known at is None."""

    id: str
    kpi: str
    rule: str
    question: str
    owners: tuple[str, ...]
    opened_at: datetime
    due_at: datetime
    decided_at: datetime | None = None
    decided_by: str = ""
    decision: str = ""
    action_owner: str = ""
    action_due: date | None = None
    outcome: str = ""
    outcome_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        return self.decided_at is None


@dataclass(frozen=True, slots=True)
class Changed:
    """A rule of a subject (a KPI, a source) came into a state."""

    subject: str
    at: datetime
    day: date | None
    level: str


@dataclass(frozen=True, slots=True)
class Beside:
    """All of it. `by_hand` maps the registers that people fill in by hand to who keeps them."""

    decisions: Sequence[Decision] = ()
    comments: Sequence[Comment] = ()
    changes: Sequence[Changed] = ()
    corrections: Sequence[Correction] = ()
    by_hand: Mapping[str, str] = field(default_factory=dict)

    def written(self, report: str, period: str, section: str) -> list[Comment]:
        """What was written in a section of one report, in order."""
        return [
            each
            for each in self.comments
            if (each.report, each.period, each.section) == (report, period, section) and each.closes is None
        ]

    def remarks(self, report: str, period: str, kpi: str) -> list[Comment]:
        """What was written beside a KPI of one report."""
        return [each for each in self.written(report, period, "") if each.kpi == kpi]

    def actions(self) -> list[Comment]:
        """Everything that was agreed to be done, in whichever report."""
        return [each for each in self.comments if each.closes is None and each.due is not None]

    def closing(self, action: Comment) -> Comment | None:
        """What came of an action; the last word counts."""
        return next((each for each in reversed(self.comments) if each.closes == action.number), None)

    def deadlines(self, kpi: str) -> Iterator[tuple[date | datetime, str, str]]:
        """(until when, who, what of) of everything open about a KPI: actions first, then decisions."""
        for action in reversed(self.actions()):
            if action.kpi == kpi and action.due is not None and self.closing(action) is None:
                yield action.due, action.owner, "action"
        for each in self.decisions:
            if each.kpi == kpi and each.action_due is not None and not each.outcome:
                yield each.action_due, each.action_owner, "action"
            elif each.kpi == kpi and each.is_open:
                yield each.due_at, each.owners[0] if each.owners else "", "decision"
