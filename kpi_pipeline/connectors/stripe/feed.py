"""Stripe's change feed: events tell which records changed; each is then read again in the version we pin.

An event holds its object as rendered in the API version of the event's own time, so its payload is not used here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from kpi_pipeline.connectors.http import Http, RecordGone
from kpi_pipeline.connectors.stripe.collections import Collection
from kpi_pipeline.connectors.stripe.listing import Lists, between
from kpi_pipeline.connectors.stripe.protocol import ACCOUNT, one
from kpi_pipeline.connectors.windows import side_by_side

KEPT = timedelta(days=29)  # Stripe keeps events for 30 days; a day of margin
LATE = timedelta(minutes=10)  # an event may be listed after one that is younger
TYPES = 20  # event types in one query
CHUNK = 50  # records in one page of re-read records


@dataclass(frozen=True, slots=True)
class Reread:
    """Some changed records: those that are there, as bytes, and the ids of those that are gone."""

    bodies: list[bytes]
    gone: list[str]


def changed(lists: Lists, collection: Collection, since: datetime, until: datetime) -> list[str]:
    """Ids of a collection's records that had an event in [since − 10 min, until), each once."""
    ids: dict[str, None] = {}
    doing = f"listing {collection.object} events of {since:%Y-%m-%d %H:%M}..{until:%Y-%m-%d %H:%M}"
    for start in range(0, len(collection.events), TYPES):
        types = [("types[]", name) for name in collection.events[start : start + TYPES]]
        for leaf in lists.walk("/v1/events", "event", (*between(since - LATE, until), *types), doing=doing):
            ids.update(dict.fromkeys(row["data"]["object"]["id"] for row in leaf.rows))
    return list(ids)


def reread(http: Http, collection: Collection, ids: Sequence[str], *, concurrency: int) -> Iterator[Reread]:
    """The records as they are now. Gone is what Stripe no longer has (404) or says it has deleted."""
    size = max(1, min(CHUNK, -(-len(ids) // concurrency)))
    chunks = [ids[start : start + size] for start in range(0, len(ids), size)]
    yield from side_by_side([partial(_reread, http, collection, chunk) for chunk in chunks], workers=concurrency)


def _reread(http: Http, collection: Collection, ids: Sequence[str]) -> Iterator[Reread]:
    found = Reread([], [])
    for each in ids:
        try:
            reply = http.get(
                f"{collection.path}/{each}",
                doing=f"reading {collection.object} {each} again",
                params=[("expand[]", relation) for relation in collection.expand],
                success=one(collection.object),
                buckets=(collection.path, ACCOUNT),
            )
        except RecordGone:
            found.gone.append(each)
            continue
        if reply.data.get("deleted"):
            found.gone.append(each)
        else:
            found.bodies.append(reply.body)
    yield found
