"""Typeform's records as of an instant: world record + now → the JSON that the API would show."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from statistics import fmean
from typing import Any

from kpi_pipeline.sandbox.vendors.wire import iso_seconds
from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse

NEVER_SUBMITTED = "0001-01-01T00:00:00Z"
"""What Typeform sends as submitted_at of an unfinished response: Go's zero time, not null."""

_NUMBER = {"nps", "opinion_scale", "rating", "number"}
_BOOLEAN = {"yes_no", "legal"}
_CHOICE = {"multiple_choice", "dropdown", "picture_choice"}
_OTHER = {"email": "email", "date": "date", "phone_number": "phone_number", "website": "url", "file_upload": "file_url"}


def shown(response: FormResponse, now: datetime) -> bool:
    """Whether the API shows a response at `now`: it may come half an hour late, and a deleted one is gone."""
    return response.visible_at <= now and (response.deleted_at is None or response.deleted_at > now)


def moment(response: FormResponse) -> datetime:
    """What since, until and the default order look at: submitted_at, or landed_at while nothing was submitted."""
    return (response.submitted_at or response.landed_at).replace(microsecond=0)


def form_summary(form: Form, base: str, now: datetime) -> dict[str, Any]:
    """An item of GET /forms."""
    return {
        "id": form.id,
        "type": "form",
        "title": form.title,
        "created_at": iso_seconds(form.created_at),
        "last_updated_at": iso_seconds(updated_at(form, now)),
        "settings": {"is_public": True, "is_trial": False},
        "self": {"href": f"{base}/forms/{form.id}"},
        "theme": {"href": f"{base}/themes/default"},
        "_links": {
            "display": f"https://form.typeform.com/to/{form.id}",
            "responses": f"{base}/forms/{form.id}/responses",
        },
    }


def form_detail(form: Form, base: str, now: datetime, workspace_id: str) -> dict[str, Any]:
    """GET /forms/{id}: fields in their order, hidden field names, no answers."""
    return {
        **form_summary(form, base, now),
        "workspace": {"href": f"{base}/workspaces/{workspace_id}"},
        "fields": [_field(field) for field in form.fields],
        "hidden": list(form.hidden),
        "logic": [],
        "variables": {"score": 0},
    }


def updated_at(form: Form, now: datetime) -> datetime:
    return form.updated_at if form.updated_at <= now else form.created_at


def response_item(form: Form, response: FormResponse, only: Collection[str] = ()) -> dict[str, Any]:
    """An item of GET /forms/{id}/responses; `only` holds field ids, empty means all.

    `answers` is absent, not empty, when nothing was answered.
    """
    item: dict[str, Any] = {
        "landing_id": response.token,
        "token": response.token,
        "response_id": response.token,
        "response_type": response.response_type,
        "landed_at": iso_seconds(response.landed_at),
        "submitted_at": iso_seconds(response.submitted_at) if response.submitted_at else NEVER_SUBMITTED,
        "metadata": {
            "user_agent": "Mozilla/5.0",
            "platform": response.platform,
            "referer": f"https://form.typeform.com/to/{form.id}",
            "network_id": response.token[:10],
            "browser": "touch" if response.platform in {"mobile", "phone", "tablet"} else "default",
        },
        "hidden": dict(response.hidden),
        "calculated": {"score": 0},
        "variables": [{"key": "score", "type": "number", "number": 0}],
    }
    answers = [
        _answer(field, response.answers[field.ref])
        for field in form.fields
        if field.ref in response.answers and (not only or field.id in only)
    ]
    if answers:
        item["answers"] = answers
    return item


def _answer(field: FormField, value: Any) -> dict[str, Any]:
    kind, body = _typed(field.type, value)
    return {"field": {"id": field.id, "ref": field.ref, "type": field.type}, "type": kind, kind: body}


def _typed(field_type: str, value: Any) -> tuple[str, Any]:
    if field_type in _NUMBER:
        return "number", value
    if field_type in _BOOLEAN:
        return "boolean", bool(value)
    if field_type in _CHOICE:
        several = isinstance(value, (list, tuple))
        return ("choices", {"labels": list(value)}) if several else ("choice", {"label": str(value)})
    other = {
        "email": "email",
        "date": "date",
        "phone_number": "phone_number",
        "website": "url",
        "file_upload": "file_url",
    }
    return other.get(field_type, "text"), str(value)


def _field(field: FormField) -> dict[str, Any]:
    return {
        "id": field.id,
        "ref": field.ref,
        "title": field.title,
        "type": field.type,
        "properties": dict(field.properties),
        "validations": {"required": False},
    }


def insights(form: Form, ever: Iterable[FormResponse], now: datetime) -> dict[str, Any]:
    """GET /insights/{id}/summary: lifetime totals until now, which only grow.

    Form.visits counts the visits over the form's whole simulated life; they are spread as its landings are.
    """
    ever = list(ever)
    landed = [response for response in ever if response.landed_at <= now]
    completed = [r for r in landed if r.response_type == "completed" and r.visible_at <= now]
    visits = max(len(landed), form.visits * len(landed) // len(ever)) if ever else 0
    seconds = [(r.submitted_at - r.landed_at).total_seconds() for r in completed if r.submitted_at]
    platforms: dict[str, int] = {}
    for response in landed:
        platforms[response.platform] = platforms.get(response.platform, 0) + 1
    return {
        "form": {
            "summary": {
                "average_time": round(fmean(seconds)) if seconds else 0,
                "completion_rate": round(len(completed) / visits, 4) if visits else 0,
                "responses_count": len(completed),
                "total_visits": visits,
                "unique_visits": len(landed),
            },
            "platforms": [{"platform": name, "total_visits": count} for name, count in sorted(platforms.items())],
        },
        "fields": _dropoffs(form, landed),
    }


def _dropoffs(form: Form, landed: list[FormResponse]) -> list[dict[str, Any]]:
    """Views and drop-offs a field: whoever did not complete stopped at the first field after the last answered one."""
    stops = [0] * (len(form.fields) + 1)
    for response in landed:
        stops[len(form.fields) if response.response_type == "completed" else _reached(form, response.answers)] += 1
    rows, views = [], len(landed)
    for field, left in zip(form.fields, stops, strict=False):
        described = {"id": field.id, "ref": field.ref, "title": field.title, "type": field.type}
        rows.append({**described, "views": views, "dropoffs": left})
        views -= left
    return rows


def _reached(form: Form, answers: Mapping[str, object]) -> int:
    answered = [index for index, field in enumerate(form.fields) if field.ref in answers]
    return min(answered[-1] + 1, len(form.fields) - 1) if answered and form.fields else 0
