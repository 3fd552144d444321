"""`kpi alerts deliver|dead|replay|fire` on an installation with a company of its own. AT-36, AT-40."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from kpi_pipeline import clock
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.tables import alert_event, alert_state, delivery, dispatch, evaluation, notice
from kpi_pipeline.cli.app import app
from kpi_pipeline.flow.tell import deliver
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.alerts.observing import observation
from kpi_pipeline_tests.alerts.receiving import SECRET, Receiver

COMPANY = """
id: acme
name: Acme
zone: Europe/Amsterdam
currency: EUR
language: en
sources:
  registers: {owner: bob, late_after: 240 hours, settings: {files: [scorecard]}}
people:
  ann: {name: Ann, role: Finance, channels: [slack, pager]}
  bob: {name: Bob, role: Data, channels: [hook]}
channels:
  slack: {kind: slack, url: ACME_SLACK_URL}
  pager: {kind: pagerduty, url: ACME_PAGER_URL, secret: ACME_PAGER_KEY}
  hook: {kind: webhook, url: ACME_HOOK_URL, secret: ACME_HOOK_SECRET}
"""
KPIS = """
- id: conversion
  name: {en: Conversion}
  kind: latest
  of: {fact: scorecard_value, where: "kpi = 'conversion'", on: period_end_day, entry: entered_at}
  value: value_e6
  window: at day end
  unit: percent
  better: higher
  target: ">= 32"
  warning: "< 28"
  critical: "< 24"
  owners: [ann]
  cadence: daily
  origin: board
"""
ALERTS = """
fallback: hook
rules:
  - id: scale_up
    name: {en: Ready to scale}
    all: [{kpi: conversion, is: "> 40"}]
    level: info
    owners: [ann]
  - id: every_ten
    kpi: conversion
    each: 10
  - id: check_in
    name: {en: Friday check-in}
    remind: {every: week, on: fri}
    owners: [ann]
