"""HubSpot over the wire: any number of records, changes, deletions, and who belongs to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from kpi_pipeline.connectors.budget import Rate
from kpi_pipeline.connectors.classify import Reply
from kpi_pipeline.connectors.hubspot.protocol import classify, observe
from kpi_pipeline.errors import IncompleteLoad, SourceRefused, Throttled
from kpi_pipeline.landing.page import Page
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import Engagement, Lead, Organisation, Person, World
from kpi_pipeline_tests.connectors.wire import NOW, Wire, rows, utc, wired, world

LIMITS = {"ten_secondly": Limit(10**6, 10.0), "search": Limit(10**6, 1.0), "daily": Limit(10**6, 86_400.0)}
BORN = utc("2026-11-01 10:00")
HOUR = timedelta(hours=1)
WHO = Person("Ann", "Lee", "ann@example.org", "+31", "Utrecht", "NL")


def lead(number: int, *changed: datetime, company: int | None = None, **more: Any) -> Lead:
    usual = {"lifecycle": (("lead", BORN),), "lead_status": (), "modified": (BORN, *changed)}
    return Lead(number, WHO, company, BORN, "organic", 7, **(usual | more))


def company(number: int) -> Organisation:
    return Organisation(
        number, f"School {number}", "x.example", "EDUCATION", "Utrecht", BORN, (("lead", BORN),), (BORN,)
    )


def call(number: int, to: int = 1, at: datetime = BORN) -> Engagement:
    return Engagement(number, "call", to, None, at, at, "outbound", False, 7, "Call", None, None, (at,))


def account() -> World:
    twice = (
        ("lead", BORN),
        ("salesqualifiedlead", BORN + HOUR),
        ("lead", BORN + 2 * HOUR),
        ("salesqualifiedlead", BORN + 3 * HOUR),
    )
    return world(
        organisations=[company(900), company(901)],
        leads=[
            lead(1, NOW - HOUR, company=900),
            lead(2, BORN + 3 * HOUR, lifecycle=twice),
            lead(3, NOW - HOUR, archived_at=NOW - HOUR),
            lead(4, NOW - HOUR, merged_into=1, merged_at=NOW - HOUR),
            lead(5),
        ],
        engagements=[call(10), call(11, to=4), call(12, to=2)],
    )


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Wire]:
    with wired("hubspot", account(), tmp_path, limits=LIMITS) as open_wire:
        yield open_wire


def changes(wire: Wire, name: str, since: datetime = NOW - 2 * HOUR) -> tuple[dict[str, Any], list[str], str]:
    reading = wire.connector.changes(wire.stream(name), since, NOW)
    assert reading is not None
    pages: list[Page] = list(reading)
    gone = [row["id"] for page in pages if page.deleted for row in orjson.loads(page.body)["results"]]
    there = rows(page for page in pages if not page.deleted)  # type: ignore[arg-type]
    return {row["id"]: row for row in there}, gone, reading.proof.how


def test_more_than_ten_thousand_records_of_one_instant_all_come(tmp_path: Path) -> None:
    many = world(leads=[lead(1)], engagements=[call(number) for number in range(100_000, 110_300)])
    with wired("hubspot", many, tmp_path, limits=LIMITS) as wire:
        reading = wire.read("calls", BORN, BORN + HOUR)
        found = {row["id"] for row in rows(reading)}
    assert len(found) == 10_300
    assert (reading.proof.how, reading.proof.expected) == ("total", 10_300)


def test_a_record_that_is_deleted_while_we_page_takes_no_other_with_it(tmp_path: Path) -> None:
    calls = [call(number) for number in range(1000, 1450)]
    calls[3] = replace(calls[3], archived_at=NOW + timedelta(seconds=5))
    with wired("hubspot", world(leads=[lead(1)], engagements=calls), tmp_path, limits=LIMITS) as wire:
        pages = iter(wire.read("calls", BORN, BORN + HOUR))
        found = [row["id"] for row in orjson.loads(next(pages).body)["results"]]
        wire.sandbox.set_now(NOW + timedelta(seconds=10))
        found += [row["id"] for page in pages for row in orjson.loads(page.body)["results"]]
    assert len(set(found)) == 450


def test_a_window_reads_the_same_from_the_list_as_from_the_search(wire: Wire) -> None:
    searched = {row["id"]: row for row in wire.rows("contacts", BORN, BORN + timedelta(days=30))}
    listed = {row["id"]: row for row in wire.rows("contacts", BORN - timedelta(days=300), BORN + timedelta(days=30))}
    asked = [entry["path"] for entry in wire.requests]
    assert "/crm/objects/2026-09/contacts" in asked
    for row in (*searched.values(), *listed.values()):
        row.pop("associations", None)
    assert searched == listed
    assert set(searched) == {"1", "2", "5"}


def test_a_stage_that_was_entered_twice_counts_from_the_first_time(wire: Wire) -> None:
    (found,) = (row for row in wire.rows("contacts", BORN, NOW) if row["id"] == "2")
    assert found["properties"]["hs_v2_date_entered_salesqualifiedlead"] == "2026-11-01T13:00:00.000Z"
    assert found["first_entered"] == {
        "lead": "2026-11-01T10:00:00.000Z",
        "salesqualifiedlead": "2026-11-01T11:00:00.000Z",
    }


def test_everybody_knows_whom_they_belong_to(wire: Wire) -> None:
    contacts = {row["id"]: row["company_ids"] for row in wire.rows("contacts", BORN, NOW)}
    assert contacts == {"1": ["900"], "2": [], "5": []}
    calls = {row["id"]: row["contact_ids"] for row in wire.rows("calls", BORN, NOW)}
    assert calls == {"10": ["1"], "11": ["1"], "12": ["2"]}  # contact 4 was merged into 1


def test_what_changed_comes_again_and_what_was_archived_or_merged_away_is_gone(wire: Wire) -> None:
    there, gone, how = changes(wire, "contacts")
    assert (set(there), sorted(gone), how) == ({"1"}, ["3", "4"], "feed")
    assert changes(wire, "contacts", since=NOW - timedelta(minutes=30))[0] == {}


def test_an_archive_that_no_longer_reaches_the_watermark_makes_us_list_everything(wire: Wire) -> None:
    there, gone, how = changes(wire, "contacts", since=NOW - timedelta(days=86))
    assert (set(there), gone, how) == ({"1", "2", "5"}, [], "snapshot")


def test_a_record_that_a_batch_read_leaves_out_makes_the_load_incomplete(wire: Wire) -> None:
    wire.fault("empty_page_with_more", "/contacts/batch/read")
    with pytest.raises(IncompleteLoad, match="3 were left out without a word, 1 among them"):
        wire.rows("contacts", BORN, NOW)


def test_a_key_of_another_account_is_refused_before_anything_is_read(tmp_path: Path) -> None:
    with wired("hubspot", account(), tmp_path, {"portal_id": 4711}, limits=LIMITS) as wire:
        with pytest.raises(SourceRefused, match="is of account 20000007, the settings say 4711"):
            wire.rows("contacts")
        assert [entry["path"] for entry in wire.requests] == ["/account-info/2026-09/details"]


def test_the_right_account_is_asked_for_once(tmp_path: Path) -> None:
    with wired("hubspot", account(), tmp_path, {"portal_id": "20000007"}, limits=LIMITS) as wire:
        wire.rows("contacts", BORN, NOW)
        wire.rows("calls", BORN, NOW)
        assert sum(entry["path"].startswith("/account-info") for entry in wire.requests) == 1


def test_no_name_and_no_title_is_asked_for(wire: Wire) -> None:
    asked = {name for row in wire.rows("contacts", BORN, NOW) for name in row["properties"]}
    assert asked.isdisjoint({"firstname", "lastname", "phone", "city"})


def test_snapshots_hold_archived_owners_and_the_stages_of_deals_and_tickets(wire: Wire) -> None:
    assert wire.read("owners") is not None
    assert {row["@object"] for row in wire.rows("pipelines_stages")} <= {"deals", "tickets"}


def test_a_day_that_is_used_up_stops_every_stream_of_the_account(wire: Wire) -> None:
    wire.fault("daily_limit", "/contacts/")
    with pytest.raises(Throttled, match="RATE_LIMITS: DAILY"):
        wire.rows("contacts", BORN, NOW)
    asked = len(wire.requests)
    with pytest.raises(Throttled, match="was not sent"):
        wire.rows("calls", BORN, NOW)
    assert len(wire.requests) == asked


def _reply(status: int, data: Any = None, **headers: str) -> Reply:
    return Reply(status, {name.replace("_", "-"): value for name, value in headers.items()}, b"", data or {})


@pytest.mark.parametrize(
    ("reply", "outcome", "wait"),
    [
        (_reply(200, {"results": []}), "ok", None),
        (_reply(200, {"status": "COMPLETE", "results": []}), "ok", None),
        (_reply(200, {"status": "error", "message": "no"}), "retry", None),
        (_reply(429, {"policyName": "TEN_SECONDLY_ROLLING"}), "retry", 10.0),
        (_reply(429, {"policyName": "SECONDLY"}), "retry", 1.0),
        (_reply(429, {"policyName": "DAILY"}), "throttled", 3600.0),
        (_reply(429, {}, Retry_After="2500"), "retry", 2.5),
        (_reply(429, {}, Retry_After="90"), "retry", 30.0),
        (_reply(423), "retry", 2.0),
        (_reply(477, Retry_After="1200"), "throttled", 1200.0),
        (_reply(502), "retry", None),
        (_reply(530), "settings", None),
        (_reply(403, {"category": "MISSING_SCOPES"}), "settings", None),
        (_reply(414), "bug", None),
        (_reply(404, {"category": "OBJECT_NOT_FOUND"}), "gone", None),
    ],
)
def test_hubspots_answers_mean_what_hubspot_says(reply: Reply, outcome: str, wait: float | None) -> None:
    verdict = classify(reply)
    assert (verdict.outcome, verdict.wait) == (outcome, wait)


def _headers(**values: str) -> Reply:
    return Reply(
        200, {f"X-HubSpot-RateLimit-{name.replace('_', '-')}": value for name, value in values.items()}, b"", {}
    )


def test_the_rate_headers_set_the_budget_and_stop_it() -> None:
    assert observe(_reply(200)) == {}
    told = observe(_headers(Max="190", Interval_Milliseconds="10000", Remaining="12", Daily="650000"))
    assert told == {"general": Rate(190, 10), "account": Rate(650_000, 86_400)}
    assert observe(_headers(Max="190", Interval_Milliseconds="10000", Remaining="0")) == {"general": 10.0}
    assert observe(_headers(Daily="650000", Daily_Remaining="0")) == {"account": 3600.0}
