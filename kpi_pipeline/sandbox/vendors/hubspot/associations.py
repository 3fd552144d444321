"""Which objects belong together, from either side; one that is archived or not yet there is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from kpi_pipeline.sandbox.vendors.hubspot.kinds import Kind
from kpi_pipeline.sandbox.vendors.hubspot.records import Crm

TYPE_IDS = {
    ("contacts", "companies"): 1,
    ("companies", "contacts"): 2,
    ("deals", "contacts"): 3,
    ("contacts", "deals"): 4,
    ("deals", "companies"): 5,
    ("companies", "deals"): 6,
    ("contacts", "tickets"): 15,
    ("tickets", "contacts"): 16,
    ("companies", "tickets"): 25,
    ("tickets", "companies"): 26,
    ("contacts", "calls"): 193,
    ("calls", "contacts"): 194,
    ("contacts", "emails"): 197,
    ("emails", "contacts"): 198,
    ("contacts", "meetings"): 199,
    ("meetings", "contacts"): 200,
    ("companies", "calls"): 181,
    ("calls", "companies"): 182,
    ("companies", "emails"): 185,
    ("emails", "companies"): 186,
    ("companies", "meetings"): 187,
    ("meetings", "companies"): 188,
    ("deals", "calls"): 205,
    ("calls", "deals"): 206,
    ("deals", "emails"): 209,
    ("emails", "deals"): 210,
    ("deals", "meetings"): 211,
    ("meetings", "deals"): 212,
}
UNLABELED = {
    ("contacts", "companies"): 279,
    ("companies", "contacts"): 280,
    ("deals", "companies"): 341,
    ("companies", "deals"): 342,
    ("tickets", "companies"): 339,
    ("companies", "tickets"): 340,
}
BEFORE_EVERYTHING = datetime(1970, 1, 1, tzinfo=UTC)


class Associations:
    """Finds the partners of an object; the way back is indexed when it is first asked for."""

    def __init__(self, crm: Crm, kinds: Mapping[str, Kind]) -> None:
        self._crm = crm
        self._kinds = kinds
        self._back: dict[tuple[str, str], dict[int, list[Any]]] = {}

    def partners(self, kind: Kind, row: Any, other: Kind, now: datetime) -> list[int]:
        """Ids of the listed objects of another kind that a row belongs to."""
        if other.name in kind.links:
            found: Iterable[int] = kind.links[other.name](row, now)
        elif kind.name in other.links:
            found = self._pointing_at(kind, row, other, now)
        else:
            found = ()
        return [each for each in found if other.find(each, now) is not None]

    def _pointing_at(self, kind: Kind, row: Any, other: Kind, now: datetime) -> list[int]:
        pair = (kind.name, other.name)
        if pair not in self._back:
            back: dict[int, list[Any]] = {}
            for each in other.rows:
                for target in other.links[kind.name](each, BEFORE_EVERYTHING):
                    back.setdefault(target, []).append(each)
            self._back[pair] = back
        ids = [row.id, *(loser.id for loser in self._crm.merged_into.get(row.id, ()) if kind.name == "contacts")]
        candidates = [each for id_ in ids for each in self._back[pair].get(id_, ())]
        return [each.id for each in candidates if row.id in other.links[kind.name](each, now)]


def types(kind: Kind, other: Kind) -> list[dict[str, Any]]:
    """The v4 association types: that of a record's primary company comes with a second one without a label."""
    pair = (kind.name, other.name)
    if pair in UNLABELED:
        return [_type(TYPE_IDS[pair], "Primary"), _type(UNLABELED[pair], None)]
    return [_type(TYPE_IDS.get(pair, 0), None)]


def labels(kind: Kind, other: Kind) -> list[str]:
    """The same as lists name them: deal_to_company and deal_to_company_unlabeled."""
    name = f"{kind.singular}_to_{other.singular}"
    return [name, f"{name}_unlabeled"] if (kind.name, other.name) in UNLABELED else [name]


def _type(type_id: int, label: str | None) -> dict[str, Any]:
    return {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label}
