"""HubSpot's three ways to records: the list, the search, and the batch read; and who belongs to whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any

from kpi_pipeline.connectors.classify import Reply, has
from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.hubspot.kinds import Kind
from kpi_pipeline.connectors.hubspot.protocol import (
    ACCOUNT,
    API_VERSION,
    ASSOCIATIONS_BATCH,
    GENERAL,
    HISTORY_PAGE,
    LIST_PAGE,
    SEARCH,
    SEARCH_PAGE,
    objects,
)
from kpi_pipeline.connectors.paging import AfterCursor, Cursor, Keyset, Leaf, walk
from kpi_pipeline.connectors.windows import units_since_epoch
from kpi_pipeline.errors import IncompleteLoad
from kpi_pipeline.landing.page import Window

Record = dict[str, Any]
PRIMARY = "Primary"
PAST = "propertiesWithHistory"
ENTERED = "hs_v2_date_entered_"
MILLISECOND = timedelta(milliseconds=1)
BY_ID = itemgetter("id")
RESULTS = has("results")


class Crm:
    """The records of one account."""

    def __init__(self, http: Http) -> None:
        self._http = http

    def search(
        self, kind: Kind, on: str, window: Window, properties: Sequence[str], extra: Sequence[Mapping[str, Any]] = ()
    ) -> Iterator[Leaf]:
        """Records whose instant `on` is in `window`, by rising id.

        `extra` filters narrow them down. Each page asks for ids above the last one instead of using HubSpot's offset:
        nothing shifts when a record leaves the result, and the cap of 10,000 results a query is out of reach. Searches
        never show archived records.
        """
        doing = f"searching {kind.path} with {on} in {_span(window)}"

        def fetch(cursor: Cursor) -> Reply:
            above = [] if cursor is None else [{"propertyName": "hs_object_id", "operator": "GT", "value": str(cursor)}]
            return self._search(kind, on, window, properties, [*extra, *above], doing)

        return walk(fetch, Keyset(SEARCH_PAGE), rows="results", key=BY_ID, doing=f"hubspot: {doing}")

    def count(self, kind: Kind, on: str, window: Window) -> int:
        """How many records have their instant `on` in `window`, by HubSpot's own count."""
        return int(self._search(kind, on, window, (), (), f"counting {kind.path}", limit=1).data["total"])

    def listing(
        self,
        kind: Kind,
        properties: Sequence[str] = (),
        *,
        archived: bool = False,
    ) -> Iterator[Leaf]:
        """All records there are, with history and associations, without a cap; or all archived in the last 90 days."""
        doing = f"listing {'archived ' if archived else ''}{kind.path}"
        history = () if archived or kind.history is None else (kind.history,)
        params: dict[str, str | int] = {
            "limit": HISTORY_PAGE if history else LIST_PAGE,  # HubSpot halves the page for history
            "archived": "true" if archived else "false",
        }
        for name, values in {
            "properties": properties,
            "propertiesWithHistory": history,
            "associations": () if archived else kind.belongs_to,
        }.items():
            if values:
                params[name] = ",".join(values)
        return self._list(objects(kind.path), params, doing)

    def owners(self, *, archived: bool) -> Iterator[Leaf]:
        params: dict[str, str | int] = {"limit": LIST_PAGE, "archived": "true" if archived else "false"}
        return self._list(f"/crm/owners/{API_VERSION}", params, "listing owners")

    def pipelines(self, object_: str) -> Reply:
        doing = f"reading the pipelines of {object_}"
        path = f"/crm/pipelines/{API_VERSION}/{object_}"
        return self._http.get(path, doing=doing, success=RESULTS, buckets=(ACCOUNT, GENERAL))

    def account(self) -> Record:
        """The account that the key belongs to (`portalId`, `timeZone`, `companyCurrency`)."""
        reply = self._http.get(
            f"/account-info/{API_VERSION}/details",
            doing="asking which account the key belongs to",
            success=has("portalId"),
            buckets=(ACCOUNT, GENERAL),
        )
        found: Record = reply.data
        return found

    def history(self, kind: Kind, ids: Sequence[str]) -> Iterator[Record]:
        """Records with all values that their `kind.history` had, newest first, without other properties.

        Raises IncompleteLoad when HubSpot leaves one out without saying that it is gone.
        """
        for part in _parts(ids, HISTORY_PAGE):
            doing = f"reading how {kind.history} of {len(part)} {kind.path} changed"
            body = {
                "inputs": [{"id": each} for each in part],
                "properties": [],
                "propertiesWithHistory": [kind.history],
            }
            reply = self._http.post(
                objects(kind.path, "/batch/read"), doing=doing, success=RESULTS, json=body, buckets=(ACCOUNT, GENERAL)
            )
            told = {record["id"] for record in reply.data["results"]} | _not_found(reply.data)
            if missing := [each for each in part if each not in told]:
                raise IncompleteLoad(
                    f"hubspot: {doing}",
                    f"{len(missing)} were left out without a word, {missing[0]} among them",
                    remedy="Nothing was written; the next run reads the window again.",
                )
            yield from reply.data["results"]

    def first_entries(self, kind: Kind, records: Sequence[Record]) -> list[Record]:
        """The records with `first_entered`: {stage: instant of its first entry}.

        Of the history that came along or is asked for; where HubSpot no longer keeps the first entry, its own date.
        """
        asked = [record["id"] for record in records if PAST not in record]
        known = {record["id"]: record[PAST] for record in self.history(kind, asked)}
        return [_with_first_entries(kind, record, known.get(record["id"], {})) for record in records]

    def belonging(self, kind: Kind, records: Sequence[Record], *, listed: bool) -> list[Record]:
        """The records with `contact_ids` and `company_ids` (text, the primary one first), for each type they belong to.

        Searches never send associations, a list (`listed`) sends the first ones along: the rest is asked for.
        """
        found = [dict(record) for record in records]
        for to in kind.belongs_to:
            column = "contact_ids" if to == "contacts" else "company_ids"
            asked = [record["id"] for record in found if not (listed and _complete(record, to))]
            ids = self._associated(kind, to, asked)
            for record in found:
                known = ids.get(record["id"])
                record[column] = known if known is not None else _inline(record, to)
            for record in found:
                record.get("associations", {}).pop(to, None)
        return found

    def _search(
        self,
        kind: Kind,
        on: str,
        window: Window,
        properties: Sequence[str],
        extra: Sequence[Mapping[str, Any]],
        doing: str,
        *,
        limit: int = SEARCH_PAGE,
    ) -> Reply:
        filters = [
            {"propertyName": on, "operator": "GTE", "value": _millisecond(window.start)},
            {"propertyName": on, "operator": "LT", "value": _millisecond(window.end)},
            *extra,
        ]
        body = {
            "filterGroups": [{"filters": filters}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": list(properties),
            "limit": limit,
        }
        success = has("results", "total")
        path = objects(kind.path, "/search")
        return self._http.post(path, doing=doing, success=success, json=body, buckets=(ACCOUNT, SEARCH))

    def _associated(self, kind: Kind, to: str, ids: Sequence[str]) -> dict[str, list[str]]:
        pairs: dict[str, dict[str, bool]] = {each: {} for each in ids}
        asked: list[Record] = [{"id": each} for each in ids]
        while asked:
            part, asked = asked[:ASSOCIATIONS_BATCH], asked[ASSOCIATIONS_BATCH:]
            reply = self._http.post(
                f"/crm/associations/{API_VERSION}/{kind.path}/{to}/batch/read",
                doing=f"reading which {to} {len(part)} {kind.path} belong to",
                success=RESULTS,
                json={"inputs": part},
                buckets=(ACCOUNT, GENERAL),
            )
            for result in reply.data["results"]:
                own = pairs[str(result["from"]["id"])]
                for each in result["to"]:  # ids are integers here, text everywhere else
                    labels = {label.get("label") for label in each["associationTypes"]}
                    own[str(each["toObjectId"])] = PRIMARY in labels
                if after := ((result.get("paging") or {}).get("next") or {}).get("after"):
                    asked.append({"id": str(result["from"]["id"]), "after": after})
        return {each: _ordered(own) for each, own in pairs.items()}

    def _list(self, path: str, params: Mapping[str, str | int], doing: str) -> Iterator[Leaf]:
        def fetch(cursor: Cursor) -> Reply:
            asked = params if cursor is None else {**params, "after": cursor}
            return self._http.get(path, doing=doing, success=RESULTS, params=asked, buckets=(ACCOUNT, GENERAL))

        return walk(fetch, AfterCursor(), rows="results", key=BY_ID, doing=f"hubspot: {doing}")


def _with_first_entries(kind: Kind, record: Record, read: Mapping[str, Any]) -> Record:
    past = record.get(PAST, read).get(kind.history, ())
    own = ((name.removeprefix(ENTERED), at) for name, at in record["properties"].items() if name.startswith(ENTERED))
    entries = [(each["value"], each["timestamp"]) for each in past] + [(stage, at) for stage, at in own if at]
    entries.sort(key=lambda entry: datetime.fromisoformat(entry[1]), reverse=True)
    return {name: value for name, value in record.items() if name != PAST} | {"first_entered": dict(entries)}


def _complete(record: Record, to: str) -> bool:
    """True when the list sent all associations to a type along; it sends nothing at all when there are none."""
    return "paging" not in record.get("associations", {}).get(to, {})


def _inline(record: Record, to: str) -> list[str]:
    """A primary company is associated twice, once as "deal_to_company" and once as "deal_to_company_unlabeled"."""
    own: dict[str, bool] = {}
    for each in record.get("associations", {}).get(to, {}).get("results", ()):
        primary = to == "companies" and not str(each.get("type", "")).endswith("_unlabeled")
        own[str(each["id"])] = own.get(str(each["id"]), False) or primary
    return _ordered(own)


def _ordered(own: Mapping[str, bool]) -> list[str]:
    """The primary one first, then by number, so that the same associations always look the same."""
    return sorted(own, key=lambda each: (not own[each], int(each)))


def _not_found(answer: Mapping[str, Any]) -> set[str]:
    """Ids that a batch read names as gone."""
    return {
        str(each)
        for error in answer.get("errors") or ()
        if error.get("category") == "OBJECT_NOT_FOUND"
        for each in (error.get("context") or {}).get("ids", ())
    }


def _parts(ids: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    return (ids[start : start + size] for start in range(0, len(ids), size))


def _millisecond(instant: datetime) -> str:
    return str(units_since_epoch(instant, MILLISECOND))


def _span(window: Window) -> str:
    return f"{window.start:%Y-%m-%d %H:%M}..{window.end:%Y-%m-%d %H:%M}"
