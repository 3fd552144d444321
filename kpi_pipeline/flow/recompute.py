"""History computed again from landing: every number that does not come out as it was recorded, and why."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.facts import sources
from kpi_pipeline.flow.inputs import Inputs
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.chain import exact
from kpi_pipeline.history.inputs import RunInputs, StreamId, inputs_of, loads_of
from kpi_pipeline.history.integrity import Difference
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.metrics.engine import Measurement
from kpi_pipeline.metrics.uses import facts_of

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kpi_pipeline.metrics.engine import Engine, IsUnread
    from kpi_pipeline.schemas.base import StreamModel

COMPARED = {"value": "value", "numerator": "numerator", "denominator": "denominator", "n": "n", "text_value": "text"}
Progress = Callable[[str], None]


def recompute(
    workspace: Workspace, company: Company, kpis: Sequence[Kpi], first: date, last: date, progress: Progress
) -> list[Difference]:
    """What landing now gives for every recorded day of [first, last] that is over, against history.

    Where they differ, the number is computed once more from exactly the loads that its own run saw:
    `inputs_changed` (it comes out then; records came since and nobody computed that day again), `another_value` (it
    does not), `definition_changed` (it was computed by an older definition), `not_computed` (history lacks the day, or
    knows it only as it was when it was not over).
    """
    found: list[Difference] = []
    until = min(last, workspace.now.astimezone(company.tz).date() - timedelta(days=1))
    for kpi in kpis:
        progress(kpi.id)
        rows = workspace.history.series(company.id, kpi.id, first, until)
        if rows:
            found += _of_kpi(workspace, company, kpi, rows)
    return found


def _of_kpi(workspace: Workspace, company: Company, kpi: Kpi, rows: Sequence[Recorded]) -> Iterator[Difference]:
    workspace.facts(company).materialise(facts_of(kpi, company))
    measured = {each.day: each for each in workspace.engine(company).measure(kpi, rows[0].day, rows[-1].day)}
    by_day = {row.day: row for row in rows}
    for day, each in measured.items():
        if day not in by_day:
            yield Difference("not_computed", "landing gives a value that history does not have", kpi.id, day)
        elif by_day[day].period_end < each.period_end:
            yield Difference("not_computed", "history knows the day only from before it was over", kpi.id, day)
    over = [row for row in rows if row.period_end == measured[row.day].period_end]
    off = [row for row in over if _differences(row, measured[row.day])]
    older = [row for row in off if row.definition_hash != kpi.definition_hash]
    for row in older:
        message = f"recorded by definition v{row.definition_version}, it is v{kpi.version} now"
        yield Difference("definition_changed", message, kpi.id, row.day)
    yield from _as_seen(workspace, company, kpi, [row for row in off if row not in older], measured)


def _as_seen(
    workspace: Workspace, company: Company, kpi: Kpi, rows: Sequence[Recorded], now: Mapping[date, Measurement]
) -> Iterator[Difference]:
    """Of rows that differ from what landing gives now: whether they follow from what their own runs saw."""
    streams = sources(facts_of(kpi, company), company.sources)
    runs = inputs_of(workspace.history, company.id, {row.run_id for row in rows})
    by_run: dict[str, list[Recorded]] = defaultdict(list)
    for row in rows:
        by_run[row.run_id].append(row)
    for run_id, mine in by_run.items():
        if not runs[run_id].streams:
            for row in mine:
                said = _said(_differences(row, now[row.day]))
                yield Difference("another_value", f"{said}; run {run_id} left no receipt", kpi.id, row.day)
            continue
        seen = SeenLanding(workspace, company, streams, runs[run_id], mine[-1].recorded_at)
        with seen.engine() as engine:
            then = {each.day: each for each in engine.measure(kpi, mine[0].day, mine[-1].day)}
        for row in mine:
            off = _differences(row, then[row.day])
            if off:
                yield Difference("another_value", f"{_said(off)}, from the same records", kpi.id, row.day)
            else:
                said, late = _said(_differences(row, now[row.day])), ", ".join(seen.loaded_since()) or "records"
                yield Difference("inputs_changed", f"{said}; {late} came after run {run_id}", kpi.id, row.day)


def _differences(row: Recorded, measured: Measurement) -> dict[str, tuple[Any, Any]]:
    pairs = {name: (getattr(row, name), getattr(measured, other)) for name, other in COMPARED.items()}
    return {name: (old, new) for name, (old, new) in pairs.items() if old != new}


def _said(differences: Mapping[str, tuple[Any, Any]]) -> str:
    return "; ".join(
        f"{name} {_text(old)} on record, {_text(new)} computed" for name, (old, new) in differences.items()
    )


def _text(value: Any) -> str:
    return "nothing" if value is None else str(exact(value)) if hasattr(value, "as_tuple") else str(value)


class SeenLanding:
    """Landing as one run saw it: only the versions of the loads that its receipt counts, and the time that loads had
    asked for by `at`, when it recorded."""

    def __init__(
        self, workspace: Workspace, company: Company, streams: Sequence[StreamId], run: RunInputs, at: datetime
    ) -> None:
        self._workspace, self._company, self._run, self._at = workspace, company, run, at
        self._loads = loads_of(workspace.history, company.id, streams)

    def engine(self) -> _Opened:
        return _Opened(self._workspace, self._company, self)

    def unread(self, kpi: Kpi) -> IsUnread:
        return Inputs(self._workspace, self._company, until=self._at).unread(kpi)

    def loaded_since(self) -> list[str]:
        """The streams in which history knows of loads that the run had not seen."""
        return [
            "/".join(stream) for stream, loads in self._loads.items() if loads and loads[-1].id > self._last(stream)
        ]

    def latest(self, backend: Any, company: str, model: type[StreamModel]) -> ir.Table:
        from kpi_pipeline.landing.reading import newest_of

        return newest_of(self.versions(backend, company, model), model)

    def versions(self, backend: Any, company: str, model: type[StreamModel]) -> ir.Table:
        from kpi_pipeline.schemas.base import stream_key

        stream = stream_key(model)
        seen = [load.run_id for load in self._loads.get(stream, ()) if load.id <= self._last(stream)]
        versions = self._workspace.landing.versions(backend, company, model)
        return versions.filter(versions["_run_id"].isin(seen))

    def _last(self, stream: StreamId) -> int:
        return self._run.streams[stream].last_load if stream in self._run.streams else 0


class _Opened:
    """An engine over landing as a run saw it; leaving it drops its facts."""

    def __init__(self, workspace: Workspace, company: Company, landing: SeenLanding) -> None:
        from kpi_pipeline.facts.tables import FactTables

        self._workspace, self._company, self._landing = workspace, company, landing
        self._tables = FactTables(landing, company, workspace.backend)

    def __enter__(self) -> Engine:
        from kpi_pipeline.metrics.engine import Engine

        return Engine(
            self._workspace.backend,
            self._tables,
            self._company,
            now=self._workspace.now,
            unread=self._landing.unread,
        )

    def __exit__(self, *_: object) -> None:
        self._tables.release()
