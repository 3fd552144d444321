"""HubSpot's search: operators, order, windows, the 10,000 cap, the lag of its index, what it refuses."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

Portal = Any
EDITED = str(int(datetime(2026, 9, 1, tzinfo=UTC).timestamp() * 1000))


def ids(answer: requests.Response) -> list[str]:
    answer.raise_for_status()
    return [row["id"] for row in answer.json()["results"]]


def ms(month: int, day: int) -> str:
    return str(int(datetime(2026, month, day, tzinfo=UTC).timestamp() * 1000))


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (("email", "EQ", "nr101@school.nl"), ["101"]),
        (("email", "NEQ", "nr101@school.nl"), ["102", "103", "106"]),
        (("hs_object_id", "GT", "102"), ["103", "106"]),
        (("hs_object_id", "GTE", "102"), ["102", "103", "106"]),
        (("hs_object_id", "LT", "102"), ["101"]),
        (("hs_object_id", "LTE", "102"), ["101", "102"]),
        (("hs_object_id", "BETWEEN", "102", "103"), ["102", "103"]),
        (("hs_object_id", "IN", ["101", "106", "999"]), ["101", "106"]),
        (("hs_object_id", "NOT_IN", ["101", "106"]), ["102", "103"]),
        (("createdate", "BETWEEN", ms(2, 2), ms(2, 3)), ["102", "103"]),
        (("createdate", "GT", ms(2, 2)), ["103", "106"]),
        (("createdate", "GTE", "2026-02-03"), ["103", "106"]),
        (("createdate", "LT", "2026-02-02T00:00:00Z"), ["101"]),
        (("createdate", "EQ", ms(2, 6)), ["106"]),
        (("lastmodifieddate", "GTE", ms(2, 10)), ["101"]),
        (("hs_v2_date_entered_salesqualifiedlead", "HAS_PROPERTY"), ["101"]),
        (("hs_v2_date_entered_salesqualifiedlead", "NOT_HAS_PROPERTY"), ["102", "103", "106"]),
        (("hs_v2_date_entered_salesqualifiedlead", "GTE", ms(2, 10)), ["101"]),
        (("hs_v2_date_entered_salesqualifiedlead", "GT", ms(2, 10)), []),
        (("email", "CONTAINS_TOKEN", "nr10*"), ["101", "102", "103", "106"]),
        (("email", "CONTAINS_TOKEN", "nr103"), ["103"]),
        (("email", "NOT_CONTAINS_TOKEN", "nr103"), ["101", "102", "106"]),
    ],
)
def test_operators(hubspot: Portal, given: tuple[Any, ...], found: list[str]) -> None:
    hubspot.sandbox.set_now(datetime(2026, 3, 1, tzinfo=UTC))
    answer = hubspot.search("contacts", given, sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}])
    assert ids(answer) == found
    assert answer.json()["total"] == len(found)


def test_filters_of_a_group_all_hold_and_one_group_is_enough(hubspot: Portal) -> None:
    hubspot.sandbox.set_now(datetime(2026, 3, 1, tzinfo=UTC))
    both = hubspot.search("contacts", ("hs_object_id", "GT", "101"), ("createdate", "LT", ms(2, 3)))
    assert ids(both) == ["102"]
    groups = [
        {"filters": [{"propertyName": "email", "operator": "EQ", "value": f"nr{n}@school.nl"}]} for n in (101, 106)
    ]
    either = hubspot.ask("/crm/v3/objects/contacts/search", {"filterGroups": groups})
    assert ids(either) == ["101", "106"]


def test_order_and_offset(hubspot: Portal) -> None:
    hubspot.sandbox.set_now(datetime(2026, 3, 1, tzinfo=UTC))
    down = {"sorts": [{"propertyName": "createdate", "direction": "DESCENDING"}], "limit": 3}
    first = hubspot.search("contacts", **down)
    assert (ids(first), first.json()["paging"]) == (["106", "103", "102"], {"next": {"after": "3"}})
    second = hubspot.search("contacts", **down, after="3")
    assert (ids(second), "paging" in second.json(), second.json()["total"]) == (["101"], False, 4)
    hubspot.sandbox.set_now(datetime(2026, 3, 2, tzinfo=UTC))
    by_number = {"sorts": [{"propertyName": "amount", "direction": "DESCENDING"}]}
    assert ids(hubspot.search("deals", **by_number)) == ["501"]


def test_archived_and_merged_records_are_never_found(hubspot: Portal) -> None:
    hubspot.sandbox.set_now(datetime(2026, 6, 2, tzinfo=UTC))
    assert ids(hubspot.search("contacts")) == ["101", "106"]
    assert ids(hubspot.search("contacts", ("hs_object_id", "IN", ["102", "103"]))) == []


def test_the_index_lags_behind_the_lists(hubspot: Portal) -> None:
    born = datetime(2026, 11, 20, 11, 59, tzinfo=UTC)
    hubspot.sandbox.set_now(born + timedelta(seconds=3))
    assert "104" in [row["id"] for row in hubspot.ask("/crm/v3/objects/contacts").json()["results"]]
    assert "104" not in ids(hubspot.search("contacts"))
    hubspot.sandbox.set_now(born + timedelta(seconds=60))
    assert "104" in ids(hubspot.search("contacts"))


def test_what_it_finds_follows_the_clock_back_and_forth(hubspot: Portal) -> None:
    changed = ("lastmodifieddate", "GTE", ms(4, 2))
    for _ in range(2):
        hubspot.sandbox.set_now(datetime(2026, 4, 2, tzinfo=UTC))
        assert ids(hubspot.search("contacts", changed)) == []
        hubspot.sandbox.set_now(datetime(2026, 5, 2, tzinfo=UTC))
        assert ids(hubspot.search("contacts", changed)) == ["101"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"limit": 201}, "from 1 to 200"),
        ({"limit": "10"}, "from 1 to 200"),
        ({"after": "x"}, "after must be a whole number"),
        ({"after": "9999", "limit": 2}, "at most 10000 results"),
        ({"sorts": ["createdate", "email"]}, "at most one sort"),
        ({"sorts": ["shoe"]}, "no property 'shoe'"),
        ({"query": "ann"}, "by filters only"),
        ({"filterGroups": [{"filters": []}] * 6}, "at most 5 filterGroups"),
        ({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 7}]}, "at most 6"),
        ({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 5}] * 4}, "18 in all"),
        ({"filterGroups": [{"filters": [{"propertyName": "shoe", "operator": "EQ", "value": "1"}]}]}, "'shoe'"),
        ({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKE", "value": "1"}]}]}, "'LIKE'"),
        ({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "EQ"}]}]}, "needs a value"),
        ({"filterGroups": [{"filters": [{"propertyName": "email", "operator": "IN"}]}]}, "needs a values"),
        (
            {"filterGroups": [{"filters": [{"propertyName": "createdate", "operator": "GT", "value": "soon"}]}]},
            "no value for the datetime property createdate",
        ),
    ],
)
def test_refusals(hubspot: Portal, body: dict[str, Any], words: str) -> None:
    answer = hubspot.ask("/crm/v3/objects/contacts/search", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")
    assert words in answer.json()["message"]


def test_no_query_reaches_beyond_ten_thousand(crowd: Portal) -> None:
    window = ("lastmodifieddate", "BETWEEN", EDITED, EDITED)
    order = {"sorts": [{"propertyName": "lastmodifieddate", "direction": "ASCENDING"}], "limit": 200}
    last = crowd.search("contacts", window, **order, after="9800")
    assert (last.json()["total"], last.json()["paging"]["next"]["after"], len(ids(last))) == (10_050, "10000", 200)
    refused = crowd.search("contacts", window, **order, after="10000")
    assert (refused.status_code, "at most 10000 results" in refused.text) == (400, True)


def test_ids_lead_past_the_cap(crowd: Portal) -> None:
    found: list[str] = []
    while True:
        above = ("hs_object_id", "GT", found[-1] if found else "0")
        page = crowd.search(
            "contacts",
            ("lastmodifieddate", "BETWEEN", EDITED, EDITED),
            above,
            sorts=[{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            limit=200,
        )
        if not ids(page):
            break
        assert page.json()["total"] == 10_050 - len(found)
        found += ids(page)
    assert found == [str(1000 + number) for number in range(10_050)]
