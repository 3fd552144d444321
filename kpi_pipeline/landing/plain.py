"""The quick statement for pages in which nothing is odd: JSON goes straight into texts, what looks odd is only noticed.

Of a row that is not in doubt it gives exactly what `extract.statement` gives, in half the time. That one can tell what
is wrong with a value, so a batch with a row in doubt goes there; pages of deleted records, which have only keys, too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from kpi_pipeline.landing import places, values
from kpi_pipeline.landing.extract import chained, hashed, rows_of
from kpi_pipeline.landing.places import Place
from kpi_pipeline.landing.ways import Ways
from kpi_pipeline.schemas.base import Origin, StreamModel, dtypes, origins, required


def statement(model: type[StreamModel], rows: str, *, zone: str, observed_month: str) -> str:
    """SELECT of ROW_COLUMNS, the model's columns and `_doubt` from the same `pages` as `extract.statement`.

    In doubt is a row with a value that is missing or does not fit its type, and one whose text could be an object.
    """
    spec, types, needed = origins(model), dtypes(model), required(model)
    ways = Ways.through(model, rows)
    _take_at_once(ways, spec, types, needed)
    layers = ways.layers()
    texts = {name: _text(ways, name, origin, types[name]) for name, origin in spec.items()}
    whole = [name for name, origin in spec.items() if _is_whole(origin, types[name])]
    typed = {name: hashed(origin, _value(name, origin, types[name])) for name, origin in spec.items()}
    layers += [
        ", ".join(["*", *(f"{text} AS t_{name}" for name, text in texts.items())]),
        ", ".join(["*", *(f"TRY_CAST(t_{name} AS BIGINT) AS h_{name}" for name in whole)]),
        ", ".join(["*", *(f"{value} AS v_{name}" for name, value in typed.items())]),
    ]
    doubts = [
        doubt
        for name, origin in spec.items()
        for doubt in _doubts(ways, name, origin, types[name], needed=name in needed)
    ]
    first = " OR ".join(f"({look})" for look, _ in doubts)
    second = " OR ".join(f"(({look}) AND {further})" for look, further in doubts)
    doubt = f"CASE WHEN {first} THEN coalesce({second}, false) ELSE false END AS _doubt"
    months = {"zone": zone, "observed_month": observed_month}
    chosen = rows_of(model, sequence=ways.sequence, fault="NULL::VARCHAR", sent="NULL::VARCHAR", **months)
    return f"{chained('pages', layers)}\n{chosen},\n       {doubt}\nFROM last"


def _take_at_once(
    ways: Ways, spec: Mapping[str, Origin], types: Mapping[str, pl.DataType], needed: frozenset[str]
) -> None:
    """Texts are taken as texts, and an object with a value that every record must have is taken apart with its holder:
    if it is none, that value is missing and the row in doubt."""
    wanted: dict[str, list[object]] = {}
    for name, way in ways.of.items():
        if way:
            wanted.setdefault(way[-1].alias, []).append(_leaf(spec[name], types[name], needed=name in needed))
    must = {way[-1].alias for name, way in ways.of.items() if way and name in needed}

    def has_needed(place: Place) -> bool:
        return any(each.alias in must or has_needed(each) for each in place.below.values())

    def settle(place: Place) -> None:
        for step, each in place.below.items():
            if not step.startswith("["):
                leaves = wanted.get(each.alias, ["JSON"])
                each.leaf = leaves[0] if all(leaf == leaves[0] for leaf in leaves) else "JSON"
                each.at_once = bool(each.below) and each.alias not in wanted and has_needed(each)
            settle(each)

    nest = ways.nest()
    settle(ways.record)
    settle(ways.holder)
    if nest and nest[-1].alias not in wanted:
        nest[-1].leaf = [ways.record.shape]


def _is_list(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.List)


def _is_whole(origin: Origin, dtype: pl.DataType) -> bool:
    """Whether a value is an integer as vendors write it: a number of its own, or the seconds of an instant."""
    return isinstance(dtype, pl.Int64) or (isinstance(dtype, pl.Datetime) and origin.unit != "iso")


def _leaf(origin: Origin, dtype: pl.DataType, *, needed: bool) -> object:
    """What from_json is to make of a value: its text, its elements, or JSON where its kind has to be looked at."""
    if origin.unit == "json" or (_is_list(dtype) and not needed):
        return "JSON"
    return _elements(origin) if _is_list(dtype) else "VARCHAR"


def _elements(origin: Origin) -> object:
    """The shape of a list of texts, or of objects with the text that is wanted of each."""
    shape: object = "VARCHAR"
    for step in reversed(places.steps(origin.path.partition("[].")[2])):
        shape = {step: shape}
    return [shape]


def _text(ways: Ways, name: str, origin: Origin, dtype: pl.DataType) -> str:
    """The text of a value (JSON for a column of JSON, a list of texts for a list), NULL if it is absent."""
    found, way = ways.found(name, origin), ways.of[name]
    if found is None:
        return "NULL::VARCHAR[]" if _is_list(dtype) else "NULL::VARCHAR"
    if not way or origin.unit == "json":
        return found
    as_json = _is_json(way[-1])
    if not _is_list(dtype):
        return values.text_of(found) if as_json else found
    shape = _elements(origin)
    listed = f"CASE WHEN left({found}::VARCHAR, 1) = '[' THEN {places.parsed(found, shape)} END" if as_json else found
    inside = places.at(origin.path.partition("[].")[2]).removeprefix("$")
    return f"list_transform({listed}, lambda e: e{inside})" if inside else listed


def _is_json(place: Place) -> bool:
    return bool(place.below) or place.leaf == "JSON"


def _value(name: str, origin: Origin, dtype: pl.DataType) -> str:
    if _is_list(dtype):
        return f"t_{name}"
    if origin.unit == "json":
        return f"t_{name}::VARCHAR"
    if _is_whole(origin, dtype):
        return values.canonical(f"t_{name}", f"h_{name}", dtype, origin)
    return values.typed("", f"t_{name}", "", dtype, origin)


def _doubts(ways: Ways, name: str, origin: Origin, dtype: pl.DataType, *, needed: bool) -> Iterator[tuple[str, str]]:
    """(first look, second look) at what may be odd; a row is in doubt when one holds after both.

    DuckDB works out every operand of AND and OR for every row, so what is not cheap waits for a reason.
    """
    for place in ways.above(name, origin):
        yield f"NOT ({_begins(place.alias, '[' if place.numbered else '{')})", "true"
    if needed:
        yield f"v_{name} IS NULL", "true"
    if _is_list(dtype):
        found, way = ways.found(name, origin), ways.of[name]
        if found is not None and way and _is_json(way[-1]):
            yield f"NOT ({_begins(found, '[')})", "true"
        gone = " OR e IS NULL" if "[]" in origin.path else ""
        strange = f"len(list_filter(t_{name}, lambda e: {{}}{gone})) > 0"
        yield strange.format(_opens("e")), strange.format(f"({_opens('e')}) AND json_valid(e)")
    elif isinstance(dtype, pl.String) and origin.unit != "json":
        yield _opens(f"t_{name}"), f"json_valid(t_{name})"
    elif not (isinstance(dtype, pl.String) or needed):
        zero = f" AND NOT starts_with(t_{name}, '{values.ZERO_TIME}')" if isinstance(dtype, pl.Datetime) else ""
        yield f"v_{name} IS NULL AND t_{name} IS NOT NULL", f"t_{name} <> ''{zero}"
    if isinstance(dtype, pl.Datetime) and origin.unit == "iso":
        yield values.outside(f"v_{name}"), "true"


def _opens(text: str) -> str:
    """True where a text may be that of an object or a list, or of a number with an exponent, which from_json writes
    another way than `values.text_of`."""
    return f"({_begins(text, '[')}) OR ({_begins(text, '{')}) OR contains({text}, 'e+')"


def _begins(text: str, letter: str) -> str:
    """True where a text begins with a letter; comparing costs a tenth of taking the letter out."""
    return f"{text}::VARCHAR >= '{letter}' AND {text}::VARCHAR < '{chr(ord(letter) + 1)}'"
