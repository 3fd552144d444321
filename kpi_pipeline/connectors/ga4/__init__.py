"""Google Analytics 4, Data API: traffic of each day by channel, and the distinct users of a month so far."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from kpi_pipeline.connectors.base import Reading, Stream
from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import Reply, has
from kpi_pipeline.connectors.ga4.protocol import CountedOffsets, classify, doubts, key, normal, observe
from kpi_pipeline.connectors.ga4.tokens import headers
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.paging import Cursor, walk
from kpi_pipeline.errors import ContractError, SettingsError
from kpi_pipeline.landing.page import Page, Proof, Window

RATES = {"all": Rate(1400, per=3600)}  # reports, at ten of a project's 14,000 tokens an hour each
ROWS_A_PAGE = 10_000
RANGES_A_REPORT = 4  # the most that one report may compare
RESTATED = timedelta(hours=96)  # a day's figures change until 72 hours after its end
CHANNELS = (
    "Affiliates",
    "Audio",
    "Cross-network",
    "Direct",
    "Display",
    "Email",
    "Mobile Push Notifications",
    "Organic Search",
    "Organic Shopping",
    "Organic Social",
    "Organic Video",
    "Paid Other",
    "Paid Search",
    "Paid Shopping",
    "Paid Social",
    "Paid Video",
    "Referral",
    "SMS",
    "Unassigned",
)
METRICS = {
    "sessions": "sessions",
    "engaged_sessions": "engagedSessions",
    "page_views": "screenPageViews",
    "users": "totalUsers",
}
REPORT = has("metadata", "metricHeaders")

STREAMS = (
    Stream("ga4", "web_traffic", lookback=RESTATED),
    Stream("ga4", "month_users", lookback=RESTATED),
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
) -> Ga4:
    """The property of the settings, seen with a service account's JSON key or with an access token."""
    http = Http(
        "ga4",
        base_url,
        auth=headers(key, key_variable),
        key_variable=key_variable,
        classify=classify,
        budget=budget(RATES),
        now=now,
        observe=observe,
        **options,
    )
    return Ga4(http, settings, now=now)


