"""Words of the alert policy: what a rule is shown, where it stands, and what follows. Plain values, no I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

Level = Literal["ok", "info", "warning", "critical"]
Phase = Literal["ok", "pending", "firing", "recovering"]
Suppression = Literal["", "silence", "mute", "inhibit"]

SEVERITY: dict[str, int] = {"ok": 0, "info": 1, "warning": 2, "critical": 3}
FIRING = ("firing", "recovering")
THRESHOLD = "threshold"  # the rule that every KPI with a threshold of its own has
DATA = "data"  # the rule about a KPI's missing or failing measurements
FRESHNESS = "freshness"
LOAD_FAILURE = "load_failure"
RUN_FAILURE = "run_failure"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one closed period of a KPI means to one rule.

    `level` None says nothing about good or bad and `why` says so (no_data, undefined, low_sample, stale). `recovered`
    and `recovered_high`: a good value is beyond the recovery thresholds too. `gap`: a period is missing before it.
    """

    day: date
    at: datetime
    level: Level | None
    why: str
    value: Decimal | None = None
    recovered: bool = True
    recovered_high: bool = True
    gap: bool = False
    open: bool = False


@dataclass(frozen=True, slots=True)
class AlertState:
    """Where one rule of one subject and segment stands.

    `low_*` and `high_*` count consecutive breaches of its lower and its critical level; `told_level` is what people
    were last told; `episode` numbers the times it fired; `notices` numbers what was announced; `mark` is a high-water
    mark or the last reminder. `evidence` is what readings lack: no_data, error, stale, or nothing.
    """

    company: str
    subject: str
    rule: str
    segment: str = ""
    phase: Phase = "ok"
    level: Level = "ok"
    evidence: str = ""
    suppressed: Suppression = ""
    paused: bool = False
    since_day: date | None = None
    since_at: datetime | None = None
    critical_at: datetime | None = None
    judged_day: date | None = None
    value: Decimal | None = None
    worst: Decimal | None = None
    low_count: int = 0
    low_since: datetime | None = None
    high_count: int = 0
    high_since: datetime | None = None
    good_count: int = 0
    episode: int = 0
    told_level: Level = "ok"
    told_at: datetime | None = None
    repeat_at: datetime | None = None
    escalated: int = 0
    mark: str = ""
    rule_hash: str = ""
    notices: int = 0

    @property
    def fires(self) -> bool:
        return self.phase in FIRING

    @property
    def actual(self) -> Level:
        """The level people should know of: that of a firing alert, ok otherwise."""
        return self.level if self.fires else "ok"

    @property
    def shown(self) -> str:
        """The state in one word, as lists and reports name it."""
        if self.paused:
            return "paused"
        if self.suppressed:
            return f"suppressed({self.suppressed})"
        if self.evidence:
            return self.evidence
        return f"firing({self.level})" if self.phase == "firing" else self.phase


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told: why, at which level, and to whom (owners, deputies, people by id, those of the data)."""

    reason: str
    level: Level
    audience: tuple[str, ...] = ("owners",)


@dataclass(frozen=True, slots=True)
class Decision:
    """The state that follows, why as a word that logs and tests can quote, and what is to be told."""

    state: AlertState
    why: str
    notices: tuple[Notice, ...] = ()
