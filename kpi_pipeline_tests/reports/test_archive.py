"""What was archived stays as it was; whatever is changed, removed or put in afterwards is found and named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import text

from kpi_pipeline.errors import StoreUnavailable, UsageError
from kpi_pipeline.history import archive as history
from kpi_pipeline.history.archive import Entry
from kpi_pipeline.history.chain import START
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.archive import Number, Rendered, archive, numbers_json, numbers_of
from kpi_pipeline.reports.verify import Verified, first_difference, verify_company, verify_file
from kpi_pipeline_tests.reports.conftest import NOW, YESTERDAY, Put

LATER = NOW + timedelta(days=7)


def page(store: HistoryStore, period: str = "2026-W47", known_at: datetime = NOW) -> Rendered:
    """A page made from history as known at an instant, and nothing else."""
    row = store.value("acme", "conversie", YESTERDAY, known_at=known_at)
    numbers = () if row is None else (Number.of(row, known_at),)
    shown = "" if row is None else f"{row.value}"
    content = f'<h1 id="top">{period}</h1>\n<p>{shown}</p>\n<a href="#top">up</a> <a href="kpi/conversie.html">KPI</a>'
    return Rendered(
        company="acme",
        report="weekly",
        period=period,
        format="html",
        known_at=known_at,
        content=content.encode(),
        numbers=numbers,
        place="acme/weekly.html",
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "acme/kpi").mkdir(parents=True)
    (tmp_path / "acme/kpi/conversie.html").write_text("definition")
    return tmp_path


@pytest.fixture
def three(store: HistoryStore, put: Put, root: Path) -> list[Entry]:
    put("conversie", YESTERDAY, "32.5", "ok")
    return [archive(store, root, page(store, f"2026-W{week}"), now=NOW) for week in (45, 46, 47)]


def kinds(found: Verified) -> list[str]:
    return [each.kind for each in found.findings]


def test_an_untouched_archive_has_no_findings(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    assert verify_company(store, root, "acme") == Verified(3, 3, 0, ())
    assert verify_file(store, root, root / three[1].file) == Verified(1, 1, 0, ())
    assert [entry.number for entry in three] == [1, 2, 3]
    assert [entry.previous for entry in three] == [START, three[0].hash, three[1].hash]


def test_the_same_bytes_again_make_no_second_entry(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    assert archive(store, root, page(store), now=LATER) == three[2]
    assert len(history.entries(store, "acme")) == 3


def test_numbers_come_back_exactly(store: HistoryStore) -> None:
    number = Number("nps", date(2026, 11, 1), NOW, Decimal("33.333333333333"), Decimal(3), Decimal(9), 9, None)
    none = Number("runway", date(2026, 11, 1), NOW, None, text="Healthy", segment="nl")
    rendered = replace(page(store), numbers=(none, number, number))
    assert numbers_of(numbers_json(rendered)) == [number, none]


def test_one_digit_in_an_archived_page_is_found_and_named(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    path = root / three[1].file
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b"32.5", b"33.5"))
    found = verify_file(store, root, path, lambda entry: page(store, entry.period, entry.known_at).content)
    (finding,) = found.findings
    assert (finding.kind, finding.entry) == ("changed_byte", 2)
    assert "weekly of 2026-W46" in finding.message
    assert "line 2, byte" in finding.message
    assert kinds(verify_company(store, root, "acme")) == ["changed_byte"]


def test_a_changed_copy_is_known_by_its_name_and_a_true_copy_by_its_bytes(
    store: HistoryStore, root: Path, three: list[Entry], tmp_path: Path
) -> None:
    content = (root / three[0].file).read_bytes()
    elsewhere = tmp_path / "mailed"
    elsewhere.mkdir()
    true, changed = elsewhere / "any name.html", elsewhere / Path(three[0].file).name
    true.write_bytes(content)
    changed.write_bytes(content.replace(b"32.5", b"99.9"))
    stranger = elsewhere / "stranger.html"
    stranger.write_text("32.5")
    assert verify_file(store, root, true).findings == ()
    assert kinds(verify_file(store, root, changed)) == ["changed_byte"]
    assert kinds(verify_file(store, root, stranger)) == ["not_archived"]


def test_a_changed_page_of_the_site_is_known_by_its_place(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    path = root / "acme/weekly.html"
    path.write_bytes((root / three[2].file).read_bytes().replace(b"32.5", b"99.9"))
    (finding,) = verify_file(store, root, path).findings
    assert (finding.kind, finding.entry) == ("changed_byte", 3)


def test_one_row_in_the_database_is_found_and_named(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("update observation set value = '99.9' where kpi = 'conversie'"))
    found = verify_file(store, root, root / three[0].file)
    (finding,) = found.findings
    assert (finding.kind, finding.kpi, finding.day) == ("changed_number", "conversie", YESTERDAY)
    assert "value 32.5 in the report, 99.9 in the database" in finding.message
    assert kinds(verify_company(store, root, "acme")) == ["changed_number"] * 3


def test_a_row_that_is_gone_from_the_database_is_found(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("delete from observation"))
    (finding,) = verify_file(store, root, root / three[0].file).findings
    assert "value 32.5 in the report, nothing in the database" in finding.message


def test_a_later_revision_is_no_finding(store: HistoryStore, put: Put, root: Path, three: list[Entry]) -> None:
    put("conversie", YESTERDAY, "40", "ok", known=LATER)
    render = {entry.number: page(store, entry.period, entry.known_at).content for entry in three}
    assert verify_company(store, root, "acme", lambda entry: render[entry.number]).findings == ()


@pytest.mark.parametrize(("which", "kind"), [("file", "missing_file"), ("numbers_file", "missing_file")])
def test_one_file_that_is_gone_is_found_and_named(
    store: HistoryStore, root: Path, three: list[Entry], which: str, kind: str
) -> None:
    name = getattr(three[1], which)
    (root / name).unlink()
    (finding,) = verify_company(store, root, "acme").findings
    assert (finding.kind, finding.file, finding.entry) == (kind, name, 2)
    assert kinds(verify_file(store, root, root / three[1].file)) == [kind]


def test_a_link_that_leads_nowhere_is_named(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    (root / "acme/kpi/conversie.html").unlink()
    (finding,) = verify_file(store, root, root / three[0].file).findings
    assert (finding.kind, finding.message) == ("missing_link", "kpi/conversie.html leads nowhere")


def test_an_entry_that_was_removed_or_changed_shows_in_the_chain(
    store: HistoryStore, root: Path, three: list[Entry]
) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("delete from archive_entry where number = 2"))
    found = verify_company(store, root, "acme").findings
    assert {(each.kind, each.entry) for each in found} == {("missing_entry", 2)}
    with store.engine.begin() as connection:
        connection.execute(text("update archive_entry set sha256 = :other where number = 3"), {"other": "0" * 64})
    found = verify_company(store, root, "acme").findings
    assert ("changed_entry", 3) in {(each.kind, each.entry) for each in found}


def test_the_last_entry_that_was_removed_has_its_file_left(store: HistoryStore, root: Path, three: list[Entry]) -> None:
    with store.engine.begin() as connection:
        connection.execute(text("delete from archive_entry where number = 3"))
    (finding,) = verify_company(store, root, "acme").findings
    assert (finding.kind, finding.entry) == ("missing_entry", 3)


def test_an_entry_rewritten_with_its_hash_does_not_fit_the_next(
    store: HistoryStore, root: Path, three: list[Entry]
) -> None:
    forged = replace(three[1], report="other").linked(three[1].previous)
    with store.engine.begin() as connection:
        statement = text("update archive_entry set report = 'other', hash = :hash where number = 2")
        connection.execute(statement, {"hash": forged.hash})
    found = {(each.kind, each.entry) for each in verify_company(store, root, "acme").findings}
    assert found == {("broken_chain", 3), ("changed_entry", 2)}


def test_an_entry_whose_row_was_lost_in_a_crash_is_taken_up(
    store: HistoryStore, root: Path, three: list[Entry]
) -> None:
    """The chain's file is written first; a crash before the commit leaves it without its row."""
    with store.engine.begin() as connection:
        connection.execute(text("delete from archive_entry where number = 3"))
    added = archive(store, root, page(store, "2026-W48"), now=LATER)
    assert added.number == 4
    assert [entry.number for entry in history.entries(store, "acme")] == [1, 2, 3, 4]
    assert verify_company(store, root, "acme").findings == ()


def test_a_page_that_does_not_come_out_the_same_again_is_told(
    store: HistoryStore, root: Path, three: list[Entry]
) -> None:
    found = verify_company(store, root, "acme", lambda entry: b"something else")
    assert kinds(found) == ["rendered_differently"] * 3


def test_a_folder_that_cannot_be_written_leaves_no_entry(store: HistoryStore, put: Put, tmp_path: Path) -> None:
    blocked = tmp_path / "acme"
    blocked.write_text("a file where the folder should be")
    with pytest.raises(StoreUnavailable, match=r"archiving .*Check that the folder exists"):
        archive(store, tmp_path, page(store), now=NOW)
    assert history.entries(store, "acme") == []


def test_a_name_cannot_leave_the_archive(store: HistoryStore, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'\.\./x' cannot name a file"):
        archive(store, tmp_path, replace(page(store), period="../x"), now=NOW)


def test_the_first_difference_is_shown_in_its_place() -> None:
    assert first_difference(b"a\nvalue 32,5 %", b"a\nvalue 33,5 %").startswith("line 2, byte 9: …")
