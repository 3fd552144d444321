"""How Typeform pages and refuses."""

from __future__ import annotations

from kpi_pipeline.connectors.classify import Reply, Verdict, by_status
from kpi_pipeline.connectors.paging import END, Answered, Cursor, Step

TYPES = {"started", "partial", "completed"}


def classify(reply: Reply) -> Verdict:
    """By status; a token without the scopes we need is told which."""
    if reply.status == 403:
        remedy = "Give the token the scopes forms:read and responses:read."
        return Verdict("settings", f"HTTP 403: {reply.get('description')}", remedy=remedy)
    return by_status(reply)


class NewestFirst:
    """Pages of one walk, newest first: the cursor is the last row's token, and the end is where the total is reached.

    `total_items` of the first page counts the whole window. Later pages count what is left before their token; a
    server that goes on counting the whole is believed too. A page that contradicts what is left to come, or holds
    responses of another type than asked for, does not say where to go on: the walk then asks again and gives up the
    second time. One pager serves one walk.
    """

    def __init__(self, size: int, response_type: str) -> None:
        self._size = size
        self._others = TYPES - {response_type}
        self._total = 0
        self._before: dict[Cursor, tuple[int, frozenset[str]]] = {}  # cursor → what is left, tokens of the page before

    def next(self, page: Answered) -> Step:
        total = int(page.reply.data["total_items"])
        if page.cursor is None:
            self._total = total
            self._before = {None: (total, frozenset())}
        left, earlier = self._before[page.cursor]
        tokens = frozenset(row.get("token") for row in page.rows)
        new = len(tokens - earlier)
        strange = any(row.get("response_type") in self._others for row in page.rows)
        if strange or total not in (left, self._total) or new > left:
            return Step(True, None)
        if new == left:
            return END
        if new == 0 or len(page.rows) < self._size:
            return Step(True, None)
        cursor = page.rows[-1]["token"]
        self._before.setdefault(cursor, (left - new, tokens))
        return Step(True, cursor)
