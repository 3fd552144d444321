"""Reports are made once, kept for ever, and made again byte by byte as they were known then."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from kpi_pipeline.alerts.tables import decision
from kpi_pipeline.catalogue.reporting import Format
from kpi_pipeline.errors import StoreUnavailable, UsageError
from kpi_pipeline.flow import packs
from kpi_pipeline.flow.archived import renderer
from kpi_pipeline.flow.packs import Made
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.flow.written import write_comment
from kpi_pipeline.history import archive
from kpi_pipeline.history.comments import Comment
from kpi_pipeline.history.tables import observation
from kpi_pipeline.reports.verify import verify_company
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.catalogue.conftest import KPI
from kpi_pipeline_tests.flow.reporting_company import NOW, REPORTS, SUNDAY, declare, fill, observed


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = declare(tmp_path)
    fill(found)
    return found


@pytest.fixture
def space(settings: Settings) -> Iterator[Workspace]:
    with Workspace(settings, now=NOW) as opened:
        yield opened


def make(space: Workspace, known_at: datetime | None = None, report: str = "weekly") -> list[Made]:
    company = space.company("acme")
    declared = packs.report_of(company, report)
    period = packs.period_of(company, declared, None, space.now if known_at is None else known_at)
    return packs.make(space, company, declared, period, known_at=known_at)


def write(space: Workspace, **said: object) -> Comment:
    company = space.company("acme")
    report = company.reports["weekly"]
    content = {"author": "ann", "text": "Zo is het", **said}
    return write_comment(space, company, report, report.period.named("2026-W47"), **content)  # type: ignore[arg-type]


def text(made: list[Made]) -> str:
    return made[0].path.read_text(encoding="utf-8")


def test_a_report_is_archived_and_published_in_each_of_its_formats(space: Workspace) -> None:
    made = make(space)
    assert [(each.report, each.period, each.format) for each in made] == [
        ("weekly", "2026-W47", "html"),
        ("weekly", "2026-W47", "json"),
    ]
    root = space.settings.reports_root
    assert [each.path.relative_to(root).as_posix() for each in made] == [
        "acme/report/weekly/2026-W47.html",
        "acme/report/weekly/2026-W47.json",
    ]
    for each in made:
        assert (root / each.entry.file).read_bytes() == each.path.read_bytes()
        assert each.entry.place == each.path.relative_to(root).as_posix()


def test_the_same_report_again_is_one_entry(space: Workspace) -> None:
    first, second = make(space), make(space)
    assert [each.entry for each in first] == [each.entry for each in second]
    assert len(archive.entries(space.history, "acme")) == 2


def test_as_known_then_the_bytes_are_those_of_then(space: Workspace, settings: Settings) -> None:
    before = make(space)
    with Workspace(settings, now=NOW + timedelta(days=1)) as later:
        later.history.record([observed(SUNDAY, 99)], run_id="r2", now=later.now)
        write(later, section="risk", text="Later bedacht")
        assert b"99" in make(later)[0].path.read_bytes()
        again = make(later, known_at=NOW)
        assert [each.path.read_bytes() for each in again] == [
            (later.settings.reports_root / each.entry.file).read_bytes() for each in before
        ]
        assert again[0].path.name == "2026-W47-as-known-20261123T090000.html"
        found = verify_company(later.history, later.settings.reports_root, "acme", renderer(later))
        assert found.findings == ()
        assert found.again == len(archive.entries(later.history, "acme")) == 6


def test_a_report_is_made_again_by_the_files_that_were_declared_then(
    space: Workspace, settings: Settings, tmp_path: Path
) -> None:
    made = make(space)
    declare(tmp_path, REPORTS.replace("Weekrapport", "Ander rapport"), KPI.replace("nl: Leads", "nl: Aanvragen"))
    with Workspace(settings, now=NOW + timedelta(days=1)) as later:
        assert later.company("acme").kpis["leads"].title("nl") == "Aanvragen"
        assert packs.again(later, made[0].entry) == made[0].path.read_bytes()


def test_one_changed_digit_is_found_by_making_the_report_again(space: Workspace) -> None:
    made = make(space)[0]
    path = space.settings.reports_root / made.entry.file
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'value="40"', b'value="41"', 1))
    found = verify_company(space.history, space.settings.reports_root, "acme", renderer(space))
    assert [each.kind for each in found.findings] == ["changed_byte"]


def test_every_format_is_made_again_byte_by_byte(settings: Settings) -> None:
    formats: tuple[Format, ...] = ("html", "json", "pdf", "xlsx", "mail")
    with Workspace(settings, now=NOW) as space:
        company = space.company("acme")
        weekly = company.reports["weekly"]
        packs.make(space, company, weekly, weekly.period.named("2026-W47"), formats=formats)
    with Workspace(settings, now=NOW + timedelta(days=1)) as later:
        later.history.record([observed(SUNDAY, 99)], run_id="r2", now=later.now)
        found = verify_company(later.history, later.settings.reports_root, "acme", renderer(later))
        assert (found.findings, found.again) == ((), 5)


def test_a_changed_row_of_the_database_is_named_with_its_kpi_and_day(space: Workspace) -> None:
    make(space)
    with space.history.engine.begin() as connection:
        wrong = update(observation).where(observation.c.kpi == "leads", observation.c.day == SUNDAY)
        connection.execute(wrong.values(value=Decimal(41)))
    found = verify_company(space.history, space.settings.reports_root, "acme").findings
    assert {(each.kind, each.kpi, each.day) for each in found} == {("changed_number", "leads", SUNDAY)}


def test_a_removed_file_is_named(space: Workspace) -> None:
    made = make(space)[1]
    (space.settings.reports_root / made.entry.file).unlink()
    found = verify_company(space.history, space.settings.reports_root, "acme").findings
    assert [(each.kind, each.entry) for each in found] == [("missing_file", made.entry.number)]
    assert made.entry.file in found[0].file


def test_two_builds_at_once_make_one_report(settings: Settings) -> None:
    def build(_: int) -> bytes:
        with Workspace(settings, now=NOW) as space:
            return make(space)[0].path.read_bytes()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(build, range(4)))) == 1
    with Workspace(settings, now=NOW) as space:
        assert len(archive.entries(space.history, "acme")) == 2
        assert list((settings.reports_root / "acme" / "report" / "weekly").glob(".*")) == []


def test_a_folder_that_cannot_be_written_says_so_and_leaves_nothing(space: Workspace, settings: Settings) -> None:
    settings.reports_root.parent.mkdir(parents=True, exist_ok=True)
    settings.reports_root.write_text("a file stands where the folder should be")
    with pytest.raises(StoreUnavailable, match="Check that the folder exists, can be written"):
        make(space)
    assert archive.entries(space.history, "acme") == []


def test_what_is_due_is_made_once_and_not_again(space: Workspace) -> None:
    company = space.company("acme")
    made = packs.make_due(space, company)
    assert [(each.report, each.period, each.format) for each in made] == [
        ("weekly", "2026-W47", "html"),
        ("weekly", "2026-W47", "json"),
        ("monthly", "2026-10", "html"),
        ("monthly", "2026-10", "json"),
    ]
    assert packs.make_due(space, company) == []


def test_an_instant_to_come_is_refused(space: Workspace) -> None:
    with pytest.raises(UsageError, match="is yet to come"):
        make(space, known_at=NOW + timedelta(seconds=1))


def test_a_report_or_period_that_nobody_declared_is_refused(space: Workspace) -> None:
    company = space.company("acme")
    with pytest.raises(UsageError, match="Declared are: weekly, monthly"):
        packs.report_of(company, "wekly")
    with pytest.raises(UsageError, match="Write a period as 2026-W47"):
        packs.period_of(company, company.reports["weekly"], "2026-11", NOW)


def test_what_is_written_is_in_the_next_report(space: Workspace) -> None:
    assert "Dit is aan Bob" in text(make(space))
    write(space, section="risk", text="Te weinig <mensen>")
    write(space, section="focus", kpi="leads", cause="Vakantie", text="Bellen")
    write(space, kpi="leads", text="Zie de campagne")
    action = write(space, section="actions", text="Bel na", owner="duty", due=date(2026, 12, 1), kpi="leads")
    page = text(make(space))
    for said in ("Te weinig &lt;mensen&gt;", "Vakantie", "Leads: Zie de campagne", "1 december 2026", "On duty"):
        assert said in page
    assert action.number == 4
    write(space, closes=4, text="Gedaan")
    assert "Gedaan" in text(make(space))


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"author": "an", "section": "risk"}, "'an' is nobody"),
        ({"section": "risks"}, "Sections to write in: focus, risk, actions"),
        ({}, "neither --section nor --kpi"),
        ({"section": "risk", "text": "  "}, "the text has 0 characters"),
        ({"section": "risk", "text": "x" * 4001}, "Write 1 to 4000"),
        ({"section": "focus"}, "a focus is on a KPI"),
        ({"section": "focus", "kpi": "lead"}, "there is no KPI 'lead'"),
        ({"section": "actions", "owner": "ann"}, "an action has an owner and a deadline"),
        ({"section": "actions", "owner": "nobody", "due": date(2026, 12, 1)}, "the owner 'nobody' is nobody"),
        ({"closes": 7}, "there is no action 7"),
    ],
)
def test_what_cannot_be_kept_is_refused(space: Workspace, said: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        write(space, **said)


def test_the_focus_is_on_two_kpis_at_most(settings: Settings, tmp_path: Path) -> None:
    more = "".join(KPI.replace("id: leads", f"id: leads_{number}") for number in (2, 3))
    declare(tmp_path, kpis=KPI + more)
    with Workspace(settings, now=NOW) as space:
        for name in ("leads", "leads_2", "leads"):
            write(space, section="focus", kpi=name)
        with pytest.raises(UsageError, match="the focus is on 2 KPIs already"):
            write(space, section="focus", kpi="leads_3")


def test_decisions_are_shown_as_they_stood_then(space: Workspace, settings: Settings) -> None:
    opened = datetime(2026, 11, 20, 9, tzinfo=UTC)
    row = {
        "id": "d1",
        "company": "acme",
        "subject": "leads",
        "rule": "few",
        "segment": "",
        "episode": 1,
        "question": "Wat doen we?",
        "owners": ["ann"],
        "opened_at": opened,
        "due_at": opened + timedelta(days=7),
        "decided_at": NOW + timedelta(hours=1),
        "decided_by": "bob",
        "decision": "Meer bellen",
        "outcome": "Het hielp",
        "outcome_at": NOW + timedelta(days=3),
    }
    with space.history.engine.begin() as connection:
        connection.execute(insert(decision).values(row))
    page = text(make(space))
    assert "besluit uiterlijk 27 nov 2026 10:00" in page
    assert "Meer bellen" not in page
    with Workspace(settings, now=NOW + timedelta(hours=2)) as later:
        page = text(make(later))
        assert "Meer bellen" in page
        assert "nog niet vastgelegd of het werkte" in page
        assert "Het hielp" not in page
