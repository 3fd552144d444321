"""Linear's records as of an instant: world record + now → the dictionaries that the GraphQL schema reads.

An issue is rendered again only when something happened to it since; team, state and label never change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from kpi_pipeline.sandbox.vendors.linear.view import Record, View, until
from kpi_pipeline.sandbox.vendors.wire import iso_milliseconds
from kpi_pipeline.sandbox.world.model import Cycle, Dated, IssueRecord, Project, World

IN_TRASH = timedelta(days=30)
"""How long a deleted issue is still listed, archived and marked as trashed, before it is gone for good."""
PRIORITIES = ("No priority", "Urgent", "High", "Medium", "Low")
CLOSED = {"completed": "completedAt", "canceled": "canceledAt", "duplicate": "canceledAt"}


class Tracker:
    """A company's whole tracker; `at(now)` is what it shows at an instant."""

    def __init__(self, world: World) -> None:
        self._world = world
        born = iso_milliseconds(world.starts_at)
        self._base = {"createdAt": born, "updatedAt": born, "archivedAt": None}
        self.teams = {
            team.id: {**self._base, "id": team.id, "key": team.key, "name": team.name, **_TEAM, "timezone": world.zone}
            for team in world.teams
        }
        self.states = {
            state.id: {
                **self._base,
                "id": state.id,
                "name": state.name,
                "type": state.type,
                "position": state.position,
                "color": "#bec2c8",
                "description": None,
                "team": self.teams[state.team_id],
            }
            for state in world.workflow_states
        }
        self.labels = {
            label.id: {
                **self._base,
                "id": label.id,
                "name": label.name,
                "color": "#eb5757",
                "isGroup": False,
                "team": self.teams[label.team_id] if label.team_id else None,
            }
            for label in world.labels
        }
        self.users = {
            user.id: {**self._base, "id": user.id, "name": user.name, "email": user.email, **_USER}
            | {"displayName": user.name.split()[0].lower(), "isMe": index == 0}
            for index, user in enumerate(world.tracker_users)
        }
        self._happened = [sorted(_instants(issue)) for issue in world.issues]
        self._rendered: list[tuple[int, Record] | None] = [None] * len(world.issues)
        self._cycles: dict[str, Record] = {cycle.id: {} for cycle in world.cycles}
        self._projects: dict[str, Record] = {project.id: {} for project in world.projects}

    def at(self, now: datetime) -> View:
        """Everything that is there at `now`, archived issues included. Valid until the next call."""
        for cycle in self._world.cycles:
            self._cycles[cycle.id].update(self._cycle(cycle, now))
        for project in self._world.projects:
            self._projects[project.id].update(_project(project, now))
        projects = {p.id: self._projects[p.id] for p in self._world.projects if p.created_at <= now}
        issues = {record["id"]: record for record in self._issues(now)}
        return View(now, self.teams, self.states, self.labels, self.users, self._cycles, projects, issues)

    def _issues(self, now: datetime) -> Iterator[Record]:
        for index, issue in enumerate(self._world.issues):
            if issue.created_at > now or (issue.trashed_at is not None and issue.trashed_at + IN_TRASH <= now):
                continue
            version = bisect_right(self._happened[index], now)
            known = self._rendered[index]
            if known is None or known[0] != version:
                known = self._rendered[index] = (version, self._issue(issue, now))
            yield known[1]

    def _issue(self, issue: IssueRecord, now: datetime) -> Record:
        team = self.teams[issue.team_id]
        states = until(issue.states, now)
        state = self.states[states[-1][0]]
        priority = int(until(issue.priorities, now)[-1][0])
        trashed = issue.trashed_at if issue.trashed_at and issue.trashed_at <= now else None
        archived = issue.archived_at if issue.archived_at and issue.archived_at <= now else trashed
        identifier = f"{team['key']}-{issue.number}"
        return {
            "id": issue.id,
            "createdAt": iso_milliseconds(issue.created_at),
            "updatedAt": iso_milliseconds(max((at for at in issue.modified if at <= now), default=issue.created_at)),
            "archivedAt": iso_milliseconds(archived) if archived else None,
            "number": issue.number,
            "identifier": identifier,
            "previousIdentifiers": [],
            "title": issue.title,
            "description": None,
            "url": f"https://linear.app/{self._world.company}/issue/{identifier}",
            "priority": priority,
            "priorityLabel": PRIORITIES[priority],
            "estimate": issue.estimate,
            "sortOrder": -issue.number,
            **self._milestones(states),
            "dueDate": issue.due_date.isoformat() if issue.due_date else None,
            "trashed": True if trashed else None,
            **_NO_SLA,
            "labelIds": list(issue.label_ids),
            "state": state,
            "team": team,
            "cycle": self._cycles[issue.cycle_id] if issue.cycle_id else None,
            "project": self._projects[issue.project_id] if issue.project_id else None,
            "projectMilestone": None,
            "assignee": self.users[issue.assignee_id] if issue.assignee_id else None,
            "creator": next(iter(self.users.values()), None),
            "labels": [self.labels[label] for label in issue.label_ids],
            "world": issue,
        }

    def _milestones(self, states: Dated) -> Record:
        """startedAt: first entry into a started state. completedAt and canceledAt: when the present closed state began,
        null again after a reopening. triagedAt: when triage was left."""
        marks: Record = dict.fromkeys(("startedAt", "completedAt", "canceledAt", "startedTriageAt", "triagedAt"))
        before = ""
        for state_id, since in states:
            kind, at = str(self.states[state_id]["type"]), iso_milliseconds(since)
            if kind == "started":
                marks["startedAt"] = marks["startedAt"] or at
            if kind == "triage":
                marks["startedTriageAt"], marks["triagedAt"] = marks["startedTriageAt"] or at, None
            elif before == "triage":
                marks["triagedAt"] = at
            if kind != before:
                marks["completedAt"] = marks["canceledAt"] = None
                if kind in CLOSED:
                    marks[CLOSED[kind]] = at
            before = kind
        return marks

    def _cycle(self, cycle: Cycle, now: datetime) -> Record:
        done = cycle.ends_at if cycle.ends_at <= now else None
        return {
            **self._base,
            "id": cycle.id,
            "number": cycle.number,
            "name": None,
            "startsAt": iso_milliseconds(cycle.starts_at),
            "endsAt": iso_milliseconds(cycle.ends_at),
            "completedAt": iso_milliseconds(done) if done else None,
            "updatedAt": iso_milliseconds(done) if done else self._base["createdAt"],
            "isActive": cycle.starts_at <= now < cycle.ends_at,
            "isFuture": now < cycle.starts_at,
            "isPast": done is not None,
            "progress": 1 if done else 0,
            "team": self.teams[cycle.team_id],
        }