class Ga4:
    """One property. `settings`: `property`, its number; `time_zone`, whose days its days are.

    Figures that are sampled or hidden under "(other)" are refused. Those with rows withheld because few people are
    behind them are refused too, unless `accept_thresholds` is true: then they come marked. `page_size`: rows a page.
    """

    source = "ga4"
    api_version = "v1beta"
    streams = STREAMS

    def __init__(self, http: Http, settings: Mapping[str, Any], *, now: Callable[[], datetime]) -> None:
        if not str(settings.get("property", "")).isdigit() or not settings.get("time_zone"):
            raise SettingsError(
                "ga4: reading the company's settings",
                "there is no `property` that is a number, or no `time_zone`",
                remedy='Write both, as in {property: "412345678", time_zone: Europe/Amsterdam}.',
            )
        self._http, self._now = http, now
        self._path = f"/v1beta/properties/{settings['property']}:runReport"
        self._zone = ZoneInfo(settings["time_zone"])
        self._accept = bool(settings.get("accept_thresholds", False))
        self._page_size = int(settings.get("page_size", ROWS_A_PAGE))

    def read(self, stream: Stream, window: Window) -> Reading:
        """See `Connector`. A day belongs to the window that its midnight in the property's zone lies in."""
        return Reading(self._traffic(window) if stream.name == "web_traffic" else self._month_users(window))

    def changes(self, stream: Stream, since: datetime, until: datetime) -> Reading | None:
        """None: the lookback reads the days again whose figures may have changed."""
        del stream, since, until
        return None

    def close(self) -> None:
        self._http.close()

    def _traffic(self, window: Window) -> Generator[Page, None, Proof]:
        settled = min(window.end, self._now())
        days, found = self._days(window.start, settled), list[dict[str, Any]]()
        if days:
            body = {
                "dateRanges": [{"startDate": days[0].isoformat(), "endDate": days[-1].isoformat()}],
                "dimensions": [{"name": "date"}, {"name": "sessionDefaultChannelGroup"}],
            }
            doing = f"reading the traffic of {days[0]} to {days[-1]}"
            found = [self._dated(row, row.pop("date")) for row in self._report(doing, body, METRICS)]
            found += self._vanished(found)
        yield Page(orjson.dumps(found), "", len(found))
        return Proof("total", len(found), settled)

    def _vanished(self, found: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Rows of zeros for the channels a day has not.

        A restatement moves sessions to another channel (first of all away from Unassigned). The row that is then no
        longer sent would be kept as it was and counted twice. Not where rows are withheld: that is no zero.
        """
        seen = {(row["day"], row["channel"]): row for row in found}
        for day, row in {row["day"]: row for row in found if not row["thresholded"]}.items():
            for channel in CHANNELS:
                if (day, channel) not in seen:
                    yield {**row, "channel": channel, **dict.fromkeys(METRICS, 0)}

    def _month_users(self, window: Window) -> Generator[Page, None, Proof]:
        """For each day a report from the first of its month: distinct users are no sum of days."""
        settled, received = min(window.end, self._now()), 0
        days = self._days(window.start, settled)
        for at in range(0, len(days), RANGES_A_REPORT):
            some = days[at : at + RANGES_A_REPORT]
            ranges = [
                {"startDate": day.replace(day=1).isoformat(), "endDate": day.isoformat(), "name": day.isoformat()}
                for day in some
            ]
            doing = f"reading the users of the months to {some[0]} … {some[-1]}"
            rows = self._report(doing, {"dateRanges": ranges}, {"users": METRICS["users"]})
            found = [self._dated(row, row.pop("dateRange", some[0].isoformat())) for row in rows]
            received += len(found)
            yield Page(orjson.dumps(found), "", len(found))
        return Proof("total", received, settled)

    def _report(self, doing: str, body: Mapping[str, Any], metrics: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Rows of a report, all pages, by our names; raises what `doubts` says of the figures."""
        asked = {
            **body,
            "metrics": [{"name": name} for name in metrics.values()],
            "orderBys": [{"dimension": {"dimensionName": each["name"]}} for each in body.get("dimensions", ())],
            "limit": str(self._page_size),
            "returnPropertyQuota": True,
        }

        def fetch(offset: Cursor) -> Reply:
            reply = self._http.post(self._path, doing=doing, success=REPORT, json={**asked, "offset": str(offset or 0)})
            return normal(reply)

        seen = set[tuple[Any, ...]]()
        for leaf in walk(fetch, CountedOffsets(self._page_size), rows="rows", key=key, doing=f"ga4: {doing}"):
            metadata = leaf.reply.data["metadata"]
            doubt = doubts(metadata, self._zone.key, accept_thresholds=self._accept, doing=doing)
            if doubt is not None:
                raise doubt
            for row in leaf.rows:
                if key(row) not in seen:
                    seen.add(key(row))
                    yield _named(leaf.reply, row, metrics, doing)

    def _dated(self, row: dict[str, Any], day: str) -> dict[str, Any]:
        """The row with its day as a date, and the instant at which that day begins."""
        begins = datetime.combine(date.fromisoformat(day), time(), self._zone).astimezone(UTC)
        return {"day": date.fromisoformat(day).isoformat(), "begins_at": begins.isoformat(), **row}

    def _days(self, start: datetime, end: datetime) -> list[date]:
        """The days whose midnight in the property's zone is in [start, end)."""
        first, last = (instant.astimezone(self._zone).date() for instant in (start, end))
        days = (date.fromordinal(number) for number in range(first.toordinal(), last.toordinal() + 1))
        return [day for day in days if start <= datetime.combine(day, time(), self._zone).astimezone(UTC) < end]


def _named(reply: Reply, row: Mapping[str, Any], metrics: Mapping[str, str], doing: str) -> dict[str, Any]:
    """Dimensions and metrics by the names in the report's own headers, metrics as whole numbers."""
    try:
        dimensions = [header["name"] for header in reply.data.get("dimensionHeaders", ())]
        values = dict(zip(dimensions, (each["value"] for each in row.get("dimensionValues", ())), strict=True))
        measured = [header["name"] for header in reply.data["metricHeaders"]]
        counts = dict(zip(measured, (int(each["value"]) for each in row["metricValues"]), strict=True))
        named = {ours: counts[theirs] for ours, theirs in metrics.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise ContractError(
            f"ga4: {doing}",
            f"a row of the report does not fit its headers ({type(error).__name__})",
            remedy="Compare the answer with the vendor's changelog and adapt the connector.",
        ) from None
    if "sessionDefaultChannelGroup" in values:
        values["channel"] = values.pop("sessionDefaultChannelGroup")
    return {**values, **named, "thresholded": bool(reply.data["metadata"].get("subjectToThresholding", False))}
