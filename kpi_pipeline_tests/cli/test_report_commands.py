"""`kpi report`: what is due, made, written, sent and still as it was; findings and faults by exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kpi_pipeline.cli import main
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.reporting_company import REPORTS, declare, fill, variables

SENDING = REPORTS.replace(
    "  formats: [html, json]\n", "  formats: [html, json]\n  send: [{folder: archive, formats: [html]}]\n"
)
WEEK = ("--period", "2026-W47")
Kpi = Callable[..., tuple[int, str]]


@pytest.fixture
def kpi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Kpi:
    fill(declare(tmp_path, SENDING))
    for name, value in variables(tmp_path).items():
        monkeypatch.setenv(name, value)

    def call(*arguments: str) -> tuple[int, str]:
        capfd.readouterr()
        with pytest.raises(SystemExit, match=r"^\d+$") as ended:
            main(("report", *arguments))
        shown = capfd.readouterr()
        return int(str(ended.value.code)), shown.out + shown.err

    return call


def test_what_is_made_is_listed_and_verified(kpi: Kpi) -> None:
    code, said = kpi("build", "acme", "weekly", *WEEK, "--json")
    made = json.loads(said)
    assert (code, [Path(each["file"]).name for each in made]) == (0, ["2026-W47.html", "2026-W47.json"])
    code, said = kpi("list", "acme", "--json")
    assert [(each["report"], each["period"], each["format"]) for each in json.loads(said)] == [
        ("weekly", "2026-W47", "html"),
        ("weekly", "2026-W47", "json"),
    ]
    assert kpi("verify", "--company", "acme")[0] == 0
    page = Path(made[0]["file"])
    page.write_text(page.read_text().replace('value="40"', 'value="41"', 1))
    code, said = kpi("verify", str(page), "--json")
    (finding,) = json.loads(said)["findings"]
    assert (code, finding["kind"], finding["file"]) == (1, "changed_byte", str(page))


def test_a_format_is_chosen_by_name(kpi: Kpi) -> None:
    code, said = kpi("build", "acme", "weekly", *WEEK, "--format", "pdf,xlsx", "--json")
    assert (code, [Path(each["file"]).suffix for each in json.loads(said)]) == (0, [".pdf", ".xlsx"])
    code, said = kpi("build", "acme", "weekly", "--format", "docx")
    assert code == 2
    assert "Use html, json, pdf, xlsx, mail" in " ".join(said.split())


def test_what_is_written_is_kept_with_its_number(kpi: Kpi) -> None:
    code, said = kpi(
        "comment", "acme", "weekly", *WEEK, "--section", "risk", "--text", "Ziekte", "--by", "bob", "--json"
    )
    assert (code, json.loads(said)["number"]) == (0, 1)
    code, said = kpi("build", "acme", "weekly", *WEEK, "--json")
    assert "Ziekte" in Path(json.loads(said)[0]["file"]).read_text()
    code, said = kpi("comment", "acme", "weekly", *WEEK, "--section", "risk", "--text", "Ziekte", "--by", "eve")
    assert code == 2
    assert "Known are: ann, bob" in " ".join(said.split())


def test_a_report_is_sent_once_unless_it_is_wanted_again(kpi: Kpi, tmp_path: Path) -> None:
    assert kpi("send", "acme", "weekly", *WEEK)[0] == 0
    folder = Settings.from_environment(variables(tmp_path)).report_drop_root / "acme" / "archive"
    assert len(list(folder.glob("*.html"))) == 1
    code, said = kpi("send", "acme", "weekly", *WEEK)
    assert code == 2
    assert "it was sent already" in said
    code, said = kpi("send", "acme", "weekly", *WEEK, "--again", "--json")
    assert (code, [each["outcome"] for each in json.loads(said)]) == (0, ["sent"])


def test_a_report_that_goes_nowhere_cannot_be_sent(kpi: Kpi) -> None:
    code, said = kpi("send", "acme", "monthly", "--period", "2026-10")
    assert code == 2
    assert "Add `send` to it" in said


def test_a_period_that_has_not_begun_is_refused(kpi: Kpi) -> None:
    code, said = kpi("build", "acme", "monthly", "--period", "2199-01")
    assert code == 2
    assert "no day of it was over" in " ".join(said.split())


def test_a_company_that_declares_reports_says_which_are_due(kpi: Kpi) -> None:
    code, said = kpi("due", "acme", "--json")
    found = {each["report"]: each for each in json.loads(said)}
    assert (code, list(found)) == (0, ["weekly", "monthly"])
    assert found["weekly"]["made_at"] is None
    assert found["weekly"]["sent"] is False
