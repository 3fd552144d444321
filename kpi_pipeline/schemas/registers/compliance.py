"""What auditors and assessors found, in registers."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Instant, StreamModel, Text, column


class Certificates(StreamModel):
    """A certificate valid from `valid_from` to `valid_until`, both in it, and no more on the day it was revoked."""

    certificate: Text = column("certificate", key=True)
    valid_from: Day = column("valid_from", key=True)
    valid_until: Day = column("valid_until")
    revoked_date: Day = column("revoked_date", nullable=True)
    evidence_url: Text = column("evidence_url", nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.certificates"


class Controls(StreamModel):
    """The result of assessing a control; it holds until the control is assessed again."""

    control_id: Text = column("control_id", key=True)
    assessed_date: Day = column("assessed_date", key=True)
    framework: Text = column("framework")
    result: Text = column("result", isin=("pass", "fail", "out_of_scope"))
    evidence_url: Text = column("evidence_url", nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.controls"


class Grades(StreamModel):
    """A grade that an auditor gave a subject, A+ to F."""

    subject: Text = column("subject", key=True)
    graded_date: Day = column("graded_date", key=True)
    grade: Text = column("grade", str_matches=r"^(A\+|[A-D]|[A-D]-|[B-D]\+|F)$")
    evidence_url: Text = column("evidence_url", nullable=True)
    entered_by: Text = column("entered_by", hashed=True)
    entered_at: Instant = column("entered_at", unit="iso")

    class Config(StreamModel.Config):
        name = "registers.grades"
