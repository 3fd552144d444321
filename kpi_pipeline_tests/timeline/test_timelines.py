"""Every timeline comes out as written, every rule that ships has one, and every row of the frameworks has a rule."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from typer.testing import CliRunner

from kpi_pipeline.catalogue import Catalogue
from kpi_pipeline.cli.app import app
from kpi_pipeline.errors import CatalogueError
from kpi_pipeline.flow.timelines.coverage import unproved
from kpi_pipeline.flow.timelines.script import Timeline, read_timelines
from kpi_pipeline.flow.timelines.verdict import Verdict, judge
from kpi_pipeline.settings import COMPANIES
from kpi_pipeline_tests.catalogue.conftest import shipped

HERE = Path(__file__).parent
DOCUMENT = Path(COMPANIES).parent / "docs" / "alerts.md"
CATALOGUE = shipped()[0]
TIMELINES = read_timelines([HERE], CATALOGUE)
# Types of rows that fire, remind, escalate or ask for a decision.
TYPES = {"alert", "escalation", "decision", "stage_target", "governance", "cadence", "workflow", "target_path"}


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    return {verdict.timeline.where: verdict for verdict in judge(TIMELINES, CATALOGUE)}


@pytest.mark.parametrize("timeline", TIMELINES, ids=[f"{each.file}: {each.name}" for each in TIMELINES])
def test_a_timeline_comes_out_as_written(timeline: Timeline, verdicts: dict[str, Verdict]) -> None:
    assert "\n".join(verdicts[timeline.where].differences) == ""


def test_every_rule_that_ships_is_seen_quiet_told_and_over(verdicts: dict[str, Verdict]) -> None:
    assert list(unproved(CATALOGUE, CATALOGUE.companies, verdicts.values())) == []


def framework_rows() -> dict[str, str]:
    """Row of the frameworks → its type, those that ask for something to be told."""
    lines = (HERE / "framework_rows.txt").read_text(encoding="utf-8").splitlines()
    return {row: kind for kind, row in (line.split() for line in lines if line)}


def reasons() -> dict[str, str]:
    """Row → why it has no rule, from the table in the document."""
    table = (
        DOCUMENT.read_text(encoding="utf-8").partition("<!-- rows without a rule -->")[2].partition("<!-- end -->")[0]
    )
    return dict(re.findall(r"^\| `([\w.]+)` \| (.+?) \|$", table, re.MULTILINE))


def test_every_row_that_asks_for_something_to_be_told_has_a_rule_or_a_written_reason() -> None:
    rules = {row for company in CATALOGUE.companies.values() for rule in company.alerts.rules for row in rule.origin}
    rows = framework_rows()
    assert len(rows) == 74
    assert set(rows.values()) == TYPES
    assert rows.keys() - rules - reasons().keys() == set(), "neither a rule nor a reason in docs/alerts.md"
    assert rules & reasons().keys() == set(), "a rule and a reason for having none"
    assert reasons().keys() <= rows.keys()


def test_the_document_says_which_rules_stand_for_which_row() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    before, mark, rest = text.partition("<!-- rows and their rules -->\n")
    table, end, after = rest.partition("<!-- end -->")
    expected = f"\n{rows_and_rules(CATALOGUE)}\n\n"
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        DOCUMENT.write_text("".join((before, mark, expected, end, after)), encoding="utf-8")
        table = expected
    assert table == expected, "KPI_UPDATE_GOLDEN=1 writes it anew; look at the difference first"


def rows_and_rules(catalogue: Catalogue) -> str:
    lines = ["| row of the framework | rules |", "|---|---|"]
    found: dict[str, list[str]] = {}
    for company in catalogue.companies.values():
        for rule in company.alerts.rules:
            for row in rule.origin:
                found.setdefault(row, []).append(f"`{rule.id}`")
    return "\n".join([*lines, *(f"| `{row}` | {', '.join(rules)} |" for row, rules in sorted(found.items()))])


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "lead.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


STORY = """\
company: mister_dj
timelines:
  - name: conversion falls
    rule: lead_conversie
    start: 2026-03-02
    series: {lead_to_booking_conversion: "33 27 33"}
    states: [2026-03-05 06:00 firing(warning)]
    notices:
      - 2026-03-05 06:00 first_breach warning to leonie_van_dam, rico_jansen
      - 2026-03-06 06:00 resolved ok to leonie_van_dam, rico_jansen
"""


def test_at_41_the_command_plays_what_it_is_given_and_shows_what_differs(write: Callable[[str], Path]) -> None:
    path = write(STORY)
    held = CliRunner().invoke(app, ["alerts", "test", str(path)])
    assert (held.exit_code, held.stdout) == (0, "1 timelines hold\n")
    path = write(
        STORY.replace("first_breach warning to leonie_van_dam, rico_jansen", "first_breach critical to hugo_smit")
    )
    differing = CliRunner().invoke(app, ["alerts", "test", str(path)])
    assert differing.exit_code == 1
    assert differing.stdout.splitlines() == [
        "lead.yaml:3: differs: conversion falls",
        "  notices:",
        "    - 2026-03-05 06:00 first_breach critical to hugo_smit",
        "    + 2026-03-05 06:00 first_breach warning to leonie_van_dam, rico_jansen",
        "      2026-03-06 06:00 resolved ok to leonie_van_dam, rico_jansen",
        "1 timelines, 1 differ",
    ]


def test_without_a_path_the_timelines_beside_the_companies_are_played(tmp_path: Path) -> None:
    copytree(COMPANIES / "mister_dj", tmp_path / "mister_dj")
    (tmp_path / "mister_dj" / "timelines").mkdir()
    (tmp_path / "mister_dj" / "timelines" / "lead.yaml").write_text(STORY, encoding="utf-8")
    done = CliRunner().invoke(app, ["alerts", "test"], env={"KPI_COMPANIES": str(tmp_path)})
    assert (done.exit_code, done.stdout) == (0, "1 timelines hold\n")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("rule: lead_conversie", "rule: lead_conversi", "rule lead_conversi is not declared; did you mean"),
        ("33 27 33", "33 27y 33", "'27y' is no item of a series"),
        ("lead_to_booking_conversion:", "lead_to_booking:", "mister_dj has no KPI lead_to_booking; did you mean"),
        ("start: 2026-03-02", "begin: 2026-03-02", "unknown key 'begin'"),
        ("06:00 firing", "6 firing", "write a clock time of the company as 2026-03-05 06:00"),
        ("company: mister_dj", "company: mister", "`company` must be one of"),
    ],
)
def test_a_fault_of_a_timeline_is_told_with_its_line(
    write: Callable[[str], Path], old: str, new: str, said: str
) -> None:
    assert STORY.count(old) == 1
    with pytest.raises(CatalogueError, match=re.escape(said)):
        read_timelines([write(STORY.replace(old, new))], CATALOGUE)
