"""What became of a lead: the first trial of its company."""

from __future__ import annotations

import ibis
from ibis.expr.types import Table

from kpi_pipeline.facts.tables import FactTables


def build(facts: FactTables) -> Table:
    """One row a lead, with a trial or without; a trial that began before the lead came in is no result of it."""
    leads = facts.table("lead").select("lead_id", "created_at")
    contacts = facts.records("hubspot", "contacts").select("company_id", contact="id")
    rows = leads.left_join(contacts, leads.lead_id == contacts.contact)
    trials = facts.table("subscription_trial").select("subscription_id", "customer_id", "started_at")
    tried = rows.join(trials, [rows.company_id == trials.customer_id, trials.started_at >= rows.created_at])
    rank = ibis.row_number().over(group_by=tried.lead_id, order_by=[tried.started_at, tried.subscription_id])
    first = tried.mutate(rank=rank).filter(lambda t: t["rank"] == 0)
    first = first.select("subscription_id", tried_by="lead_id", trial_started_at="started_at")
    return rows.left_join(first, rows.lead_id == first.tried_by).drop("contact", "tried_by")
