"""The tracker at one instant, and what hangs on an issue: comments, history, spans of states."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from kpi_pipeline.sandbox.vendors.wire import iso_milliseconds
from kpi_pipeline.sandbox.world.model import Dated, IssueRecord

Record = dict[str, Any]

_CHANGES = ("fromStateId", "toStateId", "fromState", "toState", "fromPriority", "toPriority", "archived", "trashed")
_SLA_CHANGES = ("fromSlaBreachesAt", "toSlaBreachesAt", "toSlaBreached")
_ENTRY: Record = dict.fromkeys(("archivedAt", "actorId", *_CHANGES, *_SLA_CHANGES))


@dataclass(frozen=True, slots=True)
class View:
    """Records by id, as of `now`. An issue's `world` is what it was rendered from."""

    now: datetime
    teams: dict[str, Record]
    states: dict[str, Record]
    labels: dict[str, Record]
    users: dict[str, Record]
    cycles: dict[str, Record]
    projects: dict[str, Record]
    issues: dict[str, Record]

    def comments(self, issue: Record) -> list[Record]:
        """An issue's comments, oldest first."""
        return [
            {
                "id": comment_id,
                "createdAt": iso_milliseconds(at),
                "updatedAt": iso_milliseconds(at),
                "archivedAt": None,
                "body": "Looking into it.",
                "issueId": issue["id"],
                "issue": issue,
                "user": self.users.get(author),
                "url": f"{issue['url']}#comment-{comment_id[:8]}",
            }
            for comment_id, author, at in issue["world"].comments
            if at <= self.now
        ]

    def history(self, issue: Record) -> list[Record]:
        """An issue's changes of state, priority, archive and trash, newest first as Linear lists them."""
        world: IssueRecord = issue["world"]
        entries = []
        states, priorities = until(world.states, self.now), until(world.priorities, self.now)
        for (old, _), (new, at) in pairwise(states):
            moved = {"fromStateId": old, "toStateId": new, "fromState": self.states[old], "toState": self.states[new]}
            entries.append(_entry(world.id, "state", at, moved))
        for (old, _), (new, at) in pairwise(priorities):
            entries.append(_entry(world.id, "priority", at, {"fromPriority": int(old), "toPriority": int(new)}))
        for name, when in (("archived", world.archived_at), ("trashed", world.trashed_at)):
            if when is not None and when <= self.now:
                entries.append(_entry(world.id, name, when, {name: True}))
        return sorted(entries, key=lambda entry: (entry["createdAt"], entry["id"]), reverse=True)

    def state_spans(self, issue: Record) -> list[Record]:
        """The spans of time an issue was in one state, oldest first; the last one has no end."""
        states = until(issue["world"].states, self.now)
        ends = [*(at for _, at in states[1:]), None]
        return [
            {
                "id": str(uuid5(NAMESPACE_OID, f"{issue['id']}/span/{iso_milliseconds(since)}")),
                "stateId": state_id,
                "state": self.states[state_id],
                "startedAt": iso_milliseconds(since),
                "endedAt": iso_milliseconds(end) if end else None,
            }
            for (state_id, since), end in zip(states, ends, strict=True)
        ]


def until(dated: Dated, now: datetime) -> Dated:
    """What had happened by `now`; the first fact belongs to the creation."""
    return tuple(fact for fact in dated if fact[1] <= now) or dated[:1]


def _entry(issue_id: str, kind: str, at: datetime, change: Record) -> Record:
    when = iso_milliseconds(at)
    return {
        **_ENTRY,
        "id": str(uuid5(NAMESPACE_OID, f"{issue_id}/{kind}/{when}")),
        "createdAt": when,
        "updatedAt": when,
        **change,
    }
