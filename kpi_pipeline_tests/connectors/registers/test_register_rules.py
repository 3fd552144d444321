"""Rules between cells and between rows: what a plan, a scorecard or a project may not say."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_pipeline.connectors.registers.formats import FORMATS
from kpi_pipeline.connectors.registers.parse import parse
from kpi_pipeline.errors import RegisterError
from kpi_pipeline_tests.connectors.wire import NOW

USUAL: dict[str, dict[str, str]] = {
    "scorecard": {
        "framework": "f", "kpi_id": "k", "period_start": "2026-11-02", "period_end": "2026-11-08", "value": "1",
    },
    "milestones": {
        "kpi_id": "k", "item_id": "i", "item_name": "I", "milestone": "m", "weight": "1",
        "baseline_date": "2026-12-01", "planned_date": "2026-12-01", "status": "planned",
    },
    "projects": {
        "project_id": "P", "as_of": "2026-10-01", "name": "N", "start_date": "2026-01-01",
        "baseline_end": "2026-12-31", "budget": "1.000,00", "cost": "0", "remaining": "1.000,00", "currency": "EUR",
    },
    "quality_scores": {"branch": "main", "measured_date": "2026-11-01", "score": "8.2"},
    "workflow_runs": {"run_id": "r", "workflow": "w", "started_at": "2026-11-01T10:00:00Z"},
    "certificates": {"certificate": "ISO", "valid_from": "2026-01-01", "valid_until": "2026-12-31"},
}  # fmt: skip
SIGNED = {"entered_by": "a", "entered_at": "2026-11-20T10:00:00Z"}


def read(name: str, *changes: dict[str, str], known: Any = None) -> list[Any]:
    form = FORMATS[name]
    headers = [column.header for column in form.columns]
    lines = [";".join(headers)]
    for change in changes:
        cells = {**SIGNED, **USUAL[name], **change}
        lines.append(";".join(cells.get(header, "") for header in headers))
    body = "\n".join(lines).encode()
    given = {"file": "f.csv", "delimiter": ";", "notation": form.notation, "now": NOW, "known": known}
    return [record for _, record in parse(body, form, **given)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "cells", "said"),
    [
        ("scorecard", {"value": ""}, "`value`: it is empty, and so is the numerator or the denominator"),
        ("scorecard", {"numerator": "1"}, "`denominator`: it is empty while its other half is given"),
        ("scorecard", {"value": "34", "numerator": "1", "denominator": "3"}, "`value`: it is not numerator"),
        ("scorecard", {"denominator": "-3", "numerator": "1"}, "`denominator`: it is negative"),
        ("scorecard", {"period_end": "2026-11-01"}, '`period_end`: "2026-11-01" is before period_start'),
        ("scorecard", {"period_end": "2026-12-01"}, '`period_end`: "2026-12-01" is in the future'),
        ("milestones", {"status": "done"}, "`status`: done and an actual_date go together"),
        ("milestones", {"actual_date": "2026-11-01"}, "`status`: done and an actual_date go together"),
        ("milestones", {"weight": "0"}, "`weight`: it is not positive"),
        ("milestones", {"entered_by": ""}, "`entered_by`: it is empty"),
        ("projects", {"cost": "-1"}, "`cost`: it is negative"),
        ("projects", {"actual_end": "2026-10-02"}, '`as_of`: "2026-10-01" is before actual_end'),
        ("projects", {"baseline_end": "2025-12-31"}, '`baseline_end`: "2025-12-31" is before start_date'),
        ("quality_scores", {"score": "10.01"}, "`score`: it is more than 10"),
        ("workflow_runs", {"outcome": "success"}, "`outcome`: an outcome and finished_at go together"),
        ("workflow_runs", {"finished_at": "2026-11-01T09:59:59Z", "outcome": "failure"}, "`finished_at`: "),
        ("certificates", {"valid_until": "2025-12-31"}, "`valid_until`: "),
    ],
)  # fmt: skip
def test_cells_that_contradict_each_other_are_refused(name: str, cells: dict[str, str], said: str) -> None:
    with pytest.raises(RegisterError, match=rf"f\.csv:2: error: column \d+ {said}".replace("(", r"\(")):
        read(name, cells)


@pytest.mark.parametrize(
    ("cells", "value"),
    [
        ({"value": "33,3", "numerator": "1", "denominator": "3"}, 33_300_000),
        ({"value": "33", "numerator": "1", "denominator": "3"}, 33_000_000),
        ({"value": "0,33", "numerator": "1", "denominator": "3"}, 330_000),
        ({"value": "", "numerator": "1", "denominator": "3"}, None),
        ({"value": "", "numerator": "0", "denominator": "0"}, None),
        ({"value": "-1.234,5"}, -1_234_500_000),
    ],
)
def test_a_figure_may_be_a_value_a_quotient_or_both_in_agreement(cells: dict[str, str], value: int | None) -> None:
    assert read("scorecard", cells)[0]["value_e6"] == value


def test_a_cell_of_ten_megabytes_is_refused() -> None:
    with pytest.raises(RegisterError, match=r"`name`: 10,000,000 bytes; a cell may hold 1,000,000"):
        read("projects", {"name": "x" * 10_000_000})


def test_a_project_keeps_its_baseline_unless_a_new_one_is_approved() -> None:
    """Versions are compared in order of their day, however the file is sorted; approved, the new baseline is frozen."""
    moved = {"as_of": "2026-11-01", "baseline_end": "2027-03-31", "forecast_end": "2027-03-31"}
    with pytest.raises(RegisterError, match=r'f\.csv:2: .*`baseline_end`: the baseline is frozen.*It was "2026-12-31"'):
        read("projects", moved, {})
    approved = {**moved, "approved_by": "the board"}
    assert len(read("projects", {}, approved, {**moved, "as_of": "2026-11-15"})) == 3
    with pytest.raises(RegisterError, match=r"f\.csv:4: .*`baseline_end`: the baseline is frozen"):
        read("projects", {}, approved, {"as_of": "2026-11-15"})


def test_a_row_taken_before_keeps_its_frozen_value() -> None:
    known = {("k", "i", "m"): {"baseline_date": "2026-11-30"}}
    with pytest.raises(RegisterError, match=r"column 6 `baseline_date`: the baseline is frozen; a change needs"):
        read("milestones", {}, known=known)
    assert len(read("milestones", {"approved_by": "the board"}, known=known)) == 1
    assert len(read("milestones", {"milestone": "new"}, known=known)) == 1
