"""Report assets: pages built from history after the KPIs of a run."""

import dagster as dg

from kpi_pipeline import analytics
from kpi_pipeline.catalogue import Company
from kpi_pipeline.flow.publish import weekly_scorecard
from kpi_pipeline.flow.site import write_site
from kpi_pipeline.flow.streams import kinds_of
from kpi_pipeline.flow.tables import keep_tables
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.audits import audit_key
from kpi_pipeline.orchestration.failures import failing_as_dagster
from kpi_pipeline.orchestration.resources import WorkspaceParam

WEEKLY, TABLES, SITE = "weekly_scorecard", "panel_tables", "site"


def weekly_scorecard_asset(company: Company) -> dg.AssetsDefinition:
    """The scorecard page of the current ISO week, written anew by every run."""

    @dg.asset(
        key=naming.report_key(company.id, WEEKLY),
        # After the audit, whose verdicts are on the page.
        deps=[audit_key(company), *(naming.kpi_key(company.id, kpi.id) for kpi in company.headline_kpis())],
        group_name=naming.group(company.id, "report"),
        kinds={"html"},
        tags={"company": company.id, "layer": "report"},
        description="Every KPI of the ISO week: trend, target, status, evidence, owner, and how fresh its sources are.",
    )
    def weekly(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        with failing_as_dagster():
            path, card = weekly_scorecard(workspace.open, company)
        context.log.info(f"wrote {path}")
        workspace.progress("report", 1)
        return dg.MaterializeResult(
            metadata={
                "page": dg.MetadataValue.path(str(path)),
                "week": f"{card.year}-W{card.week:02d}",
                "data until": card.data_until.isoformat(),
                **{status: count for status, count in card.counts.items() if count},
            }
        )

    return weekly


def tables_assets(company: Company) -> list[dg.AssetsDefinition]:
    """The tables beneath the KPIs that the company's dashboards declare, as one asset; none where they declare none."""
    declared = company.dashboards.data
    if not declared:
        return []

    @dg.asset(
        key=naming.report_key(company.id, TABLES),
        deps=[naming.fact_key(company.id, fact) for fact in sorted(analytics.facts_of(kinds_of(company)))],
        group_name=naming.group(company.id, "report"),
        kinds={"ibis", "duckdb"},
        tags={"company": company.id, "layer": "report"},
        description=f"What panels need beneath the KPIs, kept in history: {', '.join(declared)}.",
    )
    def tables(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        with failing_as_dagster():
            kept = keep_tables(workspace.open, company, context.run.run_id)
        workspace.progress("report", len(kept))
        return dg.MaterializeResult(
            metadata={
                "tables": len(kept),
                "news": sum(is_news for _, is_news in kept.values()),
                **{f"rows of {name}": len(table.rows) for name, (table, _) in kept.items()},
            }
        )

    return [tables]


def site_asset(company: Company) -> dg.AssetsDefinition:
    """The company's site as known now, written anew by every run."""

    @dg.asset(
        key=naming.report_key(company.id, SITE),
        deps=[
            *(naming.kpi_key(company.id, kpi.id) for kpi in company.headline_kpis()),
            naming.report_key(company.id, WEEKLY),
            *(key for asset in tables_assets(company) for key in asset.keys),
        ],
        group_name=naming.group(company.id, "report"),
        kinds={"html"},
        tags={"company": company.id, "layer": "report"},
        description="Overview, a page for every KPI, the dashboards, and the list of archived reports.",
    )
    def site(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        with failing_as_dagster():
            written = write_site(workspace.open, company)
        context.log.info(f"wrote {len(written)} pages: {written[0]}")
        workspace.progress("report", len(written))
        return dg.MaterializeResult(
            metadata={
                "overview": dg.MetadataValue.path(str(written[0])),
                "pages": len(written),
                "dashboards": len(company.dashboards.boards),
            }
        )

    return site
