"""Streams of the registers: CSV and Excel files that people keep, or systems export, because no API has the data."""

from __future__ import annotations

from kpi_pipeline.schemas.registers.compliance import Certificates, Controls, Grades
from kpi_pipeline.schemas.registers.finance import FxRates, Ledger, SurveyInvitations
from kpi_pipeline.schemas.registers.operations import (
    Orders,
    QualityScores,
    SecurityIncidents,
    Vulnerabilities,
    WorkflowRuns,
)
from kpi_pipeline.schemas.registers.people import EmployeeResults, Employees, KnowledgeItems
from kpi_pipeline.schemas.registers.plans import Milestones, ProductClasses, Projects, RoadmapItems, Scorecard

__all__ = [
    "Certificates",
    "Controls",
    "EmployeeResults",
    "Employees",
    "FxRates",
    "Grades",
    "KnowledgeItems",
    "Ledger",
    "Milestones",
    "Orders",
    "ProductClasses",
    "Projects",
    "QualityScores",
    "RoadmapItems",
    "Scorecard",
    "SecurityIncidents",
    "SurveyInvitations",
    "Vulnerabilities",
    "WorkflowRuns",
]
