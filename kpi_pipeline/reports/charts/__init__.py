"""Charts: a spec says what is shown, `render` draws it as SVG, `png` for mail, `figure` for a page.

line = Line(title="MRR", language="en", unit="USD", days=days, series=(Series("MRR", values),), target=aims)
render(line)               # SVG with colours as CSS variables: one drawing for light and dark
resolved(render(line))     # the same with fixed colours, for PDF
png(line)                  # bytes, on paper, at twice the size
figure(line, caption="…")  # <figure> with its data as a table
"""

from kpi_pipeline.reports.charts.bars import Bars
from kpi_pipeline.reports.charts.bridge import Bridge, Part
from kpi_pipeline.reports.charts.bullet import Bullet
from kpi_pipeline.reports.charts.draw import MIDDLE, NARROW, WIDE, png, png_of, render
from kpi_pipeline.reports.charts.figure import figure
from kpi_pipeline.reports.charts.funnel import Funnel, Step
from kpi_pipeline.reports.charts.glyph import glyph
from kpi_pipeline.reports.charts.heat_map import HeatMap
from kpi_pipeline.reports.charts.line import Band, Line
from kpi_pipeline.reports.charts.sankey import Link, Sankey
from kpi_pipeline.reports.charts.sparkline import sparkline
from kpi_pipeline.reports.charts.spec import Chart, Number, Series, Table
from kpi_pipeline.reports.palette import resolved

__all__ = [
    "MIDDLE",
    "NARROW",
    "WIDE",
    "Band",
    "Bars",
    "Bridge",
    "Bullet",
    "Chart",
    "Funnel",
    "HeatMap",
    "Line",
    "Link",
    "Number",
    "Part",
    "Sankey",
    "Series",
    "Step",
    "Table",
    "figure",
    "glyph",
    "png",
    "png_of",
    "render",
    "resolved",
    "sparkline",
]
