"""A KPI that means something else gets a new version, and a threshold that was printed stays printed."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_pipeline.catalogue import lock
from kpi_pipeline.errors import CatalogueError, Issue
from kpi_pipeline.settings import COMPANIES
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, Read, changed, shipped

FREE = changed(COMPANY, "approvers: [ann, bob]\n", "")
SECOND = changed(KPI, "id: leads", "id: more_leads")
AGREED = "approved_by: [{by: ann, on: 2026-05-20}, {by: bob, on: 2026-05-21}]"


@pytest.fixture
def since_accepted(read: Read, tmp_path: Path):  # type: ignore[no-untyped-def]
    """Accepts one state of acme's files, then reads another and compares."""

    def compared(kpis: str, company: str = COMPANY, *, before: str = KPI) -> list[Issue]:
        lock.accept(read(before, company)[0].companies["acme"], tmp_path / "companies")
        found, issues = read(kpis, company)
        assert issues == []
        return lock.compare(found.companies["acme"], tmp_path / "companies")

    return compared


def test_what_was_accepted_is_written_down(read: Read, tmp_path: Path) -> None:
    acme = read(changed(KPI, "row 1", "row 1\n  version: 3"))[0].companies["acme"]
    path = lock.accept(acme, tmp_path / "companies")
    kpi = acme.kpis["leads"]
    assert path.read_text(encoding="utf-8").splitlines() == [
        "kpi,version,definition,target,warning,critical",
        f"leads,3,{kpi.definition_hash},>= 50,< 40,< 30",
    ]
    assert [each.name for each in path.parent.iterdir() if "lock" in each.name] == ["definitions.lock"]


def test_nothing_changed_is_no_finding(since_accepted) -> None:  # type: ignore[no-untyped-def]
    assert since_accepted(KPI) == []
    assert since_accepted(changed(KPI, "row 1", "row 1, reworded")) == []


@pytest.mark.parametrize(
    ("old", "new", "line", "severity", "message"),
    [
        ("rolling 30 days", "rolling 28 days", 1, "error", "under the same version; write version: 2"),
        (
            "rolling 30 days",
            "rolling 28 days\n  version: 2",
            6,
            "warning",
            "version 1 → 2 is not accepted yet; `kpi catalogue accept acme`",
        ),
        ("rolling 30 days", "rolling 28 days\n  version: 0", 6, "error", "version 0 was 1: versions only rise"),
        (
            '">= 50"',
            '">= 60"',
            8,
            "error",
            "target >= 50 was rewritten: keep it, and add the new one with `since` and `approved_by`",
        ),
        ('  critical: "< 30"\n', "", 1, "error", "critical < 30 was rewritten: keep it"),
        (
            '">= 50"',
            f"[{{is: '>= 50'}}, {{is: '>= 60', since: 2026-06-01, {AGREED}}}]",
            8,
            "warning",
            "target >= 50 → >= 50; >= 60 since 2026-06-01 is not accepted yet",
        ),
    ],
)
def test_a_change_is_told(since_accepted, old: str, new: str, line: int, severity: str, message: str) -> None:  # type: ignore[no-untyped-def]
    issues = since_accepted(changed(KPI, old, new))
    assert [(issue.file, issue.line, issue.severity) for issue in issues] == [("acme/kpis.yaml", line, severity)]
    assert message in issues[0].message


def test_without_approvers_a_target_may_be_rewritten(since_accepted) -> None:  # type: ignore[no-untyped-def]
    issues = since_accepted(changed(KPI, '">= 50"', '">= 60"'), FREE)
    assert [str(issue) for issue in issues] == [
        "acme/kpis.yaml:8: warning: KPI leads: target >= 50 → >= 60 is not accepted yet; `kpi catalogue accept acme`"
    ]


def test_new_and_gone_kpis_are_told(since_accepted) -> None:  # type: ignore[no-untyped-def]
    assert [str(issue) for issue in since_accepted(SECOND)] == [
        "acme/kpis.yaml:1: warning: KPI more_leads: is not accepted yet; `kpi catalogue accept acme`",
        "acme/definitions.lock:2: warning: KPI leads is gone; `kpi catalogue accept acme`",
    ]


def test_a_company_without_a_lock_is_told_how_to_get_one(read: Read, tmp_path: Path) -> None:
    issues = lock.compare(read()[0].companies["acme"], tmp_path / "companies")
    assert [str(issue) for issue in issues] == [
        "acme/company.yaml:1: warning: no definitions.lock yet: `kpi catalogue accept acme` keeps what every KPI means"
    ]


def test_an_unchanged_version_is_not_accepted_for_another_meaning(read: Read, tmp_path: Path) -> None:
    root = tmp_path / "companies"
    path = lock.accept(read()[0].companies["acme"], root)
    before = path.read_bytes()
    other = read(changed(KPI, "rolling 30 days", "rolling 28 days"))[0].companies["acme"]
    with pytest.raises(CatalogueError, match=r"leads: means something else .* write version: 2"):
        lock.accept(other, root)
    assert path.read_bytes() == before
    risen = read(changed(KPI, "rolling 30 days", "rolling 28 days\n  version: 2"))[0].companies["acme"]
    lock.accept(risen, root)
    assert lock.compare(risen, root) == []


@pytest.mark.parametrize("content", ["", "a,b\n", "kpi,version,definition,target,warning,critical\nleads,1\n"])
def test_a_file_that_is_no_lock_is_refused(read: Read, tmp_path: Path, content: str) -> None:
    acme = read()[0].companies["acme"]
    (tmp_path / "companies" / "acme" / lock.NAME).write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError, match="must have the columns kpi, version"):
        lock.compare(acme, tmp_path / "companies")


def test_the_shipped_definitions_are_accepted() -> None:
    companies = shipped()[0].companies.values()
    assert [str(issue) for company in companies for issue in lock.compare(company, COMPANIES)] == []
    assert companies
