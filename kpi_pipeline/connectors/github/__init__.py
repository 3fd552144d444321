"""GitHub Actions: the runs of a company's repositories, as their last attempt left them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply, has
from kpi_pipeline.connectors.github.protocol import CountedLinks, classify, observe
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.paging import Cursor, walk
from kpi_pipeline.connectors.windows import slices
from kpi_pipeline.errors import IncompleteLoad, SettingsError
from kpi_pipeline.landing.page import Page, Proof, Window

RATES = {
    "all": Rate(5000, per=3600),
    "minute": Rate(900, per=60),
}  # primary limit of a token, secondary limit for reads
API_VERSION = "2022-11-28"
RUNS_A_PAGE = 100  # the maximum
SHOWN = 1000  # results of one search that can be paged to; a query with more must be cut into shorter windows
SETTLES = timedelta(days=35)  # a run lasts up to 35 days, and may be run again for 30
SECOND = timedelta(seconds=1)
PAGE = has("total_count", "workflow_runs")

STREAMS = (
    Stream("github", "repositories", read="snapshot"),
    Stream("github", "runs", changes="some", lookback=timedelta(hours=1)),
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
) -> GitHub:
    """The account that a token opens. On GitHub Enterprise Server the base URL is https://<host>/api/v3."""
    http = Http(
        "github",
        base_url,
        auth={"Authorization": f"Bearer {key}"},
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        headers={"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION},
        observe=observe,
        **options,
    )
    return GitHub(http, settings, now=now)


class GitHub:
    """`settings`: `repositories`, a list of owner/name."""

    source = "github"
    api_version = API_VERSION
    streams = STREAMS

    def __init__(self, http: Http, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        self._http, self._now, self._repositories = http, now, _repositories(settings)

    def read(self, stream: Stream, window: Window) -> Reading:
        """See `Connector`. Windows cut on when a run was created, which a re-run does not change."""
        return Reading(self._runs(window) if stream.name == "runs" else self._known(window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """Runs created up to 35 days before `since`: they may have ended or been run again."""
        del until
        return Reading(self._runs(Window(since - SETTLES, since))) if stream.name == "runs" else None

    def close(self) -> None:
        self._http.close()

    def _known(self, window: Window) -> Generator[Page, None, Proof]:
        found = [
            self._http.get(
                f"/repos/{name}", doing=f"reading {name}", success=has("id", "default_branch"), buckets=tuple(RATES)
            ).data
            for name in self._repositories
        ]
        yield Page(orjson.dumps(found), "", len(found))
        return Proof("snapshot", len(found), min(window.end, self._now()))

    def _runs(self, window: Window) -> Generator[Page, None, Proof]:
        settled, kept = min(window.end, self._now()), 0
        asked = Window(min(window.start, settled), settled)
        for name in self._repositories:
            for rows in self._windows(name, asked):
                inside = [row for row in rows if _inside(row, asked)]
                kept += len(inside)
                yield Page(orjson.dumps(inside), "", len(inside))
        return Proof("total", kept, settled)

    def _windows(self, name: str, window: Window) -> Iterator[Sequence[Any]]:
        """The pages of a window, cut in two for as long as it holds more than a search shows."""
        doing = f"listing the runs of {name} created from {window.start:%Y-%m-%d %H:%M:%S}"
        # both ends are inclusive and to the second; the caller cuts off what is outside
        span = f"{_second(window.start)}..{_second(max(window.start, window.end - timedelta(microseconds=1)))}"

        def fetch(link: Cursor) -> Reply:
            path = f"/repos/{name}/actions/runs" if link is None else str(link)
            params = {"created": span, "per_page": RUNS_A_PAGE} if link is None else None
            return self._http.get(path, doing=doing, success=PAGE, params=params, buckets=tuple(RATES))

        pager = CountedLinks()
        for leaf in walk(fetch, pager, rows="workflow_runs", key=lambda r: r.get("id"), doing=f"github: {doing}"):
            if pager.total >= SHOWN:
                break
            yield leaf.rows
        else:
            return
        if window.end - window.start <= SECOND:
            raise IncompleteLoad(
                f"github: {doing}",
                f"{pager.total} runs were created in one second, and GitHub shows {SHOWN} of a search",
                remedy="Nothing was written; leave this repository out of company.yaml.",
            )
        for part in slices(window, 2):
            yield from self._windows(name, part)


def _repositories(settings: Mapping[str, Any]) -> tuple[str, ...]:
    listed = settings.get("repositories")
    if not isinstance(listed, Sequence) or not listed or not all(str(name).count("/") == 1 for name in listed):
        raise SettingsError(
            "github: reading the company's settings",
            "there is no list `repositories` of owner/name",
            remedy="Write them as repositories: [acme/shop, acme/api].",
        )
    return tuple(map(str, listed))


def _inside(run: Mapping[str, Any], window: Window) -> bool:
    """Whether a run was created in the window; one without a readable instant is kept, for landing to put aside."""
    try:
        created = datetime.fromisoformat(run["created_at"])
    except (KeyError, TypeError, ValueError):
        return True
    return window.start <= created < window.end


def _second(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
