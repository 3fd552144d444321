"""Checking a polars frame loads neither pandas nor Spark, and keeps nobody else from loading them."""

from __future__ import annotations

import subprocess
import sys

CHECK = """
import sys
import polars as pl
from kpi_pipeline.schemas.base import StreamModel, Text, column
from kpi_pipeline.schemas.polars_only import pandera

class Orders(StreamModel):
    id: Text = column("id", key=True, isin=["a"])

    class Config(StreamModel.Config):
        name = "shop.orders"

Orders.validate(pl.DataFrame({"id": ["a"]}))
try:
    Orders.validate(pl.DataFrame({"id": ["b"]}), lazy=True)
except pandera.errors.SchemaErrors as errors:
    print(errors.failure_cases["check"].to_list())
print([name for name in ("pandas", "pyspark", "hypothesis") if name in sys.modules])
import pandas
print(pandas.DataFrame({"id": [1]})["id"].sum())
"""


def test_checking_a_frame_loads_no_pandas_and_pandas_still_works_afterwards() -> None:
    done = subprocess.run([sys.executable, "-c", CHECK], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines() == ["[\"isin(['a'])\"]", "[]", "1"]
