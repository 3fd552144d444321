"""How software gets from its authors to its users."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, flag, instant, text, whole

SPECS = (
    FactSpec(
        "pipeline_run",
        "A run of a workflow of continuous integration, as its last attempt left it.",
        ("run_id",),
        {
            "run_id": text("id of the run"),
            "repository": text("owner/name"),
            "workflow": text("name of the workflow", nullable=True),
            "branch": text("head branch, or tag", nullable=True),
            "is_default_branch": flag("whether that is our default branch, and not a fork's of the same name"),
            "event": text("push, pull_request, schedule, …"),
            "started_at": instant("when the last attempt began"),
            "completed_at": instant("when it ended; null while it runs", nullable=True),
            "conclusion": text("success, failure, timed_out, cancelled, …; null while it runs", nullable=True),
            "attempt": whole("number of the last attempt"),
        },
        reads=(("github", "repositories"), ("github", "runs")),
    ),
)
