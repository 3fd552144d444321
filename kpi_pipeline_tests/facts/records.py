"""Landing tables made of a few records written by hand: the seam through which facts are tested on any engine."""

from __future__ import annotations

import importlib
import itertools
import tempfile
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from kpi_pipeline.landing.reading import arrow_schema
from kpi_pipeline.schemas.base import StreamModel, dtypes, key_columns, stream_key

OBSERVED = datetime(2026, 6, 1, tzinfo=UTC)
SETTINGS = {
    "stripe": {
        "booking_metadata": "booking_id",
        "category_metadata": "category",
        "not_revenue": ["tip", "pass_through"],
        "company_metadata": "organisation_id",
        "product_group_metadata": "group",
        "indexation_days": ["2026-05-01"],
    },
    "hubspot": {
        "qualified_stage": "salesqualifiedlead",
        "booking_property": "booking_id",
        "event_property": "event_date",
        "deal_qualified_stage": "qualifiedtobuy",
        "deal_one_time_property": "one_time_amount",
        "deal_term_property": "contract_months",
        "deal_duplicate_property": "is_duplicate",
        "meeting_reasons_property": "reasons",
        "usp_reason": "Aantoonbaarheid",
        "meeting_campaign_property": None,
        "pilot_stage": "pilot",
        "pilot_end_property": "pilot_end",
        "contract_end_property": "contract_end",
        "go_property": "go_date",
        "live_property": "live_date",
        "annual_contract_months": 12,
        "segment_property": "segment",
        "holiday_region_property": "holiday_region",
        "school_holidays": {"noord": ["2026-05-01/2026-05-05"]},
        "portal_id": "8675309",
    },
    "typeform": {
        "nps_form": "nps",
        "nps_question": "nps_event",
        "respondent": "booking_id",
        "invitation": "invitation_id",
        "event_date": "event_date",
    },
    "uptimerobot": {"required_monitors": ["Website", "API /health"]},
    "linear": {"incident_team": "INC", "issue_kinds": {"bug": ["bug", "regression"], "debt": ["tech-debt"]}},
    "prometheus": {},
    "github": {},
    "mailgun": {},
    "ga4": {},
    "registers": {},
    "sql": {
        "qualifying_events": ["teach", "export_excel"],
        "key_events": ["teach"],
        "dashboard_events": ["dashboard_created"],
        "fills": ["support_ticket"],
    },
}


@dataclass(frozen=True)
class Settings:
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Company:
    id: str = "mister_dj"
    zone: str = "Europe/Amsterdam"
    currency: str = "EUR"
    sources: Mapping[str, Settings] = field(
        default_factory=lambda: {name: Settings(settings) for name, settings in SETTINGS.items()}
    )


@cache
def model(stream: str) -> type[StreamModel]:
    module = vars(importlib.import_module(f"kpi_pipeline.schemas.{stream.split('.')[0]}"))
    models = [each for each in module.values() if isinstance(each, type) and issubclass(each, StreamModel)]
    return {".".join(stream_key(each)): each for each in models if each is not StreamModel}[stream]


def utc(text: str) -> datetime:
    """'2026-05-01 10:00' → aware UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def ms(text: str) -> int:
    return round(utc(text).timestamp() * 1000)


class Records:
    """Answers like Landing: `latest` is the newest version of each record without deleted ones, `versions` all."""

    counter = itertools.count()

    def __init__(self) -> None:
        self.rows: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.folder = tempfile.TemporaryDirectory(prefix="records-")  # Spark reads files; gone with the records

    def add(self, stream: str, *, observed: datetime = OBSERVED, deleted: bool = False, **values: Any) -> Records:
        columns = model(stream).to_schema().columns
        unknown = set(values) - set(columns)
        assert not unknown, f"{stream} has no {unknown}"
        row = {name: values.get(name) for name in columns}
        missing = [name for name, spec in columns.items() if row[name] is None and not spec.nullable]
        assert not missing, f"{stream} needs {missing}"
        row.update(_observed_at=observed, _run_id="run", _deleted=deleted)
        self.rows[stream].append(row)
        return self

    def latest(self, backend: Any, company: str, model: type[StreamModel]) -> ibis.Table:
        newest = self._frame(model).sort("_observed_at").unique(key_columns(model), keep="last", maintain_order=True)
        return self._table(backend, model, newest.filter(~pl.col("_deleted")).drop("_run_id", "_deleted"))

    def versions(self, backend: Any, company: str, model: type[StreamModel]) -> ibis.Table:
        return self._table(backend, model, self._frame(model))

    def _frame(self, model: type[StreamModel]) -> pl.DataFrame:
        types: dict[str, Any] = dict(dtypes(model))
        types |= {"_observed_at": pl.Datetime("us", "UTC"), "_run_id": pl.String, "_deleted": pl.Boolean}
        frame = pl.DataFrame(self.rows[".".join(stream_key(model))], schema=types)
        if not frame.is_empty():  # most streams of a test; to judge nothing takes as long as to judge a row
            model.validate(frame.drop("_observed_at", "_run_id", "_deleted"))
        return frame

    def _table(self, backend: Any, model: type[StreamModel], frame: pl.DataFrame) -> ibis.Table:
        plain = {field.name: field.type for field in arrow_schema(model)}
        schema = pa.schema([pa.field(name, plain[name]) for name in frame.columns])
        name, table = f"records_{next(self.counter)}", frame.to_arrow().cast(schema)
        if backend.name == "pyspark":
            file = Path(self.folder.name) / f"{name}.parquet"
            pq.write_table(table, file)
            return backend.read_parquet(file, table_name=name)
        return backend.create_table(name, table, temp=True)


def day(text: str) -> date:
    return date.fromisoformat(text)
