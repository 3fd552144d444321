"""A report that was made: what it says on its first page, and where it is."""

from __future__ import annotations

from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Line, Listing, Told
from kpi_pipeline.alerts.vocabulary import mark


def line(reader: Reader, told: Told) -> Line:
    """The first page in words; mail sends the report's own digest instead."""
    content = told.content
    digest, listings = content.get("digest"), content["listings"]
    return Line(
        told,
        f"{mark('report', told.level, reader.language)}: {content['title']}",
        facts=((reader.word("in_short"), content["headline"]), *((label, value) for label, value in content["facts"])),
        listings=tuple(Listing(title, tuple(items)) for title, items in listings if items),
        link=reader.place(content["place"]),
        digest=None if digest is None else lambda: reader.archived(digest),
    )
