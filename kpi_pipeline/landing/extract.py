"""The DuckDB statement that turns page bodies into typed rows, written from a model's origins alone.

Leaves are first taken out as JSON, so that "absent", "null", "12" and 12 stay apart, and every object on the way to a
leaf is seen to be an object: `customer` that becomes `{"id": …}` is a fault, not a missing value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from kpi_pipeline.landing import values
from kpi_pipeline.landing.places import Place
from kpi_pipeline.landing.ways import Ways
from kpi_pipeline.schemas.base import Origin, StreamModel, cursor_column, dtypes, key_columns, origins, required

# What landing puts in front of the model's columns: the place in the load (later rows win), the record's key, a hash of
# its values, whether it is known to be gone, its month, and why it is not good ("reason:column").
ROW_COLUMNS = ("_seq", "_key", "_hash", "_gone", "_month", "_fault", "_payload_hash")


def constants(model: type[StreamModel]) -> tuple[str, ...]:
    """Names of the page constants that a model reads."""
    return tuple(origin.path[1:] for origin in origins(model).values() if origin.path.startswith("@"))


def statement(model: type[StreamModel], rows: str, *, zone: str, observed_month: str) -> str:
    """SELECT of ROW_COLUMNS and the model's columns from a table `pages(_page, _gone, _salt, body, c_<constant> …)`.

    `zone` is the months' time zone, `observed_month` the month of records without a cursor. The statement has no
    parameters and reads no variables, so that DuckDB plans it once for all batches of a load.
    """
    spec, ways = origins(model), Ways.through(model, rows)
    layers = ways.layers()
    layers.append("*, " + ", ".join(f"{_found(ways, name, origin)} AS j_{name}" for name, origin in spec.items()))
    above = {name: ways.above(name, origin) for name, origin in spec.items()}
    months = {"zone": zone, "observed_month": observed_month}
    return _judged(model, layers, table="pages", sequence=ways.sequence, above=above, direct={}, **months)


def statement_of_columns(
    model: type[StreamModel], given: Mapping[str, pl.DataType], *, table: str, zone: str, observed_month: str
) -> str:
    """As `statement`, from a `table` of (_page, _row, _gone, _salt, c_<constant> …) and the `given` columns by path.

    A column of the model's type is taken as it is; another goes through JSON like a record's leaf, so that a value that
    does not fit is judged alike wherever it comes from. A column that is not given is null.
    """
    spec, types = origins(model), dtypes(model)
    direct = {
        name: f'"{origin.path}"'
        for name, origin in spec.items()
        if given.get(origin.path) == types[name] and origin.unit != "json"
    }
    found = {name: _given(origin, given) for name, origin in spec.items() if name not in direct}
    layers = [", ".join(["*", *(f"{json} AS j_{name}" for name, json in found.items())])]
    months = {"zone": zone, "observed_month": observed_month}
    return _judged(model, layers, table=table, sequence="(_page << 40) + _row", above={}, direct=direct, **months)


def _judged(
    model: type[StreamModel],
    layers: list[str],
    *,
    table: str,
    sequence: str,
    above: Mapping[str, list[Place]],
    direct: Mapping[str, str],
    zone: str,
    observed_month: str,
) -> str:
    """The statement over `layers`, which give a JSON value j_<column> of each column that is not in `direct`."""
    spec, types, needed = origins(model), dtypes(model), required(model)
    parsed = [name for name in spec if name not in direct]
    halves = {name: values.halfway(f"j_{name}", f"t_{name}", types[name], spec[name]) for name in parsed}
    typed = {name: hashed(spec[name], direct.get(name) or _typed(name, types, spec)) for name in spec}
    cases = [
        f"WHEN {wrong} THEN '{reason}:{name}'"
        for name, origin in spec.items()
        for reason, wrong in _faults(
            name, types, origin, needed=name in needed, above=above.get(name, []), parsed=name not in direct
        )
    ]
    layers += [
        ", ".join(["*", *(f"{values.scalar(f'j_{name}')} AS t_{name}" for name in parsed)]),
        ", ".join(["*", *(f"{half} AS h_{name}" for name, half in halves.items() if half)]),
        ", ".join(["*", *(f"{value} AS v_{name}" for name, value in typed.items())]),
        f"*, CASE {' '.join(cases)} ELSE NULL END AS fault",
    ]
    payload = ", ".join(f"j_{name}" if name not in direct else f"to_json(v_{name})" for name in spec)
    sent = f"CASE WHEN fault IS NOT NULL THEN sha256(_salt || to_json([{payload}])::VARCHAR) END"
    months = {"zone": zone, "observed_month": observed_month}
    return (
        f"{chained(table, layers)}\n{rows_of(model, sequence=sequence, fault='fault', sent=sent, **months)}\nFROM last"
    )


def rows_of(model: type[StreamModel], *, sequence: str, fault: str, sent: str, zone: str, observed_month: str) -> str:
    """SELECT of ROW_COLUMNS and the model's columns from typed values v_<column>; `sent` hashes what was refused."""
    names = list(origins(model))
    return f"""SELECT {sequence} AS _seq,
       {_key(key_columns(model))} AS _key,
       sha256(to_json(struct_pack({", ".join(f'"{name}" := v_{name}' for name in names)}))::VARCHAR) AS _hash,
       _gone,
       {_month(cursor_column(model), zone, observed_month)} AS _month,
       {fault} AS _fault,
       {sent} AS _payload_hash,
       {", ".join(f'v_{name} AS "{name}"' for name in names)}"""


