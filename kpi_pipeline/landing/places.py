"""Places in a vendor's record, and the DuckDB projections that reach them while parsing every JSON text once."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Place:
    """A value in a record: `alias` is the column that holds it, `below` the values inside it by step.

    `leaf` is what from_json makes of it when nothing below it is wanted. `at_once`: an object that is taken apart
    together with its holder, so that nobody sees whether it was one; else its column holds its JSON.
    """

    alias: str
    below: dict[str, Place] = field(default_factory=dict)
    leaf: object = "JSON"
    at_once: bool = False

    def grow(self, steps: list[str]) -> list[Place]:
        """The places on the way to `steps`, the last one is the value itself; made where they are not there yet."""
        way, place = [], self
        for step in steps:
            place = place.below.setdefault(step, Place(f"{place.alias}_{len(place.below)}"))
            way.append(place)
        return way

    @property
    def numbered(self) -> bool:
        """Whether it is a list of which single elements are wanted."""
        return any(step.startswith("[") for step in self.below)

    @property
    def shape(self) -> object:
        """What from_json takes this value apart into: its named children, or JSON if children are numbered."""
        if not self.below:
            return self.leaf
        if self.numbered:
            return "JSON"
        return {step: place.shape if place.at_once or not place.below else "JSON" for step, place in self.below.items()}


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
    single = f"[{parsed(alone, record.shape)}]"
    return [
        f"*, {whole} AS many",
        "* EXCLUDE (body, many), "
        f"CASE WHEN many IS NULL AND json_type({alone}) = 'OBJECT' THEN {single} ELSE many END AS many",
        f"* EXCLUDE (many), unnest(many) AS {record.alias}, unnest(range(len(many))) AS {record.alias}_number",
    ]


def nested(array: Place, record: Place) -> list[str]:
    """Projections of one row a holder: its array taken apart, then one row an element."""
    return [
        f"*, {array.alias if array.leaf != 'JSON' else parsed(array.alias, [record.shape])} AS many",
        f"* EXCLUDE (many), unnest(many) AS {record.alias}, unnest(range(len(many))) AS {record.alias}_number",
    ]


def descended(record: Place) -> list[str]:
    """Projections that give every place below a record its column, two a depth."""
    projections = []
    level = {record.alias: record}
    opened = {record.alias: record.alias}
    while any(place.below for place in level.values()):
        taken = [
            f"{_child(opened[place.alias], step)} AS {child.alias}"
            for place in level.values()
            for step, child in place.below.items()
        ]
        projections.append("*, " + ", ".join(taken))
        level = {child.alias: child for place in level.values() for child in place.below.values()}
        parents = [place for place in level.values() if place.below]
        opened = {place.alias: place.alias if place.at_once else f"parsed_{place.alias}" for place in parents}
        texts = [place for place in parents if not place.at_once]
        if texts:
            projections.append(
                "*, " + ", ".join(f"{parsed(place.alias, place.shape)} AS {opened[place.alias]}" for place in texts)
            )
    return projections


def parsed(value: str, shape: object) -> str:
    return value if shape == "JSON" else f"from_json({value}, '{json.dumps(shape)}')"


def _child(parent: str, step: str) -> str:
    if not step.startswith("["):
        return f'{parent}."{step}"'
    element = f"json_extract({parent}, '${step}')"
    return f"CASE WHEN json_type({element}) <> 'NULL' THEN {element} END"
