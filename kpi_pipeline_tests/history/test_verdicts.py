"""Verdicts are kept append-only: what an audit found then can be told again, and a difference has an age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import func, select

from kpi_pipeline.history.evidence import audit_verdict
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.history.verdicts import Verdict, newest, save, touching
from kpi_pipeline_tests.history.test_store import DAY, NOW

A_DAY = timedelta(days=1)
MAILED = Verdict("mailed", "mailed", DAY, "differs", ("nps",), Decimal(10), Decimal("8.50"), Decimal("1.5"), Decimal(1))
LEVEL = Verdict("level", "nps", DAY, "ok", ("nps",), value=Decimal(5), expected=Decimal(4), score=Decimal("0.2"))


def count(store: HistoryStore) -> int:
    with store.engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(audit_verdict)).scalar_one())


def test_a_verdict_comes_back_as_it_was(store: HistoryStore) -> None:
    explained = replace(MAILED, verdict="explained", reason="outage", by="ann", expires=date(2026, 12, 31))
    assert save(store, "acme", [explained, LEVEL], run_id="r1", now=NOW) == 2
    assert [each.verdict for each in newest(store, "acme", DAY)] == [LEVEL, explained]
    assert newest(store, "other", DAY) == []


def test_the_same_verdict_again_is_no_news_and_another_one_is(store: HistoryStore) -> None:
    save(store, "acme", [MAILED], run_id="r1", now=NOW)
    assert save(store, "acme", [MAILED], run_id="r2", now=NOW + A_DAY) == 0
    fixed = replace(MAILED, verdict="ok", left=Decimal("8.5"), difference=Decimal(0))
    assert save(store, "acme", [fixed], run_id="r3", now=NOW + 2 * A_DAY) == 1
    assert [each.verdict.verdict for each in newest(store, "acme", DAY)] == ["ok"]
    assert [each.verdict.verdict for each in newest(store, "acme", DAY, known_at=NOW + A_DAY)] == ["differs"]


def test_an_open_difference_ages_until_it_closes(store: HistoryStore) -> None:
    verdicts = ["ok", "differs", "differs", "differs"]
    for offset, verdict in enumerate(verdicts):
        each = replace(MAILED, day=DAY + offset * A_DAY, verdict=verdict)
        save(store, "acme", [each], run_id="r", now=NOW + offset * A_DAY)
    (found,) = newest(store, "acme", DAY + 3 * A_DAY)
    assert (found.open_since, found.age_days) == (DAY + A_DAY, 2)
    (then,) = newest(store, "acme", DAY)
    assert (then.open_since, then.age_days) == (None, 0)


def test_a_kpi_in_line_day_after_day_is_one_row(store: HistoryStore) -> None:
    for offset in range(5):
        save(store, "acme", [replace(LEVEL, day=DAY + offset * A_DAY)], run_id="r", now=NOW + offset * A_DAY)
    assert count(store) == 1
    suspect = replace(LEVEL, day=DAY + 5 * A_DAY, verdict="suspect")
    save(store, "acme", [suspect], run_id="r", now=NOW + 5 * A_DAY)
    save(store, "acme", [replace(suspect, day=DAY + 6 * A_DAY)], run_id="r", now=NOW + 6 * A_DAY)
    save(store, "acme", [replace(LEVEL, day=DAY + 7 * A_DAY)], run_id="r", now=NOW + 7 * A_DAY)
    assert count(store) == 4
    (found,) = newest(store, "acme", DAY + 6 * A_DAY)
    assert found.open_since == DAY + 5 * A_DAY


def test_a_reconciliation_touches_the_kpis_it_names(store: HistoryStore) -> None:
    save(store, "acme", [MAILED, replace(LEVEL, subject="mrr", kpis=("mrr",))], run_id="r", now=NOW)
    found = newest(store, "acme", DAY)
    assert [each.verdict.rule for each in touching(found, "nps")] == ["mailed"]
    assert [each.verdict.rule for each in touching(found, "mrr")] == ["level"]
