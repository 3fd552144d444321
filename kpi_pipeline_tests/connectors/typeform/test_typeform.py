"""Typeform over the wire: every response once, whatever the page and window seams, and no free text beyond it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import orjson
import pytest

from kpi_pipeline.errors import ContractError, IncompleteLoad, SourceRefused, SourceUnavailable
from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse, World
from kpi_pipeline_tests.connectors.wire import NOW, Wire, rows, utc, wired, world

SIZE = 10  # responses a page in these tests; the vendor allows 1000
START, END = utc("2026-11-01 00:00"), utc("2026-11-02 00:00")
SECRET = "Bel mij: jan.jansen@example.nl"
MADE = utc("2025-01-01 00:00")
NPS = Form(
    "nps",
    "Na het feest",
    MADE,
    MADE,
    (
        FormField("f1", "nps_event", "Hoe waarschijnlijk?", "opinion_scale", {"steps": 11, "start_at_one": False}),
        FormField("f2", "why", "Waarom?", "long_text"),
        FormField("f3", "extras", "Wat erbij?", "multiple_choice"),
        FormField("f4", "again", "Nog eens?", "yes_no"),
        FormField("f5", "mail", "E-mail", "email"),
    ),
    ("booking_id", "email"),
    visits=500,
)
FAIR = Form("fair", "Beurs", MADE, MADE, (FormField("g1", "stand", "Stand?", "rating", {"steps": 5}),), ())


def response(number: int, at: datetime, **more: Any) -> FormResponse:
    usual: dict[str, Any] = {
        "form_id": "nps",
        "token": f"{number:032x}",
        "response_type": "completed",
        "landed_at": at - timedelta(minutes=2),
        "submitted_at": at,
        "visible_at": at,
        "hidden": {"booking_id": f"B-{number}", "email": "jan@example.nl"},
        "answers": {"nps_event": number % 11},
        "platform": "mobile",
    }
    return FormResponse(**(usual | more))


def small() -> World:
    tie = utc("2026-11-01 12:00")
    spread = [response(n, START + timedelta(minutes=20 * n)) for n in range(35)]
    ties = [response(100 + n, tie) for n in range(3 * SIZE + 5)]  # one second fills three pages and a half
    edges = [response(200 + n, END + timedelta(milliseconds=300 * n)) for n in range(4)]
    partial = response(300, START, response_type="partial", submitted_at=None, landed_at=utc("2026-11-01 08:00"))
    started = response(301, START, response_type="started", submitted_at=None, answers={})
    return world(forms=[NPS, FAIR], responses=[*spread, *ties, *edges, partial, started])


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with wired("typeform", small(), tmp_path, {"page_size": SIZE}) as open_wire:
        yield open_wire


def tokens(found: list[dict[str, Any]]) -> list[int]:
    return [int(row["token"], 16) for row in found]


def completed(found: list[dict[str, Any]]) -> list[int]:
    return tokens([row for row in found if row["response_type"] == "completed"])


IN_WINDOW = {*range(35), *range(100, 135)}


def test_every_response_of_a_window_comes_once_over_many_pages_and_ties(wire: Wire) -> None:
    reading = wire.read("responses", START, END)
    found = completed(rows(reading))
    assert len(found) == len(set(found))
    assert set(found) == IN_WINDOW
    assert (reading.proof.how, reading.proof.expected) == ("total", len(IN_WINDOW) + 1)


def test_the_boundary_second_belongs_to_the_next_window(wire: Wire) -> None:
    next_window = completed(wire.rows("responses", END, END + timedelta(days=1)))
    assert set(next_window) == {200, 201, 202, 203}


@pytest.mark.parametrize("cut", [utc("2026-11-01 12:00"), utc("2026-11-01 12:00:00.5"), utc("2026-11-01 12:00:01")])
def test_a_cut_through_a_second_of_ties_loses_none(wire: Wire, cut: datetime) -> None:
    before, after = (completed(wire.rows("responses", *span)) for span in ((START, cut), (cut, END)))
    assert set(before) | set(after) == IN_WINDOW
    if cut != utc("2026-11-01 12:00:00.5"):  # there both hold the second, which landing writes once
        assert not set(before) & set(after)


def test_a_partial_response_has_no_submission_and_is_placed_by_its_landing(wire: Wire) -> None:
    (partial,) = [row for row in wire.rows("responses", START, END) if row["response_type"] == "partial"]
    assert (partial["submitted_at"], partial["at"]) == (None, "2026-11-01T08:00:00Z")


def test_a_response_that_shows_late_is_found_by_the_next_lookback(tmp_path: Path) -> None:
    records = small()
    submitted = NOW - timedelta(minutes=25)
    records.responses.append(response(400, submitted, visible_at=NOW + timedelta(minutes=4)))
    with wired("typeform", records, tmp_path) as open_wire:
        first = open_wire.read("responses", NOW - timedelta(hours=6), NOW)
        assert 400 not in tokens(rows(first))
        assert first.proof.watermark == NOW
        later = NOW + timedelta(minutes=30)
        open_wire.sandbox.set_now(later)
        again = first.proof.watermark - open_wire.stream("responses").lookback
        assert 400 in tokens(open_wire.rows("responses", again, later))


def test_answers_keep_numbers_choices_and_the_length_of_texts_only(tmp_path: Path) -> None:
    answers = {"nps_event": 9, "why": SECRET, "extras": ["Licht", "Rook"], "again": True, "mail": "jan@example.nl"}
    records = world(forms=[NPS], responses=[response(1, START, answers=answers)])
    with wired("typeform", records, tmp_path) as open_wire:
        pages = list(open_wire.read("answers", START, END))
        found = {row["ref"]: row for page in pages for row in orjson.loads(page.body)}
    kept = ("number", "boolean", "choice", "choices", "text_length")
    assert {ref: {name: row[name] for name in kept if name in row} for ref, row in found.items()} == {
        "nps_event": {"number": 9},
        "why": {"text_length": len(SECRET)},
        "extras": {"choices": ["Licht", "Rook"]},
        "again": {"boolean": True},
        "mail": {"text_length": 14},
    }
    assert not any(b"jan" in page.body for page in pages)


def test_answers_of_responses_that_were_left_are_not_read(wire: Wire) -> None:
    assert set(tokens(wire.rows("answers", START, END))) == IN_WINDOW


def test_fields_tell_the_scale_and_form_of_each_question(wire: Wire) -> None:
    found = {(row["@form_id"], row["ref"]): row for row in wire.rows("fields")}
    assert set(found) == {("nps", field.ref) for field in NPS.fields} | {("fair", "stand")}
    assert found["nps", "nps_event"]["properties"] == {"steps": 11, "start_at_one": False}


def test_questions_inside_a_group_are_listed_with_it(tmp_path: Path) -> None:
    inner = {"id": "i", "ref": "inner", "title": "?", "type": "nps", "properties": {}}
    group = FormField("g", "block", "Blok", "group", {"fields": [inner]})
    form = Form("f", "F", MADE, MADE, (group,), ())
    with wired("typeform", world(forms=[form]), tmp_path) as open_wire:
        found = open_wire.rows("fields")
    assert [(row["ref"], row["group_ref"]) for row in found] == [("block", None), ("inner", "block")]


def test_only_the_forms_that_the_company_names_are_read(tmp_path: Path) -> None:
    with wired("typeform", small(), tmp_path, {"forms": ["nps"]}) as open_wire:
        assert [row["id"] for row in open_wire.rows("forms")] == ["nps"]
        assert {row["@form_id"] for row in open_wire.rows("fields")} == {"nps"}


def test_a_form_that_the_company_names_must_be_there(tmp_path: Path) -> None:
    settings, said = {"forms": ["nps", "gone"]}, "the settings name gone"
    with wired("typeform", small(), tmp_path, settings) as open_wire, pytest.raises(IncompleteLoad, match=said):
        open_wire.rows("forms")


def test_the_forms_are_listed_once_for_all_streams(wire: Wire) -> None:
    for stream in ("fields", "responses", "answers"):
        rows(wire.read(stream, START, END))
    assert [entry["path"] for entry in wire.requests].count("/forms") == 1


def asked(wire: Wire) -> int:
    return [entry["path"] for entry in wire.requests].count("/forms/nps/responses")


@pytest.mark.parametrize(("size", "pages"), [(1000, 1), (SIZE, 8)])
def test_answers_of_responses_on_one_page_are_not_asked_for_again(tmp_path: Path, size: int, pages: int) -> None:
    settings = {"page_size": size, "forms": ["nps"]}
    with wired("typeform", small(), tmp_path / "alone", settings) as alone:
        expected = alone.rows("answers", START, END)
        assert asked(alone) == pages
    with wired("typeform", small(), tmp_path / "both", settings) as both:
        both.rows("responses", START, END)
        before = asked(both)
        assert both.rows("answers", START, END) == expected
        assert asked(both) - before == (0 if pages == 1 else pages)
        both.rows("answers", START, END)
        assert asked(both) - before == (1 if pages == 1 else 2 * pages), "what was held is given once"
        both.rows("answers", START, END + timedelta(days=1))
        assert asked(both) - before > (1 if pages == 1 else 2 * pages), "another window is another question"


def test_insights_describe_now_so_a_past_window_gets_none(wire: Wire) -> None:
    assert wire.rows("insights_daily", START, END) == []
    (nps,) = [row for row in wire.rows("insights_daily", END, NOW) if row["@form_id"] == "nps"]
    assert (nps["taken_on"], nps["responses_count"]) == ("2026-11-22", 74)
    assert nps["taken_at"] == "2026-11-22T11:59:59.999000+00:00"


@pytest.mark.parametrize("after", [0, 1, 7])
def test_a_total_that_the_pages_do_not_reach_is_never_believed(wire: Wire, after: int) -> None:
    wire.fault("wrong_count", "/forms/nps/responses", times=1, after=after, by=3)
    if after:  # a later page contradicts the first one: it is asked for once more
        assert set(completed(wire.rows("responses", START, END))) == IN_WINDOW
    else:
        with pytest.raises(IncompleteLoad, match="promised more than it held"):
            wire.rows("responses", START, END)


def test_a_full_last_page_needs_no_further_request(tmp_path: Path) -> None:
    records = world(forms=[NPS], responses=[response(n, START + timedelta(minutes=n)) for n in range(2 * SIZE)])
    with wired("typeform", records, tmp_path, {"page_size": SIZE}) as open_wire:
        assert len(open_wire.rows("answers", START, END)) == 2 * SIZE
        assert [entry["path"] for entry in open_wire.requests].count("/forms/nps/responses") == 2


def test_a_repeated_row_is_counted_once_and_a_repeated_page_asked_again(wire: Wire) -> None:
    wire.fault("shifted_page", "/nps/responses", times=1, after=2)
    assert set(completed(wire.rows("responses", START, END))) == IN_WINDOW
    wire.sandbox.faults.clear()
    wire.fault("repeated_cursor", "/nps/responses", times=1, after=2)
    assert set(completed(wire.rows("responses", START, END))) == IN_WINDOW


def test_an_answer_to_another_question_is_not_taken_for_ours(wire: Wire) -> None:
    wire.fault("repeated_cursor", "/nps/responses", after=9)
    wire.rows("responses", START, END)  # 9 requests; the last page that was sent holds the partial ones
    assert set(completed(wire.rows("responses", START, END))) == IN_WINDOW


def test_pages_are_asked_by_token_without_sort_and_at_the_vendors_maximum(tmp_path: Path) -> None:
    with wired("typeform", small(), tmp_path) as open_wire:
        open_wire.rows("responses", START, END)
        asked = [parse_qs(r["query"]) for r in open_wire.requests if r["path"].endswith("/responses")]
    assert {tuple(query["page_size"]) for query in asked} == {("1000",)}
    assert not any("sort" in query for query in asked)
    assert {(query["since"][0], query["until"][0]) for query in asked} == {
        ("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")
    }


def test_a_completed_response_without_its_submission_has_no_instant(wire: Wire) -> None:
    wire.fault("missing_field", "/responses", field="submitted_at")
    found = [row for row in wire.rows("responses", START, END) if row["response_type"] == "completed"]
    assert found
    assert {row["at"] for row in found} == {None}


@pytest.mark.parametrize(
    ("kind", "error", "said"),
    [
        ("expired_key", SourceRefused, "MISTER_DJ_TYPEFORM_API_KEY"),
        ("missing_scope", SourceRefused, "HTTP 403.*responses:read"),
        ("ok_with_error", ContractError, "the body has no items, total_items, page_count"),
        ("server_error", SourceUnavailable, "4 times"),
        ("throttle", SourceUnavailable, "HTTP 429"),
        ("truncated_json", SourceUnavailable, "not JSON"),
        ("empty_page_with_more", IncompleteLoad, "an empty page promised more"),
    ],
)
def test_faults_end_in_the_right_error(wire: Wire, kind: str, error: type[Exception], said: str) -> None:
    wire.fault(kind, "/responses")
    with pytest.raises(error, match=said):
        wire.rows("responses", START, END)
