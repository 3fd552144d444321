"""The quick statement gives what the thorough one gives, or says that it is in doubt."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import duckdb
import polars as pl
import pytest

from kpi_pipeline.connectors import registry
from kpi_pipeline.landing import extract, places, plain
from kpi_pipeline.schemas.base import Origin, StreamModel, dtypes, origins
from kpi_pipeline_tests.landing.orders import Lines, Orders, order
from kpi_pipeline_tests.landing.test_values import DOES_NOT_FIT, FITS

MONTHS = {"zone": "Europe/Amsterdam", "observed_month": "2026-03"}
INSTANTS = {
    "s": [1_760_000_000, "1760000000", 1_760_000_000.5, 17, 10**18, -5],
    "ms": [1_760_000_000_123, "1760000000123", 1_760_000_000, 10**18],
    "iso": ["2026-03-29T02:30:00.999999+02:00", "2026-03-10T10:00:00Z", "0001-01-01T00:00:00Z", "2026-02-30T00:00:00Z"],
}
USUAL: dict[type[pl.DataType], list[Any]] = {
    pl.String: ["x", "é\n\"quoted\" \\ 'one'", "", "null", "12", "[BUG] it breaks", "{later}", "a e+b", "true", "😀"],
    pl.Int64: [7, "7", 0, -3, 9007199254740993, "12.0"],
    pl.Float64: [1.5, 2, "0.25", 1e300, "1e3"],
    pl.Boolean: [True, False, "true", "FALSE"],
    pl.Date: ["2026-02-28", "2026-02-28T00:00:00.000Z", "2026-02-30"],
    pl.Decimal: ["12.50", 12, "0.000000000001", "-3.1", "1.0000000000001"],
}
ODD = [
    None, "", 0, -0.0, 7.5, 1e22, 1.7976931348623157e308, 10**19, True, "e+5", "1e+5", "NaN", "12.", "+7", " 7", "7_0",
    {}, {"id": "a"}, [], ["a"], "[1]", '{"a": 1}', [[1]], [None], ["[1]"], [1, "a", None],
    [{"id": "x"}], [{"id": [1]}, {}],
]  # fmt: skip


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    opened = duckdb.connect()
    opened.execute("SET TimeZone = 'UTC'")
    yield opened
    opened.close()


def both(
    connection: duckdb.DuckDBPyConnection, model: type[StreamModel], rows: str, bodies: list[str]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows of some pages by the thorough and by the quick statement, in order."""
    pages = {
        "_page": range(len(bodies)),
        "_gone": [False] * len(bodies),
        "_salt": ["salt"] * len(bodies),
        "body": bodies,
        **{f"c_{name}": ["[constant]"] * len(bodies) for name in extract.constants(model)},
    }
    connection.register("pages", pl.DataFrame(pages))
    found = [connection.sql(module.statement(model, rows, **MONTHS)).pl() for module in (extract, plain)]
    # as integers, because Python's datetime cannot hold what landing judges to be out of range
    thorough, quick = (
        frame.sort("_seq").with_columns(pl.col(pl.Datetime).cast(pl.Int64)).to_dicts() for frame in found
    )
    return thorough, quick


def agree(thorough: list[dict[str, Any]], quick: list[dict[str, Any]]) -> int:
    """How many rows were not in doubt, each of them the same."""
    assert [row["_seq"] for row in quick] == [row["_seq"] for row in thorough]
    sure = [(slow, fast) for slow, fast in zip(thorough, quick, strict=True) if not fast["_doubt"]]
    for slow, fast in sure:
        assert {**slow, "_doubt": False} == fast
    return len(sure)


def test_values_that_fit_are_the_same_by_both_and_seldom_in_doubt(connection: duckdb.DuckDBPyConnection) -> None:
    records = [order(at, **{field: sent}) for at, (field, sent, _, _) in enumerate(FITS)]
    assert agree(*both(connection, Orders, "data", [json.dumps({"data": records})])) >= len(FITS) - 4


