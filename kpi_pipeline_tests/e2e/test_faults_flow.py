"""Faults at the wire and at the store, seen from the run: what fails, what goes on, what a person is told."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.test_utils import freeze_time

from kpi_pipeline.cli import main
from kpi_pipeline.connectors import registry
from kpi_pipeline.errors import ContractError, IncompleteLoad, SourceUnavailable, StoreUnavailable
from kpi_pipeline.flow.load import load_stream
from kpi_pipeline.flow.measure import measure
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.database import connect
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.landing.page import Window
from kpi_pipeline.landing.receipt import Receipt
from kpi_pipeline.orchestration import naming
from kpi_pipeline.orchestration.failures import failure
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.faults import Fault
from kpi_pipeline_tests.e2e.installation import COMPANY, NOW, Installation

MONTH = "2026-11"


def landing(source: str, *streams: str) -> list[dg.AssetKey]:
    return [naming.landing_key(COMPANY, source, stream) for stream in streams]


def read_now(workspace: Workspace, source: str, name: str, run_id: str = "r") -> list[Receipt]:
    """One stream loaded by a connector that tries each request once."""
    company = workspace.company(COMPANY)
    spec = company.sources[source]
    assert spec.api_key is not None
    assert spec.base_url is not None
    connector = registry.open_connector(
        source,
        company=COMPANY,
        base_url=workspace.settings.get(spec.base_url),
        key=workspace.settings.get(spec.api_key),
        key_variable=spec.api_key,
        settings=spec.settings,
        budget_root=workspace.settings.budget_root,
        now=lambda: workspace.now,
        tries=1,
    )
    stream = next(each for each in connector.streams if each.name == name)
    span = Window(NOW.replace(day=1, hour=0, minute=0), NOW.replace(day=30))
    try:
        return load_stream(
            workspace, company, connector, stream, span, mode="full", run_id=run_id, progress=lambda _count: None
        )
    finally:
        connector.close()


def materialised(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.path[-1] for event in result.get_asset_materialization_events() if event.asset_key}


def test_a_wrong_key_fails_at_once_and_names_its_variable(loaded: Installation, tmp_path: Path) -> None:
    mine = loaded.copy(tmp_path, MISTER_DJ_STRIPE_API_KEY="rk_live_of_another_account")
    result = mine.part(landing("stripe", "refunds"), MONTH, MONTH, NOW)
    (failed,) = [event for event in result.all_events if event.is_step_failure]
    assert not [event for event in result.all_events if event.is_step_up_for_retry]
    told = failed.step_failure_data.user_failure_data
    assert told is not None
    assert "MISTER_DJ_STRIPE_API_KEY" in str(told.description)
    assert told.metadata["trying again helps"].value is False
    assert "rk_live_of_another_account" not in str(failed)


def test_a_source_that_is_broken_for_ever_may_be_tried_again(mine: Installation, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("server_error", vendor="uptimerobot"))
    with (
        mine.at(NOW) as (workspace, _),
        pytest.raises(SourceUnavailable, match="uptimerobot") as raised,
    ):
        read_now(workspace, "uptimerobot", "incidents")
    assert failure(raised.value).allow_retries is True
    assert raised.value.exit_code == 20


def test_one_forbidden_stream_costs_only_what_needs_it(mine: Installation, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("missing_scope", vendor="stripe", path="/refunds"))
    keys = [
        *landing("stripe", "credit_notes", "invoice_payments", "refunds"),
        naming.fact_key(COMPANY, "booking_refund"),
        naming.fact_key(COMPANY, "metric_sample"),
        naming.kpi_key(COMPANY, "queue_backlog_max"),
        naming.kpi_key(COMPANY, "net_revenue_per_booking"),
    ]
    result = mine.part(keys, MONTH, MONTH, NOW)
    failed = [event.step_key for event in result.all_events if event.is_step_failure]
    assert failed == ["mister_dj_stripe"]
    done = materialised(result)
    assert {"stripe_credit_notes", "stripe_invoice_payments", "metric_sample", "queue_backlog_max"} <= done
    assert not {"stripe_refunds", "booking_refund", "net_revenue_per_booking"} & done
    checks = {event.asset_key.path[-1]: event.passed for event in result.get_asset_check_evaluations()}
    assert checks["stripe_refunds"] is False


def test_more_than_one_percent_in_quarantine_blocks(mine: Installation, sandbox: Sandbox) -> None:
    sandbox.faults.add(Fault("missing_field", vendor="uptimerobot", path="/monitors"))
    with mine.at(NOW) as (workspace, _):
        before = workspace.landing.receipts(COMPANY, "uptimerobot", "monitors")
        with pytest.raises(ContractError, match="records do not fit the model"):
            read_now(workspace, "uptimerobot", "monitors")
        assert workspace.landing.receipts(COMPANY, "uptimerobot", "monitors") == before


def test_a_stream_that_lost_all_its_records_is_an_error_and_deletes_nothing(
    mine: Installation, sandbox: Sandbox
) -> None:
    sandbox.set_now(NOW.replace(year=2023, month=1))  # before the first monitor was made
    with mine.at(NOW) as (workspace, company):
        before = workspace.facts(company).records("uptimerobot", "monitors").count().execute()
        with pytest.raises(IncompleteLoad, match="no records where earlier loads had some"):
            read_now(workspace, "uptimerobot", "monitors")
    with mine.at(NOW) as (workspace, company):
        assert workspace.facts(company).records("uptimerobot", "monitors").count().execute() == before > 0


def test_a_locked_history_is_told_and_loses_nothing(mine: Installation) -> None:
    file = mine.home / "kpi" / "history.db"
    with mine.at(NOW) as (workspace, company):
        workspace.history = HistoryStore(connect(f"sqlite:///{file}", busy_timeout_ms=50))  # type: ignore[misc]
        kpis = [company.kpis["queue_backlog_max"]]
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="database is locked") as raised:
            measure(workspace, company, kpis, NOW.date(), NOW.date(), run_id="r")
        other.execute("ROLLBACK")
        assert (raised.value.exit_code, failure(raised.value).allow_retries) == (20, True)
        (found,) = measure(workspace, company, kpis, NOW.date(), NOW.date(), run_id="r")
        assert found.outcome.unchanged == 1


@pytest.fixture
def kpi(loaded: Installation, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Callable[..., tuple[int, str]]:
    """Runs `kpi …` in this process; gives its exit code and all it printed."""

    def run(*words: str, **variables: str) -> tuple[int, str]:
        for name, value in {**loaded.environment, **variables}.items():
            monkeypatch.setenv(name, value)
        code: object = 0
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return (code if isinstance(code, int) else 0), captured.out + captured.err

    return run


def test_exit_codes(kpi: Callable[..., tuple[int, str]], tmp_path: Path) -> None:
    companies = tmp_path / "companies" / "acme"
    companies.mkdir(parents=True)
    (companies / "company.yaml").write_text("id: acme\nname: [unclosed\n", encoding="utf-8")
    code, text = kpi("show", COMPANY, KPI_COMPANIES=str(companies.parent))
    assert (code, "company.yaml:" in text) == (11, True)
    assert kpi("show", "acme_ltd", KPI_COMPANIES=str(Path(registry.__file__).parents[1] / "companies"))[0] == 2
    assert kpi("backfill", COMPANY, "--first", "1999-01")[0] == 2
    code, text = kpi("show", COMPANY, KPI_HISTORY_URL="postgresql://kpi:canary@127.0.0.1:1/kpi")
    assert (code, "canary" in text) == (20, False)
    code, text = kpi("show", COMPANY, KPI_HISTORY_URL="mysql://127.0.0.1/kpi")
    assert (code, "KPI_HISTORY_URL" in text) == (10, True)


@pytest.mark.slow
def test_the_exit_code_of_a_run_is_that_of_its_errors(kpi: Callable[..., tuple[int, str]], mine: Installation) -> None:
    ours = {name: mine.environment[name] for name in ("KPI_HOME", "DAGSTER_HOME")}
    with mine.at(NOW) as (_, company):
        keys = [spec.api_key for spec in company.sources.values() if spec.api_key is not None]
    assert len(keys) == 7
    words = ("backfill", COMPANY, "--first", MONTH, "--last", MONTH, "--only", "landing")
    with freeze_time(NOW):
        code, text = kpi(*words, **ours, **dict.fromkeys(keys, " "))
        assert (code, "it is set but blank" in text) == (10, True)
        code, text = kpi(*words, **ours, **dict.fromkeys(keys, "wrong-key"))
    assert (code, "wrong-key" in text) == (21, False)
    assert all(key in text for key in keys), "each failed source names its variable"