_TEAM: Record = {"cyclesEnabled": True, "triageEnabled": True}
_USER: Record = {"active": True, "admin": False, "guest": False}
_NO_SLA: Record = dict.fromkeys(
    ("autoClosedAt", "autoArchivedAt", "slaType", "slaStartedAt", "slaMediumRiskAt", "slaHighRiskAt", "slaBreachesAt")
)


def _project(project: Project, now: datetime) -> Record:
    started = project.started_at if project.started_at and project.started_at <= now else None
    completed = project.completed_at if project.completed_at and project.completed_at <= now else None
    latest = completed or started or project.created_at
    return {
        "id": project.id,
        "createdAt": iso_milliseconds(project.created_at),
        "updatedAt": iso_milliseconds(latest),
        "archivedAt": None,
        "name": project.name,
        "description": "",
        "slugId": project.id[:12],
        "url": f"https://linear.app/project/{project.id[:12]}",
        "state": project.state if not project.completed_at else _project_state(started, completed),
        "startedAt": iso_milliseconds(started) if started else None,
        "completedAt": iso_milliseconds(completed) if completed else None,
        "canceledAt": None,
        "startDate": started.date().isoformat() if started else None,
        "targetDate": project.target_date.isoformat() if project.target_date else None,
        "progress": 1 if completed else 0,
        "trashed": None,
        "projectMilestones": [],
    }


def _project_state(started: datetime | None, completed: datetime | None) -> str:
    return "completed" if completed else "started" if started else "planned"


def _instants(issue: IssueRecord) -> Iterator[datetime]:
    yield issue.created_at.astimezone(UTC)
    yield from issue.modified
    yield from (at for _, at in (*issue.states, *issue.priorities))
    yield from (at for at in (issue.archived_at, issue.trashed_at) if at is not None)
