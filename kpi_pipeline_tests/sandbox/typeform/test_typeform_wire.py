"""The sandbox's Typeform, asked over HTTP as a client would."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.server import Sandbox
from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse, World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
T0 = datetime(2026, 11, 10, 10, 0, 0, tzinfo=UTC)

FORM = Form(
    id="nps",
    title="How was your party?",
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    updated_at=datetime(2026, 12, 1, tzinfo=UTC),
    fields=(
        FormField("f1", "nps_event", "Recommend?", "nps", {"steps": 11, "start_at_one": False}),
        FormField("f2", "why", "Why?", "long_text"),
        FormField("f3", "again", "Again?", "yes_no"),
    ),
    hidden=("booking_id",),
    visits=40,
)
LATER = Form("later", "Not yet", datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC), (), ())


def response(token: str, at: datetime | None, **changes: Any) -> FormResponse:
    facts: dict[str, Any] = {
        "form_id": "nps",
        "token": token,
        "response_type": "completed" if at else "partial",
        "landed_at": (at or T0) - timedelta(minutes=2),
        "submitted_at": at,
        "visible_at": at or T0,
        "hidden": {"booking_id": f"B-{token}"},
        "answers": {"nps_event": 9, "why": "Top"},
        "platform": "mobile",
    }
    return FormResponse(**{**facts, **changes})


MINUTES = [response(f"m{n:02d}", T0 + timedelta(minutes=n)) for n in range(30)]
OTHERS = [
    response("tie_a", T0 + timedelta(hours=2, milliseconds=100)),
    response("tie_b", T0 + timedelta(hours=2, milliseconds=900)),
    response("late", NOW - timedelta(minutes=40), visible_at=NOW + timedelta(minutes=5)),
    response("erased", T0 + timedelta(hours=3), deleted_at=NOW - timedelta(days=1)),
    response("silent", T0 + timedelta(hours=4), answers={}),
    response("unfinished", None, answers={"nps_event": 3}),
    response("started", None, response_type="started", answers={}),
]


def world() -> World:
    built = World("acme", 1, date(2026, 11, 20), "Europe/Amsterdam", "EUR", datetime(2025, 10, 1, tzinfo=UTC), NOW)
    built.forms = [FORM, LATER]
    built.responses = [*MINUTES, *OTHERS]
    return built


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    limits = {"typeform": {"account": Limit(10_000, 1.0)}}
    with Sandbox(
        ("acme",), now=lambda: NOW, vendor_names=("typeform",), limits=limits, build=lambda *_: world()
    ) as served:
        yield served


@pytest.fixture
def get(sandbox: Sandbox) -> Any:
    variables = sandbox.environment("acme")
    key = {"Authorization": f"Bearer {variables['ACME_TYPEFORM_API_KEY']}"}

    def ask(path: str, status: int = 200, /, **query: Any) -> Any:
        answer = requests.get(variables["ACME_TYPEFORM_BASE_URL"] + path, params=query, headers=key, timeout=5)
        assert answer.status_code == status, answer.text
        return answer.json()

    return ask


def tokens(page: dict[str, Any]) -> list[str]:
    return [item["token"] for item in page["items"]]


@pytest.mark.parametrize("header", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "tfp_raw"}])
def test_refuses_a_call_without_a_valid_bearer_token(sandbox: Sandbox, header: dict[str, str]) -> None:
    answer = requests.get(sandbox.url + "/acme/typeform/me", headers=header, timeout=5)
    assert (answer.status_code, answer.json()["code"]) == (401, "AUTHENTICATION_FAILED")


def test_me_forms_and_workspaces(get: Any) -> None:
    assert get("/me")["alias"] == "acme"
    listed = get("/forms", page_size=200)
    assert [form["id"] for form in listed["items"]] == ["nps"], "a form of next month is not there yet"
    assert listed["items"][0]["last_updated_at"] == "2026-01-01T00:00:00Z", "an edit of next month is not there yet"
    assert get("/forms", page=2)["items"] == []
    workspace = get("/workspaces")["items"][0]
    assert workspace["forms"]["count"] == 1
    assert get("/forms", workspace_id=workspace["id"])["total_items"] == 1
    assert get("/forms", workspace_id="other")["total_items"] == 0
    assert get("/forms", 400, page_size=201)["code"] == "VALIDATION_ERROR"


def test_form_shows_fields_and_hidden_names(get: Any) -> None:
    form = get("/forms/nps")
    assert [field["ref"] for field in form["fields"]] == ["nps_event", "why", "again"]
    assert form["fields"][0]["properties"]["steps"] == 11
    assert form["hidden"] == ["booking_id"]
    assert get("/forms/none", 404)["code"] == "FORM_NOT_FOUND"
    assert get("/forms/later", 404)["code"] == "FORM_NOT_FOUND"
    assert get("/forms/none/responses", 404)["code"] == "FORM_NOT_FOUND"


def test_answer_has_the_type_of_its_field(get: Any) -> None:
    item = get("/forms/nps/responses", included_response_ids="m03")["items"][0]
    assert item["answers"] == [
        {"field": {"id": "f1", "ref": "nps_event", "type": "nps"}, "type": "number", "number": 9},
        {"field": {"id": "f2", "ref": "why", "type": "long_text"}, "type": "text", "text": "Top"},
    ]
    assert item["hidden"] == {"booking_id": "B-m03"}
    assert item["submitted_at"] == "2026-11-10T10:03:00Z"
    narrowed = get("/forms/nps/responses", included_response_ids="m03", fields="f2")["items"][0]
    assert [answer["field"]["id"] for answer in narrowed["answers"]] == ["f2"]


def test_answers_are_absent_when_nothing_was_answered(get: Any) -> None:
    assert "answers" not in get("/forms/nps/responses", included_response_ids="silent")["items"][0]


def test_default_page_is_25_newest_first_and_counts_the_whole_window(get: Any) -> None:
    page = get("/forms/nps/responses")
    assert len(page["items"]) == 25
    assert (page["total_items"], page["page_count"]) == (33, 2)
    assert tokens(page)[:3] == ["silent", "tie_b", "tie_a"]


def test_walk_by_before_sees_each_response_once_and_totals_shrink(get: Any) -> None:
    seen, totals, query = [], [], {"page_size": 10}
    for _ in range(4):
        page = get("/forms/nps/responses", **query)
        seen += tokens(page)
        totals.append(page["total_items"])
        query["before"] = seen[-1]
    assert get("/forms/nps/responses", **query)["items"] == []
    assert totals == [33, 23, 13, 3]
    assert len(seen) == len(set(seen)) == 33


def test_after_walks_towards_the_newest(get: Any) -> None:
    assert tokens(get("/forms/nps/responses", after="m27", page_size=3)) == ["m28", "m29", "tie_a"]


def test_a_token_deleted_while_paging_still_marks_its_place(get: Any) -> None:
    assert tokens(get("/forms/nps/responses", before="erased", page_size=1)) == ["tie_b"]


def test_since_and_until_are_inclusive_to_the_second(get: Any) -> None:
    both = get("/forms/nps/responses", since="2026-11-10T12:00:00Z", until="2026-11-10T12:00:00Z")
    assert sorted(tokens(both)) == ["tie_a", "tie_b"]
    unix = int(datetime(2026, 11, 10, 10, 5, tzinfo=UTC).timestamp())
    assert sorted(tokens(get("/forms/nps/responses", since=unix - 60, until=unix))) == ["m04", "m05"]


@pytest.mark.parametrize(
    "query",
    [
        {"before": "m01", "sort": "submitted_at,asc"},
        {"after": "m01", "sort": "submitted_at,asc"},
        {"before": "no such token"},
        {"page_size": 1001},
        {"page_size": 0},
        {"since": "yesterday"},
        {"sort": "colour,asc"},
        {"response_type": "finished"},
        {"completed": "maybe"},
    ],
)
def test_refuses_parameters_that_do_not_fit(get: Any, query: dict[str, Any]) -> None:
    assert get("/forms/nps/responses", 400, **query)["code"] == "VALIDATION_ERROR"


def test_sort_ascending(get: Any) -> None:
    assert tokens(get("/forms/nps/responses", sort="submitted_at,asc", page_size=2)) == ["m00", "m01"]


def test_a_late_response_appears_and_a_deleted_one_vanishes(sandbox: Sandbox, get: Any) -> None:
    def total() -> int:
        return int(get("/forms/nps/responses", included_response_ids="late,erased")["total_items"])

    try:
        assert total() == 0
        sandbox.set_now(NOW + timedelta(minutes=6))
        assert tokens(get("/forms/nps/responses", page_size=1)) == ["late"]
        sandbox.set_now(T0 + timedelta(hours=5))
        assert total() == 1
    finally:
        sandbox.set_now(None)


def test_unfinished_responses_only_on_request(get: Any) -> None:
    assert tokens(get("/forms/nps/responses", completed="false")) == ["unfinished", "started"]
    started = get("/forms/nps/responses", response_type="started")["items"]
    assert [item["submitted_at"] for item in started] == ["0001-01-01T00:00:00Z"]
    assert get("/forms/nps/responses", response_type="partial,completed")["total_items"] == 34


def test_answered_fields_and_text_search(get: Any) -> None:
    assert get("/forms/nps/responses", answered_fields="f3")["total_items"] == 0
    assert get("/forms/nps/responses", answered_fields="f2")["total_items"] == 32
    assert tokens(get("/forms/nps/responses", query="b-M17")) == ["m17"]


def test_insights_are_lifetime_totals(get: Any) -> None:
    summary = get("/insights/nps/summary")
    assert summary["form"]["summary"]["responses_count"] == 34, "an erased response was still given"
    assert summary["form"]["summary"]["total_visits"] == 40
    assert summary["form"]["summary"]["average_time"] == 120
    views = [(field["views"], field["dropoffs"]) for field in summary["fields"]]
    assert views[0][0] == 37
    assert sum(lost for _, lost in views) == 2


def test_third_request_within_a_second_is_429() -> None:
    with Sandbox(("acme",), now=lambda: NOW, vendor_names=("typeform",), build=lambda *_: world()) as served:
        key = {"Authorization": f"Bearer {served.environment('acme')['ACME_TYPEFORM_API_KEY']}"}
        answers = [requests.get(served.url + "/acme/typeform/forms", headers=key, timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "Retry-After" not in answers[2].headers


def test_faults_have_typeforms_shape(sandbox: Sandbox, get: Any) -> None:
    faults = sandbox.url + "/__sandbox__/faults"
    try:
        for kind, status in [("throttle", 429), ("expired_key", 401), ("missing_scope", 403), ("server_error", 500)]:
            requests.post(faults, json={"vendor": "typeform", "kind": kind, "times": 1}, timeout=5).raise_for_status()
            assert set(get("/forms", status)) == {"code", "description"}
        requests.post(faults, json={"vendor": "typeform", "kind": "wrong_count", "times": 1}, timeout=5)
        assert get("/forms/nps/responses")["total_items"] != 33
        requests.post(faults, json={"vendor": "typeform", "kind": "deleted_between", "times": 1}, timeout=5)
        assert get("/forms/nps/responses", 404)["code"] == "FORM_NOT_FOUND"
    finally:
        requests.delete(faults, timeout=5)
