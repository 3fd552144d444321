"""What runs and for how long it did not."""

from __future__ import annotations

from kpi_pipeline.facts.shape import Column, FactSpec, instant, text, whole

SPECS = (
    FactSpec(
        "monitor_interval",
        "A span in which a monitor was down, paused, under maintenance, or not watched yet. Spans may overlap.",
        ("monitor_id", "state", "start_at"),
        {
            "monitor_id": text("id of the monitor"),
            "monitor": text("its name"),
            "state": text("down, paused, maintenance or unchecked"),
            "start_at": instant("first instant; 0 for ever"),
            "end_at": instant("first instant after it; null while it lasts", nullable=True),
        },
        reads=(("uptimerobot", "monitors"), ("uptimerobot", "incidents"), ("uptimerobot", "maintenance_windows")),
    ),
    FactSpec(
        "metric_sample",
        "What a gauge showed at one instant.",
        ("metric", "series", "sampled_at"),
        {
            "metric": text("name of the query"),
            "series": text("its labels"),
            "sampled_at": instant("when it was read"),
            "value": Column("float64", "the reading"),
        },
        reads=(("prometheus", "metric_samples"),),
    ),
    FactSpec(
        "histogram_increase",
        "How many observations a histogram bucket counted in one clock hour, counter resets corrected.",
        ("metric", "series", "le", "hour_start_at"),
        {
            "metric": text("name of the query"),
            "series": text("its labels without le"),
            "le": Column("float64", "upper bound of the bucket, 1e308 for none"),
            "hour_start_at": instant("full hour"),
            "hour_end_at": instant("the next full hour"),
            "increase": whole("observations at or below the bound"),
        },
        reads=(("prometheus", "histogram_samples"),),
    ),
    FactSpec(
        "counter_increase",
        "By how much a counter rose in one clock hour, counter resets corrected.",
        ("metric", "series", "hour_start_at"),
        {
            "metric": text("name of the query"),
            "series": text("its labels"),
            "hour_start_at": instant("full hour"),
            "hour_end_at": instant("the next full hour"),
            "increase_e3": whole("what it counted, in thousandths"),
        },
        reads=(("prometheus", "counter_samples"),),
    ),
)
