"""Column types that keep exactly what Python gave them, alike on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

T = TypeVar("T")
Read = Callable[[Any], T | None]


class Exact(TypeDecorator[Decimal]):
    """A Decimal as text: SQLite has no decimal type and would round through a float."""

    impl = String(80)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else format(value.normalize(), "f")

    def result_processor(self, dialect: Dialect, coltype: object) -> Read[Decimal]:  # noqa: ARG002
        # Not process_result_value, whose two calls a cell would take a third of reading a long series.
        return lambda value: None if value is None else Decimal(value)


class Utc(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; a naive one is refused because nobody knows what it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def result_processor(self, dialect: Dialect, coltype: object) -> Read[datetime]:  # noqa: ARG002
        if dialect.name == "sqlite":  # kept as text, without its zone
            return lambda value: None if value is None else datetime.fromisoformat(f"{value}+00:00")
        return lambda value: None if value is None else value.astimezone(UTC)
