"""When monitors were down, paused, under maintenance or not watched yet."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a span and cause; spans of one monitor may overlap, whoever sums them takes the union.

    down: incidents that count in reports. maintenance: the planned occurrences. unchecked: before the monitor was
    created, and after it was deleted. paused: from when UptimeRobot says the pause began to the reading that saw its
    end, because it keeps no record of pauses that are over.
    """
    versions = _versions(facts)
    monitors = _monitors(versions)
    spans = ibis.union(_down(facts), _maintenance(facts), _unchecked(versions, monitors), _paused(versions))
    return spans.join(monitors.select("monitor_id", "monitor"), "monitor_id")


def _versions(facts: FactTables) -> Table:
    """Every seen state of every monitor with the instant the next one was seen."""
    versions = facts.versions("uptimerobot", "monitors")
    versions = versions.select(
        monitor_id=versions.id.cast("string"),
        monitor=versions.name,
        status=versions.status,
        created_at=epoch_ms(versions.created_at),
        seen_at=epoch_ms(versions._observed_at),
        paused_at=epoch_ms(versions.paused_at),
        deleted=versions._deleted,
    )
    return versions.mutate(
        next_seen_at=versions.seen_at.lead().over(group_by=versions.monitor_id, order_by=versions.seen_at)
    )


def _monitors(versions: Table) -> Table:
    """Each monitor under its last name, deleted ones included: their past still counts."""
    named = versions.filter(~versions.deleted)
    rank = ibis.row_number().over(group_by=named.monitor_id, order_by=named.seen_at.desc())
    return named.mutate(rank=rank).filter(lambda t: t.rank == 0).select("monitor_id", "monitor", "created_at")


def _down(facts: FactTables) -> Table:
    incidents = facts.records("uptimerobot", "incidents")
    incidents = incidents.filter(incidents.include_in_reports)
    return _spans(
        incidents.monitor_id, "down", epoch_ms(incidents.started_at), epoch_ms(incidents.resolved_at), incidents
    )


def _maintenance(facts: FactTables) -> Table:
    windows = facts.records("uptimerobot", "maintenance_windows")
    return _spans(windows.monitor_id, "maintenance", epoch_ms(windows.starts_at), epoch_ms(windows.ends_at), windows)


def _unchecked(versions: Table, monitors: Table) -> Table:
    gone = versions.filter(versions.deleted & versions.next_seen_at.isnull())
    before = _spans(monitors.monitor_id, "unchecked", ibis.literal(0), monitors.created_at, monitors)
    after = _spans(gone.monitor_id, "unchecked", gone.seen_at, ibis.null("int64"), gone)
    return before.union(after)


def _paused(versions: Table) -> Table:
    paused = versions.filter((versions.status == "PAUSED") & ~versions.deleted)
    return _spans(paused.monitor_id, "paused", paused.paused_at.coalesce(paused.seen_at), paused.next_seen_at, paused)


def _spans(monitor_id: ibis.Value, state: str, start_at: ibis.Value, end_at: ibis.Value, rows: Table) -> Table:
    return rows.select(
        monitor_id=monitor_id.cast("string"),
        state=ibis.literal(state),
        start_at=start_at.cast("int64"),
        end_at=end_at.cast("int64"),
    )
