"""What is wrong in reports.yaml is named with its file and line, all of it at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, judge

REPORTS = """\
- id: weekly
  name: {nl: Weekrapport, en: Weekly report}
  period: week
  due: mon 08:00
  audience: iedereen
  owners: [ann]
  origin: Elke week een rapport
  formats: [html, mail]
  send:
    - {channel: mail, to: ann}
    - {folder: archive}
  sections:
    - {kind: scorecard}
    - {kind: trend, kpis: [lead_count], by: week}
    - {kind: manual, id: risk, title: {nl: Risico}, what: {nl: Het risico.}, filled_by: ann}
"""


def issues(folder: Path, text: str) -> list[str]:
    acme = folder / "acme"
    acme.mkdir()
    (acme / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (acme / "kpis.yaml").write_text(KPI, encoding="utf-8")
    (acme / "reports.yaml").write_text(text, encoding="utf-8")
    return [str(issue) for issue in judge(folder)[1]]


def line_of(text: str, part: str) -> int:
    return text[: text.index(part)].count("\n") + 1


def test_a_report_that_is_right_has_no_issue(tmp_path: Path) -> None:
    kpi = KPI.split("id: ")[1].split("\n")[0]
    assert issues(tmp_path, REPORTS.replace("lead_count", kpi)) == []


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("period: week", "period: fortnight", "period: 'fortnight': write day, week, month"),
        ("period: week", "period: month", "due: say on which day after the period"),
        ("period: week", "period: day", "due: a daily report is due at a time of every day"),
        ("due: mon 08:00", "due: day 3 08:00", "due: say on which weekday"),
        ("due: mon 08:00", "due: monday", "due: 'monday': write '08:00'"),
        ("period: week", "period: month\n  running: true\n  xdue: x", "unknown key 'xdue'"),
        ("name: {nl: Weekrapport, en: Weekly report}", "name: {en: Weekly report}", "name.nl is missing"),
        ("owners: [ann]", "owners: [an]", "owners names nobody known: 'an'; did you mean 'ann'?"),
        ("audience: iedereen\n  ", "", "audience: Field required"),
        ("{channel: mail, to: ann}", "{channel: mial, to: ann}", "send: unknown channel 'mial'"),
        ("{channel: mail, to: ann}", "{channel: mail}", "send: say `to` whom, because mail is mail"),
        ("[html, mail]", "[html]", "send: mail is mail, so mail belongs among the report's formats"),
        ("{channel: mail, to: ann}", "{to: ann}", "give a channel or a folder"),
        ("{folder: archive}", "{folder: ../up}", "folder: String should match pattern"),
        ("{folder: archive}", "{folder: archive, formats: [pdf]}", "pdf is dropped in archive but not among"),
        ("kind: scorecard", "kind: scorcard", "unknown kind 'scorcard'; did you mean 'scorecard'?"),
        ("kind: scorecard", "kind: scorecard, group: Nothing", "unknown group 'Nothing'"),
        ("kind: scorecard", "kind: scorecard, kpi: x", "unknown key 'kpi'"),
        ("kpis: [lead_count]", "kpis: [none]", "unknown KPI 'none'"),
        ("kpis: [lead_count], by: week", "kpis: [lead_count], by: years", "by: Input should be"),
        ("what: {nl: Het risico.}", "what: {en: The risk.}", "what.nl is missing"),
        ("filled_by: ann", "filled_by: nobody", "filled_by names nobody known: 'nobody'"),
        ("id: risk", "id: Risk!", "id: String should match pattern"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, old: str, new: str, says: str) -> None:
    kpi = KPI.split("id: ")[1].split("\n")[0]
    text = REPORTS.replace(old, new, 1)
    assert text != REPORTS
    found = issues(tmp_path, text.replace("lead_count", kpi))
    assert [each for each in found if says in each], found
    assert all(each.startswith("acme/reports.yaml:") for each in found)


def test_a_report_that_cannot_be_read_hides_no_other(tmp_path: Path) -> None:
    kpi = KPI.split("id: ")[1].split("\n")[0]
    other = REPORTS.replace("id: weekly", "id: other").replace("owners: [ann]", "owners: [nobody]")
    found = issues(tmp_path, (REPORTS.replace("period: week", "period: none") + other).replace("lead_count", kpi))
    assert [each.split(": ")[0] for each in found] == ["acme/reports.yaml:3", "acme/reports.yaml:16"]


def test_one_name_is_one_report(tmp_path: Path) -> None:
    kpi = KPI.split("id: ")[1].split("\n")[0]
    found = issues(tmp_path, (REPORTS * 2).replace("lead_count", kpi))
    assert found == ["acme/reports.yaml:16: error: report 'weekly' is already declared on line 1"]


@pytest.mark.parametrize("text", ["reports: []", "- weekly", "- id: x\n  sections: none"])
def test_what_is_no_list_of_reports_is_said(tmp_path: Path, text: str) -> None:
    assert issues(tmp_path, text)
