"""Catalogue → Definitions."""

from __future__ import annotations

import warnings
from pathlib import Path

import dagster as dg

from kpi_pipeline.catalogue import Catalogue, Company
from kpi_pipeline.flow.streams import computed_facts, loaded_streams
from kpi_pipeline.orchestration import jobs, sensors
from kpi_pipeline.orchestration.alert_desk import alert_desk_job
from kpi_pipeline.orchestration.audits import audit_asset
from kpi_pipeline.orchestration.facts import fact_asset
from kpi_pipeline.orchestration.kpis import kpi_asset
from kpi_pipeline.orchestration.landing import source_assets
from kpi_pipeline.orchestration.packs import due_reports_asset, pack_asset, pack_job, pack_schedule
from kpi_pipeline.orchestration.reports import site_asset, tables_assets, weekly_scorecard_asset
from kpi_pipeline.orchestration.resources import workspace_resource

# backfill_policy and owners are marked beta by Dagster, which says so again whenever definitions are resolved; one
# warning an asset would bury everything else.
warnings.filterwarnings("ignore", category=dg.BetaWarning)


def assemble(
    catalogue: Catalogue, companies_root: Path, workspace: dg.ResourceDefinition | None = None
) -> dg.Definitions:
    """Definitions of every company. In-process executor: the default one starts a process a step, 1.5 s each."""
    companies = list(catalogue.companies.values())
    resource = workspace_resource() if workspace is None else workspace
    return dg.Definitions.merge(
        *(_company(company, companies_root) for company in companies),
        dg.Definitions(
            resources={"workspace": resource},
            sensors=[sensors.run_failure_sensor(companies), sensors.run_success_sensor(companies)],
            executor=dg.in_process_executor,
        ),
    )


def _company(company: Company, root: Path) -> dg.Definitions:
    deliver = jobs.deliver_job(company)
    refresh = jobs.refresh_job(company)
    assets = [
        *(
            asset
            for source, found in loaded_streams(company).items()
            for asset in source_assets(company, source, found)
        ),
        *(fact_asset(company, name) for name in computed_facts(company)),
        *(kpi_asset(company, kpi, root / kpi.file) for kpi in company.headline_kpis()),
        audit_asset(company),
        weekly_scorecard_asset(company),
        *tables_assets(company),
        site_asset(company),
        due_reports_asset(company),
        *(pack_asset(company, report) for report in company.reports.values()),
    ]
    packs = {name: pack_job(company, report) for name, report in company.reports.items()}
    return dg.Definitions(
        assets=assets,
        jobs=[
            refresh,
            jobs.landing_job(company),
            jobs.kpi_job(company),
            jobs.report_job(company),
            deliver,
            alert_desk_job(company),
            *packs.values(),
        ],
        schedules=[
            jobs.six_hourly(company, refresh),
            *(pack_schedule(company, company.reports[name], job) for name, job in packs.items()),
        ],
        sensors=[sensors.delivery_sensor(company, deliver), sensors.watch_sensor(company)],
    )
