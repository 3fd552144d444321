"""The sandbox's Linear, asked over HTTP as a client would."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from gql import Client, GraphQLRequest, gql
from gql.transport.requests import RequestsHTTPTransport
from graphql import validate

from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.server import Sandbox

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ISSUES = """
query($after:String,$from:DateTimeOrDuration,$to:DateTimeOrDuration,$size:Int=100){
 issues(first:$size, after:$after, includeArchived:true, orderBy:updatedAt, filter:{updatedAt:{gte:$from, lt:$to}}){
  nodes{ id identifier title priority priorityLabel estimate createdAt updatedAt startedAt completedAt canceledAt
         archivedAt autoClosedAt triagedAt startedTriageAt dueDate trashed slaType slaStartedAt slaMediumRiskAt
         slaHighRiskAt slaBreachesAt labelIds state{id name type} team{id key} project{id} cycle{id} assignee{id} }
  pageInfo{hasNextPage endCursor} }
 rateLimitStatus{limits{type remainingAmount allowedAmount reset}} }
"""
WIDE = {"from": "2025-01-01", "to": "2027-01-01"}


def ids(data: Any, root: str = "issues") -> list[str]:
    return [node["id"] for node in data[root]["nodes"]]


def test_a_graphql_client_can_introspect_it_and_validate_the_query(linear: Sandbox) -> None:
    variables = linear.environment("acme")
    transport = RequestsHTTPTransport(
        url=variables["ACME_LINEAR_BASE_URL"], headers={"Authorization": variables["ACME_LINEAR_API_KEY"]}
    )
    client = Client(transport=transport, fetch_schema_from_transport=True)
    with client as session:
        data = session.execute(GraphQLRequest(ISSUES, variable_values=WIDE))
    assert client.schema is not None
    assert validate(client.schema, gql(ISSUES).document) == []
    assert len(data["issues"]["nodes"]) == 100


@pytest.mark.parametrize(("prefix", "status"), [("Bearer ", 400), ("wrong", 401), (None, 401)])
def test_a_personal_key_takes_no_bearer(linear: Sandbox, prefix: str | None, status: int) -> None:
    variables = linear.environment("acme")
    header = {} if prefix is None else {"Authorization": prefix + variables["ACME_LINEAR_API_KEY"]}
    url = variables["ACME_LINEAR_BASE_URL"]
    answer = requests.post(url, json={"query": "{viewer{id}}"}, headers=header, timeout=5)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == "AUTHENTICATION_ERROR"


def test_walk_by_cursor_sees_each_issue_once_archived_and_trashed_ones_too(data: Any) -> None:
    seen, after, more = [], None, True
    while more and len(seen) < 200:
        page = data(ISSUES, after=after, size=30, **WIDE)["issues"]
        seen += [node["id"] for node in page["nodes"]]
        more, after = page["pageInfo"]["hasNextPage"], page["pageInfo"]["endCursor"]
    assert len(seen) == len(set(seen)) == 127
    assert {"issue-005", "issue-006"} <= set(seen)
    assert {"issue-007", "issue-008"}.isdisjoint(seen), "one is gone for good, the other is not yet made"


def test_archived_are_left_out_unless_asked_for(data: Any) -> None:
    query = '{issues(first:250, filter:{team:{key:{eq:"INC"}}}){nodes{id archivedAt trashed}}}'
    assert sorted(ids(data(query))) == [f"issue-{n:03d}" for n in (1, 2, 3, 4, 9)]


def test_updated_window_is_half_open_and_newest_first(data: Any) -> None:
    chosen = "issues(orderBy:updatedAt,filter:{updatedAt:{gte:$from,lt:$to}}){nodes{id updatedAt}}"
    query = f"query($from:DateTimeOrDuration,$to:DateTimeOrDuration){{{chosen}}}"
    at = "2026-11-03T11:31:02.123Z"
    assert ids(data(query, **{"from": at, "to": "2026-11-03T11:31:02.124Z"})) == ["issue-001"]
    assert ids(data(query, **{"from": "2026-11-03T11:00:00Z", "to": at})) == ["issue-003"]
    found = data(query, **{"from": "-P30D", "to": "P0D"})["issues"]["nodes"]
    stamps = [node["updatedAt"] for node in found]
    assert stamps == sorted(stamps, reverse=True)
    assert len(stamps) == 5


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('{state:{type:{nin:["completed","canceled"]}}}', [4, 9]),
        ('{state:{type:{in:["completed"]}}}', [1, 2]),
        ('{state:{type:{eq:"canceled"}}}', [3]),
        ("{priority:{eq:1}}", [1, 4]),
        ('{labels:{name:{eqIgnoreCase:"p1"}}}', [1]),
        ('{labels:{some:{name:{eq:"Bug"}}}}', [1]),
        ("{labels:{length:{eq:0}}}", [2, 3, 4, 9]),
        ('{id:{eq:"issue-002"}}', [2]),
        ('{id:{in:["issue-002","issue-004","none"]}}', [2, 4]),
        ("{assignee:{null:false}}", [2]),
        ('{project:{id:{eq:"rentguy"}}}', [3]),
        ("{completedAt:{null:true}}", [3, 4, 9]),
        ('{completedAt:{gte:"2026-11-03T12:00:00Z"}}', [2]),
        ('{or:[{priority:{eq:1}},{id:{eq:"issue-009"}}]}', [1, 4, 9]),
        ('{and:[{priority:{eq:1}},{state:{type:{neq:"completed"}}}]}', [4]),
    ],
)
def test_filters(data: Any, condition: str, expected: list[int]) -> None:
    found = data(f'{{issues(first:250,filter:{{team:{{key:{{eq:"INC"}}}},and:[{condition}]}}){{nodes{{id}}}}}}')
    assert sorted(ids(found)) == [f"issue-{n:03d}" for n in expected]


def test_dates_of_an_issue_follow_its_states(data: Any) -> None:
    query = "query($id:String!){issue(id:$id){startedAt completedAt canceledAt triagedAt startedTriageAt priority}}"
    assert data(query, id="INC-1")["issue"] == {
        "startedAt": "2026-11-03T09:01:02.123Z",
        "completedAt": "2026-11-03T11:31:02.123Z",
        "canceledAt": None,
        "triagedAt": "2026-11-03T09:01:02.123Z",
        "startedTriageAt": "2026-11-03T08:01:02.123Z",
        "priority": 1,
    }
    assert data(query, id="issue-002")["issue"]["completedAt"] == "2026-11-03T18:01:02.123Z", "the last completion"
    assert data(query, id="issue-003")["issue"]["canceledAt"] == "2026-11-03T11:01:02.123Z"


def test_reopening_clears_completed_at_and_the_past_shows_the_past(linear: Sandbox, data: Any) -> None:
    query = '{issue(id:"issue-002"){completedAt updatedAt state{type} stateHistory{nodes{stateId startedAt endedAt}}}}'
    try:
        linear.set_now(datetime(2026, 11, 3, 15, tzinfo=UTC))
        then = data(query)["issue"]
    finally:
        linear.set_now(None)
    assert (then["completedAt"], then["state"]["type"]) == (None, "started")
    assert then["updatedAt"] == "2026-11-03T14:01:02.123Z"
    assert [span["stateId"] for span in then["stateHistory"]["nodes"]] == ["triage", "started", "completed", "started"]
    assert then["stateHistory"]["nodes"][-1]["endedAt"] is None
    now = data(query)["issue"]
    assert len(now["stateHistory"]["nodes"]) == 5
    assert now["stateHistory"]["nodes"][3]["endedAt"] == now["completedAt"]


def test_history_tells_when_priority_and_state_changed(data: Any) -> None:
    query = '{issue(id:"issue-004"){history(first:50){nodes{createdAt fromPriority toPriority fromStateId toStateId}}}}'
    entries = data(query)["issue"]["history"]["nodes"]
    assert [(e["fromPriority"], e["toPriority"], e["fromStateId"], e["toStateId"]) for e in entries] == [
        (None, None, "triage", "backlog"),
        (0, 1, None, None),
    ]
    assert entries[1]["createdAt"] == "2026-11-03T12:01:02.123Z"
    trashed = data('{issue(id:"issue-006"){trashed archivedAt history{nodes{trashed}}}}')["issue"]
    assert trashed["trashed"] is True
    assert trashed["archivedAt"] == "2026-11-18T12:00:00.000Z"
    assert trashed["history"]["nodes"] == [{"trashed": True}]


def test_nested_connections_page(data: Any) -> None:
    labels = "labels(first:1,after:$after){nodes{name} edges{cursor} pageInfo{hasNextPage endCursor}}"
    query = f'query($after:String){{issue(id:"issue-001"){{{labels}}}}}'
    first = data(query)["issue"]["labels"]
    assert (first["nodes"], first["pageInfo"]["hasNextPage"]) == ([{"name": "P1"}], True)
    assert first["edges"] == [{"cursor": first["pageInfo"]["endCursor"]}]
    second = data(query, after=first["pageInfo"]["endCursor"])["issue"]["labels"]
    assert (second["nodes"], second["pageInfo"]["hasNextPage"]) == ([{"name": "Bug"}], False)
    last = data("{issues(last:2){nodes{id} pageInfo{hasPreviousPage hasNextPage}}}")["issues"]
    assert [node["id"] for node in last["nodes"]] == ["issue-101", "issue-100"]
    assert last["pageInfo"] == {"hasPreviousPage": True, "hasNextPage": False}


def test_lookups(data: Any) -> None:
    found = data(
        "{viewer{name} organization{urlKey} teams{nodes{key}} users{nodes{email}} workflowStates{nodes{type}}"
        " issueLabels{nodes{name}} cycles{nodes{number isActive completedAt}} projects{nodes{name state completedAt}}"
        " comments{nodes{body issue{identifier} user{name}}} projectMilestones{nodes{id}} initiatives{nodes{id}}}"
    )
    assert found["viewer"] == {"name": "Ann Bos"}
    assert found["organization"] == {"urlKey": "acme"}
    assert {team["key"] for team in found["teams"]["nodes"]} == {"INC", "DEV"}
    assert len(found["workflowStates"]["nodes"]) == 5
    cycles = {cycle["number"]: (cycle["isActive"], cycle["completedAt"]) for cycle in found["cycles"]["nodes"]}
    assert cycles == {1: (False, "2026-11-14T12:00:00.000Z"), 2: (True, None)}
    assert found["projects"]["nodes"] == [{"name": "RentGuy", "state": "started", "completedAt": None}]
    assert [comment["issue"]["identifier"] for comment in found["comments"]["nodes"]] == ["INC-9"]
    assert found["initiatives"]["nodes"] == found["projectMilestones"]["nodes"] == []


def test_complexity_is_counted_by_the_published_rule(post: Any) -> None:
    # per issue: itself 1, five objects 5, 23 + 8 properties 3.1; then pageInfo 1.2 and the limits 2.4
    assert post(ISSUES, **WIDE).headers["X-Complexity"] == "914"
    assert post("{viewer{id}}").headers["X-Complexity"] == "2"
    assert post("{issues{nodes{id labels(first:10){nodes{id name}}}}}").headers["X-Complexity"] == str(
        50 * (1 + 12) + 5
    )
    spread = "query($n:Int!){issues(first:$n){...Page}} fragment Page on IssueConnection{nodes{id}}"
    assert post(spread, n=10).headers["X-Complexity"] == "11"
    heavy = "{issues(first:250){nodes{id history(first:50){nodes{id}}}}}"
    error = post(heavy, 400).json()["errors"][0]
    assert (error["message"], error["extensions"]["code"]) == ("Query too complex", "INPUT_ERROR")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("{issues{nodes{colour}}}", 500, "GRAPHQL_VALIDATION_FAILED"),
        ("{issues{", 400, "GRAPHQL_PARSE_FAILED"),
        ("{issues(first:251){nodes{id}}}", 200, "INVALID_INPUT"),
        ('{issues(after:"nobody"){nodes{id}}}', 200, "INVALID_INPUT"),
        ('{issue(id:"nobody"){id}}', 200, "INPUT_ERROR"),
        ('{issues(filter:{updatedAt:{gte:"yesterday"}}){nodes{id}}}', 500, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
def test_errors_carry_a_code(post: Any, query: str, status: int, code: str) -> None:
    body = post(query, status).json()
    assert body["errors"][0]["extensions"]["code"] == code
    assert not body.get("data")


def test_a_body_without_a_query_is_400(linear: Sandbox, post: Any) -> None:
    variables = linear.environment("acme")
    key = {"Authorization": variables["ACME_LINEAR_API_KEY"]}
    for body in (b"nonsense", b"[]", b"{}", b'{"query": 1}'):
        answer = requests.post(variables["ACME_LINEAR_BASE_URL"], data=body, headers=key, timeout=5)
        assert answer.status_code == 400
    assert "errors" in post(ISSUES, 400, **{"from": 5, "to": "x"}).json()


def test_an_issue_updated_while_paging_moves_to_the_top(linear: Sandbox, data: Any) -> None:
    query = "query($after:String){issues(first:2,after:$after,orderBy:updatedAt,includeArchived:true){nodes{id}}}"
    before = ids(data(query))
    assert "issue-009" not in ids(data(query, after=before[-1]))
    try:
        linear.set_now(NOW + timedelta(days=30))
        assert ids(data(query))[0] == "issue-009"
    finally:
        linear.set_now(None)


def limited(**limits: Limit) -> Sandbox:
    from kpi_pipeline.sandbox.world.model import World

    world = World("acme", 1, NOW.date(), "UTC", "EUR", NOW - timedelta(days=1), NOW)
    return Sandbox(
        ("acme",), now=lambda: NOW, vendor_names=("linear",), limits={"linear": limits}, build=lambda *_: world
    )


@pytest.mark.parametrize(
    ("limits", "exhausted"),
    [({"requests": Limit(2, 3600.0)}, "Requests"), ({"complexity": Limit(5, 3600.0)}, "Complexity")],
)
def test_over_the_limit_is_http_400_with_reset_in_milliseconds(limits: dict[str, Limit], exhausted: str) -> None:
    with limited(**limits) as served:
        variables = served.environment("acme")
        key = {"Authorization": variables["ACME_LINEAR_API_KEY"]}
        query = {"query": "{organization{id name}}"}
        url = variables["ACME_LINEAR_BASE_URL"]
        answers = [requests.post(url, json=query, headers=key, timeout=5) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert answers[2].json()["errors"][0]["extensions"]["code"] == "RATELIMITED"
    reset = int(answers[2].headers[f"X-RateLimit-{exhausted}-Reset"])
    assert 1_000 < reset - NOW.timestamp() * 1000 <= 3_600_000
    assert int(answers[2].headers[f"X-RateLimit-{exhausted}-Remaining"]) <= 1
    assert "Retry-After" not in answers[2].headers


def test_rate_limit_status_says_what_the_headers_say(post: Any) -> None:
    answer = post("{rateLimitStatus{kind limits{type remainingAmount allowedAmount requestedAmount period reset}}}")
    limits = {row["type"]: row for row in answer.json()["data"]["rateLimitStatus"]["limits"]}
    assert limits["requests"]["allowedAmount"] == 2500
    assert limits["requests"]["period"] == 3_600_000
    assert limits["complexity"]["requestedAmount"] == int(answer.headers["X-Complexity"])
    assert abs(limits["requests"]["remainingAmount"] - int(answer.headers["X-RateLimit-Requests-Remaining"])) <= 1


def test_faults_have_linears_shape(linear: Sandbox, post: Any) -> None:
    faults = linear.url + "/__sandbox__/faults"

    def switch_on(kind: str, **more: Any) -> None:
        body = {"vendor": "linear", "kind": kind, "times": 1, **more}
        requests.post(faults, json=body, timeout=5).raise_for_status()

    try:
        switch_on("throttle", seconds=7)
        throttled = post("{viewer{id}}", 400)
        assert throttled.json()["errors"][0]["extensions"]["code"] == "RATELIMITED"
        assert int(throttled.headers["X-RateLimit-Requests-Reset"]) == NOW.timestamp() * 1000 + 7_000
        post("{issues(first:10){nodes{id}}}")
        switch_on("ok_with_error")
        partial = post("{issues(first:10){nodes{id}}}").json()
        assert len(partial["data"]["issues"]["nodes"]) == 5
        assert partial["errors"]
        switch_on("empty_page_with_more")
        empty = post("{issues(first:10){nodes{id} pageInfo{hasNextPage}}}").json()["data"]["issues"]
        assert empty == {"nodes": [], "pageInfo": {"hasNextPage": True}}
        switch_on("number_as_string")
        assert post("{issues(first:1){nodes{priority}}}").json()["data"]["issues"]["nodes"] == [{"priority": "3"}]
        switch_on("deleted_between")
        assert post('{issue(id:"issue-001"){id}}').json()["errors"][0]["message"] == "Entity not found: Issue"
    finally:
        requests.delete(faults, timeout=5)


def test_a_page_of_a_hundred_is_quick(post: Any) -> None:
    with_labels = ISSUES.replace("assignee{id}", "assignee{id} labels(first:10){nodes{id name}}")
    post(with_labels, **WIDE)
    took = []
    for _ in range(5):
        begun = time.process_time()  # of this process, server and client: other load does not count
        post(with_labels, **WIDE)
        took.append(time.process_time() - begun)
    assert min(took) < 0.08
