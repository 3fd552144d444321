"""From a register that people keep to a value: what is taken, what is refused, and who is named beside the number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.errors import RegisterError
from kpi_pipeline.flow import registers
from kpi_pipeline.flow.measure import measure
from kpi_pipeline.flow.publish import weekly_scorecard
from kpi_pipeline.flow.registers import Signature
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.plan_company import COMPANY, FIRST, MILESTONES, NOW, SECOND, installed, load, write

LATER = NOW + timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return installed(tmp_path)


def values(settings: Settings, kpi_id: str, now: datetime = NOW, first: str = "2025-03-19") -> list[object]:
    with Workspace(settings, now=now) as workspace:
        company = workspace.company("acme")
        (found,) = measure(
            workspace, company, [company.kpis[kpi_id]], date.fromisoformat(first), date(2025, 3, 19), run_id=str(now)
        )
        return [row.value for row in found.observations]


def note(settings: Settings, kpi_id: str, day: str = "2025-03-19") -> str | None:
    with Workspace(settings, now=NOW) as workspace:
        company = workspace.company("acme")
        signed = registers.by_hand(workspace, company, company.kpis[kpi_id], date.fromisoformat(day))
        return None if signed is None else registers.note(company, signed)


def test_registers_beside_the_definitions_become_values(settings: Settings) -> None:
    assert {name: each.written for name, each in load(settings, "r1").items()} == {"milestones": 2, "scorecard": 1}
    assert [str(value) for value in values(settings, "migration", first="2025-03-02")[:2]] == ["0", "30"]
    assert [str(value) for value in values(settings, "satisfaction")] == ["7.85"]


def test_a_value_says_who_filled_it_in_and_when(settings: Settings) -> None:
    """Ann signed for the plan last, with her address written her own way; of a stranger only the day is known."""
    load(settings, "r1")
    assert note(settings, "migration") == "by hand: AS (Finance), 10 March 2025"
    assert note(settings, "satisfaction") == "by hand, 17 March 2025"
    assert note(settings, "satisfaction", "2025-03-15") is None  # there is no figure of that day


def test_a_frozen_baseline_that_moved_is_refused_and_what_was_taken_stands(settings: Settings, tmp_path: Path) -> None:
    load(settings, "r1")
    moved = SECOND.replace("2025-04-01,2025-04-01", "2025-05-01,2025-05-01")
    write(tmp_path, "milestones.csv", "\n".join([MILESTONES, FIRST.replace("30", "90"), moved]))
    said = r'milestones.csv:3: error: column 6 `baseline_date`: the baseline is frozen.*It was "2025-04-01"'
    with pytest.raises(RegisterError, match=said):
        load(settings, "r2", LATER)
    assert [str(value) for value in values(settings, "migration", LATER)] == ["30"]
    write(tmp_path, "milestones.csv", "\n".join([MILESTONES, FIRST, moved.replace(",,,Ann", ",,the board,Ann")]))
    assert load(settings, "r3", LATER)["milestones"].written == 1


def test_a_dropped_file_corrects_the_register_by_the_later_entry(settings: Settings) -> None:
    drop = settings.drop_root / "acme"
    drop.mkdir(parents=True)
    done = SECOND.replace(",,planned", ",2025-03-18,done").replace("2025-03-10T", "2025-03-19T")
    (drop / "milestones-march.csv").write_text(f"{MILESTONES}\n{done}\n", encoding="utf-8")
    load(settings, "r1")
    assert [str(value) for value in values(settings, "migration")] == ["100"]
    assert note(settings, "migration") == "by hand: AS (Finance), 19 March 2025"


def test_one_bad_file_of_a_register_keeps_all_of_it_out(settings: Settings) -> None:
    drop = settings.drop_root / "acme"
    drop.mkdir(parents=True)
    same = SECOND.replace("planned", "on_track")
    (drop / "milestones-1.csv").write_text(f"{MILESTONES}\n{same}\n", encoding="utf-8")
    (drop / "milestones-2.csv").write_text(f"{MILESTONES}\nmigration,app\n", encoding="utf-8")
    with pytest.raises(RegisterError, match="2 fault") as caught:
        load(settings, "r1")
    assert [str(issue) for issue in caught.value.issues] == [
        "milestones-2.csv:2: error: 2 cells where the header has 13 columns",
        "milestones-1.csv:2: error: column `kpi_id`, `item_id`, `milestone`: another row has this key "
        "(milestones.csv:3), entered no earlier or later",
    ]
    with Workspace(settings, now=NOW) as workspace:
        assert workspace.landing.receipts("acme", "registers", "milestones") == ()


def test_registers_are_listed_with_owner_last_entry_and_when_the_next_is_due(settings: Settings) -> None:
    """The plan is kept monthly: entered in March, April's entry is due by the end of April."""
    load(settings, "r1")
    with Workspace(settings, now=datetime(2025, 5, 1, 10, tzinfo=UTC)) as workspace:
        plan, scorecard = registers.kept(workspace, workspace.company("acme"))
    assert (plan.owner, plan.rows, plan.due, plan.late) == ("bob", 2, date(2025, 4, 30), True)
    assert plan.last_entry == Signature("AS", "Finance", datetime(2025, 3, 10, 9, tzinfo=UTC))
    assert (scorecard.owner, scorecard.due, scorecard.late) == ("ann", None, False)
    assert scorecard.last_entry == Signature("", "", datetime(2025, 3, 17, 8, tzinfo=UTC))


def test_a_register_never_taken_is_late(settings: Settings) -> None:
    with Workspace(settings, now=NOW) as workspace:
        assert [(each.rows, each.late) for each in registers.kept(workspace, workspace.company("acme"))] == [
            (0, True),
            (0, True),
        ]


def test_the_report_names_who_filled_a_figure_in(settings: Settings) -> None:
    load(settings, "r1")
    values(settings, "migration")
    with Workspace(settings, now=NOW) as workspace:
        path, card = weekly_scorecard(workspace, workspace.company("acme"))
    evidence = {row.kpi_id: row.evidence for row in card.rows}
    assert evidence["migration"] == "30 / 100; n = 2 milestones; by hand: AS (Finance), 10 March 2025"
    assert "by hand: AS (Finance), 10 March 2025" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("rows", [["2025-03-19,USD,1.0912"], []])
def test_a_file_that_a_program_writes_is_not_late_for_what_it_does_not_say(
    settings: Settings, tmp_path: Path, rows: list[str]
) -> None:
    """Rates bear no time of entry, and a company that bills in one currency has none."""
    company = tmp_path / "companies" / "acme" / "company.yaml"
    company.write_text(COMPANY.replace("- scorecard", "- scorecard\n        - fx_rates"), encoding="utf-8")
    write(tmp_path, "fx_rates.csv", "\n".join(["day,currency,rate", *rows, ""]))
    load(settings, "r1")
    with Workspace(settings, now=NOW) as workspace:
        *_, rates = registers.kept(workspace, workspace.company("acme"))
    assert (rates.name, rates.rows, rates.last_entry, rates.late) == ("fx_rates", len(rows), None, False)
