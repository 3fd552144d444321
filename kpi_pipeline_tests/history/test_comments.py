"""What people write in reports stays as it was written, in order, and is known from then on."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from kpi_pipeline.history.comments import Comment, add, comments
from kpi_pipeline.history.store import HistoryStore

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


def said(text: str, at: datetime, company: str = "acme") -> Comment:
    return Comment(company, "weekly", "2026-W47", "actions", "ann", text, at, owner="bob", due=date(2026, 12, 1))


def test_comments_are_numbered_by_company_in_the_order_in_which_they_came(store: HistoryStore) -> None:
    kept = [add(store, said(text, AT)) for text in ("one", "two")]
    other = add(store, said("elsewhere", AT, "other"))
    assert [each.number for each in (*kept, other)] == [1, 2, 1]
    assert comments(store, "acme") == kept


def test_what_came_later_was_not_known_before(store: HistoryStore) -> None:
    first = add(store, said("one", AT))
    add(store, said("two", AT + timedelta(seconds=1)))
    assert comments(store, "acme", known_at=AT) == [first]
    assert comments(store, "acme", known_at=AT - timedelta(seconds=1)) == []
