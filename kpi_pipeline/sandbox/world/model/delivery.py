"""Software delivery: what GitHub shows of a repository and its Actions runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CodeRepository:
    name: str  # without its owner, which is the company
    default_branch: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RunAttempt:
    """`conclusion`: "success", "failure", "timed_out", "cancelled", "skipped", "neutral", "action_required", … ."""

    started_at: datetime
    completed_at: datetime
    conclusion: str


@dataclass(frozen=True, slots=True)
class PipelineRun:
    """A run of a workflow; a re-run is a further attempt of the same run and hides what the attempts before it gave.

    `from_fork`: the head branch is that of a fork, whatever its name.
    """

    id: int
    repository: str
    workflow: str
    branch: str
    event: str  # "push", "pull_request", "schedule", "workflow_dispatch"
    attempts: tuple[RunAttempt, ...]
    from_fork: bool = False