def _found(ways: Ways, name: str, origin: Origin) -> str:
    found = ways.found(name, origin)
    return "NULL::JSON" if found is None else f"to_json({found})" if origin.path.startswith("@") else found


def _typed(name: str, types: dict[str, pl.DataType], spec: dict[str, Origin]) -> str:
    return values.typed(f"j_{name}", f"t_{name}", f"h_{name}", types[name], spec[name])


def hashed(origin: Origin, value: str) -> str:
    return f"sha256(_salt || lower(trim({value})))" if origin.hashed else value


def _given(origin: Origin, given: Mapping[str, pl.DataType]) -> str:
    if origin.path.startswith("@"):
        return f"to_json(c_{origin.path[1:]})"
    return f'to_json("{origin.path}")' if origin.path in given else "NULL::JSON"


def _faults(
    name: str, types: dict[str, pl.DataType], origin: Origin, *, needed: bool, above: list[Place], parsed: bool
) -> Iterator[tuple[str, str]]:
    """(reason, condition) of all that may be wrong with a value; of a record that is gone only the key matters."""
    unless_gone = "" if origin.key else "NOT _gone AND "
    for place in above:
        kind = "[" if place.numbered else "{"
        yield "type", f"{unless_gone}left({place.alias}::VARCHAR, 1) <> '{kind}'"
    if parsed:
        blank = values.blank(f"j_{name}", types[name])
        yield "type", f"{unless_gone}NOT {blank} AND v_{name} IS NULL"
    if isinstance(types[name], pl.Datetime):
        yield "range", f"{unless_gone}{values.outside(f'v_{name}')}"
    if needed:
        yield "missing", f"{unless_gone}v_{name} IS NULL"


def _key(columns: tuple[str, ...]) -> str:
    if len(columns) == 1:
        return f"v_{columns[0]}::VARCHAR"
    escaped = [rf"replace(replace(v_{name}::VARCHAR, '\', '\\'), '|', '\|')" for name in columns]
    return " || '|' || ".join(escaped)


def _month(cursor: str | None, zone: str, observed_month: str) -> str:
    local = f"strftime(timezone('{zone}', v_{cursor}), '%Y-%m')"
    return f"coalesce({local}, '{observed_month}')" if cursor else f"'{observed_month}'"


def chained(source: str, projections: list[str]) -> str:
    """A WITH clause that applies projections one after the other; the result is called `last`."""
    parts = []
    for number, projection in enumerate(projections):
        name = "last" if number == len(projections) - 1 else f"layer_{number}"
        parts.append(f"{name} AS (SELECT {projection} FROM {source})")
        source = name
    return "WITH " + ",\n".join(parts)
