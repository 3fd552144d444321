"""The endpoints of one account."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from kpi_pipeline.sandbox.context import Refused, VendorContext
from kpi_pipeline.sandbox.vendors.hubspot import account, activities, records
from kpi_pipeline.sandbox.vendors.hubspot.associations import Associations, labels, types
from kpi_pipeline.sandbox.vendors.hubspot.errors import invalid, not_found
from kpi_pipeline.sandbox.vendors.hubspot.kinds import Kind
from kpi_pipeline.sandbox.vendors.hubspot.records import Crm
from kpi_pipeline.sandbox.vendors.hubspot.search import Index
from kpi_pipeline.sandbox.vendors.hubspot.text import iso
from kpi_pipeline.sandbox.vendors.wire import answer

DEFAULT_LIMIT, MAX_LIMIT, MAX_WITH_HISTORY, MAX_BATCH, MAX_ASSOCIATIONS = 10, 100, 50, 100, 1000
KINDS = ("contacts", "companies", "deals", "tickets")
ACTIVITIES = ("calls", "emails", "meetings", "feedback_submissions")


class Account:
    """A world seen as HubSpot objects; kinds and their search indexes are made when first asked for."""

    def __init__(self, crm: Crm) -> None:
        self.crm = crm
        made = {name: getattr(records, name)(crm) for name in KINDS}
        made |= {name: getattr(activities, name)(crm) for name in ACTIVITIES}
        made |= {name: activities.empty(crm, name) for name in activities.EMPTY}
        self.kinds: dict[str, Kind] = made
        self.by_type_id = {kind.type_id: kind for kind in made.values()}
        self.associations = Associations(crm, self.kinds)
        self._indexes: dict[str, Index] = {}

    def kind(self, name: str) -> Kind:
        """The kind of a plural name or an object type id. Refuses other names as HubSpot does."""
        found = self.kinds.get(name) or self.by_type_id.get(name)
        if found is None:
            raise invalid(f"Unable to infer object type from: {name}")
        return found

    def index(self, kind: Kind) -> Index:
        if kind.name not in self._indexes:
            self._indexes[kind.name] = Index(kind)
        return self._indexes[kind.name]


class Endpoints:
    def __init__(self, context: VendorContext) -> None:
        self._context = context

    @property
    def account(self) -> Account:
        memo = self._context.memo
        if "account" not in memo:
            memo["account"] = Account(Crm(self._context.world()))
        found: Account = memo["account"]
        return found

    def _kind(self, request: Request, name: str = "kind") -> Kind:
        return self.account.kind(request.path_params[name])

    async def list_objects(self, request: Request) -> Response:
        kind, query, now = self._kind(request), request.query_params, self._context.now()
        past = _names(request, "propertiesWithHistory")
        limit = _limit(query.get("limit"), MAX_WITH_HISTORY if past else MAX_LIMIT)
        cursor = query.get("after", "0")
        if not cursor.isdigit():
            raise invalid(f"The paging cursor {cursor!r} is not valid.")
        rows = list(islice(kind.after(int(cursor), now, archived=query.get("archived") == "true"), limit + 1))
        shown = self._shown(
            kind, rows[:limit], now, _names(request, "properties"), past, _names(request, "associations")
        )
        body: dict[str, Any] = {"results": shown}
        if len(rows) > limit:
            after = str(rows[limit].id)
            link = request.url.include_query_params(after=after)
            body["paging"] = {"next": {"after": after, "link": str(link)}}
        return answer(body)

    async def get_object(self, request: Request) -> Response:
        kind, now = self._kind(request), self._context.now()
        archived = request.query_params.get("archived") == "true"
        id_ = request.path_params["id"]
        row = kind.find(int(id_), now, archived=archived) if id_.isdigit() and not request.state.gone else None
        if row is None:
            return not_found()
        wanted = [_names(request, each) for each in ("properties", "propertiesWithHistory", "associations")]
        return answer(self._shown(kind, [row], now, *wanted)[0])

    async def search(self, request: Request) -> Response:
        kind = self._kind(request)
        return answer(self.account.index(kind).search(await _json(request), self._context.now()))

    async def batch_read(self, request: Request) -> Response:
        """200 when every id was found, 207 with an error that names the missing ones otherwise."""
        kind, body, now = self._kind(request), await _json(request), self._context.now()
        ids, past = [str(each["id"]) for each in body.get("inputs", ())], body.get("propertiesWithHistory") or []
        most = MAX_WITH_HISTORY if past else MAX_BATCH
        if len(ids) > most:
            raise invalid(f"The maximum number of inputs is {most}, but there were {len(ids)}.")
        archived = request.query_params.get("archived") == "true"
        found, missing = [], []
        for id_ in ids:
            row = kind.find(int(id_), now, archived=archived) if id_.isdigit() and not request.state.gone else None
            found.append(row) if row is not None else missing.append(id_)
        results = self._shown(kind, found, now, body.get("properties") or [], past, ())
        lost = {
            "status": "error",
            "category": "OBJECT_NOT_FOUND",
            "message": f"Could not get some {kind.name.upper()} objects, they may be deleted or not exist. Check that "
            "ids are valid.",
            "context": {"ids": missing},
        }
        return _batch(results, [lost] if missing else [], now)

    async def associations(self, request: Request) -> Response:
        """v4: ids come as whole numbers here, as text everywhere else."""
        kind, other, now = self._kind(request), self._kind(request, "other"), self._context.now()
        ids = [str(each["id"]) for each in (await _json(request)).get("inputs", ())]
        if len(ids) > MAX_ASSOCIATIONS:
            raise invalid(f"The maximum number of inputs is {MAX_ASSOCIATIONS}, but there were {len(ids)}.")
        results, errors, link_types = [], [], types(kind, other)
        for id_ in ids:
            row = kind.find(int(id_), now) if id_.isdigit() else None
            partners = [] if row is None else self.account.associations.partners(kind, row, other, now)
            if partners:
                to = [{"toObjectId": each, "associationTypes": link_types} for each in partners]
                results.append({"from": {"id": id_}, "to": to})
            else:
                errors.append(_no_association(kind, other, id_))
        return _batch(results, errors, now)

    async def pipelines(self, request: Request) -> Response:
        return answer(account.pipelines(self.account.crm, request.path_params["kind"]))

    async def properties(self, request: Request) -> Response:
        return answer(account.properties(self._kind(request)))

    async def owners(self, request: Request) -> Response:
        query, crm = request.query_params, self.account.crm
        rows = account.owners(crm.world.owners, archived=query.get("archived") == "true")
        rows = [row for row in rows if query.get("email") in (None, row.person.email)]
        limit, after = _limit(query.get("limit"), 500, 100), int(query.get("after", "0"))
        rows = [row for row in rows if row.id >= after]
        body: dict[str, Any] = {"results": [account.owner(row, crm.world.starts_at) for row in rows[:limit]]}
        if len(rows) > limit:
            body["paging"] = {"next": {"after": str(rows[limit].id)}}
        return answer(body)

    async def details(self, _: Request) -> Response:
        return answer(account.details(self.account.crm, self._context.now()))

    async def daily_usage(self, _: Request) -> Response:
        return answer(account.daily_usage(self.account.crm, self._context.limiter, self._context.now()))

    def _shown(
        self,
        kind: Kind,
        rows: Sequence[Any],
        now: datetime,
        names: Sequence[str],
        past: Sequence[str],
        partners: Iterable[str],
    ) -> list[dict[str, Any]]:
        readers = kind.readers((*names, *past))
        others = [self.account.kind(name) for name in partners]
        found = []
        for row in rows:
            shown = kind.show(row, now, readers)
            if past:
                shown["propertiesWithHistory"] = kind.past(row, now, past)
            linked = {other.name: self._linked(kind, row, other, now) for other in others}
            if any(linked.values()):
                shown["associations"] = {name: {"results": each} for name, each in linked.items() if each}
            found.append(shown)
        return found

    def _linked(self, kind: Kind, row: Any, other: Kind, now: datetime) -> list[dict[str, str]]:
        ids = self.account.associations.partners(kind, row, other, now)
        return [{"id": str(each), "type": label} for each in ids for label in labels(kind, other)]


def _batch(results: list[Any], errors: list[Any], now: datetime) -> Response:
    body: dict[str, Any] = {"status": "COMPLETE", "results": results, "startedAt": iso(now), "completedAt": iso(now)}
    if errors:
        body |= {"numErrors": len(errors), "errors": errors}
    return answer(body, 207 if errors else 200)


def _no_association(kind: Kind, other: Kind, id_: str) -> dict[str, Any]:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {other.singular} is associated with {kind.singular} {id_}.",
        "context": {"fromObjectId": [id_], "fromObjectType": [kind.type_id], "toObjectType": [other.type_id]},
    }


def _names(request: Request, param: str) -> list[str]:
    """A list parameter: repeated, comma-separated, or both."""
    return [name for given in request.query_params.getlist(param) for name in given.split(",") if name]


def _limit(given: str | None, most: int, default: int = DEFAULT_LIMIT) -> int:
    if given is None:
        return default
    if not given.isdigit() or not 1 <= int(given) <= most:
        raise invalid(f"limit must be a whole number from 1 to {most}, but was {given}.")
    return int(given)


async def _json(request: Request) -> dict[str, Any]:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError as error:
        raise invalid("Invalid input JSON.") from error
    if not isinstance(body, dict):
        raise Refused(not_found("Invalid input JSON: an object is needed."))
    return body
