"""A company's alerts on a store of its own: record what was measured, let time pass, read what people were told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, select

from kpi_pipeline.alerts import ledger
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.tables import notice
from kpi_pipeline.alerts.watch import Finding, Watch, watch
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Alerting
from kpi_pipeline.history.database import writing
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore

NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)  # a Friday, 07:00 in Amsterdam


class Alarm:
    """A company's alerts on a store of its own: record, let time pass, read what was told."""

    def __init__(self, store: HistoryStore, company: Company, **alerts: Any) -> None:
        self.store = store
        declared = Alerting.model_validate(alerts) if alerts else company.alerts
        self.company = company.model_copy(update={"alerts": declared})
        self.upstream: tuple[str, ...] = ()

    def record(self, *observations: Observation, now: datetime = NOW, closed_until: datetime | None = None) -> None:
        sight = Sight(now if closed_until is None else closed_until, self.upstream)
        run = Evaluation(self.company, lambda _kpi: sight, now, "run")
        self.store.record(observations, run_id="run", now=now, within=evaluate(run, ["conversion"]))

    def watch(self, now: datetime, *findings: Finding, incomplete: tuple[dict[str, Any], ...] = ()) -> None:
        with writing(self.store.engine, "watching", "acme") as connection:
            watch(connection, Watch(self.company, now, findings, {"conversion": self.upstream}, incomplete))

    def do(self, act: Callable[..., Any], *arguments: Any, **fields: Any) -> Any:
        with writing(self.store.engine, "acting", "acme") as connection:
            return act(connection, *arguments, **fields)

    def rows(self, table: Table) -> list[Any]:
        with self.store.engine.connect() as connection:
            return list(connection.execute(select(table)))

    def told(self) -> list[tuple[str, str]]:
        with self.store.engine.connect() as connection:
            query = select(notice.c.reason, notice.c.level).order_by(notice.c.created_at, notice.c.id)
            return [tuple(row) for row in connection.execute(query)]

    def state(self, rule: str = "threshold") -> Any:
        with self.store.engine.connect() as connection:
            return ledger.load(connection, "acme", "conversion", rule)
