"""Streams of GitHub: repositories and the runs of their workflows."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Instant, StreamModel, Text, Whole, column

STATUSES = ("requested", "queued", "pending", "waiting", "in_progress", "completed")
CONCLUSIONS = (
    "success",
    "failure",
    "timed_out",
    "cancelled",
    "skipped",
    "neutral",
    "action_required",
    "stale",
    "startup_failure",
)


class Repositories(StreamModel):
    """One repository as it is now; its versions tell when its default branch changed."""

    id: Whole = column("id", key=True)
    name: Text = column("full_name")
    default_branch: Text = column("default_branch")
    archived: Flag = column("archived", nullable=True)

    class Config(StreamModel.Config):
        name = "github.repositories"


class Runs(StreamModel):
    """One run of a workflow as its last attempt left it; `conclusion` is null until it has ended.

    `head_repository` is a fork's for a pull request from a fork, whose branch may bear the name of our default branch.
    GitHub names no end: `updated_at` of a completed run is the instant it completed.
    """

    id: Whole = column("id", key=True)
    repository_id: Whole = column("repository.id")
    repository: Text = column("repository.full_name")
    head_repository: Text = column("head_repository.full_name", nullable=True)
    workflow: Text = column("name", nullable=True)
    branch: Text = column("head_branch", nullable=True)
    event: Text = column("event")
    status: Text = column("status", isin=STATUSES)
    conclusion: Text = column("conclusion", nullable=True, isin=CONCLUSIONS)
    attempt: Whole = column("run_attempt", ge=1)
    created_at: Instant = column("created_at", unit="iso", cursor=True)
    started_at: Instant = column("run_started_at", unit="iso")
    updated_at: Instant = column("updated_at", unit="iso")

    class Config(StreamModel.Config):
        name = "github.runs"
