"""The sign of each status as a small drawing: a shape of its own, so that colour is never all that tells."""

from __future__ import annotations

from html import escape

from kpi_pipeline.catalogue.display import STATUS
from kpi_pipeline.reports.palette import var

SIZE = 16
COLOURS = {
    status: status if status in ("ok", "below_target", "warning", "critical") else "quiet-status" for status in STATUS
}
STROKE = 'fill="none" stroke="{0}" stroke-width="2"'
SHAPES = {
    "ok": f'<path d="M3 8.5l3.2 3.5L13 4.5" {STROKE}/>',
    "below_target": f'<path d="M8 2.5L13.5 8 8 13.5 2.5 8z" {STROKE}/>',
    "warning": '<path d="M8 2L15 14H1z" fill="{0}"/>',
    "critical": '<rect x="2" y="2" width="12" height="12" fill="{0}"/>',
    "no_data": f'<circle cx="8" cy="8" r="5.5" {STROKE}/>',
    "low_sample": f'<circle cx="8" cy="8" r="5.5" {STROKE} stroke-dasharray="2.5 2"/>',
    "stale": f'<circle cx="8" cy="8" r="5.5" {STROKE}/><path d="M8 8V2.5A5.5 5.5 0 0 1 13.5 8z" fill="{{0}}"/>',
    "provisional": f'<path d="M2 9c2-4 4-4 6-1s4 3 6-1" {STROKE}/>',
    "unrated": '<circle cx="8" cy="8" r="2.5" fill="{0}"/>',
}


def glyph(status: str, label: str | None = None) -> str:
    """SVG of a status. Without `label` it is an ornament beside the word of the status, and is not read aloud."""
    spoken = 'aria-hidden="true"' if label is None else f'role="img" aria-label="{escape(label)}"'
    shape = SHAPES[status].format(var(COLOURS[status]))
    return f'<svg class="glyph" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}" {spoken}>{shape}</svg>'
