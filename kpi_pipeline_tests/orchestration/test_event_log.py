"""Our event log against Dagster's own: the same runs leave the same events, materializations and checks."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import dagster as dg
import pytest
from dagster._core.storage.event_log import SqliteEventLogStorage

from kpi_pipeline.orchestration.event_log import PooledSqliteEventLogStorage

MONTHS = dg.StaticPartitionsDefinition([f"2026-{month:02}" for month in range(1, 5)])
STORAGES = {"dagster": SqliteEventLogStorage, "ours": PooledSqliteEventLogStorage}


@dg.asset(
    partitions_def=MONTHS,
    backfill_policy=dg.BackfillPolicy.single_run(),
    check_specs=[dg.AssetCheckSpec("small", asset="orders")],
)
def orders(context: dg.AssetExecutionContext) -> dg.MaterializeResult:  # type: ignore[type-arg]
    for key in context.partition_keys:
        context.add_asset_metadata({"month": key}, partition_key=key)
    return dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=False, check_name="small")])


@dg.asset(partitions_def=MONTHS, backfill_policy=dg.BackfillPolicy.single_run(), deps=[orders])
def revenue(context: dg.AssetExecutionContext) -> None:
    if "2026-04" in context.partition_keys:
        raise RuntimeError("no rates for April")


DEFINITIONS = dg.Definitions([orders, revenue], jobs=[dg.define_asset_job("all_of_it", "*")])


@pytest.fixture(autouse=True)
def unsized(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process; what the storage sets is undone too."""
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "0")
    os.environ.pop("DAGSTER_EVENT_BATCH_SIZE")


def instance(folder: Path, storage: type[SqliteEventLogStorage]) -> dg.DagsterInstance:
    folder.mkdir()
    (folder / "dagster.yaml").write_text(
        f"event_log_storage:\n  module: {storage.__module__}\n  class: {storage.__name__}\n"
        f"  config: {{base_dir: {folder / 'log'}}}\n"
        "telemetry: {enabled: false}\n"
    )
    return dg.DagsterInstance.from_config(str(folder))


def run(opened: dg.DagsterInstance, first: str, last: str) -> dg.ExecuteInProcessResult:
    tags = {"dagster/asset_partition_range_start": first, "dagster/asset_partition_range_end": last}
    job = DEFINITIONS.resolve_job_def("all_of_it")
    return job.execute_in_process(instance=opened, tags=tags, raise_on_error=False)


def told(opened: dg.DagsterInstance, runs: list[dg.ExecuteInProcessResult]) -> dict[str, Any]:
    """What the instance says of the runs and assets, without ids and times."""
    found: dict[str, Any] = {}
    for number, each in enumerate(runs):
        entries = opened.all_logs(each.run_id)
        steps = [(e.step_key, e.dagster_event_type.value) for e in entries if e.dagster_event_type is not None]
        found[f"events {number}"] = sorted(steps, key=str)
    for key in (orders.key, revenue.key):
        latest = opened.get_latest_materialization_event(key)
        found[f"latest {key}"] = latest and latest.asset_materialization and latest.asset_materialization.partition
        found[f"metadata {key}"] = sorted(
            (record.partition_key or "", str(record.asset_materialization and record.asset_materialization.metadata))
            for record in opened.fetch_materializations(key, limit=100).records
        )
        found[f"partitions {key}"] = sorted(opened.get_materialized_partitions(key))
        (record,) = opened.get_asset_records([key])
        found[f"last run {key}"] = record.asset_entry.last_run_id == runs[-1].run_id
        newest, entry = opened.fetch_materializations(key, limit=1).records[0], record.asset_entry
        found[f"newest {key}"] = entry.last_materialization_storage_id == newest.storage_id
    check = dg.AssetCheckKey(orders.key, "small")
    history = opened.event_log_storage.get_asset_check_execution_history(check, limit=10)
    found["checks"] = [(each.status.value, each.run_id == runs[-1].run_id) for each in history]
    return found


def played(folder: Path, storage: type[SqliteEventLogStorage]) -> dict[str, Any]:
    with instance(folder, storage) as opened:
        runs = [run(opened, "2026-01", "2026-02"), run(opened, "2026-02", "2026-04")]
        return told(opened, runs)


def test_the_same_runs_leave_the_same_log(tmp_path: Path) -> None:
    theirs = played(tmp_path / "dagster", SqliteEventLogStorage)
    assert "DAGSTER_EVENT_BATCH_SIZE" not in os.environ
    ours = played(tmp_path / "ours", PooledSqliteEventLogStorage)
    assert ours == theirs
    assert theirs["newest AssetKey(['orders'])"]
    assert theirs["partitions AssetKey(['orders'])"] == MONTHS.get_partition_keys()
    assert theirs["partitions AssetKey(['revenue'])"] == MONTHS.get_partition_keys()[:2]


class Counting(PooledSqliteEventLogStorage):
    sizes: ClassVar[list[int]] = []

    def store_event_batch(self, events: Sequence[Any]) -> None:
        self.sizes.append(len(events))
        super().store_event_batch(events)


def test_batches_are_written_at_once(tmp_path: Path) -> None:
    with instance(tmp_path / "counting", Counting) as opened:
        assert run(opened, "2026-01", "2026-03").success
    assert Counting.sizes == [7, 3, 3]  # what is planned, a check too; then a materialization a month of each asset


def test_the_tables_of_a_new_run_are_copied(tmp_path: Path) -> None:
    with instance(tmp_path / "ours", PooledSqliteEventLogStorage) as opened:
        done = run(opened, "2026-01", "2026-01")
        files = sorted(
            path.name for path in (tmp_path / "ours" / "log").iterdir() if not path.name.endswith(("-wal", "-shm"))
        )
        assert files == sorted([f"{done.run_id}.db", "index.db", f"empty-{dg.__version__}"])
        assert opened.event_log_storage.get_all_run_ids() == [done.run_id]  # type: ignore[attr-defined]
