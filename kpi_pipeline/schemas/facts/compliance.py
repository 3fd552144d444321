"""What must hold of staff, and of what auditors and assessors found."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, Signed, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa

LOWEST = 12  # the rank of F


class Employee(Signed):
    _order = (("joined_day", "gone_day"), ("in_30_day", "in_6_months_day"))

    employee_id: Text = pa.Field(unique=True)
    team: Text
    joined_day: Whole
    in_30_day: Whole
    in_6_months_day: Whole
    gone_day: Whole = maybe()


class EmployeeResult(Signed):
    _order = (("taken_day", "expires_day"), ("taken_day", "next_day"))

    result_id: Text = pa.Field(unique=True)
    employee_id: Text
    kind: Text
    taken_day: Whole
    score_e2: Whole = pa.Field(ge=0, nullable=True)
    expires_day: Whole = maybe()
    next_day: Whole = maybe()
    team: Text = maybe()
    joined_day: Whole = maybe()
    in_30_day: Whole = maybe()
    in_6_months_day: Whole = maybe()
    gone_day: Whole = maybe()


class KnowledgeItem(Signed):
    item_id: Text = pa.Field(unique=True)
    kind: Text = pa.Field(isin=("doc", "session"))
    day: Whole


class Certificate(Signed):
    _order = (("valid_from_day", "expires_day"), ("valid_from_day", "valid_until_day"))

    name: Text
    valid_from_day: Whole
    valid_until_day: Whole
    revoked_day: Whole = maybe()
    expires_day: Whole
    expiring_day: Whole

    class Config(FactModel.Config):
        unique = ("name", "valid_from_day")


class Control(Signed):
    _order = (("assessed_day", "to_day"),)

    control_id: Text
    framework: Text
    assessed_day: Whole
    to_day: Whole = maybe()
    passing: Flag
    in_scope: Flag

    class Config(FactModel.Config):
        unique = ("control_id", "assessed_day")


class Grade(Signed):
    subject: Text
    graded_day: Whole
    grade: Text
    rank: Whole = pa.Field(ge=0, le=LOWEST)

    class Config(FactModel.Config):
        unique = ("subject", "graded_day")


MODELS: dict[str, type[FactModel]] = {
    "employee": Employee,
    "employee_result": EmployeeResult,
    "knowledge_item": KnowledgeItem,
    "certificate": Certificate,
    "control": Control,
    "grade": Grade,
}
