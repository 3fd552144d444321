"""One record of each kind that people or systems put into registers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from kpi_pipeline.sandbox.world import model
from kpi_pipeline_tests.connectors.wire import utc

SIGNED: dict[str, Any] = {"entered_by": "anna@example.nl", "entered_at": utc("2026-11-20 09:00")}
EXPORTED: dict[str, Any] = {"entered_at": utc("2026-11-20 09:00")}


def d(text: str) -> date:
    return date.fromisoformat(text)


def one_of_each() -> dict[str, list[Any]]:
    """World field → one record."""
    return {
        "scorecard": [
            model.ScorecardEntry(
                framework="dgskills",
                kpi_id="pilot_to_contract",
                period_start=d("2026-11-09"),
                period_end=d("2026-11-15"),
                value=Decimal("33.3"),
                numerator=Decimal(1),
                denominator=Decimal(3),
                comment="één school, nog jong",
                **SIGNED,
            )
        ],
        "milestones": [
            model.Milestone(
                kpi_id="kpi09",
                item_id="infofolio",
                item_name="Infofolio",
                milestone="cutover",
                weight=Decimal("12.5"),
                baseline=d("2026-11-01"),
                planned=d("2026-12-01"),
                actual=d("2026-11-18"),
                evidence_url="https://example.nl/1",
                **SIGNED,
            )
        ],
        "employees": [
            model.Employee(employee_id="E-1", team="Support", joined=d("2025-03-01"), left=d("2026-11-30"), **SIGNED)
        ],
        "employee_results": [
            model.EmployeeResult(
                result_id="T-1",
                employee_id="E-1",
                kind="training",
                taken=d("2026-05-01"),
                score=Decimal("7.5"),
                valid_until=d("2027-04-30"),
                **SIGNED,
            )
        ],
        "project_versions": [
            model.ProjectVersion(
                project_id="P-1",
                as_of=d("2026-11-01"),
                name="Portal",
                start=d("2026-03-01"),
                baseline_end=d("2026-12-31"),
                forecast_end=d("2027-02-01"),
                budget=Decimal("12500"),
                cost=Decimal("9000.5"),
                remaining=Decimal(6000),
                **SIGNED,
            )
        ],
        "certificates": [
            model.Certificate(name="ISO 27001", valid_from=d("2024-02-01"), valid_until=d("2027-01-31"), **SIGNED)
        ],
        "controls": [
            model.ControlAssessment(
                control_id="CC6.1", framework="SOC 2", assessed=d("2026-10-01"), result="pass", **SIGNED
            )
        ],
        "grades": [model.Grade(subject="pentest", graded=d("2026-10-01"), grade="A+", **SIGNED)],
        "roadmap_items": [
            model.RoadmapItem(
                item_id="R-1",
                item_name="SSO",
                product_group="platform",
                value=Decimal(8),
                due=d("2026-12-31"),
                delivered=d("2026-11-19"),
                hard_reason="customer",
                **SIGNED,
            )
        ],
        "knowledge_items": [
            model.KnowledgeItem(item_id="K-1", kind="session", day=d("2026-11-05"), title="Café", **SIGNED)
        ],
        "product_classes": [
            model.ProductClass(product="Inpact.ai", kind="ai", valid_from=d("2026-01-01"), approved_by="x", **SIGNED)
        ],
        "orders": [
            model.PurchaseOrder(
                order_id="O-1", placed_at=utc("2026-11-19 08:00"), fulfilled_at=utc("2026-11-24 10:00"), **EXPORTED
            )
        ],
        "workflow_runs": [
            model.WorkflowRun(
                run_id="W-1",
                workflow="export",
                started_at=utc("2026-11-19 08:00"),
                finished_at=utc("2026-11-19 08:05"),
                outcome="success",
                **EXPORTED,
            )
        ],
        "security_incidents": [
            model.SecurityIncident(
                incident_id="S-1",
                severity="critical",
                raised_at=utc("2026-11-19 08:00"),
                acknowledged_at=utc("2026-11-19 08:07"),
                **EXPORTED,
            )
        ],
        "vulnerabilities": [
            model.Vulnerability(vulnerability_id="V-1", severity="high", found_at=utc("2026-11-19 08:00"), **EXPORTED)
        ],
        "quality_scores": [
            model.QualityScore(branch="main", measured=d("2026-11-19"), score=Decimal("8.45"), **EXPORTED)
        ],
    }
