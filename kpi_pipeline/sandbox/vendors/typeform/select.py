"""Which responses GET /forms/{id}/responses returns: window, tokens, order, types.

Facts from typeform.com/developers/responses/reference/retrieve-responses: since and until are inclusive to the second,
before and after are exclusive tokens and exclude sort, total_items and page_count count what is left of the window.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kpi_pipeline.sandbox.vendors.typeform.records import moment, shown
from kpi_pipeline.sandbox.vendors.wire import instant, whole
from kpi_pipeline.sandbox.world.model import Form, FormResponse

TYPES = ("started", "partial", "completed")
_SORTABLE: dict[str, Callable[[FormResponse], datetime]] = {
    "submitted_at": moment,
    "landed_at": lambda response: response.landed_at,
    "staged_at": lambda response: response.landed_at,
}


class BadParameter(ValueError):
    """A query parameter that Typeform answers with 400 VALIDATION_ERROR."""


@dataclass(frozen=True, slots=True)
class Selection:
    """One page and the size of what was selected, the page included."""

    page: Sequence[FormResponse]
    total_items: int
    page_count: int


def select(form: Form, responses: Sequence[FormResponse], query: Mapping[str, str], now: datetime) -> Selection:
    """The page of a form's responses that a query asks for, as of `now`. Raises BadParameter."""
    try:
        page_size = whole(query.get("page_size"), 25, 1, 1000)
        since, until = _second(query.get("since")), _second(query.get("until"))
    except ValueError as error:
        raise BadParameter(str(error)) from error
    if ("before" in query or "after" in query) and "sort" in query:
        raise BadParameter("before and after cannot be combined with sort")
    wanted, include, exclude = _types(query), _csv(query, "included_response_ids"), _csv(query, "excluded_response_ids")
    answered = {field.ref for field in form.fields if field.id in _csv(query, "answered_fields")}
    if "answered_fields" in query and not answered:
        return Selection((), 0, 0)
    rows = [
        response
        for response in responses
        if shown(response, now)
        and response.response_type in wanted
        and (since is None or moment(response) >= since)
        and (until is None or moment(response) <= until)
        and (not include or response.token in include)
        and response.token not in exclude
        and (not answered or answered & response.answers.keys())
        and _mentions(response, query.get("query", ""))
    ]
    rows = _ordered(rows, responses, query)
    return Selection(rows[:page_size], len(rows), -(-len(rows) // page_size))


def _types(query: Mapping[str, str]) -> set[str]:
    if "response_type" in query:
        wanted = _csv(query, "response_type")
        if not wanted <= set(TYPES):
            raise BadParameter(f"response_type must be one of {', '.join(TYPES)}")
        return wanted
    completed = query.get("completed", "true").lower()
    if completed not in ("true", "false"):
        raise BadParameter("completed must be true or false")
    return {"completed"} if completed == "true" else {"started", "partial"}


def _ordered(rows: list[FormResponse], every: Sequence[FormResponse], query: Mapping[str, str]) -> list[FormResponse]:
    """Newest first; after a token oldest first, so that both tokens walk away from where they stand."""
    if "sort" in query:
        name, _, direction = query["sort"].partition(",")
        if name not in _SORTABLE or direction not in ("", "asc", "desc"):
            raise BadParameter("sort must be submitted_at, staged_at or landed_at, then asc or desc")
        value = _SORTABLE[name]
        return sorted(rows, key=lambda r: (value(r), r.token), reverse=direction != "asc")
    if "before" in query:
        mark = _place(query["before"], every)
        rows = [response for response in rows if _order(response) < mark]
    if "after" in query:
        mark = _place(query["after"], every)
        rows = [response for response in rows if _order(response) > mark]
    return sorted(rows, key=_order, reverse="after" not in query)


def _order(response: FormResponse) -> tuple[datetime, str]:
    return moment(response), response.token


def _place(token: str, rows: Sequence[FormResponse]) -> tuple[datetime, str]:
    """Where a token stands; one that was deleted since still marks its place."""
    for response in rows:
        if response.token == token:
            return _order(response)
    raise BadParameter(f"unknown token {token}")


def _second(text: str | None) -> datetime | None:
    """ISO 8601 or unix seconds, cut to the second."""
    if text is None:
        return None
    if text.isdigit():
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(text))
    return instant(text).replace(microsecond=0)


def _csv(query: Mapping[str, str], name: str) -> set[str]:
    return {part for part in query.get(name, "").split(",") if part}


def _mentions(response: FormResponse, text: str) -> bool:
    if not text:
        return True
    words = (*response.hidden.values(), *response.answers.values())
    return any(text.lower() in str(word).lower() for word in words)
