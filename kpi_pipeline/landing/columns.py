"""Pages that hold columns instead of records: Arrow from a source that is a database itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

from kpi_pipeline.errors import IncompleteLoad
from kpi_pipeline.landing.page import Page

Schema = dict[str, pl.DataType]


def schema(page: Page, *, doing: str) -> Schema:
    """Columns and types of a page. Raises IncompleteLoad for a body that is no Arrow stream."""
    try:
        return dict(pl.read_ipc_stream(page.body, n_rows=0).schema)
    except (pl.exceptions.PolarsError, OSError):
        raise _cut(doing) from None


def fingerprint(columns: Schema) -> str:
    """Pages of one fingerprint can be typed by one statement."""
    return hashlib.sha256("|".join(f"{name}:{dtype}" for name, dtype in columns.items()).encode()).hexdigest()[:12]


def frame(numbered: Sequence[tuple[int, Page]], constants: Sequence[str], *, salt: str, doing: str) -> pl.DataFrame:
    """The rows of pages of one schema, with `_page, _row, _gone, _salt` and the pages' constants `c_<name>`.

    Raises IncompleteLoad for a page that is cut or has another number of rows than it says.
    """
    frames = []
    for number, page in numbered:
        try:
            rows = pl.read_ipc_stream(page.body)
        except (pl.exceptions.PolarsError, OSError):
            raise _cut(doing) from None
        if rows.height != page.count:
            raise IncompleteLoad(
                doing,
                f"a page says it holds {page.count} records, {rows.height} were read from it",
                remedy="This is a fault of the connector; nothing was committed.",
            )
        beside = {
            "_page": pl.lit(number, pl.Int64),
            "_gone": pl.lit(page.deleted),
            "_salt": pl.lit(salt),
            **{f"c_{name}": pl.lit(page.constants.get(name), pl.String) for name in constants},
        }
        frames.append(rows.with_row_index("_row").with_columns(pl.col("_row").cast(pl.Int64), **beside))
    return pl.concat(frames)


def _cut(doing: str) -> IncompleteLoad:
    return IncompleteLoad(
        doing,
        "a page is no whole Arrow stream",
        remedy="The answer was cut on the way; if it stays, it is a fault of the connector.",
    )
