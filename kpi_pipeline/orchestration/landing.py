"""Landing assets: one asset a stream, three checks an asset, two ops a source.

What a vendor can cut by time is partitioned by month and can be backfilled; what it shows only as of now (products,
monitors, registers) is not partitioned: pretending that it had months would cost events and promise what cannot be.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any

import dagster as dg

from kpi_pipeline.catalogue import Company
from kpi_pipeline.connectors.base import Stream
from kpi_pipeline.errors import KpiError
from kpi_pipeline.flow.load import Mode, load_stream
from kpi_pipeline.landing.page import Window
from kpi_pipeline.landing.receipt import Receipt
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.failures import RETRIES, failing_as_dagster, failure
from kpi_pipeline.orchestration.partitions import months, span_of
from kpi_pipeline.orchestration.resources import WorkspaceParam
from kpi_pipeline.orchestration.tags import MODE_TAG

ONE_HOUR = timedelta(hours=1)
SIX_HOURS = timedelta(hours=6)
PROOFS = {
    "total": "as many came as the source counts",
    "exhausted": "read up to the last page",
    "snapshot": "one answer holds everything",
    "feed": "every change up to the newest was read",
}
CHECKS = {
    "schema": "Every record fits its schema; those that do not are in quarantine, at most 1 %.",
    "complete": "The load is proved complete: received equals what the source promised.",
    "same_shape": "The source's records have the fields they had before.",
}


def source_assets(company: Company, source: str, found: Sequence[Stream]) -> list[dg.AssetsDefinition]:
    """Streams of one source of a company: those with windows as one op, those without as another."""
    windows = [stream for stream in found if stream.read == "window"]
    snapshots = [stream for stream in found if stream.read == "snapshot"]
    assets = []
    if windows:
        assets.append(_asset(company, source, f"{company.id}_{source}", windows, months))
    if snapshots:
        assets.append(_asset(company, source, f"{company.id}_{source}_snapshots", snapshots, None))
    return assets


def _asset(
    company: Company,
    source: str,
    name: str,
    found: Sequence[Stream],
    partitions: dg.PartitionsDefinition | None,
) -> dg.AssetsDefinition:
    """Streams of one source as one op, which holds the vendor account's pool."""
    streams = {naming.landing_key(company.id, source, stream.name): stream for stream in found}
    role = _role(company, company.sources[source].owner)

    @dg.multi_asset(
        name=name,
        specs=[_spec(company, source, key, stream, role) for key, stream in streams.items()],
        check_specs=[
            dg.AssetCheckSpec(name, asset=key, description=text, blocking=name == "schema")
            for key in streams
            for name, text in CHECKS.items()
        ],
        can_subset=True,
        partitions_def=partitions,
        backfill_policy=None if partitions is None else dg.BackfillPolicy.single_run(),
        pool=naming.pool(company.id, source),
        retry_policy=RETRIES,
    )
    def load(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> Iterator[object]:
        opened = workspace.open
        span = Window(opened.now, opened.now) if partitions is None else span_of(context.partition_keys, company.tz)
        mode: Mode = "incremental" if context.run.tags.get(MODE_TAG) == "incremental" else "full"
        failed: list[KpiError] = []
        with failing_as_dagster():
            connector = opened.connector(company, source)
        try:
            for key, stream in streams.items():
                if key not in context.selected_asset_keys:
                    continue
                name = f"{source} {stream.name}"
                try:
                    receipts = load_stream(
                        opened,
                        company,
                        connector,
                        stream,
                        span,
                        mode=mode,
                        run_id=f"{context.run.run_id}-{context.retry_number}",
                        progress=lambda count, name=name: workspace.progress(name, count),  # type: ignore[misc]
                    )
                except KpiError as error:
                    # One stream's trouble must not cost the others: they go on, and the op fails at its end.
                    context.log.error(str(error))
                    failed.append(error)
                    yield from _failed_checks(context, key, error)
                    continue
                yield from _checks(context, key, receipts)
                yield dg.MaterializeResult(asset_key=key, metadata=_metadata(receipts))
        finally:
            connector.close()
        if failed:
            worst = next((error for error in failed if not error.retryable), failed[0])
            raise failure(worst)

    return load


def _spec(company: Company, source: str, key: dg.AssetKey, stream: Stream, role: str) -> dg.AssetSpec:
    late = company.sources[source].late_after
    how = "All of it is read by every load" if stream.read == "snapshot" else "Each load reads what is new or changed"
    return dg.AssetSpec(
        key,
        description=f"`{stream.name}` as {source} gives them. {how}; earlier versions of a record are kept.",
        group_name=naming.group(company.id, "landing"),
        owners=[naming.owner(company.id, role)],
        kinds={source if source in ("stripe", "hubspot", "prometheus") else "python", "parquet"},
        tags={"company": company.id, "layer": "landing", "source": source},
        skippable=True,
        freshness_policy=dg.FreshnessPolicy.time_window(fail_window=2 * SIX_HOURS, warn_window=SIX_HOURS + ONE_HOUR),
        metadata={"source": source, "stream": stream.name, "newest record may be": f"{late} old"},
    )


def _checks(
    context: dg.AssetExecutionContext, key: dg.AssetKey, receipts: Sequence[Receipt]
) -> Iterator[dg.AssetCheckResult]:
    received = sum(receipt.received for receipt in receipts)
    reasons: dict[str, int] = {}
    for receipt in receipts:
        for reason, count in receipt.quarantined.items():
            reasons[reason] = reasons.get(reason, 0) + count
    appeared = sorted({field for receipt in receipts for field in receipt.drift.appeared})
    gone = sorted({field for receipt in receipts for field in receipt.drift.gone})
    results = {
        "schema": dg.AssetCheckResult(
            passed=not reasons,
            severity=dg.AssetCheckSeverity.WARN,
            check_name="schema",
            asset_key=key,
            metadata={
                "records": received,
                "quarantined": sum(reasons.values()),
                "reasons": reasons,
                "quarantine files": [receipt.quarantine for receipt in receipts if receipt.quarantine is not None],
            },
        ),
        "complete": dg.AssetCheckResult(
            passed=True,
            check_name="complete",
            asset_key=key,
            metadata={
                "received": received,
                "expected": _promised(receipts),
                "proof": ", ".join(sorted({PROOFS[receipt.proof] for receipt in receipts})) or "nothing to read",
            },
        ),
        "same_shape": dg.AssetCheckResult(
            passed=not (appeared or gone),
            severity=dg.AssetCheckSeverity.WARN,
            check_name="same_shape",
            asset_key=key,
            metadata={"appeared": appeared, "gone": gone},
        ),
    }
    for name, result in results.items():
        if dg.AssetCheckKey(key, name) in context.selected_asset_check_keys:
            yield result


def _failed_checks(
    context: dg.AssetExecutionContext, key: dg.AssetKey, error: KpiError
) -> Iterator[dg.AssetCheckResult]:
    for name in ("schema", "complete"):
        if dg.AssetCheckKey(key, name) in context.selected_asset_check_keys:
            yield dg.AssetCheckResult(
                passed=False,
                severity=dg.AssetCheckSeverity.ERROR,
                check_name=name,
                asset_key=key,
                description=str(error),
                metadata={"kind": type(error).__name__, "what to do": error.remedy},
            )


def _promised(receipts: Sequence[Receipt]) -> str:
    """The source's own count, where it gives one; its paging said that it was all where it does not."""
    counts = [receipt.expected for receipt in receipts if receipt.expected is not None]
    return str(sum(counts)) if counts else "the source gives no count"


def _metadata(receipts: Sequence[Receipt]) -> dict[str, Any]:
    columns = [dg.TableColumn(name, kind) for receipt in receipts[-1:] for name, kind in receipt.columns.items()]
    watermark = max((receipt.watermark for receipt in receipts if receipt.watermark is not None), default=None)
    return {
        "dagster/row_count": sum(receipt.written for receipt in receipts),
        "dagster/column_schema": dg.TableSchema(columns=columns),
        "received": sum(receipt.received for receipt in receipts),
        "unchanged": sum(receipt.unchanged for receipt in receipts),
        "deleted": sum(receipt.deleted for receipt in receipts),
        "pages": sum(receipt.pages for receipt in receipts),
        "complete until": "unchanged by a backfill" if watermark is None else watermark.isoformat(),
        "api version": receipts[-1].api_version if receipts else "not asked",
    }


def _role(company: Company, owner: str) -> str:
    return company.rotas[owner].name if owner in company.rotas else company.people[owner].role
