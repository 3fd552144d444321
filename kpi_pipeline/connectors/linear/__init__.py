"""Linear, GraphQL: issues with their states and changes, comments, and what issues refer to."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.connectors.http import Http, RecordGone
from kpi_pipeline.connectors.linear.protocol import RATES, classify, holds, observe, too_complex
from kpi_pipeline.connectors.linear.queries import INNER_FIELDS, STREAM_QUERIES, Query, rest
from kpi_pipeline.connectors.paging import Cursor, Leaf, RelayCursor, walk
from kpi_pipeline.errors import IncompleteLoad, SourceRefused
from kpi_pipeline.landing.page import Page, Proof, Window

LATE = timedelta(minutes=10)
SETTLES = timedelta(days=14)  # a closed issue is read again for this long
REST_SIZE = 100
_CLOSED = ("completed", "canceled", "duplicate")
_OF_ISSUES = ("issues", "state_spans", "issue_history")

STREAMS = (
    *(Stream("linear", name, changes="some", lookback=LATE) for name in _OF_ISSUES),
    Stream("linear", "comments", lookback=LATE),
    *(
        Stream("linear", name, read="snapshot")
        for name in ("workflow_states", "issue_labels", "teams", "cycles", "projects", "users")
    ),
)


def connect(
    *,
    base_url: str,
    key: str,
    key_variable: str,
    settings: Mapping[str, Any],
    budget: Callable[[Mapping[str, Rate]], Budget],
    now: Callable[[], datetime],
    **options: Any,
) -> Linear:
    """The workspace that a key opens. A personal key stands alone in the header, an OAuth token after "Bearer"."""
    del settings
    authorization = key if key.startswith("lin_api_") else f"Bearer {key}"
    http = Http(
        "linear",
        base_url,
        auth={"Authorization": authorization},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        observe=observe,
        **options,
    )
    return Linear(http, base_url, now=now)


class Linear:
    """One workspace."""

    source = "linear"
    api_version = "unversioned"
    streams = STREAMS

    def __init__(self, http: Http, url: str, *, now: Callable[[], datetime]) -> None:
        self._http, self._url, self._now = http, url, now

    def read(self, stream: Stream, window: Window) -> Reading:
        """Issues (and their spans and changes) and comments updated in the window; all of everything else."""
        query = STREAM_QUERIES[stream.name]
        span = {"updatedAt": {"gte": _iso(window.start), "lt": _iso(window.end)}}
        return Reading(self._rows(query, span if query.filtered else None, window.end))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """Once a UTC day: all open issues, and those closed in the last 14 days.

        updatedAt is only bumped by what Linear calls a meaningful update; a moved SLA or a renamed label is none.
        """
        if stream.name not in _OF_ISSUES or since.astimezone(UTC).date() == until.astimezone(UTC).date():
            return None
        recently = {"gte": _iso(until - SETTLES)}
        unsettled = [{"state": {"type": {"nin": list(_CLOSED)}}}, {"completedAt": recently}, {"canceledAt": recently}]
        return Reading(self._rows(STREAM_QUERIES[stream.name], {"or": unsettled}, until))

    def close(self) -> None:
        self._http.close()

    def _rows(self, query: Query, condition: Mapping[str, Any] | None, end: datetime) -> Generator[Page, None, Proof]:
        settled = min(end, self._now())
        variables = {} if condition is None else {"filter": condition}
        doing = f"listing {query.root}" + ("" if condition is None else f" where {_words(condition)}")
        for leaf in self._walk(query.text, ("data", query.root), variables, query.size, doing):
            if query.inner is None:
                yield Page(leaf.reply.body, f"data.{query.root}.nodes", len(leaf.rows))
                continue
            yield Page(leaf.reply.body, f"data.{query.root}.nodes[].{query.inner}.nodes", len(leaf.rows))
            for issue in leaf.rows:
                if issue[query.inner]["pageInfo"]["hasNextPage"]:
                    yield from self._rest(query.inner, issue)
        return Proof("exhausted", None, settled)

    def _rest(self, inner: str, issue: Mapping[str, Any]) -> Iterator[Page]:
        """What the page did not hold of one issue's spans or changes."""
        text, variables = rest(inner, INNER_FIELDS[inner]), {"id": issue["id"]}
        doing = f"completing the {inner} of issue {issue['id']}"
        start = issue[inner]["pageInfo"]["endCursor"]
        try:
            for leaf in self._walk(text, ("data", "issue", inner), variables, REST_SIZE, doing, start):
                yield Page(leaf.reply.body, f"data.issue[].{inner}.nodes", 1)
        except RecordGone as error:
            remedy = "It was deleted while we read; the next run does not list it any more."
            raise IncompleteLoad(f"linear: {doing}", error.came_back, remedy=remedy) from None

    def _walk(
        self,
        text: str,
        path: tuple[str, ...],
        variables: Mapping[str, Any],
        size: int,
        doing: str,
        start: str | None = None,
    ) -> Iterator[Leaf]:
        """All pages of the connection at `path`, from cursor `start` on. A query that is too complex is halved."""

        def fetch(cursor: Cursor) -> Reply:
            nonlocal size
            while True:
                asked = {**variables, "first": size, "after": start if cursor is None else cursor}
                body = {"query": text, "variables": asked}
                reply = self._http.post(self._url, doing=doing, success=holds(*path[1:]), json=body)
                if not too_complex(reply):
                    return reply
                if size == 1:
                    raise SourceRefused(
                        f"linear: {doing}",
                        "one record alone is too complex to ask for",
                        remedy="Ask for fewer fields: this is a fault of the connector.",
                    )
                size //= 2

        found = ".".join(path)
        return walk(fetch, RelayCursor(found), rows=f"{found}.nodes", key=_id, doing=f"linear: {doing}")


def _id(row: Mapping[str, Any]) -> Any:
    return row.get("id")


def _iso(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _words(condition: Mapping[str, Any]) -> str:
    span = condition.get("updatedAt")
    return f"updatedAt is in [{span['gte']}, {span['lt']})" if span else "they may still change"
