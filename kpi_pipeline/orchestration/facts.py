"""Fact assets: expressions over all of landing, computed once a run and shared by every KPI of that run.

A fact has no months of its own, so it is not partitioned and costs no events per month.
"""

import dagster as dg

from kpi_pipeline.catalogue import Company
from kpi_pipeline.facts import FACTS, reads
from kpi_pipeline.flow.facts import check_fact
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.failures import failing_as_dagster
from kpi_pipeline.orchestration.resources import WorkspaceParam


def fact_asset(company: Company, name: str) -> dg.AssetsDefinition:
    """One fact of a company. Nothing is stored: the rows live in the engine for the run."""
    spec = FACTS[name]
    key = naming.fact_key(company.id, name)
    columns = [
        dg.TableColumn(column, each.type, each.description, dg.TableColumnConstraints(nullable=each.nullable))
        for column, each in spec.columns.items()
    ]

    @dg.asset(
        key=key,
        deps=[
            *(naming.landing_key(company.id, source, stream) for source, stream in reads(name, company.sources)),
            *(naming.fact_key(company.id, used) for used in spec.uses),
        ],
        group_name=naming.group(company.id, "facts"),
        kinds={"ibis", "duckdb"},
        tags={"company": company.id, "layer": "facts"},
        description=f"{spec.description}\n\nKey: {', '.join(spec.key)}.",
        metadata={"dagster/column_schema": dg.TableSchema(columns=columns)},
        check_specs=[
            dg.AssetCheckSpec("schema", asset=key, blocking=True, description="Every row fits the fact's schema.")
        ],
    )
    def fact(context: dg.AssetExecutionContext, workspace: WorkspaceParam) -> dg.MaterializeResult:
        with failing_as_dagster():
            checked = check_fact(workspace.open, company, name, run_id=context.run.run_id)
        workspace.progress(f"fact {name}", checked.rows)
        result = dg.AssetCheckResult(
            passed=checked.failures == 0,
            check_name="schema",
            asset_key=key,
            metadata={
                "rows tested": checked.rows,
                "rows failed": checked.failures,
                "sample keys": list(checked.sample),
                "rules broken": list(checked.rules),
            },
        )
        if checked.failures:
            context.log.error(f"{name}: {checked.failures} of {checked.rows} rows break {', '.join(checked.rules)}")
        return dg.MaterializeResult(metadata={"dagster/row_count": checked.rows}, check_results=[result])

    return fact
