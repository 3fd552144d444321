"""Work in the issue tracker."""

from __future__ import annotations

from kpi_pipeline.facts.shape import FactSpec, StreamId, flag, instant, text, whole

ISSUE_LIFE: tuple[StreamId, ...] = (
    ("linear", "issues"),
    ("linear", "state_spans"),
    ("linear", "issue_history"),
    ("linear", "workflow_states"),
)

SPECS = (
    FactSpec(
        "issue",
        "A piece of work, as it is now. Thrown-away ones are none.",
        ("issue_id",),
        {
            "issue_id": text("id of the issue"),
            "identifier": text("its number, e.g. INC-42"),
            "team": text("key of the team"),
            "priority": whole("now: 1 urgent … 4 low, 0 none"),
            "labels": text("names in alphabetical order, joined by a semicolon", nullable=True),
            "kind": text("what its labels say it is, e.g. bug", nullable=True),
            "estimate": whole("points", nullable=True),
            "cycle_id": text("the sprint it belongs to", nullable=True),
            "cycle_starts_at": instant("start of that sprint", nullable=True),
            "cycle_ends_at": instant("end of that sprint", nullable=True),
            "completed_in_cycle": flag("completed within that sprint"),
            "created_at": instant("when the issue was created"),
            "completed_at": instant("when it was completed, the last time", nullable=True),
            "canceled_at": instant("when it was dropped", nullable=True),
        },
        reads=(("linear", "issues"), ("linear", "issue_labels"), ("linear", "cycles")),
    ),
    FactSpec(
        "cycle",
        "A sprint of a team.",
        ("cycle_id",),
        {
            "cycle_id": text("id of the sprint"),
            "number": whole("its number in the team"),
            "team": text("key of the team"),
            "starts_at": instant("first instant"),
            "ends_at": instant("first instant after it, as planned"),
            "completed_at": instant("when the team closed it", nullable=True),
        },
        reads=(("linear", "cycles"), ("linear", "teams")),
    ),
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
            "high_since_at": instant("since when it has been P1 or P2 without a break; null at others", nullable=True),
        },
        reads=ISSUE_LIFE,
    ),
)
