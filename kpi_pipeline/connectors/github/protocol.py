"""How GitHub pages, counts and refuses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from kpi_pipeline.connectors.budget import Rate
from kpi_pipeline.connectors.classify import Reply, Verdict, by_status, retry_after, until
from kpi_pipeline.connectors.paging import END, Answered, Step

SECONDARY_WAIT = 60.0  # seconds; what GitHub asks for when a secondary limit names no time
_NEXT = re.compile(r'<([^>]+)>;[^,]*\brel="next"')


def classify(reply: Reply) -> Verdict:
    """Limits before permissions: GitHub refuses with 403 for both (and with 429 for some limits)."""
    text = f"HTTP {reply.status}: {reply.get('message')}"
    if reply.status in (403, 429):
        if reply.headers.get("X-RateLimit-Remaining") == "0":
            return Verdict("throttled", text, wait=_until_reset(reply), pause=True)
        wait = retry_after(reply.headers)
        if wait is not None or reply.status == 429 or "secondary rate limit" in text:
            return Verdict("retry", text, wait=SECONDARY_WAIT if wait is None else wait, pause=True)
        remedy = "Give the token the scopes actions:read and metadata:read of the repositories (classic tokens: repo)."
        return Verdict("settings", text, remedy=remedy)
    if reply.status == 404:
        remedy = "Write repositories as owner/name, and let the token see them: GitHub hides what it may not show."
        return Verdict("settings", text, remedy=remedy)
    if reply.status in (301, 302, 307, 308):
        return Verdict("settings", text, remedy="The repository was renamed or moved: write its new owner/name.")
    return by_status(reply)


def observe(reply: Reply) -> Mapping[str, Rate | float]:
    """The account's limit an hour; silence until the reset once nothing is left."""
    limit = reply.headers.get("X-RateLimit-Limit", "")
    if reply.headers.get("X-RateLimit-Remaining") == "0":
        wait = _until_reset(reply)
        return {} if wait is None else {"all": wait}
    return {"all": Rate(int(limit), per=3600)} if limit.isdigit() and int(limit) else {}


def _until_reset(reply: Reply) -> float | None:
    reset = reply.headers.get("X-RateLimit-Reset", "")
    return until(datetime.fromtimestamp(int(reset), UTC), reply.headers) if reset.isdigit() else None


class CountedLinks:
    """Pages of one walk: the Link header names the next, and every page tells the total of the whole query.

    A page whose total differs from the first one's, and a last page with which the total is not reached, do not say
    where to go on: the walk then asks again and gives up the second time. One pager serves one walk.
    """

    def __init__(self) -> None:
        self.total = 0
        self._seen: set[object] = set()

    def next(self, page: Answered) -> Step:
        total = int(page.reply.data["total_count"])
        if page.cursor is None:
            self.total, self._seen = total, set()
        self._seen.update(row.get("id") for row in page.rows)
        link = _NEXT.search(page.reply.headers.get("Link", ""))
        if total != self.total or (link is None and len(self._seen) != total):
            return Step(True, None)
        return END if link is None else Step(True, link.group(1))
