"""A number that was final and changed is told with what was reported, what is known now, and why by the receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.history import inputs
from kpi_pipeline.history.causes import Cause, causes
from kpi_pipeline.history.inputs import Load, RunInputs, StreamState, inputs_of, save_inputs, save_loads
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.restatements import Restatement, restatements
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.history.test_store import DAY, NOW, observed

HOUR = timedelta(hours=1)
LATER = NOW + timedelta(days=2)
CHARGES, FX, CASH = ("stripe", "charges"), ("registers", "fx_rates"), ("registers", "cash")
COMPUTED_FROM = {"streams": ["stripe/charges", "registers/fx_rates", "registers/cash"]}


def load(stream: tuple[str, str], run_id: str, number: int, *, kind: str = "live", written: int = 3) -> Load:
    return Load(*stream, run_id, kind, 10, written, 0, NOW, NOW, NOW, "exhausted", number)


def state(last_load: int) -> StreamState:
    return StreamState(last_load, 1, 10, 0, NOW, NOW)


def run(run_id: str, last_load: int, *, software: str = "s1", settings: str = "c1") -> RunInputs:
    streams = {stream: state(last_load) for stream in (CHARGES, FX, CASH)}
    return RunInputs(run_id, streams, {}, software, settings)


def row(run_id: str, **changes: Any) -> Recorded:
    base = observed(**changes)
    content = {name: getattr(base, name) for name in type(base).__match_args__}
    return Recorded(**content, run_id=run_id, recorded_at=NOW, superseded_at=None, cause="late_records")


def why(after: RunInputs, loads: list[Load], **changes: Any) -> list[str]:
    found = causes(
        row("r1"),
        row("r2", **changes),
        {"r1": run("r1", 1), "r2": after},
        {stream: [each for each in loads if (each.source, each.stream) == stream] for stream in (CHARGES, FX, CASH)},
        (CHARGES, FX, CASH),
    )
    return [each.kind for each in found]


@pytest.mark.parametrize(
    ("loads", "expected"),
    [
        ([load(CHARGES, "l2", 2)], ["late_records"]),
        ([load(CHARGES, "l2", 2, kind="backfill")], ["backfill"]),
        ([load(FX, "l2", 2)], ["rate"]),
        ([load(CASH, "l2", 2)], ["register"]),
        ([load(CHARGES, "l2", 2), load(FX, "l3", 3)], ["rate", "late_records"]),
        ([load(CHARGES, "l1", 1)], ["unrecorded"]),  # seen before already
        ([load(CHARGES, "l9", 9)], ["unrecorded"]),  # came after
        ([load(CHARGES, "l2", 2, written=0)], ["unrecorded"]),  # only put records in quarantine
    ],
)
def test_what_was_loaded_in_between_is_the_cause(loads: list[Load], expected: list[str]) -> None:
    assert why(run("r2", 5), loads) == expected


def test_without_new_records_the_definition_the_settings_or_the_software_changed() -> None:
    assert why(run("r2", 1, software="s2"), []) == ["fix"]
    assert why(run("r2", 1, settings="c2"), []) == ["settings"]
    assert why(run("r2", 1, software="s2"), [], definition_hash="xyz") == ["definition"]
    assert why(run("r2", 5, software="s2"), [load(CHARGES, "l2", 2)]) == ["late_records"]


def test_a_run_without_receipts_explains_nothing() -> None:
    (found,) = causes(row("old"), row("r2"), {"r2": run("r2", 1)}, {}, (CHARGES,))
    assert found == Cause("unrecorded", "run old or r2 left no receipt of what it read")


def test_the_evidence_names_stream_records_and_load() -> None:
    (found,) = causes(
        row("r1"), row("r2"), {"r1": run("r1", 1), "r2": run("r2", 2)}, {CHARGES: [load(CHARGES, "l2", 2)]}, (CHARGES,)
    )
    assert found.evidence == "stripe/charges: 3 records new or changed, loaded by l2"


def note(store: HistoryStore, run_id: str, now: datetime) -> None:
    """A run that loaded three charges and computed from them."""
    save_loads(store, "mister_dj", [replace(load(CHARGES, f"load-{run_id}", 0), observed_at=now)], now)
    last = inputs.last_loads(store, "mister_dj", [CHARGES])[CHARGES]
    save_inputs(store, "mister_dj", run_id, inputs.STREAM, {"stripe/charges": state(last)}, now)
    by = {"kpi_pipeline": {"fingerprint": "s1", "settings": "c1"}}
    save_inputs(store, "mister_dj", run_id, inputs.SOFTWARE, by, now)


def any_change(_kpi: str, old: Decimal | None, new: Decimal | None) -> bool:
    return old is None or new is None or abs(old - new) >= 1


@pytest.fixture
def restated(store: HistoryStore) -> HistoryStore:
    """One day provisional, then final, then restated twice; another only went on; another only settled."""
    store.save_definition("mister_dj", "nps", "abc", 1, COMPUTED_FROM, NOW)
    other = DAY - timedelta(days=1)
    running = {"closed": False, "period_end": NOW - timedelta(days=1)}
    values = [
        ("r1", [observed(provisional=True, value=Decimal(10)), observed(day=other, **running)]),
        ("r2", [observed(value=Decimal(30)), observed(day=other, value=Decimal(7))]),
        ("r3", [observed(value=Decimal(40), status="critical")]),
        ("r4", [observed(value=Decimal(41)), observed(day=other, value=Decimal(7), status="below_target")]),
    ]
    for index, (run_id, rows) in enumerate(values):
        note(store, run_id, NOW + index * HOUR)
        store.record(rows, run_id=run_id, now=NOW + index * HOUR)
    return store


def test_what_was_first_final_is_compared_with_what_is_known_now(restated: HistoryStore) -> None:
    (found,) = restatements(restated, "mister_dj", any_change)
    assert (found.kpi, found.day) == ("nps", DAY)
    assert (found.reported, found.now, found.delta, found.is_material) == (30, 41, 11, True)
    assert (found.reported_at, found.restated_at) == (NOW + HOUR, NOW + 3 * HOUR)
    assert (found.reported_status, found.now_status) == ("ok", "ok")
    assert {cause.kind for cause in found.causes} == {"late_records"}
    assert [cause.evidence.rpartition(" ")[2] for cause in found.causes] == ["load-r3", "load-r4"]


def test_since_an_instant_what_was_known_then_is_the_reported_one(restated: HistoryStore) -> None:
    (found,) = restatements(restated, "mister_dj", any_change, since=NOW + 2 * HOUR)
    assert (found.reported, found.now) == (40, 41)
    assert [cause.evidence.rpartition(" ")[2] for cause in found.causes] == ["load-r4"]
    assert restatements(restated, "mister_dj", any_change, since=NOW) == [], "it was provisional then"
    assert restatements(restated, "mister_dj", any_change, since=LATER) == []


def test_restatements_of_a_past_moment_are_those_known_then(restated: HistoryStore) -> None:
    at = NOW + 2 * HOUR
    before: list[Restatement] = restatements(restated, "mister_dj", any_change, known_at=at)
    assert [(each.reported, each.now) for each in before] == [(30, 40)]
    assert before[0].is_material
    assert restatements(restated, "mister_dj", any_change, known_at=NOW + HOUR) == []


def test_a_value_that_came_back_to_what_was_reported_is_no_restatement(restated: HistoryStore) -> None:
    restated.record([observed(value=Decimal(30))], run_id="r5", now=LATER)
    assert restatements(restated, "mister_dj", any_change) == []
    assert restatements(restated, "other", any_change) == []
    assert restatements(restated, "mister_dj", any_change, kpi="runway") == []


def test_a_changed_status_is_material_however_small_the_step(restated: HistoryStore) -> None:
    restated.record([observed(value=Decimal("30.1"), status="critical")], run_id="r5", now=LATER)
    (found,) = restatements(restated, "mister_dj", any_change)
    assert (found.delta, found.is_material) == (Decimal("0.1"), True)
    restated.record([observed(value=Decimal("30.2"), status="ok")], run_id="r6", now=LATER + HOUR)
    (found,) = restatements(restated, "mister_dj", any_change)
    assert (found.delta, found.is_material) == (Decimal("0.2"), False)


def test_notes_of_a_run_are_kept_once_and_come_back(store: HistoryStore) -> None:
    note(store, "r1", NOW)
    save_inputs(store, "mister_dj", "r1", inputs.STREAM, {"stripe/charges": state(99)}, LATER)
    save_inputs(store, "mister_dj", "r1", inputs.FACT, {"payment": inputs.FactState(7, 1, ("amount: ge 0",))}, NOW)
    found = inputs_of(store, "mister_dj", ["r1", "r2"])
    assert found["r1"].streams[CHARGES].last_load == 1
    assert found["r1"].facts == {"payment": inputs.FactState(7, 1, ("amount: ge 0",))}
    assert (found["r1"].software, found["r2"].streams) == ("s1", {})
