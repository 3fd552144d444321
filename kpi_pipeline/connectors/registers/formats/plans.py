"""Scorecards, milestones, projects, roadmaps, classes of products."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from kpi_pipeline.connectors.registers.formats.base import (
    AMOUNT,
    APPROVED_BY,
    BY_HAND,
    CURRENCY,
    DAY,
    EVIDENCE,
    PLANNED_DAY,
    TEXT,
    CellError,
    Column,
    Format,
    Row,
    amounts,
    choice,
    hundredths,
    millionths,
    not_before,
    positive,
)


def _says_a_figure(row: Row) -> None:
    """A value, or what it is divided from, or both if they agree as a ratio or a percentage to the digits written."""
    value, above, below = row["value"], row["numerator"], row["denominator"]
    if value is None and (above is None or below is None):
        raise CellError("value", "it is empty, and so is the numerator or the denominator")
    if (above is None) != (below is None):
        raise CellError("numerator" if above is None else "denominator", "it is empty while its other half is given")
    if value is None or above is None or not below:
        return
    ratio = Decimal(above) / Decimal(below)  # type: ignore[arg-type]
    if not any(_agrees(Decimal(value), 1_000_000 * scale * ratio) for scale in (1, 100)):  # type: ignore[arg-type]
        raise CellError("value", "it is not numerator ÷ denominator, nor 100 times that")


def _agrees(written: Decimal, exact: Decimal) -> bool:
    """Whether millionths written with so many digits are the exact ones, rounded; whole numbers are taken as exact."""
    zeros = int(written.normalize().as_tuple().exponent)
    step = Decimal(1).scaleb(min(max(zeros, 0), 6))
    return exact.quantize(step, ROUND_HALF_UP) == written.quantize(step)


def _done_has_a_day(row: Row) -> None:
    if (row["status"] == "done") != (row["actual_date"] is not None):
        raise CellError("status", "done and an actual_date go together")


FORMATS = (
    Format(
        "scorecard",
        "Figures that people report for a week or a month",
        (
            Column("framework", TEXT, example="dgskills"),
            Column("kpi_id", TEXT, example="new_leads"),
            Column("period_start", DAY, example="2026-11-09"),
            Column("period_end", DAY, example="2026-11-15"),
            Column("segment", TEXT, optional=True, empty=""),
            Column("value", millionths("3"), optional=True, field="value_e6"),
            Column("numerator", millionths(""), optional=True, field="numerator_e6"),
            Column("denominator", millionths(""), optional=True, field="denominator_e6"),
            *BY_HAND,
            Column("comment", TEXT, optional=True),
        ),
        key=("framework", "kpi_id", "period_start", "period_end", "segment"),
        rules=(not_before("period_end", "period_start"), positive("denominator", or_zero=True), _says_a_figure),
    ),
    Format(
        "milestones",
        "What is to be done for a KPI, planned and done; the baseline is frozen",
        (
            Column("kpi_id", TEXT, example="kpi09_azure_migration"),
            Column("item_id", TEXT, example="infofolio"),
            Column("item_name", TEXT, example="Infofolio"),
            Column("milestone", TEXT, example="data migrated"),
            Column("weight", hundredths("10"), field="weight_e2"),
            Column("baseline_date", PLANNED_DAY),
            Column("planned_date", PLANNED_DAY),
            Column("actual_date", DAY, optional=True),
            Column("status", choice("planned", "on_track", "needs_attention", "ahead", "done")),
            EVIDENCE,
            APPROVED_BY,
            *BY_HAND,
        ),
        key=("kpi_id", "item_id", "milestone"),
        rules=(positive("weight"), _done_has_a_day),
        frozen=("baseline_date",),
    ),
    Format(
        "projects",
        "Customer projects, a row for each day on which they were looked at; end and budget are frozen",
        (
            Column("project_id", TEXT, example="P-1"),
            Column("as_of", DAY),
            Column("name", TEXT, example="Portal"),
            Column("product_line", TEXT, optional=True),
            Column("start_date", DAY, example="2026-03-01"),
            Column("baseline_end", PLANNED_DAY),
            Column("forecast_end", PLANNED_DAY, optional=True),
            Column("actual_end", DAY, optional=True),
            Column("budget", AMOUNT),
            Column("cost", AMOUNT, example="900,00"),
            Column("remaining", AMOUNT, example="950,00"),
            Column("currency", CURRENCY),
            APPROVED_BY,
            *BY_HAND,
        ),
        key=("project_id", "as_of"),
        rules=(
            not_before("baseline_end", "start_date"),
            not_before("forecast_end", "start_date"),
            not_before("actual_end", "start_date"),
            not_before("as_of", "actual_end"),
            positive("budget", or_zero=True),
            positive("cost", or_zero=True),
            positive("remaining", or_zero=True),
            amounts("budget", "cost", "remaining"),
        ),
        frozen=("start_date", "baseline_end", "budget_minor"),
        series=("project_id",),
    ),
    Format(
        "roadmap_items",
        "Items of the frozen plan with their value; the due date is frozen",
        (
            Column("item_id", TEXT, example="R-1"),
            Column("item_name", TEXT, example="Single sign-on"),
            Column("product_group", TEXT, example="platform"),
            Column("value", hundredths("8"), field="value_e2"),
            Column("due_date", PLANNED_DAY),
            Column("delivered_date", DAY, optional=True),
            Column("moved_out_date", DAY, optional=True),
            Column("hard_reason", choice("customer", "compliance"), optional=True),
            APPROVED_BY,
            *BY_HAND,
        ),
        key=("item_id",),
        rules=(positive("value", or_zero=True),),
        frozen=("due_date", "value_e2"),
    ),
    Format(
        "product_classes",
        "What products count as: AI, legacy, successor",
        (
            Column("product", TEXT, example="Inpact.ai"),
            Column("class", TEXT, example="ai"),
            Column("valid_from", PLANNED_DAY, example="2026-01-01"),
            Column("valid_until", PLANNED_DAY, optional=True),
            APPROVED_BY,
            *BY_HAND,
        ),
        key=("product", "class", "valid_from"),
        rules=(not_before("valid_until", "valid_from"),),
    ),
)
