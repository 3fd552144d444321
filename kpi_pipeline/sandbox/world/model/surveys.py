"""Surveys: what Typeform shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FormField:
    id: str
    ref: str
    title: str
    type: str
    properties: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    id: str
    title: str
    created_at: datetime
    updated_at: datetime
    fields: tuple[FormField, ...]
    hidden: tuple[str, ...]
    visits: int = 0


@dataclass(frozen=True, slots=True)
class FormResponse:
    """`visible_at` is when the API starts to show it (up to 30 minutes late); `answers` maps field ref to its value."""

    form_id: str
    token: str
    response_type: str  # "started", "partial", "completed"
    landed_at: datetime
    submitted_at: datetime | None
    visible_at: datetime
    hidden: Mapping[str, str]
    answers: Mapping[str, object]
    platform: str
    deleted_at: datetime | None = None
