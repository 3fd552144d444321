"""Staff, and what auditors and assessors found."""

from __future__ import annotations

from kpi_pipeline.facts.shape import SIGNED, Column, FactSpec, flag, text, whole


def _service(*, nullable: bool) -> dict[str, Column]:
    return {
        "team": text("team of the employee", nullable=nullable),
        "joined_day": whole("first day of service", nullable=nullable),
        "in_30_day": whole("30 days after joining", nullable=nullable),
        "in_6_months_day": whole("the same day six months after joining, or that month's last", nullable=nullable),
        "gone_day": whole("first day after service", nullable=True),
    }


SPECS = (
    FactSpec(
        "employee",
        "A person in service.",
        ("employee_id",),
        {"employee_id": text("hash of the id"), **_service(nullable=False), **SIGNED},
        reads=(("registers", "employees"),),
    ),
    FactSpec(
        "employee_result",
        "An assessment or training of an employee; it stands until the next one of the same kind.",
        ("result_id",),
        {
            "result_id": text("id in the register"),
            "employee_id": text("hash of the id of the employee"),
            "kind": text("what it was"),
            "taken_day": whole("when"),
            "score_e2": whole("score in hundredths", nullable=True),
            "expires_day": whole("first day it no longer counts", nullable=True),
            "next_day": whole("when the next one was taken", nullable=True),
            **_service(nullable=True),
            **SIGNED,
        },
        reads=(("registers", "employee_results"),),
        uses=("employee",),
    ),
    FactSpec(
        "knowledge_item",
        "A document that was published or a session that was held.",
        ("item_id",),
        {"item_id": text("id in the register"), "kind": text("doc or session"), "day": whole("when"), **SIGNED},
        reads=(("registers", "knowledge_items"),),
    ),
    FactSpec(
        "certificate",
        "A certificate, and the days on which it is valid.",
        ("name", "valid_from_day"),
        {
            "name": text("which certificate"),
            "valid_from_day": whole("first day"),
            "valid_until_day": whole("last day printed on it"),
            "revoked_day": whole("when it was revoked", nullable=True),
            "expires_day": whole("first day it is not valid: after the last one, or revoked"),
            "expiring_day": whole("90 days before that"),
            **SIGNED,
        },
        reads=(("registers", "certificates"),),
    ),
    FactSpec(
        "control",
        "The result of assessing a control, which holds until it is assessed again.",
        ("control_id", "assessed_day"),
        {
            "control_id": text("which control"),
            "framework": text("GDPR, SOC 2 …"),
            "assessed_day": whole("when"),
            "to_day": whole("when it was assessed again", nullable=True),
            "passing": flag("it passed"),
            "in_scope": flag("it is in scope"),
            **SIGNED,
        },
        reads=(("registers", "controls"),),
    ),
    FactSpec(
        "grade",
        "A grade that an auditor gave.",
        ("subject", "graded_day"),
        {
            "subject": text("what was graded"),
            "graded_day": whole("when"),
            "grade": text("A+ to F"),
            "rank": whole("0 for A+, 1 for A … 12 for F"),
            **SIGNED,
        },
        reads=(("registers", "grades"),),
    ),
)
