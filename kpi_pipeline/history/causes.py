"""Why a number changed, derived from the receipts of the runs that computed it before and after. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from kpi_pipeline.history.inputs import Load, RunInputs, StreamId
from kpi_pipeline.history.observation import Recorded

REGISTERS = "registers"
RATES: StreamId = (REGISTERS, "fx_rates")
# In the order in which one explains the other.
CAUSES = ("definition", "settings", "rate", "register", "backfill", "late_records", "fix", "unrecorded")


@dataclass(frozen=True, slots=True)
class Cause:
    """One reason for a restatement and what shows it.

    `kind`: definition (the KPI means something else) · settings (how the company maps its sources changed) · rate (an
    exchange rate) · register (a register kept by hand was corrected) · backfill (old months were read again) ·
    late_records (records came, or changed, after the fact) · fix (the same records, computed by other software) ·
    unrecorded (the runs left no receipts).
    """

    kind: str
    evidence: str


def causes(
    before: Recorded,
    after: Recorded,
    inputs: Mapping[str, RunInputs],
    loads: Mapping[StreamId, Sequence[Load]],
    streams: Iterable[StreamId],
) -> tuple[Cause, ...]:
    """Every reason that the receipts give, in the order of CAUSES.

    `inputs` are the receipts of runs by id, `loads` those of the loads of `streams`, from which the KPI is computed.
    Two loads of one source between the runs are told together.
    """
    was, now = inputs.get(before.run_id), inputs.get(after.run_id)
    found = list(_declared(before, after, was, now))
    if was is None or now is None or not was.streams or not now.streams:
        found.append(Cause("unrecorded", f"run {before.run_id} or {after.run_id} left no receipt of what it read"))
        return tuple(found)
    found += _new_loads(was, now, loads, streams)
    if not found and was.software != now.software:
        found.append(Cause("fix", f"the same records, computed by other software: {was.software} → {now.software}"))
    if not found:
        found.append(Cause("unrecorded", "the same records, definition and software: nothing on record explains it"))
    return tuple(sorted(found, key=lambda each: (CAUSES.index(each.kind), each.evidence)))


def _declared(before: Recorded, after: Recorded, was: RunInputs | None, now: RunInputs | None) -> Iterator[Cause]:
    if before.definition_hash != after.definition_hash:
        old, new = (f"v{row.definition_version} ({row.definition_hash})" for row in (before, after))
        yield Cause("definition", f"{old} → {new}")
    if was is not None and now is not None and was.settings != now.settings:
        yield Cause("settings", f"settings of the sources {was.settings} → {now.settings}")


def _new_loads(
    was: RunInputs, now: RunInputs, loads: Mapping[StreamId, Sequence[Load]], streams: Iterable[StreamId]
) -> Iterator[Cause]:
    for stream in sorted(set(streams)):
        if stream not in now.streams:
            continue
        seen = was.streams[stream].last_load if stream in was.streams else 0
        fresh = [load for load in loads.get(stream, ()) if seen < load.id <= now.streams[stream].last_load]
        by_kind: dict[str, list[Load]] = {}
        for load in fresh:
            if load.written:
                by_kind.setdefault(_kind(stream, load), []).append(load)
        for kind, some in by_kind.items():
            records = sum(load.written for load in some)
            runs = ", ".join(dict.fromkeys(load.run_id for load in some[-3:]))
            yield Cause(kind, f"{'/'.join(stream)}: {records} records new or changed, loaded by {runs}")


def _kind(stream: StreamId, load: Load) -> str:
    if stream == RATES:
        return "rate"
    if stream[0] == REGISTERS:
        return "register"
    return "backfill" if load.kind == "backfill" else "late_records"
