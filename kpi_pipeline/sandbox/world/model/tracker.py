"""The issue tracker: what Linear shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from kpi_pipeline.sandbox.world.model.life import Dated


@dataclass(frozen=True, slots=True)
class Team:
    id: str
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class WorkflowState:
    id: str
    team_id: str
    name: str
    type: str  # triage, backlog, unstarted, started, completed, canceled, duplicate
    position: int


@dataclass(frozen=True, slots=True)
class IssueLabel:
    id: str
    name: str
    team_id: str | None


@dataclass(frozen=True, slots=True)
class TrackerUser:
    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Cycle:
    id: str
    team_id: str
    number: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Project:
    id: str
    name: str
    state: str
    started_at: datetime | None
    target_date: date | None
    completed_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class IssueRecord:
    """`priorities` holds (priority as text 0-4, since); `states` holds (state id, since), reopenings included."""

    id: str
    number: int
    team_id: str
    title: str
    created_at: datetime
    priorities: Dated
    states: Dated
    label_ids: tuple[str, ...]
    estimate: int | None
    cycle_id: str | None
    project_id: str | None
    assignee_id: str | None
    comments: tuple[tuple[str, str, datetime], ...]  # (id, author id, at)
    modified: tuple[datetime, ...]
    due_date: date | None = None
    archived_at: datetime | None = None
    trashed_at: datetime | None = None
