"""How a record's life is written down."""

from __future__ import annotations

from datetime import datetime

Dated = tuple[tuple[str, datetime], ...]
Span = tuple[datetime, datetime | None]
