"""Every register that people fill in or systems export, from a world over HTTP into its stream's columns."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.connectors.registers import STREAMS
from kpi_pipeline.connectors.registers.formats import FORMATS
from kpi_pipeline.schemas.base import origins, required
from kpi_pipeline_tests.connectors.registers.paperwork import one_of_each
from kpi_pipeline_tests.connectors.wire import Wire, wired, world

ELSEWHERE = {"survey_invitations", "ledger", "fx_rates"}  # tested beside the parser
EXPECTED: dict[str, dict[str, Any]] = {
    "scorecard": {
        "segment": "",
        "value_e6": 33_300_000,
        "numerator_e6": 1_000_000,
        "denominator_e6": 3_000_000,
        "comment": "één school, nog jong",
        "entered_by": "anna@example.nl",
    },
    "milestones": {"weight_e2": 1_250, "actual_date": "2026-11-18", "planned_date": "2026-12-01", "status": "done"},
    "employees": {"joined_date": "2025-03-01", "left_date": None},  # still to come by the sandbox's clock
    "employee_results": {"score_e2": 750, "valid_until": "2027-04-30"},
    "projects": {"budget_minor": 1_250_000, "cost_minor": 900_050, "remaining_minor": 600_000, "actual_end": None},
    "certificates": {"certificate": "ISO 27001", "valid_until": "2027-01-31", "revoked_date": None},
    "controls": {"result": "pass", "framework": "SOC 2"},
    "grades": {"grade": "A+"},
    "roadmap_items": {"value_e2": 800, "due_date": "2026-12-31", "delivered_date": "2026-11-19"},
    "knowledge_items": {"kind": "session", "title": "Café"},
    "product_classes": {"class": "ai", "valid_until": None},
    "orders": {"placed_at": "2026-11-19T08:00:00+00:00", "fulfilled_at": None, "cancelled_at": None},
    "workflow_runs": {"outcome": "success", "finished_at": "2026-11-19T08:05:00+00:00"},
    "security_incidents": {"acknowledged_at": "2026-11-19T08:07:00+00:00", "confirmed_at": None},
    "vulnerabilities": {"severity": "high", "fixed_at": None},
    "quality_scores": {"score_e2": 845},
}


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("registers")
    with wired("registers", world(**one_of_each()), folder, {"files": sorted(EXPECTED)}) as open_wire:
        yield open_wire


def test_every_register_has_a_case() -> None:
    assert set(EXPECTED) | ELSEWHERE == set(FORMATS)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_row_arrives_as_it_was_entered(wire: Wire, name: str) -> None:
    (record,) = wire.rows(name)
    assert EXPECTED[name].items() <= record.items()
    assert record["entered_at"] == "2026-11-20T09:00:00+00:00"


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_record_has_exactly_the_fields_that_its_model_reads(wire: Wire, name: str) -> None:
    (record,) = wire.rows(name)
    model = next(stream for stream in STREAMS if stream.name == name).model
    read = {column: origin.path for column, origin in origins(model).items()}
    assert set(record) == set(read.values())
    assert {read[column] for column in required(model)} <= {field for field, cell in record.items() if cell is not None}
    assert [path for column, path in read.items() if origins(model)[column].key] != []


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_key_of_the_file_is_the_key_of_the_stream(name: str) -> None:
    model = next(stream for stream in STREAMS if stream.name == name).model
    keys = {origin.path for origin in origins(model).values() if origin.key}
    assert keys == set(FORMATS[name].key)
