"""Pagers read what each vendor says; the walk does not believe what cannot be."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import pytest

from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.connectors.paging import (
    END,
    AfterCursor,
    Answered,
    Cursor,
    Keyset,
    Leaf,
    NextLink,
    PageNumber,
    Pager,
    RelayCursor,
    StartingAfter,
    Step,
    TokenBefore,
    walk,
)
from kpi_pipeline.errors import ContractError, IncompleteLoad


def reply(data: Any) -> Reply:
    return Reply(200, {}, b"", data)


def answered(data: Any, rows: Sequence[Any] = (), cursor: Cursor = None) -> Answered:
    return Answered(reply(data), rows, cursor)


ROWS = [{"id": "7", "token": "t7"}, {"id": "9", "token": "t9"}]


@pytest.mark.parametrize(
    ("pager", "page", "step"),
    [
        (StartingAfter(), answered({"has_more": True}, ROWS), Step(True, "9")),
        (StartingAfter(), answered({"has_more": False}, ROWS), Step(False, "9")),
        (StartingAfter(), answered({"has_more": True}), Step(True, None)),
        (AfterCursor(), answered({"paging": {"next": {"after": "abc"}}}, ROWS), Step(True, "abc")),
        (AfterCursor(), answered({}, ROWS), END),
        (Keyset(2), answered({"total": 5}, ROWS), Step(True, "9")),
        (Keyset(2), answered({"total": 2}, ROWS), END),
        (Keyset(3), answered({"total": 5}, ROWS), Step(True, None)),
        (Keyset(2), answered({"total": 1}, ROWS, "7"), END),
        (Keyset(2), answered({"total": 0}), END),
        (TokenBefore(2), answered({}, ROWS), Step(True, "t9")),
        (TokenBefore(3), answered({}, ROWS), END),
        (PageNumber(), answered({"page_count": 3}, ROWS), Step(True, 2)),
        (PageNumber(), answered({"page_count": 3}, ROWS, 3), END),
        (NextLink(), answered({"nextLink": "https://x/2"}, ROWS), Step(True, "https://x/2")),
        (NextLink(), answered({"nextLink": None}, ROWS), END),
        (
            RelayCursor("data.issues"),
            answered({"data": {"issues": {"pageInfo": {"hasNextPage": True, "endCursor": "e"}}}}, ROWS),
            Step(True, "e"),
        ),
        (RelayCursor("data.issues"), answered({"data": {"issues": {"pageInfo": {"hasNextPage": False}}}}), END),
    ],
)
def test_each_pager_reads_its_vendors_words(pager: Pager, page: Answered, step: Step) -> None:
    assert pager.next(page) == step


class Script:
    """Answers `fetch` with pages in turn (the last one for ever) and notes the cursors it was asked with."""

    def __init__(self, *pages: tuple[list[int], str | None]) -> None:
        self.pages, self.cursors = list(pages), list[Cursor]()

    def __call__(self, cursor: Cursor) -> Reply:
        self.cursors.append(cursor)
        ids, after = self.pages.pop(0) if len(self.pages) > 1 else self.pages[0]
        more = {} if after is None else {"paging": {"next": {"after": after}}}
        return reply({"results": [{"id": each} for each in ids], **more})


def walked(script: Script, **options: Any) -> list[Leaf]:
    return list(walk(script, AfterCursor(), rows="results", key=itemgetter("id"), doing="x: listing", **options))


def ids(leaves: list[Leaf]) -> list[list[int]]:
    return [[row["id"] for row in leaf.rows] for leaf in leaves]


def test_a_walk_goes_from_the_first_page_to_the_one_without_a_next() -> None:
    script = Script(([1, 2], "b"), ([3], None))
    assert ids(walked(script)) == [[1, 2], [3]]
    assert script.cursors == [None, "b"]


def test_a_walk_may_start_in_the_middle() -> None:
    script = Script(([3], None))
    walked(script, start="b")
    assert script.cursors == ["b"]


def test_a_lie_told_once_is_corrected_by_asking_again() -> None:
    script = Script(([1, 2], "b"), ([], "c"), ([3], None))
    assert ids(walked(script)) == [[1, 2], [3]]
    assert script.cursors == [None, "b", "b"]


@pytest.mark.parametrize(
    ("pages", "fault"),
    [
        ([([1, 2], "b"), ([1, 2], "c")], "rows of an earlier one"),
        ([([1], "b"), ([2], "b")], "cursor for the next page that it had given before"),
        ([([1], "b"), ([2], "c"), ([3], "b")], "cursor for the next page that it had given before"),
        ([([1], "b"), ([], "c")], "an empty page promised more"),
    ],
    ids=["same page", "same cursor", "circle", "empty"],
)
def test_a_walk_that_would_never_end_or_lose_rows_is_incomplete(pages: list[Any], fault: str) -> None:
    with pytest.raises(IncompleteLoad, match=f"{fault}.*, twice"):
        walked(Script(*pages))


def test_a_page_of_another_query_is_not_taken_for_ours() -> None:
    with pytest.raises(IncompleteLoad, match="none of the rows that were asked for, twice"):
        walked(Script(([1, 2], None)), asked_for=lambda row: row["id"] > 5)


def test_rows_that_come_twice_are_counted() -> None:
    leaves = walked(Script(([1, 2], "b"), ([2, 3, 3], "c"), ([4], None)))
    assert [leaf.duplicates for leaf in leaves] == [0, 2, 0]


def test_a_page_without_a_list_is_a_broken_contract() -> None:
    with pytest.raises(ContractError, match="no list of records at 'results'"):
        list(walk(lambda _: reply({"results": {}}), AfterCursor(), rows="results", key=id, doing="x: listing"))
