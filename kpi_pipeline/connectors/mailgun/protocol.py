"""How Mailgun pages and refuses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kpi_pipeline.connectors.classify import Reply, Verdict, by_status
from kpi_pipeline.connectors.paging import END, Answered, Step

_REGION = "Accounts of the EU have another base URL: https://api.eu.mailgun.net."


def classify(reply: Reply) -> Verdict:
    """By status; what a region or a domain that is not ours answers is a setting to correct, not a record that left."""
    text = f"HTTP {reply.status}: {reply.get('message')}"
    if reply.status == 401:
        return Verdict("settings", text, remedy=f"Use an API key of the account that owns the domain. {_REGION}")
    if reply.status == 403:
        remedy = "Use a key that reads: keys of one domain only send, and have no scopes to add."
        return Verdict("settings", text, remedy=remedy)
    if reply.status == 404:
        return Verdict("settings", text, remedy=f"Correct the domain in company.yaml. {_REGION}")
    return by_status(reply)


class NextUntilEmpty:
    """Every page names a next one, and the end is a page without events.

    Any fault could look like that end, so it is believed only if the walk came as far as the newest event before
    `edge`, which `newest` asks for (epoch seconds, None if there is none). After `edge` the log is not complete yet.
    One pager serves one walk.
    """

    def __init__(self, newest: Callable[[], float | None], edge: datetime) -> None:
        self._newest, self._edge = newest, int(edge.timestamp())
        self._oldest, self._latest = float("inf"), float("-inf")

    def next(self, page: Answered) -> Step:
        if page.rows:
            instants = [row["timestamp"] for row in page.rows if isinstance(row.get("timestamp"), int | float)]
            self._oldest, self._latest = min([self._oldest, *instants]), max([self._latest, *instants])
            return Step(True, page.reply.get("paging", "next"))
        newest = self._newest()
        # a second of margin: bounds are whole seconds, and whether they are inclusive is not said
        whole = self._oldest > self._edge - 1 if newest is None else newest <= self._latest
        return END if whole else Step(True, None)
