"""Work in the issue tracker."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, StreamId, instant, text, whole

ISSUE_LIFE: tuple[StreamId, ...] = (
    ("linear", "issues"),
    ("linear", "state_spans"),
    ("linear", "issue_history"),
    ("linear", "workflow_states"),
)

SPECS = (
    FactSpec(
        "issue_completion",
        "One time that an issue was completed; a reopened issue may have several.",
        ("issue_id", "completed_at"),
        {
            "issue_id": text("id of the issue"),
            "identifier": text("its number, e.g. INC-42"),
            "team": text("key of the team"),
            "priority": whole("at that completion: 1 urgent … 4 low, 0 none"),
            "created_at": instant("when the issue was created"),
            "completed_at": instant("start of the completed state"),
            "reopened_at": instant("when it left the completed state again", nullable=True),
        },
        reads=ISSUE_LIFE,
    ),
    FactSpec(
        "issue_open_interval",
        "A span in which an issue was open at one priority.",
        ("issue_id", "start_at"),
        {
            "issue_id": text("id of the issue"),
            "identifier": text("its number, e.g. INC-42"),
            "team": text("key of the team"),
            "priority": whole("during the span: 1 urgent … 4 low, 0 none"),
            "created_at": instant("when the issue was created"),
            "start_at": instant("first instant"),
            "end_at": instant("first instant after it; null while it lasts", nullable=True),
        },
        reads=ISSUE_LIFE,
    ),
)
