"""The registers we can read. A new register is one more Format in a module here and a stream model."""

from __future__ import annotations

from collections.abc import Mapping

from kpi_pipeline.connectors.registers.formats import compliance, finance, operations, people, plans
from kpi_pipeline.connectors.registers.formats.base import CellError, Column, Format, Reader

__all__ = ["FORMATS", "CellError", "Column", "Format", "Reader"]

FORMATS: Mapping[str, Format] = {
    form.name: form for area in (finance, plans, people, compliance, operations) for form in area.FORMATS
}
