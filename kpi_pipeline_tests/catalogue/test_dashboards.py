"""dashboards.yaml: read as written, and every fault of it named with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import BaseModel

from kpi_pipeline import facts
from kpi_pipeline.catalogue import Company, inspect
from kpi_pipeline.catalogue.dashboards import PANELS, Beneath, Tiles, Trend
from kpi_pipeline.connectors.registry import SOURCES
from kpi_pipeline.errors import Issue
from kpi_pipeline.metrics import kinds, windows
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, changed

SHARE = changed(changed(KPI, "- id: leads", "- id: share"), "unit: count", "unit: percent\n  group: Sales")
BOARDS = """\
data:
  - id: cohorts
    kind: cohorts
    months: [1, 3]
dashboards:
  - id: sales
    name: {nl: Verkoop, en: Sales}
    audience: Sales
    cadence: weekly
    origin: the sales board
    panels:
      - {kind: tiles, kpis: [leads, share]}
      - {kind: trend, kpis: [leads], by: week, count: 26, title: {nl: Leads per week}}
      - {kind: scores, group: Sales}
      - {kind: data, data: cohorts, view: retention}
      - {kind: manual, filled_by: ann, what: {nl: Wat de markt doet}}
"""


class Cohorts(BaseModel):
    views: ClassVar[tuple[str, ...]] = ("retention",)
    months: tuple[int, ...]


Read = Callable[[str], tuple[Company, list[Issue]]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def write_and_read(boards: str) -> tuple[Company, list[Issue]]:
        folder = tmp_path / "companies" / "acme"
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (("company", COMPANY), ("kpis", KPI + SHARE), ("dashboards", boards)):
            (folder / f"{name}.yaml").write_text(content, encoding="utf-8")
        root, shapes = folder.parent, {"cohorts": Cohorts}
        found, issues = inspect(root, kinds.PARAMS, facts.columns(), windows.parse, SOURCES, shapes)
        return found.companies["acme"], issues

    return write_and_read


def said(issues: list[Issue]) -> list[str]:
    return [f"{issue.line} {issue.message}" for issue in issues]


def test_boards_are_read_as_written(read: Read) -> None:
    company, issues = read(BOARDS)
    assert issues == []
    board = company.dashboards.boards["sales"]
    assert (board.title("nl"), board.title("en"), board.line) == ("Verkoop", "Sales", 6)
    tiles, trend, _, beneath, _ = board.panels
    assert isinstance(tiles, Tiles)
    assert tiles.uses() == ("leads", "share")
    assert isinstance(trend, Trend)
    assert (trend.by, trend.count, trend.heading("nl"), trend.line) == ("week", 26, "Leads per week", 13)
    assert isinstance(beneath, Beneath)
    assert company.dashboards.data[beneath.data].params == Cohorts(months=(1, 3))


PANEL = "dashboard sales, panel"
UNUSED = "2 table cohorts: no panel shows it"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kpis: [leads, share]", "kpis: [laeds]", [f"12 {PANEL} 1: unknown KPI 'laeds'; did you mean 'leads'?"]),
        ("kind: tiles", "kind: tile", [f"12 {PANEL} 1: unknown kind 'tile'; did you mean 'tiles'?"]),
        ("by: week", "by: day", [f"13 {PANEL} 2: by: Input should be 'week', 'month' or 'quarter'"]),
        ("count: 26", "cuont: 26", [f"13 unknown key 'cuont' in {PANEL} 2; did you mean 'count'?"]),
        (
            "kpis: [leads], by",
            "kpis: [leads, share], by",
            [f"13 {PANEL} 2: KPIs of one panel share an axis, so one unit, not count, percent"],
        ),
        ("group: Sales", "group: Sale", [f"14 {PANEL} 3: unknown group 'Sale'; did you mean 'Sales'?"]),
        ("group: Sales", "group: Sales, kpis: [leads]", [f"14 {PANEL} 3: give either kpis or a group"]),
        (
            "data: cohorts, view",
            "data: cohort, view",
            [UNUSED, f"15 {PANEL} 4: unknown table 'cohort'; did you mean 'cohorts'?"],
        ),
        (
            "view: retention",
            "view: retentoin",
            [f"15 {PANEL} 4: unknown view 'retentoin' of cohorts; did you mean 'retention'?"],
        ),
        (
            "filled_by: ann",
            "filled_by: anne",
            [f"16 {PANEL} 5: filled_by names nobody known: 'anne'; did you mean 'ann'?"],
        ),
        ("what: {nl: Wat", "what: {en: Wat", [f"16 {PANEL} 5: what.nl is missing"]),
        (
            "kind: cohorts",
            "kind: cohort",
            [
                "3 table cohorts: unknown kind 'cohort'; did you mean 'cohorts'?",
                f"15 {PANEL} 4: unknown table 'cohorts'",
            ],
        ),
        (
            "months: [1, 3]",
            "moths: [1, 3]",
            [
                "2 table cohorts: months: Field required",
                "4 unknown key 'moths' in table cohorts; did you mean 'months'?",
            ],
        ),
        ("nl: Verkoop, ", "", ["6 dashboard sales: name.nl is missing"]),
        ("    audience: Sales\n", "", ["6 dashboard sales: audience: Field required", UNUSED]),
        (
            "dashboards:",
            "dashboard:",
            [UNUSED, "5 unknown key 'dashboard' in the dashboards; did you mean 'dashboards'?"],
        ),
        (
            "kind: scores, group: Sales",
            "kind: funnel, kpis: [leads, share]",
            [f"14 {PANEL} 3: a funnel counts, and share is a share"],
        ),
    ],
)
def test_every_fault_has_its_line_and_its_remedy(read: Read, old: str, new: str, expected: list[str]) -> None:
    _, issues = read(changed(BOARDS, old, new))
    assert sorted(said(issues)) == sorted(expected)


def test_a_panel_that_cannot_be_read_does_not_hide_the_others(read: Read) -> None:
    company, issues = read(changed(BOARDS, "kind: tiles", "kind: tile").replace("filled_by: ann", "filled_by: nobody"))
    assert len(issues) == 2
    assert len(company.dashboards.boards["sales"].panels) == 4


def test_the_same_id_twice_is_a_fault(read: Read) -> None:
    _, issues = read(BOARDS + BOARDS[BOARDS.index("  - id: sales") :])
    assert said(issues) == ["17 dashboard 'sales' is already declared on line 6"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", "1 must be a mapping with `dashboards:`, and `data:` where panels need it"),
        ("dashboards: {}", "1 dashboards must be a list"),
        ("dashboards: [sales]", "1 dashboards: entry 1 must be a mapping"),
    ],
)
def test_a_file_of_another_shape_says_what_it_should_be(read: Read, text: str, message: str) -> None:
    company, issues = read(text)
    assert said(issues) == [message]
    assert company.dashboards.boards == {}


def test_a_company_need_not_have_dashboards(read: Read) -> None:
    company, issues = read("")
    assert (issues, company.dashboards.boards, company.dashboards.data) == ([], {}, {})


def test_every_kind_of_panel_can_be_shown() -> None:
    from kpi_pipeline.reports.panels.render import SHOW

    assert set(SHOW) == set(PANELS)
