"""A small line of values with its target line, as inline SVG: no script, no library, legible in light and dark."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from html import escape

from kpi_pipeline.reports.palette import var

WIDTH, HEIGHT, PAD = 132, 32, 3
LINE = var("line")
DASHED = f'stroke="{var("quiet")}" stroke-dasharray="3 2"'


def sparkline(
    values: Sequence[Decimal | None], target: Decimal | None, label: str, size: tuple[int, int] = (WIDTH, HEIGHT)
) -> str:
    """SVG of a series in order; a missing value is a gap, the last known one a dot. `label` is read aloud instead."""
    width, height = size
    known = [value for value in values if value is not None]
    if not known:
        return ""
    levels = [*known, target] if target is not None else known
    low, high = min(levels), max(levels)
    span = high - low if high != low else Decimal(1)

    def x(index: int) -> float:
        steps = max(1, len(values) - 1)
        return round(PAD + (width - 2 * PAD) * index / steps, 1)

    def y(value: Decimal) -> float:
        return round(float(Decimal(height - PAD) - (height - 2 * PAD) * (value - low) / span), 1)

    parts = []
    if target is not None:
        parts.append(f'<line x1="{PAD}" y1="{y(target)}" x2="{width - PAD}" y2="{y(target)}" {DASHED}/>')
    for run in _runs(values):
        if len(run) == 1:
            index, value = run[0]
            parts.append(f'<circle cx="{x(index)}" cy="{y(value)}" r="1.2" fill="{LINE}"/>')
        else:
            points = " ".join(f"{x(index)},{y(value)}" for index, value in run)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{LINE}" stroke-width="1.5"/>')
    last = max(index for index, value in enumerate(values) if value is not None)
    parts.append(f'<circle cx="{x(last)}" cy="{y(known[-1])}" r="2.4" fill="{LINE}"/>')
    return (
        f'<svg class="spark" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" '
        f'aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )


def _runs(values: Sequence[Decimal | None]) -> list[list[tuple[int, Decimal]]]:
    runs: list[list[tuple[int, Decimal]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
        else:
            runs[-1].append((index, value))
    return [run for run in runs if run]
