"""What DGSkills' KPIs truly are, a module per field."""

from __future__ import annotations

from kpi_pipeline.sandbox.truth.dgskills import activation, commercial, retention, service, voices

FAMILY = (commercial.values, activation.values, retention.values, service.values, voices.values)
