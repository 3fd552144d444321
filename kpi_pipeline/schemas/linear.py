"""Streams of Linear: issues and their lives, and the names that issues refer to."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Flag, Instant, Number, StreamModel, Text, TextList, Whole, column

STATE_TYPES = ("triage", "backlog", "unstarted", "started", "completed", "canceled", "duplicate")


class Issues(StreamModel):
    """One issue as it is now, archived ones included. `priority` 0 none, 1 urgent (P1), 2 high, 3 medium, 4 low.

    What it was earlier (priority, state, labels) is in issue_history and state_spans. Titles may hold personal data and
    are not kept; `url` leads to the issue.
    """

    id: Text = column("id", key=True)
    identifier: Text = column("identifier")
    url: Text = column("url", nullable=True)
    team_id: Text = column("team.id")
    team_key: Text = column("team.key")
    priority: Whole = column("priority", ge=0, le=4)
    estimate: Number = column("estimate", nullable=True)
    state_id: Text = column("state.id")
    state_type: Text = column("state.type", isin=STATE_TYPES)
    project_id: Text = column("project.id", nullable=True)
    cycle_id: Text = column("cycle.id", nullable=True)
    assignee_id: Text = column("assignee.id", nullable=True)
    label_ids: TextList = column("labelIds", nullable=True)
    created_at: Instant = column("createdAt", unit="iso")
    updated_at: Instant = column("updatedAt", unit="iso", cursor=True)
    started_at: Instant = column("startedAt", unit="iso", nullable=True)
    completed_at: Instant = column("completedAt", unit="iso", nullable=True)
    canceled_at: Instant = column("canceledAt", unit="iso", nullable=True)
    triaged_at: Instant = column("triagedAt", unit="iso", nullable=True)
    archived_at: Instant = column("archivedAt", unit="iso", nullable=True)
    due_date: Day = column("dueDate", nullable=True)
    sla_started_at: Instant = column("slaStartedAt", unit="iso", nullable=True)
    sla_breaches_at: Instant = column("slaBreachesAt", unit="iso", nullable=True)
    trashed: Flag = column("trashed", nullable=True)

    class Config(StreamModel.Config):
        name = "linear.issues"


class StateSpans(StreamModel):
    """One uninterrupted stay of an issue in a workflow state; `ended_at` is null while it lasts."""

    id: Text = column("id", key=True)
    issue_id: Text = column("^.id")
    state_id: Text = column("stateId")
    state_type: Text = column("state.type", isin=STATE_TYPES, nullable=True)
    started_at: Instant = column("startedAt", unit="iso")
    ended_at: Instant = column("endedAt", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "linear.state_spans"


class IssueHistory(StreamModel):
    """One change of an issue. A change of priority has both priorities, a move both states."""

    id: Text = column("id", key=True)
    issue_id: Text = column("^.id")
    created_at: Instant = column("createdAt", unit="iso")
    from_priority: Whole = column("fromPriority", nullable=True, ge=0, le=4)
    to_priority: Whole = column("toPriority", nullable=True, ge=0, le=4)
    from_state_id: Text = column("fromStateId", nullable=True)
    to_state_id: Text = column("toStateId", nullable=True)

    class Config(StreamModel.Config):
        name = "linear.issue_history"


class WorkflowStates(StreamModel):
    """One column of a team's board."""

    id: Text = column("id", key=True)
    team_id: Text = column("team.id")
    name: Text = column("name")
    type: Text = column("type", isin=STATE_TYPES)
    position: Number = column("position")
    archived_at: Instant = column("archivedAt", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "linear.workflow_states"


class IssueLabels(StreamModel):
    """One label; `team_id` is null when the whole workspace shares it. Issues refer to it in `label_ids`."""

    id: Text = column("id", key=True)
    name: Text = column("name")
    team_id: Text = column("team.id", nullable=True)
    archived_at: Instant = column("archivedAt", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "linear.issue_labels"


class Teams(StreamModel):
    """One team; issues are numbered per team, e.g. INC-42."""

    id: Text = column("id", key=True)
    key: Text = column("key")
    name: Text = column("name")
    archived_at: Instant = column("archivedAt", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "linear.teams"


class Cycles(StreamModel):
    """One sprint of a team; `progress` 0-1. What was done in it are the issues that refer to it."""

    id: Text = column("id", key=True)
    team_id: Text = column("team.id")
    number: Whole = column("number", ge=0)
    starts_at: Instant = column("startsAt", unit="iso")
    ends_at: Instant = column("endsAt", unit="iso")
    completed_at: Instant = column("completedAt", unit="iso", nullable=True)
    progress: Number = column("progress", ge=0, le=1)

    class Config(StreamModel.Config):
        name = "linear.cycles"


class Projects(StreamModel):
    """One project; `progress` 0-1, `status` backlog, planned, started, paused, completed or canceled."""

    id: Text = column("id", key=True)
    name: Text = column("name")
    status: Text = column("state")
    progress: Number = column("progress", ge=0, le=1)
    created_at: Instant = column("createdAt", unit="iso")
    started_at: Instant = column("startedAt", unit="iso", nullable=True)
    target_date: Day = column("targetDate", nullable=True)
    completed_at: Instant = column("completedAt", unit="iso", nullable=True)
    canceled_at: Instant = column("canceledAt", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "linear.projects"


class Comments(StreamModel):
    """When somebody commented, never what: for the time to the first response. Null `issue_id`: not on an issue."""

    id: Text = column("id", key=True)
    issue_id: Text = column("issue.id", nullable=True)
    user_id: Text = column("user.id", nullable=True)
    created_at: Instant = column("createdAt", unit="iso")
    updated_at: Instant = column("updatedAt", unit="iso", cursor=True)

    class Config(StreamModel.Config):
        name = "linear.comments"


class Users(StreamModel):
    """One member, known by id and hashed e-mail address only."""

    id: Text = column("id", key=True)
    email_hash: Text = column("email", hashed=True, nullable=True)
    active: Flag = column("active")

    class Config(StreamModel.Config):
        name = "linear.users"
