"""HubSpot's objects as of an instant: lists, reads, batches, history, associations, the account."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

Portal = Any
CONTACTS = "/crm/objects/2026-09/contacts"
DEAL = "/crm/v3/objects/deals/501"


def ids(page: dict[str, Any]) -> list[str]:
    return [row["id"] for row in page["results"]]


def test_pages_follow_the_cursor_by_rising_id(hubspot: Portal) -> None:
    first = hubspot.on(5, 20, CONTACTS, limit=2)
    assert ids(first) == ["101", "103"]
    after = first["paging"]["next"]["after"]
    assert f"after={after}" in first["paging"]["next"]["link"]
    second = hubspot.on(5, 20, CONTACTS, limit=2, after=after)
    assert ids(second) == ["106"]
    assert "paging" not in second
    assert "paging" not in hubspot.on(5, 20, CONTACTS, limit=3)


def test_the_undated_and_the_dated_paths_answer_alike(hubspot: Portal) -> None:
    dated = hubspot.on(5, 20, CONTACTS)
    assert hubspot.on(5, 20, "/crm/v3/objects/contacts") == dated
    assert hubspot.on(5, 20, "/crm/objects/2026-03/0-1") == dated
    assert hubspot.on(5, 20, "/crm/objects/2024-03/contacts")["category"] == "OBJECT_NOT_FOUND"
    assert "Unable to infer object type" in hubspot.on(5, 20, "/crm/v3/objects/shoes")["message"]


def test_archived_records_are_listed_apart_for_ninety_days(hubspot: Portal) -> None:
    assert ids(hubspot.on(6, 2, CONTACTS)) == ["101", "106"]
    (gone,) = hubspot.on(6, 2, CONTACTS, archived="true")["results"]
    assert (gone["id"], gone["archived"], gone["archivedAt"]) == ("103", True, "2026-06-01T00:00:00.000Z")
    assert ids(hubspot.on(10, 2, CONTACTS, archived="true")) == ["106"]
    assert hubspot.on(6, 2, f"{CONTACTS}/103")["category"] == "OBJECT_NOT_FOUND"
    assert hubspot.on(6, 2, f"{CONTACTS}/103", archived="true")["id"] == "103"


def test_a_merged_contact_is_the_other_one(hubspot: Portal) -> None:
    assert ids(hubspot.on(4, 30, CONTACTS))[:2] == ["101", "102"]
    assert (
        hubspot.on(4, 30, f"{CONTACTS}/101", properties="hs_merged_object_ids")["properties"]["hs_merged_object_ids"]
        is None
    )
    assert "102" not in ids(hubspot.on(5, 2, CONTACTS))
    winner = hubspot.on(5, 2, f"{CONTACTS}/102", properties="hs_merged_object_ids")
    assert (winner["id"], winner["properties"]["hs_merged_object_ids"]) == ("101", "102")


def test_every_value_is_text_or_null_and_unknown_properties_are_ignored(hubspot: Portal) -> None:
    names = "amount,amount_in_home_currency,deal_currency_code,hs_is_closed_won,closedate,booking_id,event_date,nope"
    before, after = (hubspot.on(3, d, DEAL, properties=f"{names},occasion,days_to_close") for d in (10, 21))
    assert all(value is None or isinstance(value, str) for value in after["properties"].values())
    assert "nope" not in after["properties"]
    assert before["properties"] | {"createdate": 0} == {
        "amount": "1500.00",
        "amount_in_home_currency": "1744.19",
        "deal_currency_code": "GBP",
        "hs_is_closed_won": "false",
        "closedate": "2026-03-31T00:00:00.000Z",
        "booking_id": None,
        "event_date": "2026-07-04",
        "occasion": "wedding",
        "days_to_close": None,
        "createdate": 0,
        "hs_lastmodifieddate": "2026-03-01T00:00:00.000Z",
        "hs_object_id": "501",
    }
    assert after["properties"]["closedate"] == after["updatedAt"] == "2026-03-20T10:30:00.250Z"
    assert (after["properties"]["hs_is_closed_won"], after["properties"]["booking_id"]) == ("true", "B-1")
    assert after["properties"]["days_to_close"] == "19"


def test_without_a_wish_a_default_set_of_properties_comes(hubspot: Portal) -> None:
    assert set(hubspot.on(5, 2, f"{CONTACTS}/101")["properties"]) == {
        "createdate",
        "email",
        "firstname",
        "hs_object_id",
        "lastmodifieddate",
        "lastname",
    }


def test_stage_dates_tell_the_latest_entry_and_history_tells_all(hubspot: Portal) -> None:
    entered = "hs_v2_date_entered_salesqualifiedlead"
    dates = [hubspot.on(m, 2, f"{CONTACTS}/101", properties=entered)["properties"][entered] for m in (2, 3, 5)]
    assert dates == [None, "2026-02-10T00:00:00.000Z", "2026-04-03T00:00:00.000Z"]
    exited = "hs_v2_date_exited_salesqualifiedlead"
    left = [hubspot.on(4, d, f"{CONTACTS}/101", properties=exited)["properties"][exited] for d in (2, 5)]
    assert left == ["2026-04-01T00:00:00.000Z", None]
    past = hubspot.on(11, 20, f"{CONTACTS}/101", propertiesWithHistory="lifecyclestage")["propertiesWithHistory"]
    assert [(each["value"], each["timestamp"][:10]) for each in past["lifecyclestage"]] == [
        ("salesqualifiedlead", "2026-04-03"),
        ("lead", "2026-04-01"),
        ("salesqualifiedlead", "2026-02-10"),
        ("lead", "2026-02-01"),
    ]
    unknown = "hs_v2_date_entered_nostage"
    assert unknown not in hubspot.on(5, 2, f"{CONTACTS}/101", properties=unknown)["properties"]


def test_history_halves_the_page(hubspot: Portal) -> None:
    assert hubspot.ask(CONTACTS, limit=101).status_code == 400
    assert hubspot.ask(CONTACTS, limit=100).status_code == 200
    refused = hubspot.ask(CONTACTS, limit=51, propertiesWithHistory="lifecyclestage")
    assert (refused.status_code, refused.json()["category"]) == (400, "VALIDATION_ERROR")
    many = [{"id": str(n)} for n in range(51)]
    path = f"{CONTACTS}/batch/read"
    assert hubspot.ask(path, {"inputs": many, "propertiesWithHistory": ["email"]}).status_code == 400
    assert hubspot.ask(path, {"inputs": many * 2}).status_code == 400


def test_a_batch_read_names_the_missing_ones(hubspot: Portal) -> None:
    hubspot.on(6, 2, CONTACTS)
    path = f"{CONTACTS}/batch/read"
    whole = hubspot.ask(path, {"inputs": [{"id": "101"}, {"id": "106"}], "properties": ["email"]})
    assert (whole.status_code, ids(whole.json()), "errors" in whole.json()) == (200, ["101", "106"], False)
    partly = hubspot.ask(path, {"inputs": [{"id": "101"}, {"id": "103"}, {"id": "999"}], "properties": ["email"]})
    assert (partly.status_code, ids(partly.json()), partly.json()["numErrors"]) == (207, ["101"], 1)
    assert partly.json()["errors"][0]["context"] == {"ids": ["103", "999"]}
    archived = hubspot.ask(path, {"inputs": [{"id": "103"}]}, archived="true")
    assert ids(archived.json()) == ["103"]


def test_associations_in_lists_name_a_primary_company_twice(hubspot: Portal) -> None:
    shown = hubspot.on(4, 1, DEAL, associations="contacts,companies,tickets")["associations"]
    assert shown == {
        "contacts": {"results": [{"id": "102", "type": "deal_to_contact"}]},
        "companies": {
            "results": [
                {"id": "701", "type": "deal_to_company"},
                {"id": "701", "type": "deal_to_company_unlabeled"},
            ]
        },
    }
    assert hubspot.on(5, 2, DEAL, associations="contacts")["associations"]["contacts"]["results"][0]["id"] == "101"


def test_v4_associations_have_whole_numbers_for_ids(hubspot: Portal) -> None:
    hubspot.on(5, 2, CONTACTS)
    answer = hubspot.ask("/crm/v4/associations/contacts/emails/batch/read", {"inputs": [{"id": "101"}, {"id": "103"}]})
    body = answer.json()
    assert (answer.status_code, body["numErrors"]) == (207, 1)
    assert body["results"][0]["from"] == {"id": "101"}
    assert sorted(each["toObjectId"] for each in body["results"][0]["to"]) == [302, 303]
    assert body["errors"][0]["subCategory"] == "crm.associations.NO_ASSOCIATIONS_FOUND"
    hubspot.on(4, 1, CONTACTS)
    path = "/crm/associations/2026-09/deals/companies/batch/read"
    (found,) = hubspot.ask(path, {"inputs": [{"id": "501"}]}).json()["results"]
    assert [each["label"] for each in found["to"][0]["associationTypes"]] == ["Primary", None]
    path = "/crm/v4/associations/contacts/emails/batch/read"
    (early,) = hubspot.ask(path, {"inputs": [{"id": "101"}]}).json()["results"]
    assert [each["toObjectId"] for each in early["to"]] == [302]


def test_activities(hubspot: Portal) -> None:
    wanted = "hs_timestamp,hs_call_direction,hs_call_duration,hs_object_source,hubspot_owner_id"
    call = hubspot.on(5, 2, "/crm/v3/objects/calls/301", properties=wanted)["properties"]
    assert (call["hs_call_direction"], call["hs_call_duration"], call["hs_object_source"]) == (
        "OUTBOUND",
        "300000",
        "CRM_UI",
    )
    names = "hs_email_direction,hs_object_source,hs_object_source_label"
    mails = hubspot.on(5, 2, "/crm/v3/objects/emails", properties=names)["results"]
    assert [(row["properties"]["hs_email_direction"], row["properties"]["hs_object_source"]) for row in mails] == [
        ("EMAIL", "AUTOMATION_PLATFORM"),
        ("INCOMING_EMAIL", "CRM_UI"),
    ]
    path, names = "/crm/v3/objects/meetings/304", "hs_meeting_outcome,hs_meeting_start_time"
    outcomes = [hubspot.on(11, d, path, properties=names)["properties"]["hs_meeting_outcome"] for d in (20, 26)]
    assert outcomes == ["SCHEDULED", "COMPLETED"]


def test_a_meeting_is_scheduled_until_somebody_writes_down_its_outcome(hubspot: Portal) -> None:
    names = "hs_meeting_outcome,hs_activity_type,top3_reasons"
    path = "/crm/v3/objects/meetings/305"
    before, after = (hubspot.on(10, d, path, properties=names)["properties"] for d in (5, 7))
    assert (before["hs_meeting_outcome"], before["hs_activity_type"], before["top3_reasons"]) == (
        "SCHEDULED",
        "Demo",
        None,
    )
    assert (after["hs_meeting_outcome"], after["top3_reasons"]) == ("COMPLETED", "Prijs;Gemak")
    body = {"inputs": [{"id": "305"}]}
    found = hubspot.ask("/crm/v4/associations/meetings/companies/batch/read", body).json()["results"]
    assert [each["toObjectId"] for each in found[0]["to"]] == [701]


def test_a_reopened_ticket_has_no_closing_until_it_is_closed_again(hubspot: Portal) -> None:
    names = "closed_date,last_reopened_date,hs_num_times_contacted,product_line"
    found = {
        day: hubspot.on(6, day, "/crm/v3/objects/tickets/602", hour=12, properties=names)["properties"]
        for day in (2, 4, 5)
    }
    assert [found[day]["closed_date"] for day in (2, 4, 5)] == [
        "2026-06-02T00:00:00.000Z",
        None,
        "2026-06-05T00:00:00.000Z",
    ]
    assert [found[day]["last_reopened_date"] for day in (2, 5)] == [None, "2026-06-04T00:00:00.000Z"]
    assert [found[day]["hs_num_times_contacted"] for day in (2, 4)] == ["1", "2"]
    assert found[2]["product_line"] == "AWI"


def test_tickets_and_survey_answers(hubspot: Portal) -> None:
    names = "hs_pipeline_stage,closed_date,time_to_close,time_to_first_agent_reply"
    path = "/crm/v3/objects/tickets/601"
    opened, closed = (hubspot.on(5, d, path, hour=1, properties=names)["properties"] for d in (1, 3))
    assert (opened["hs_pipeline_stage"], opened["closed_date"], opened["time_to_close"]) == ("1", None, None)
    assert (closed["hs_pipeline_stage"], closed["time_to_close"]) == ("4", "86400000")
    assert (opened["time_to_first_agent_reply"], closed["time_to_first_agent_reply"]) == (None, "7200000")
    answers = hubspot.on(7, 1, "/crm/v3/objects/feedback_submissions", properties="hs_value,hs_response_group")
    assert [(row["properties"]["hs_value"], row["properties"]["hs_response_group"]) for row in answers["results"]] == [
        ("9", "PROMOTER"),
        ("3", "1"),
    ]


@pytest.mark.parametrize("kind", ["line_items", "products", "quotes", "goal_targets", "leads"])
def test_kinds_that_the_account_has_none_of(hubspot: Portal, kind: str) -> None:
    assert hubspot.ask(f"/crm/v3/objects/{kind}").json() == {"results": []}
    assert hubspot.search(kind).json() == {"total": 0, "results": []}


def test_pipelines_write_probability_and_closedness_as_text(hubspot: Portal) -> None:
    (deals,) = hubspot.ask("/crm/v3/pipelines/deals").json()["results"]
    assert [stage["metadata"] for stage in deals["stages"]] == [
        {"isClosed": "false", "probability": "0.4"},
        {"isClosed": "true", "probability": "1.0"},
    ]
    (tickets,) = hubspot.ask("/crm/pipelines/2026-09/tickets").json()["results"]
    assert tickets["stages"][0]["metadata"] == {"isClosed": "false", "ticketState": "OPEN"}


def test_owners_live_and_archived(hubspot: Portal) -> None:
    assert [(row["id"], row["userId"]) for row in hubspot.ask("/crm/v3/owners/").json()["results"]] == [("901", 51)]
    (gone,) = hubspot.ask("/crm/owners/2026-09", archived="true").json()["results"]
    assert (gone["id"], gone["userId"], gone["userIdIncludingInactive"]) == ("902", None, 52)


def test_property_definitions_name_each_stage(hubspot: Portal) -> None:
    found = {row["name"]: row for row in hubspot.ask("/crm/v3/properties/deals").json()["results"]}
    assert found["hs_v2_date_entered_closedwon"]["type"] == "datetime"
    assert (found["event_date"]["type"], found["occasion"]["hubspotDefined"]) == ("date", False)


def test_the_account_and_its_daily_usage(hubspot: Portal) -> None:
    details = hubspot.ask("/account-info/v3/details").json()
    assert (details["timeZone"], details["companyCurrency"], details["utcOffset"]) == (
        "Europe/Amsterdam",
        "EUR",
        "+01:00",
    )
    first, second = (
        hubspot.ask("/account-info/2026-09/api-usage/daily/private-apps").json()["results"][0] for _ in range(2)
    )
    assert second["currentUsage"] == first["currentUsage"] + 1
    assert datetime.fromisoformat(second["resetsAt"]) == datetime(2026, 11, 20, 23, tzinfo=UTC)


def test_keys_are_refused_in_hubspots_words(hubspot: Portal) -> None:
    for key in ("pat-eu1-wrong", " "):
        answer = hubspot.ask(CONTACTS, key=key)
        assert (answer.status_code, answer.json()["category"]) == (401, "INVALID_AUTHENTICATION")
        assert answer.headers["X-HubSpot-Correlation-Id"] == answer.json()["correlationId"]


def test_lists_and_searches_have_separate_limits_and_different_headers(strict: Portal) -> None:
    lists = [strict.ask(CONTACTS) for _ in range(4)]
    assert [each.status_code for each in lists] == [200, 200, 200, 429]
    assert [each.headers["X-HubSpot-RateLimit-Remaining"] for each in lists] == ["2", "1", "0", "0"]
    assert lists[0].headers["X-HubSpot-RateLimit-Max"] == "3"
    assert lists[0].headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "60000"
    assert lists[0].headers["X-HubSpot-RateLimit-Daily-Remaining"] == "6"
    assert (lists[3].json()["policyName"], lists[3].json()["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")
    searches = [strict.search("contacts") for _ in range(3)]
    assert [each.status_code for each in searches] == [200, 200, 429]
    assert not [name for each in searches for name in each.headers if "ratelimit" in name.lower()]
    assert searches[2].json()["policyName"] == "SECONDLY"
    daily = strict.ask(CONTACTS)
    assert (daily.status_code, daily.json()["policyName"]) == (429, "DAILY")
