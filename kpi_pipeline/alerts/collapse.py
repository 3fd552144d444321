"""What remains of several unsent notices of one alert: nothing, or one that tells how things stand. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kpi_pipeline.alerts.message import Told
from kpi_pipeline.alerts.model import SEVERITY

# These tell where an alert stands, so the newest makes the others old. Milestones, questions and reminders each tell
# something of their own.
STANDING = frozenset(
    {
        "first_breach",
        "worse",
        "better",
        "resolved",
        "repeat",
        "escalation",
        "silence_expired",
        "mute_ended",
        "inhibit_ended",
        "corrected",
        "retroactive",
        "acknowledged",
        "handed_back",
    }
)
OPENING = ("first_breach", "retroactive", "silence_expired", "inhibit_ended", "mute_ended")
BY_HAND = ("acknowledged", "handed_back")
AT_ONE_LEVEL = ("escalation", "silence_expired", "inhibit_ended", "mute_ended", "repeat")


def stands(told: Told) -> bool:
    """Whether it tells where its alert stands now; a correction of days before that does not."""
    return told.reason in STANDING and not told.content.get("past", False)


def collapsed(chain: Sequence[Told]) -> Told | None:
    """The notices of one episode of an alert that a channel has not been sent, oldest first, as one.

    None when the channel was told nothing of it and it is over, or when it is back at the level that was told: then
    there is nothing to tell. Otherwise the newest, against what was told before the oldest, for the reason that tells
    most.
    """
    first, last = chain[0], chain[-1]
    if len(chain) == 1:
        return last
    before = str(first.content.get("before", "ok"))
    reason = _reason([each.reason for each in chain], before, last)
    return None if reason is None else replace(last, reason=reason, content={**last.content, "before": before})


def _reason(reasons: Sequence[str], before: str, last: Told) -> str | None:
    if last.level == before == "ok":
        return None
    if last.level == "ok":
        return last.reason
    if before == "ok":
        return next((each for each in reasons if each in OPENING), last.reason)
    if SEVERITY[last.level] != SEVERITY[before]:
        return "worse" if SEVERITY[last.level] > SEVERITY[before] else "better"
    told = next((each for each in AT_ONE_LEVEL if each in reasons), None)
    return next((each for each in reversed(reasons) if each in BY_HAND), None) if told is None else told
