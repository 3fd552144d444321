"""The alert desk of the UI: the same operations as the command line, as a job with a form."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from kpi_pipeline.alerts.tables import acknowledgement, decision, silence
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.orchestration.alert_desk import alert_desk_job
from kpi_pipeline.orchestration.alert_forms import AlertDesk
from kpi_pipeline.orchestration.resources import workspace_resource
from kpi_pipeline_tests.alerts.conftest import observed as observed
from kpi_pipeline_tests.alerts.desk import Desk, critical, opened

Observed = Callable[..., Observation]
OPERATION = "acme_alert_desk_operation"


@pytest.fixture
def desk(tmp_path: Path, observed: Observed) -> Iterator[Desk]:
    for each in opened(tmp_path):
        yield critical(each, observed)


def launch(desk: Desk, operation: str, **fields: Any) -> dg.ExecuteInProcessResult:
    job = alert_desk_job(desk.company)
    config = {"ops": {OPERATION: {"config": {"do": {operation: fields}}}}}
    config["loggers"] = {"console": {"config": {"log_level": "CRITICAL"}}}
    resources = {"workspace": workspace_resource(desk.settings, now=lambda: desk.now)}
    return job.execute_in_process(run_config=config, resources=resources, raise_on_error=False)


def metadata(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    assert result.success
    (event,) = [each for each in result.all_events if each.is_successful_output]
    return {name: str(value.value) for name, value in event.step_output_data.metadata.items()}


def fault(result: dg.ExecuteInProcessResult) -> dg.DagsterEvent:
    assert not result.success
    (event,) = [each for each in result.all_events if each.is_step_failure]
    return event


def test_looking_shows_what_fires_and_which_decisions_wait(desk: Desk) -> None:
    shown = metadata(launch(desk, "look"))
    assert "| ■ kritiek | Conversie | threshold |" in shown["now"]
    assert "Passen we de pitch aan?" in shown["now"]


def test_the_launchpad_opens_with_the_operation_that_changes_nothing(desk: Desk) -> None:
    """Without a default it would show a form of every operation, which cannot be launched."""
    resources = {"workspace": workspace_resource(desk.settings, now=lambda: desk.now)}
    assert metadata(alert_desk_job(desk.company).execute_in_process(resources=resources))["operation"] == "look"


def test_acknowledging_and_silencing_are_kept_and_shown(desk: Desk) -> None:
    shown = metadata(launch(desk, "acknowledge", alert="conversion", rule="threshold", by="ann", reason="bel | ze na"))
    assert shown["done"] == "- Conversie is opgepakt door ann, tot 27 mrt 2026 07:00"
    assert r"opgepakt door ann tot 27 mrt 2026 07:00: bel \| ze na" in shown["now"], "no cell of a table is broken"
    assert [(row.author, row.reason) for row in desk.rows(acknowledgement)] == [("ann", "bel | ze na")]
    shown = metadata(
        launch(desk, "silence", match=["kpi=conversion"], until="3 days", by="ann", reason="<b>campagne</b>")
    )
    assert "&lt;b&gt;campagne&lt;/b&gt;" in shown["now"]
    (kept,) = desk.rows(silence)
    metadata(launch(desk, "unsilence", silence=kept.id[:8], by="bob"))
    assert [row.ended_by for row in desk.rows(silence)] == ["bob"]
    metadata(launch(desk, "unacknowledge", alert="conversion", rule="threshold", by="bob"))


def test_pausing_resuming_deciding_and_concluding(desk: Desk) -> None:
    metadata(launch(desk, "pause", alert="conversion", rule="threshold", by="ann", reason="meting klopt niet"))
    assert desk.state().paused
    metadata(launch(desk, "resume", alert="conversion", by="ann", reason="hersteld"))
    assert not desk.state().paused
    (asked,) = desk.rows(decision)
    shown = metadata(
        launch(desk, "decide", id=asked.id[:8], decision="Nieuwe pitch", action_due="2026-04-03", by="ann")
    )
    assert "besloten door ann: Nieuwe pitch" in shown["done"]
    metadata(launch(desk, "conclude", id=asked.id[:8], outcome="Werkt", by="ann"))
    (kept,) = desk.rows(decision)
    assert (kept.decision, str(kept.action_due), kept.outcome, kept.outcome_by) == (
        "Nieuwe pitch",
        "2026-04-03",
        "Werkt",
        "ann",
    )


@pytest.mark.parametrize(
    ("operation", "fields", "said"),
    [
        ("acknowledge", {"alert": "conversoin", "by": "ann", "reason": "x"}, "did you mean 'conversion'?"),
        ("acknowledge", {"alert": "conversion", "by": "", "reason": "x"}, "by must not be empty"),
        ("silence", {"match": [], "until": "1 day", "by": "ann", "reason": "x"}, "match must not be empty"),
        ("silence", {"match": ["kpi=x"], "until": "1 day", "by": "ann", "reason": "x"}, "unknown kpi 'x'"),
        ("decide", {"id": "zzz", "decision": "ja", "by": "ann"}, "there is no such decision"),
        ("decide", {"id": "zzz", "decision": "ja", "by": "ann", "action_due": "morgen"}, "it is not a date"),
    ],
)
def test_what_is_filled_in_wrongly_fails_once_and_says_why(
    desk: Desk, operation: str, fields: dict[str, Any], said: str
) -> None:
    result = launch(desk, operation, **fields)
    data = fault(result).step_failure_data
    assert data.user_failure_data is not None
    assert said in str(data.user_failure_data.description)
    assert data.user_failure_data.metadata["trying again helps"].value is False
    assert [each for each in result.all_events if each.is_step_up_for_retry] == []


def test_every_field_of_every_form_is_explained() -> None:
    forms = AlertDesk.to_config_schema().as_field().config_type.fields["do"].config_type.fields  # type: ignore[attr-defined]
    assert set(forms) == {
        "look", "silence", "unsilence", "acknowledge", "unacknowledge", "pause", "resume", "decide", "conclude",
    }  # fmt: skip
    for name, form in forms.items():
        assert form.description, name
        for field, value in form.config_type.fields.items():
            assert value.description, f"{name}.{field}"
