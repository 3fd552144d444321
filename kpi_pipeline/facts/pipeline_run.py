"""Runs of continuous integration, each as its last attempt left it."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables
from kpi_pipeline.landing.instants import epoch_ms


def build(facts: FactTables) -> Table:
    """One row a run. A run counts for the branch that was the default one when it began, whatever is it today.

    A branch of a fork is not ours, even if it bears the name of our default branch.
    """
    runs = facts.records("github", "runs")
    runs = runs.mutate(run_id=runs.id.cast("string"), started_at=epoch_ms(runs.started_at))
    defaults = _default_branches(facts)
    begun = [
        runs.repository_id == defaults.of_id,
        runs.started_at >= defaults.from_at,
        runs.started_at < defaults.until_at,
    ]
    found = runs.left_join(defaults, begun)
    own = (found.head_repository == found.repository).fill_null(False)
    named = (found.branch == found.default_branch).fill_null(False)
    over = found.status == "completed"
    return found.mutate(
        is_default_branch=ibis.ifelse(found.default_branch.notnull(), own & named, ibis.null("boolean")),
        completed_at=ibis.ifelse(over, epoch_ms(found.updated_at), ibis.null("int64")),
        conclusion=ibis.ifelse(over, found.conclusion, ibis.null("string")),
    )


def _default_branches(facts: FactTables) -> Table:
    """The default branch of each repository and from when to when we saw it be that; the first one held for ever."""
    seen = facts.versions("github", "repositories")
    seen = seen.filter(~seen._deleted)
    seen = seen.select(of_id=seen.id, default_branch=seen.default_branch, seen_at=epoch_ms(seen._observed_at))
    window = ibis.window(group_by=seen.of_id, order_by=seen.seen_at)
    return seen.select(
        "of_id",
        "default_branch",
        from_at=ibis.ifelse(ibis.row_number().over(window) == 0, ibis.literal(0, "int64"), seen.seen_at),
        until_at=seen.seen_at.lead().over(window).fill_null(2**62),
    )