"""
KEY = "R0PAGERKEY0123456789"
TABLES = (alert_state, alert_event, notice, delivery, dispatch, evaluation)


@pytest.fixture
def variables(tmp_path: Path, receiver: Receiver, empty_history: Path) -> dict[str, str]:
    folder = tmp_path / "companies" / "acme"
    folder.mkdir(parents=True)
    for name, text in (("company", COMPANY), ("kpis", KPIS), ("alerts", ALERTS)):
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "home").mkdir()
    copyfile(empty_history, tmp_path / "home" / "history.db")
    return {
        "KPI_COMPANIES": str(tmp_path / "companies"),
        "KPI_HOME": str(tmp_path / "home"),
        "ACME_SLACK_URL": receiver.url,
        "ACME_PAGER_URL": receiver.url,
        "ACME_PAGER_KEY": KEY,
        "ACME_HOOK_URL": receiver.url,
        "ACME_HOOK_SECRET": "HOOKSECRET",
    }


@pytest.fixture
def kpi(variables: dict[str, str]) -> Callable[..., Result]:
    def run(*arguments: str, group: tuple[str, ...] = ("alerts",), **changed: str | None) -> Result:
        env: dict[str, str | None] = {**variables, **changed}
        return CliRunner().invoke(app, [*group, *arguments], env=env)

    return run


@pytest.fixture
def workspace(variables: dict[str, str]) -> Iterator[Workspace]:
    with Workspace(Settings.from_environment(variables), now=clock.now()) as found:
        yield found


def judge(workspace: Workspace, *values: int) -> None:
    """One value a day, the last of yesterday, recorded and judged as a run would."""
    company, now = workspace.company("acme"), workspace.now
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    days = [today - timedelta(days=len(values) - place) for place in range(len(values))]
    for day, value in zip(days, values, strict=True):
        run = Evaluation(company, lambda _kpi: Sight(now), now, "run")
        within = evaluate(run, ["conversion"])
        workspace.history.record([observation(day, value)], run_id="run", now=now, within=within)


def contents(workspace: Workspace) -> list[list[Any]]:
    with workspace.history.engine.connect() as connection:
        return [list(connection.execute(select(table))) for table in TABLES]


@pytest.mark.parametrize(
    ("arguments", "headline"),
    [
        (
            ("--rule", "threshold"),
            "[TEST] ■ critical: Conversion past its threshold: 33.0% (n = 100), threshold < 24%",
        ),
        (
            ("--rule", "threshold", "--kpi", "conversion", "--state", "resolved"),
            "[TEST] ✓ recovered: Conversion back within its threshold: 33.0% (n = 100), threshold < 24%",
        ),
        (("--rule", "scale_up"), "[TEST] ● for information: Ready to scale: is now the case"),
        (("--rule", "every_ten"), "[TEST] ★ milestone: Conversion: 30.0% reached"),
        (("--rule", "check_in"), "[TEST] ☐ reminder: Friday check-in"),
    ],
)
def test_at_40_a_trial_is_sent_marked_and_touches_no_state(
    kpi: Callable[..., Result],
    workspace: Workspace,
    receiver: Receiver,
    arguments: tuple[str, ...],
    headline: str,
) -> None:
    judge(workspace, 33)
    before = contents(workspace)
    receiver.answers = [(200, {}, "ok")]
    result = kpi("fire", "acme", *arguments)
    assert (result.exit_code, result.output.count(": sent")) == (0, 2), result.output
    slack = next(got.json for got in receiver.got if "blocks" in got.json)
    assert headline in unescape(slack["text"])
    assert "A trial: nothing was changed or kept" in slack["text"]
    (event,) = [got.json for got in receiver.got if "routing_key" in got.json]
    assert event["payload"]["summary"] == headline
    assert event.get("dedup_key", "test-").startswith("test-")
    assert contents(workspace) == before


def test_at_40_no_data_goes_to_whoever_looks_after_the_data(
    kpi: Callable[..., Result], receiver: Receiver, workspace: Workspace
) -> None:
    judge(workspace, 33)
    assert kpi("fire", "acme", "--rule", "threshold", "--state", "no_data").exit_code == 0
    (got,) = receiver.got
    assert got.json["recipients"] == ["Bob"]
    assert got.json["headline"] == "[TEST] ▲ warning: measurement of Conversion is missing"


def test_at_40_a_dry_run_prints_what_would_leave_and_sends_nothing(
    kpi: Callable[..., Result], receiver: Receiver, workspace: Workspace
) -> None:
    judge(workspace, 20)
    result = kpi("fire", "acme", "--rule", "threshold", "--dry-run", "--json")
    found = json.loads(result.output)
    assert (result.exit_code, receiver.got) == (0, [])
    assert [(each["channel"], each["recipients"], each["outcome"]) for each in found] == [
        ("slack", ["Ann"], "composed"),
        ("pager", ["Ann"], "composed"),
    ]
    assert found[0]["payload"]["text"].endswith(
        "[TEST] ■ critical: Conversion past its threshold: 20.0% (n = 100), threshold &lt; 24%"
    )
    assert not any(secret in result.output for secret in (SECRET, KEY))
    assert "slack → Ann: composed" in kpi("fire", "acme", "--rule", "threshold", "--dry-run").output


def test_at_40_a_kpi_that_was_never_measured_can_be_tried(kpi: Callable[..., Result], receiver: Receiver) -> None:
    assert kpi("fire", "acme", "--rule", "threshold").exit_code == 0
    assert "Conversion past its threshold: –, threshold < 24%" in receiver.got[1].json["payload"]["summary"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--rule", "thresold"), "there is no rule of that id.*Use one of check_in, every_ten, scale_up, threshold"),
        (("--rule", "threshold", "--kpi", "churn"), "there is no rule of that id about 'churn'.*Use one of conversion"),
        (("--rule", "check_in", "--state", "no_data"), "it reads no KPI"),
    ],
)
def test_at_40_what_cannot_be_tried_is_said(kpi: Callable[..., Result], arguments: tuple[str, ...], said: str) -> None:
    result = kpi("fire", "acme", *arguments)
    assert result.exception is not None
    with pytest.raises(type(result.exception), match=said):
        raise result.exception


def test_at_40_a_channel_that_refuses_a_trial_shows_in_the_exit_code(
    kpi: Callable[..., Result], receiver: Receiver
) -> None:
    receiver.answers = [(404, {}, "no_service")]
    result = kpi("fire", "acme", "--rule", "threshold")
    assert (result.exit_code, result.output.count("refused")) == (21, 2)


def test_at_36_what_is_dead_is_listed_and_replayed(
    kpi: Callable[..., Result], workspace: Workspace, receiver: Receiver
) -> None:
    judge(workspace, 33, 20)
    receiver.answers = [(404, {}, "gone"), (404, {}, "gone"), (200, {}, "ok")]
    result = kpi("deliver", "acme", "--flush")
    assert (result.exit_code, result.output.count("dead:"), result.output.count("sent:")) == (21, 2, 2), result.output
    shown = kpi("dead", "acme")
    assert shown.exit_code == 1
    assert shown.output.count("fallback hook: sent") == 2
    assert "conversion (threshold): first_breach, critical" in shown.output
    findings = json.loads(kpi("doctor", "--json", group=()).output)
    assert {"what": "acme: messages", "ok": False, "found": "2 given up; kpi alerts dead acme"} in findings
    letters = json.loads(kpi("dead", "acme", "--json").output)
    assert {each["channel"] for each in letters} == {"slack", "pager"}
    again = kpi("replay", "acme", letters[0]["id"])
    assert (again.exit_code, again.output.count(": sent:")) == (0, 1)
    assert (kpi("replay", "acme", "--all").exit_code, kpi("dead", "acme").exit_code) == (0, 0)
    bodies = "\n".join(receiver.bodies)
    assert all(bodies.count(each["id"]) >= 2 for each in letters)


@pytest.mark.parametrize(("arguments", "said"), [((), "neither ids nor --all"), (("x", "--all"), "both ids and --all")])
def test_replay_wants_ids_or_all(kpi: Callable[..., Result], arguments: tuple[str, ...], said: str) -> None:
    result = kpi("replay", "acme", *arguments)
    assert said in str(result.exception)


def test_a_channel_without_its_secret_delays_only_its_own_messages(
    kpi: Callable[..., Result], workspace: Workspace, receiver: Receiver
) -> None:
    judge(workspace, 33, 20)
    result = kpi("deliver", "acme", "--flush", ACME_PAGER_KEY=None)
    assert result.exit_code == 20
    assert "slack: sent:" in result.output
    assert "pager: delayed:" in result.output
    assert (
        "sending through the channel pager: 1 not found; looked in the environment for ACME_PAGER_KEY" in result.output
    )
    assert len(receiver.got) == 1
    assert kpi("deliver", "acme").output == "Nothing is due.\n"


def test_no_secret_is_in_the_database_or_in_any_log(
    workspace: Workspace, receiver: Receiver, variables: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """Planted secrets, and a receiver whose answers repeat everything that it was sent."""
    caplog.set_level(logging.DEBUG)
    judge(workspace, 33, 20)
    receiver.answers = [(503, {}, "{request}"), (404, {}, "{request}")]
    company = workspace.company("acme")
    errors = [attempt.error for attempt in deliver(workspace, company, flush=True)]
    assert len(errors) >= 3
    receiver.answers = ["reset"]
    later = Workspace(workspace.settings, now=workspace.now + timedelta(hours=1))
    errors += [attempt.error for attempt in deliver(later, company, flush=True)]
    later.close()
    workspace.history.engine.dispose()
    files = b"".join(path.read_bytes() for path in Path(variables["KPI_HOME"]).rglob("*") if path.is_file())
    assert b"HTTP 404" in files
    told = files.decode(errors="replace") + caplog.text + str(errors)
    assert not [secret for secret in (SECRET, KEY, "HOOKSECRET") if secret in told]
