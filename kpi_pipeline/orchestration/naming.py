"""Names of assets, groups and pools: [company, layer, name] everywhere."""

from __future__ import annotations

import dagster as dg

LAYERS = ("landing", "facts", "kpi", "report")


def landing_key(company: str, source: str, stream: str) -> dg.AssetKey:
    return dg.AssetKey([company, "landing", f"{source}_{stream}"])


def fact_key(company: str, fact: str) -> dg.AssetKey:
    return dg.AssetKey([company, "facts", fact])


def kpi_key(company: str, kpi: str) -> dg.AssetKey:
    return dg.AssetKey([company, "kpi", kpi])


def report_key(company: str, report: str) -> dg.AssetKey:
    return dg.AssetKey([company, "report", report])


def group(company: str, layer: str) -> str:
    return f"{company}_{layer}"


def pool(company: str, source: str) -> str:
    """One pool a vendor account: live runs and backfills take turns."""
    return f"{company}_{source}"


def owner(company: str, role: str) -> str:
    """Dagster takes teams or mail addresses; people and their addresses stay in company.yaml."""
    return f"team:{company}-{role}".lower().replace(" ", "-").replace("_", "-")
