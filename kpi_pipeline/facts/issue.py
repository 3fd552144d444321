"""Issues as they are: kind, estimate, cycle, and when they were done."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row an issue that was not thrown away. Its kind is the first of the setting `issue_kinds` (kind → label
    names) of which it has a label; `completed_in_cycle`: within the cycle that it belongs to now."""
    rows = facts.records("linear", "issues")
    rows = rows.filter(~rows.trashed.fill_null(False))
    cycles = facts.records("linear", "cycles")
    cycles = cycles.select(
        known_id="id", cycle_starts_at=epoch_ms(cycles.starts_at), cycle_ends_at=epoch_ms(cycles.ends_at)
    )
    named = rows.left_join(cycles, rows.cycle_id == cycles.known_id).select(
        "identifier",
        "priority",
        "cycle_id",
        "cycle_starts_at",
        "cycle_ends_at",
        issue_id=rows.id,
        team=rows.team_key,
        estimate=rows.estimate.round().cast("int64"),
        created_at=epoch_ms(rows.created_at),
        completed_at=epoch_ms(rows.completed_at),
        canceled_at=epoch_ms(rows.canceled_at),
    )
    inside = (named.completed_at >= named.cycle_starts_at) & (named.completed_at < named.cycle_ends_at)
    named = named.mutate(completed_in_cycle=inside.coalesce(False))
    labels = _labels(facts)
    found = named.left_join(labels, named.issue_id == labels.labelled_id)
    return found.mutate(kind=found.kind)


def _labels(facts: FactTables) -> Table:
    """labelled_id, labels (names in order, joined by ";"), kind."""
    rows = facts.records("linear", "issues")
    rows = rows.filter(rows.label_ids.notnull()).select(labelled_id="id", label_id=rows.label_ids.unnest())
    names = facts.records("linear", "issue_labels").select(known_id="id", label="name")
    named = rows.join(names, rows.label_id == names.known_id)
    kinds: dict[str, list[str]] = facts.setting("linear", "issue_kinds")
    ranks = [(named.label.isin(labels), ibis.literal(rank, "int64")) for rank, labels in enumerate(kinds.values())]
    ranked = named.mutate(rank=ibis.cases(*ranks, else_=ibis.null("int64")) if ranks else ibis.null("int64"))
    grouped = ranked.group_by("labelled_id").agg(
        labels=ranked.label.group_concat(";", order_by=ranked.label), rank=ranked["rank"].min()
    )
    words = [(grouped["rank"] == rank, ibis.literal(kind)) for rank, kind in enumerate(kinds)]
    kind = ibis.cases(*words, else_=ibis.null("string")) if words else ibis.null("string")
    return grouped.select("labelled_id", "labels", kind=kind)
