"""The official SDK lists and searches the simulated company and finds everything, once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

import hubspot.crm.companies
import hubspot.crm.contacts
import hubspot.crm.deals
import hubspot.crm.objects.calls
import hubspot.crm.objects.emails
import hubspot.crm.objects.feedback_submissions
import hubspot.crm.objects.meetings
import hubspot.crm.owners
import hubspot.crm.pipelines
import hubspot.crm.tickets
import pytest
import requests

from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.world.model import World

LISTS = {
    "companies": hubspot.crm.companies,
    "contacts": hubspot.crm.contacts,
    "deals": hubspot.crm.deals,
    "tickets": hubspot.crm.tickets,
    "meetings": hubspot.crm.objects.meetings,
    "calls": hubspot.crm.objects.calls,
    "emails": hubspot.crm.objects.emails,
    "feedback_submissions": hubspot.crm.objects.feedback_submissions,
}
SDK_ROWS = 600


def rows_of(world: World, name: str) -> Iterable[Any]:
    rows: dict[str, Iterable[Any]] = {
        "companies": world.organisations,
        "contacts": world.leads,
        "deals": world.deals,
        "tickets": world.tickets,
        "feedback_submissions": world.feedback,
    }
    return rows[name] if name in rows else (row for row in world.engagements if f"{row.kind}s" == name)


def listed(row: Any, now: datetime) -> bool:
    born = row.at if not hasattr(row, "created_at") else row.created_at
    ends = (getattr(row, "archived_at", None), getattr(row, "merged_at", None))
    return born <= now and all(end is None or end > now for end in ends)


def wanted(world: World, name: str, now: datetime) -> list[str]:
    return [str(number) for number in sorted(row.id for row in rows_of(world, name) if listed(row, now))]


def client(module: Any, sandbox: Sandbox, key: str | None = None) -> Any:
    found = sandbox.environment("mister_dj")
    configuration = module.Configuration(host=found["MISTER_DJ_HUBSPOT_BASE_URL"])
    configuration.access_token = found["MISTER_DJ_HUBSPOT_API_KEY"] if key is None else key
    return module.ApiClient(configuration)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_holds_every_object_once(name: str, mister_dj: Sandbox) -> None:
    environment = mister_dj.environment("mister_dj")
    headers = {"Authorization": f"Bearer {environment['MISTER_DJ_HUBSPOT_API_KEY']}"}
    found: list[str] = []
    params = {"limit": "100"}
    with requests.Session() as session:
        while True:
            url = f"{environment['MISTER_DJ_HUBSPOT_BASE_URL']}/crm/objects/2026-09/{name}"
            page = session.get(url, params=params, headers=headers, timeout=20).json()
            found += [row["id"] for row in page["results"]]
            if "paging" not in page:
                break
            params["after"] = page["paging"]["next"]["after"]
    assert found == wanted(mister_dj.world("mister_dj"), name, mister_dj.clock.now())
    assert found


@pytest.mark.parametrize("name", LISTS)
def test_the_sdk_lists_page_by_page(name: str, mister_dj: Sandbox) -> None:
    module = LISTS[name]
    api = module.BasicApi(client(module, mister_dj))
    expected = wanted(mister_dj.world("mister_dj"), name, mister_dj.clock.now())
    found: list[str] = []
    after: str | None = None
    while len(found) < SDK_ROWS:
        page = api.get_page(limit=100, **({} if after is None else {"after": after}))
        found += [row.id for row in page.results]
        if page.paging is None:
            break
        after = page.paging.next.after
    assert found == expected[: len(found)]
    assert len(found) == min(SDK_ROWS, len(expected))


def test_the_sdks_own_get_all_reads_a_whole_list(mister_dj: Sandbox) -> None:
    from hubspot.utils.objects import fetch_all

    module = hubspot.crm.companies
    rows = fetch_all(module.BasicApi(client(module, mister_dj)), properties=["name", "domain"])
    world, now = mister_dj.world("mister_dj"), mister_dj.clock.now()
    assert [row.id for row in rows] == wanted(world, "companies", now)
    named = {str(row.id): row.name for row in world.organisations}
    assert {row.id: row.properties["name"] for row in rows} == {row.id: named[row.id] for row in rows}


@pytest.mark.parametrize(("name", "modified"), [("contacts", "lastmodifieddate"), ("deals", "hs_lastmodifieddate")])
def test_the_sdk_searches_what_changed_in_a_week(name: str, modified: str, mister_dj: Sandbox) -> None:
    module, now = LISTS[name], mister_dj.clock.now()
    since, until = now - timedelta(days=7), now - timedelta(minutes=1)
    bounds = {"value": str(int(since.timestamp() * 1000)), "highValue": str(int(until.timestamp() * 1000))}
    api = module.SearchApi(client(module, mister_dj))
    found: list[str] = []
    total = 0
    while True:
        filters = [
            {"propertyName": modified, "operator": "BETWEEN", **bounds},
            {"propertyName": "hs_object_id", "operator": "GT", "value": found[-1] if found else "0"},
        ]
        page = api.do_search(
            {"filterGroups": [{"filters": filters}], "limit": 200, "properties": [modified], "sorts": ["hs_object_id"]}
        )
        if not page.results:
            break
        total = total or page.total
        found += [row.id for row in page.results]
    at = now - timedelta(seconds=10)
    changed = [
        str(row.id)
        for row in sorted(rows_of(mister_dj.world("mister_dj"), name), key=lambda row: row.id)
        if listed(row, at) and since <= max(each for each in row.modified if each <= at) <= until
    ]
    assert found == changed
    assert total == len(changed) > 50


def test_the_sdk_reads_owners_pipelines_and_a_batch_with_history(mister_dj: Sandbox) -> None:
    world, now = mister_dj.world("mister_dj"), mister_dj.clock.now()
    owners = hubspot.crm.owners.OwnersApi(client(hubspot.crm.owners, mister_dj)).get_page(limit=100, archived=False)
    assert sorted(row.id for row in owners.results) == sorted(str(row.id) for row in world.owners if not row.archived)
    pipelines = hubspot.crm.pipelines.PipelinesApi(client(hubspot.crm.pipelines, mister_dj)).get_all("deals")
    assert [stage.id for stage in pipelines.results[0].stages] == [
        stage.id for each in world.pipelines if each.object == "deals" for stage in each.stages
    ]
    closed = [row for row in world.deals if listed(row, now) and row.closed_at and row.closed_at <= now][:50]
    batch = {
        "inputs": [{"id": str(row.id)} for row in closed],
        "properties": ["dealstage"],
        "propertiesWithHistory": ["dealstage"],
    }
    read = hubspot.crm.deals.BatchApi(client(hubspot.crm.deals, mister_dj)).read(batch)
    shown = {row.id: [each.value for each in row.properties_with_history["dealstage"]] for row in read.results}
    assert shown == {str(row.id): [name for name, _ in reversed(row.stages)] for row in closed}


def test_the_sdk_tells_a_wrong_key(mister_dj: Sandbox) -> None:
    module = hubspot.crm.deals
    with pytest.raises(module.ApiException, match="INVALID_AUTHENTICATION"):
        module.BasicApi(client(module, mister_dj, "pat-eu1-wrong")).get_page(limit=1)
