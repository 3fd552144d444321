"""Places in a vendor's record, and the DuckDB projections that reach them while parsing every JSON text once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Place:
    """A value in a record: `alias` is the column that holds its JSON, `below` the values inside it by step."""

    alias: str
    below: dict[str, Place] = field(default_factory=dict)

    def grow(self, steps: list[str]) -> list[Place]:
        """The places on the way to `steps`, the last one is the value itself; made where they are not there yet."""
        way, place = [], self
        for step in steps:
            place = place.below.setdefault(step, Place(f"{place.alias}_{len(place.below)}"))
            way.append(place)
        return way

    @property
    def shape(self) -> object:
        """What from_json takes this value apart into: its named children as JSON, or JSON if children are numbered."""
        if not self.below or any(step.startswith("[") for step in self.below):
            return "JSON"
        return dict.fromkeys(self.below, "JSON")


def steps(path: str) -> list[str]:
    """ "a.b[0].c" → ["a", "b", "[0]", "c"]."""
    return re.findall(r"[^.\[\]]+|\[\d+\]", path)


def at(path: str) -> str:
    """A dotted path as DuckDB writes it: "a.b" → $."a"."b"."""
    return "$" + "".join(f'."{step}"' for step in steps(path))


def listed(path: str, record: Place) -> list[str]:
    """Projections of a table with `body`: the array of records at `path`, then one row a record with its number."""
    shape: object = [record.shape]
    for step in reversed(steps(path)):
        shape = {step: shape}
    alone = f"json_extract(body, '{at(path)}')"
    whole = f"(from_json(body, '{json.dumps(shape)}')){at(path).removeprefix('$')}"
    single = f"[{_parsed(alone, record.shape)}]"
    return [
        f"*, {whole} AS many",
        "* EXCLUDE (body, many), "
        f"CASE WHEN many IS NULL AND json_type({alone}) = 'OBJECT' THEN {single} ELSE many END AS many",
        f"* EXCLUDE (many), unnest(many) AS {record.alias}, unnest(range(len(many))) AS {record.alias}_number",
    ]


def nested(array: Place, record: Place) -> list[str]:
    """Projections of one row a holder: its array taken apart, then one row an element."""
    return [
        f"*, from_json({array.alias}, '{json.dumps([record.shape])}') AS many",
        f"* EXCLUDE (many), unnest(many) AS {record.alias}, unnest(range(len(many))) AS {record.alias}_number",
    ]


def descended(record: Place) -> list[str]:
    """Projections that give every place below a record its column, two a depth."""
    projections = []
    level = {record.alias: record}
    parsed = {record.alias: record.alias}
    while any(place.below for place in level.values()):
        taken = [
            f"{_child(parsed[place.alias], step)} AS {child.alias}"
            for place in level.values()
            for step, child in place.below.items()
        ]
        projections.append("*, " + ", ".join(taken))
        level = {child.alias: child for place in level.values() for child in place.below.values()}
        parents = [place for place in level.values() if place.below]
        parsed = {place.alias: f"parsed_{place.alias}" for place in parents}
        if parents:
            projections.append(
                "*, " + ", ".join(f"{_parsed(place.alias, place.shape)} AS {parsed[place.alias]}" for place in parents)
            )
    return projections


def _parsed(value: str, shape: object) -> str:
    return value if shape == "JSON" else f"from_json({value}, '{json.dumps(shape)}')"


def _child(parent: str, step: str) -> str:
    if not step.startswith("["):
        return f'{parent}."{step}"'
    element = f"json_extract({parent}, '${step}')"
    return f"CASE WHEN json_type({element}) <> 'NULL' THEN {element} END"