def test_every_value_that_does_not_fit_its_type_is_in_doubt(connection: duckdb.DuckDBPyConnection) -> None:
    wrong = [each for each in DOES_NOT_FIT if each[3] in ("type", "missing", "range")]
    records = [order(at, **{field: sent}) for at, (field, sent, _, _) in enumerate(wrong)]
    _, quick = both(connection, Orders, "data", [json.dumps({"data": records})])
    assert [case for case, row in zip(wrong, quick, strict=True) if not row["_doubt"]] == []


def test_what_is_no_record_is_in_doubt(connection: duckdb.DuckDBPyConnection) -> None:
    thorough, quick = both(connection, Orders, "data", [json.dumps({"data": [None, 5, "x", [], order(1)]})])
    assert agree(thorough, quick) == 1


@pytest.mark.parametrize("source", [*registry.SOURCES, "orders"])
def test_of_every_model_a_row_is_the_same_by_both_or_in_doubt(
    connection: duckdb.DuckDBPyConnection, source: str
) -> None:
    rng = random.Random(11)
    models = [Orders, Lines] if source == "orders" else [stream.model for stream in registry.streams(source)]
    for model in models:
        nested = any(origin.path.startswith("^.") for origin in origins(model).values())
        rows = "data[].inside.rows" if nested else "data"
        bodies = [json.dumps({"data": [made(model, rng, share) for _ in range(12)]}) for share in (0, 0.02, 0.1, 0.5)]
        sure = agree(*both(connection, model, rows, bodies))
        assert sure > 0, f"{model.__name__}: every row was in doubt"


def made(model: type[StreamModel], rng: random.Random, odd: float) -> Any:
    """A record of a model, or the holder of two; each value is odd with a probability."""
    holder = _record(model, rng, odd, held=True)
    if not holder:
        return _record(model, rng, odd, held=False)
    inside = [_record(model, rng, odd, held=False) for _ in range(2)]
    return {**holder, "inside": {"rows": inside}} if isinstance(holder, dict) else holder


def _record(model: type[StreamModel], rng: random.Random, odd: float, *, held: bool) -> Any:
    record: Any = {}
    for name, origin in origins(model).items():
        if origin.path.startswith("@") or origin.path.startswith("^.") != held:
            continue
        value = rng.choice(ODD) if rng.random() < odd else _usual(dtypes(model)[name], origin, rng)
        record = _put(record, places.steps(origin.path.removeprefix("^.").replace("[]", ".@")), value, rng, odd)
    return record


def _usual(dtype: pl.DataType, origin: Origin, rng: random.Random) -> Any:
    if origin.unit in INSTANTS:
        return rng.choice(INSTANTS[origin.unit][:2])
    if origin.unit == "json":
        return rng.choice([{"k": [1, "ü"]}, [], "text", None])
    if isinstance(dtype, pl.List):
        return [rng.choice(["a", "b", 3]) for _ in range(rng.randrange(3))]
    return rng.choice(USUAL[type(dtype)][:4])


def _put(into: Any, steps: list[str], value: Any, rng: random.Random, odd: float) -> Any:
    """The record with a value at a place; an object on the way is sometimes something else."""
    if not steps:
        return value
    if into is not None and rng.random() < odd / 4:
        return rng.choice(ODD)
    if steps[0] == "@":
        return [_put(None, steps[1:], each, rng, odd) for each in value] if isinstance(value, list) else value
    if steps[0].startswith("["):
        at = int(steps[0][1:-1])
        found = list(into) if isinstance(into, list) else []
        found += [None] * (at + 1 - len(found))
        found[at] = _put(found[at], steps[1:], value, rng, odd)
        return found
    found = dict(into) if isinstance(into, dict) else {}
    found[steps[0]] = _put(found.get(steps[0]), steps[1:], value, rng, odd)
    return found
