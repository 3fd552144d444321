"""One kind of CRM object: its rows, its properties as functions of (row, now), its history and associations."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kpi_pipeline.sandbox.vendors.hubspot.text import iso, milliseconds
from kpi_pipeline.sandbox.world.model import Dated

Read = Callable[[Any, datetime], str | None]
BIN_DAYS = timedelta(days=90)
VERSIONS_KEPT = 20
BY_HAND = {"sourceType": "CRM_UI", "sourceId": "userId:9", "updatedByUserId": 9}


@dataclass(frozen=True, slots=True)
class Property:
    """`type` is HubSpot's: string, number, datetime, date, enumeration, bool."""

    type: str
    read: Read


@dataclass(slots=True)
class Kind:
    """`families` are properties with a stage in their name, by prefix (hs_v2_date_entered_<stage>).

    `gone` and `archived` say when a row leaves the lists: merged away for good, or into the recycle bin for 90 days.
    """

    name: str
    singular: str
    type_id: str
    rows: Sequence[Any]
    properties: Mapping[str, Property]
    defaults: tuple[str, ...]
    created_property: str
    modified_property: str
    modified: Callable[[Any], Sequence[datetime]]
    created_at: Callable[[Any], datetime] = lambda row: row.created_at
    archived_at: Callable[[Any], datetime | None] = lambda row: getattr(row, "archived_at", None)
    merged_at: Callable[[Any], datetime | None] = lambda row: getattr(row, "merged_at", None)
    families: Mapping[str, Callable[[str], Read]] = field(default_factory=dict)
    stages: tuple[str, ...] = ()
    history: Mapping[str, Callable[[Any], Dated]] = field(default_factory=dict)
    links: Mapping[str, Callable[[Any, datetime], list[int]]] = field(default_factory=dict)
    ids: list[int] = field(init=False)
    position: dict[int, int] = field(init=False)
    in_bin: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = sorted(self.rows, key=lambda row: row.id)
        self.ids = [row.id for row in self.rows]
        self.position = {id_: at for at, id_ in enumerate(self.ids)}
        self.in_bin = [at for at, row in enumerate(self.rows) if self.archived_at(row) is not None]

    def listed(self, row: Any, now: datetime) -> bool:
        """Whether the row exists and is neither archived nor merged away."""
        if self.created_at(row) > now:
            return False
        archived, merged = self.archived_at(row), self.merged_at(row)
        return (archived is None or archived > now) and (merged is None or merged > now)

    def binned(self, row: Any, now: datetime) -> bool:
        """Whether the row is in the recycle bin."""
        archived = self.archived_at(row)
        return archived is not None and archived <= now < archived + BIN_DAYS

    def after(self, cursor: int, now: datetime, *, archived: bool) -> Iterable[Any]:
        """Rows from id `cursor` on, by id: the listed ones, or only those in the recycle bin."""
        start = bisect_left(self.ids, cursor)
        if archived:
            places = self.in_bin[bisect_left(self.in_bin, start) :]
            return (self.rows[at] for at in places if self.binned(self.rows[at], now))
        return (row for row in self.rows[start:] if self.listed(row, now))

    def find(self, object_id: int, now: datetime, *, archived: bool = False) -> Any | None:
        """The row of an id; the id of a contact that was merged away gives the contact that it became."""
        at = self.position.get(object_id)
        if at is None:
            return None
        row = self.rows[at]
        merged = self.merged_at(row)
        if merged is not None and merged <= now:
            return self.find(row.merged_into, now, archived=archived)
        return row if (self.binned(row, now) if archived else self.listed(row, now)) else None

    def property(self, name: str) -> Property | None:
        """The property of a name, None when the account has no such property."""
        if name in self.properties:
            return self.properties[name]
        for prefix, family in self.families.items():
            stage = name.removeprefix(prefix)
            if stage != name and stage in self.stages:
                return Property("datetime", family(stage))
        return None

    def readers(self, names: Iterable[str]) -> list[tuple[str, Read]]:
        """What to read for the wanted names; unknown ones are left out without a word, as HubSpot does."""
        always = (self.created_property, self.modified_property, "hs_object_id")
        wanted = dict.fromkeys((*(names or self.defaults), *always))
        return [(name, found.read) for name in wanted if (found := self.property(name)) is not None]

    def modified_at(self, row: Any, now: datetime) -> datetime:
        """The last change by now."""
        changes = self.modified(row)
        count = bisect_right(changes, now)
        return changes[count - 1] if count else self.created_at(row)

    def show(self, row: Any, now: datetime, readers: Sequence[tuple[str, Read]]) -> dict[str, Any]:
        """The object as HubSpot sends it."""
        shown = {
            "id": str(row.id),
            "properties": {name: read(row, now) for name, read in readers},
            "createdAt": iso(self.created_at(row)),
            "updatedAt": iso(self.modified_at(row, now)),
            "archived": False,
        }
        archived = self.archived_at(row)
        if archived is not None and archived <= now:
            shown |= {"archived": True, "archivedAt": iso(archived)}
        return shown

    def past(self, row: Any, now: datetime, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
        """The values that a property has had, newest first; one that never changes has had one."""
        found = {}
        for name in names:
            known = self.property(name)
            if known is None:
                continue
            if name in self.history:
                versions = [(value, at) for value, at in self.history[name](row) if at <= now]
            else:
                value = known.read(row, now)
                versions = [] if value is None else [(value, self.created_at(row))]
            found[name] = [
                {"value": value, "timestamp": iso(at), **BY_HAND} for value, at in reversed(versions[-VERSIONS_KEPT:])
            ]
        return found

    def changes(self) -> list[int]:
        """Every instant, in milliseconds, at which some row appears, changes or leaves."""
        found: set[int] = set()
        for row in self.rows:
            found.update(milliseconds(at) for at in self.modified(row))
            for at in (self.created_at(row), self.archived_at(row), self.merged_at(row)):
                if at is not None:
                    found.add(milliseconds(at))
        return sorted(found)
