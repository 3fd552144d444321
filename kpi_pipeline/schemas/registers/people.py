"""Staff in registers. People are known by a hash only: who they are is nothing a KPI needs."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Instant, StreamModel, Text, Whole, column


class Employees(StreamModel):
    """A person in service from `joined_date` to `left_date`, the last day of service."""

    employee_id: Text = column("employee_id", key=True, hashed=True)
    team: Text = column("team")
    joined_date: Day = column("joined_date")
    left_date: Day = column("left_date", nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.employees"


class EmployeeResults(StreamModel):
    """An assessment (score in hundredths) or a training, which counts until `valid_until`, that day in it."""

    result_id: Text = column("result_id", key=True)
    employee_id: Text = column("employee_id", hashed=True)
    kind: Text = column("kind")
    taken_date: Day = column("taken_date")
    score_e2: Whole = column("score_e2", nullable=True)
    valid_until: Day = column("valid_until", nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.employee_results"


class KnowledgeItems(StreamModel):
    """A document that was published or a session that was held."""

    item_id: Text = column("item_id", key=True)
    kind: Text = column("kind", isin=("doc", "session"))
    date: Day = column("date")
    title: Text = column("title")
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.knowledge_items"
