"""A hand-made portal: a deal through its stages, contacts that merge and go, calls and mails by people and machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox import Limit, Sandbox
from kpi_pipeline.sandbox.world.model import (
    CrmOwner,
    Deal,
    Engagement,
    Feedback,
    Lead,
    Organisation,
    Person,
    Pipeline,
    PipelineStage,
    Ticket,
    World,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
UNLIMITED = Limit(1_000_000, 1.0)
ANN = Person("Ann", "de Vries", "ann@school.nl", "+31600000000", "Utrecht", "NL")


def at(month: int, day: int, hour: int = 0, minute: int = 0, ms: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, 0, ms * 1000, tzinfo=UTC)


def lead(number: int, born: datetime, *more: datetime, **extra: Any) -> Lead:
    person = Person("Ann", f"Nr {number}", f"nr{number}@school.nl", "+316", "Utrecht", "NL")
    life = extra.pop("lifecycle", ())
    organisation = extra.pop("organisation_id", None)
    modified = tuple(sorted({born, *more, *(when for _, when in life)}))
    status = (("NEW", born),)
    return Lead(number, person, organisation, born, "website", 901, (("lead", born), *life), status, modified, **extra)


def contact(number: int, kind: str, lead_id: int, when: datetime, direction: str, **more: Any) -> Engagement:
    """A call, mail or meeting; made when it is unless `planned_at` is given."""
    made = more.get("planned_at", when)
    return Engagement(
        id=number,
        kind=kind,
        lead_id=lead_id,
        deal_id=more.get("deal_id"),
        at=when,
        created_at=made,
        direction=direction,
        automated=more.get("automated", False),
        owner_id=901,
        title=kind,
        outcome=more.get("outcome"),
        ends_at=more.get("ends_at"),
        modified=(made,),
    )


def portal(company: str, seed: int, anchor: date) -> World:
    world = World(company, seed, anchor, "Europe/Amsterdam", "EUR", at(1, 1), NOW + timedelta(days=45))
    world.owners += [CrmOwner(901, 51, ANN), CrmOwner(902, 52, ANN, archived=True)]
    stages = (
        PipelineStage("demo", "Demo", 0, Decimal("0.4"), is_closed=False),
        PipelineStage("closedwon", "Geboekt", 1, Decimal(1), is_closed=True),
    )
    support = (
        PipelineStage("1", "Nieuw", 0, None, is_closed=False),
        PipelineStage("4", "Gesloten", 1, None, is_closed=True),
    )
    world.pipelines += [
        Pipeline("deals", "default", "Boekingen", stages),
        Pipeline("tickets", "0", "Support", support),
    ]
    world.organisations.append(
        Organisation(701, "School X", "school.nl", "EDUCATION", "Utrecht", at(1, 5), (("lead", at(1, 5)),), (at(1, 5),))
    )
    again = (
        ("salesqualifiedlead", at(2, 10)),
        ("lead", at(4, 1)),
        ("salesqualifiedlead", at(4, 3)),
        ("opportunity", at(11, 25)),
    )
    world.leads += [
        lead(101, at(2, 1), at(5, 1), lifecycle=again, organisation_id=701),
        lead(102, at(2, 2), at(5, 1), merged_into=101, merged_at=at(5, 1)),
        lead(103, at(2, 3), at(6, 1), archived_at=at(6, 1)),
        lead(104, at(11, 20, 11, 59), at(11, 20, 11, 59)),
        lead(105, at(11, 21)),
        lead(106, at(2, 6), at(10, 1), archived_at=at(10, 1)),
    ]
    world.deals.append(
        Deal(
            id=501, name="School X", lead_id=102, organisation_id=701, pipeline="default",
            stages=(("demo", at(3, 1)), ("closedwon", at(3, 20, 10, 30, 250))), amount=Decimal("1500"), currency="gbp",
            amount_home=Decimal("1744.19"), created_at=at(3, 1), expected_close=at(3, 31),
            closed_at=at(3, 20, 10, 30, 250), won=True, owner_id=901, deal_type="newbusiness", booking_id="B-1",
            event_at=at(7, 3, 22), modified=(at(3, 1), at(3, 20, 10, 30, 250)), properties={"occasion": "wedding"},
        )
    )  # fmt: skip
    world.engagements += [
        contact(301, "call", 101, at(2, 2), "outbound", deal_id=501, ends_at=at(2, 2, 0, 5)),
        contact(302, "email", 101, at(2, 1), "outbound", automated=True),
        contact(303, "email", 102, at(2, 3), "inbound"),
        contact(304, "meeting", 101, at(11, 25), "outbound", planned_at=at(11, 1), outcome="COMPLETED"),
        Engagement(
            305,
            "meeting",
            101,
            None,
            at(10, 5, 9),
            at(10, 1),
            "outbound",
            False,
            901,
            "Demo",
            None,
            at(10, 5, 10),
            (at(10, 1), at(10, 6)),
            organisation_id=701,
            activity_type="Demo",
            outcomes=(("COMPLETED", at(10, 6)),),
            custom={"top3_reasons": (("Prijs;Gemak", at(10, 6)),)},
        ),
    ]
    world.tickets.append(
        Ticket(
            601, "Kapot", "HIGH", "0", (("1", at(5, 1)), ("4", at(5, 2))), at(5, 1), at(5, 1, 2), at(5, 2), "bug", 901,
            101, 701, (at(5, 1), at(5, 1, 2), at(5, 2)),
        )
    )  # fmt: skip
    world.tickets.append(
        Ticket(
            602, "Weer kapot", "HIGH", "0", (("1", at(6, 1)), ("4", at(6, 2)), ("1", at(6, 4)), ("4", at(6, 5))),
            at(6, 1), at(6, 1, 2), at(6, 5), "bug", 901, 101, 701, (at(6, 1), at(6, 2), at(6, 4), at(6, 5)),
            replies=(at(6, 1, 2), at(6, 4, 9)), custom={"product_line": (("AWI", at(6, 1)),)},
        )
    )  # fmt: skip
    world.feedback += [Feedback(801, "5", "NPS", 9, 101, at(6, 1)), Feedback(802, "6", "CSAT", 3, 101, at(6, 2))]
    return world


class Portal:
    """A client of the portal, and its clock."""

    def __init__(self, sandbox: Sandbox) -> None:
        found = sandbox.environment("mister_dj")
        self.sandbox = sandbox
        self.base, self.key = found["MISTER_DJ_HUBSPOT_BASE_URL"], found["MISTER_DJ_HUBSPOT_API_KEY"]

    def ask(self, path: str, body: Any = None, key: str | None = None, **params: Any) -> requests.Response:
        """GET, or POST when there is a body."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        verb = "GET" if body is None else "POST"
        return requests.request(verb, self.base + path, params=params, json=body, headers=headers, timeout=20)

    def on(self, month: int, day: int, path: str, hour: int = 12, **params: Any) -> dict[str, Any]:
        """What a path answers at an hour of a day of 2026."""
        self.sandbox.set_now(at(month, day, hour))
        found: dict[str, Any] = self.ask(path, **params).json()
        return found

    def search(self, kind: str, *filters: tuple[Any, ...], **more: Any) -> requests.Response:
        """POST a search; each filter is (property, operator, value, high value), values a list for IN."""
        found = [_filter(*each) for each in filters]
        body = {"filterGroups": [{"filters": found}] if found else [], **more}
        return self.ask(f"/crm/objects/2026-09/{kind}/search", body)


def _filter(name: str, operator: str, value: Any = None, high: Any = None) -> dict[str, Any]:
    found = {"propertyName": name, "operator": operator}
    if isinstance(value, list):
        return {**found, "values": value}
    return {**found, **({} if value is None else {"value": value}), **({} if high is None else {"highValue": high})}


def serve(build: Callable[[str, int, date], World], **limits: Limit) -> Sandbox:
    chosen = {"ten_secondly": UNLIMITED, "search": UNLIMITED, **limits}
    return Sandbox(vendor_names=("hubspot",), build=build, now=lambda: NOW, limits={"hubspot": chosen})


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with serve(portal) as sandbox:
        yield sandbox


@pytest.fixture
def hubspot(served: Sandbox) -> Iterator[Portal]:
    served.set_now(None)
    yield Portal(served)
    served.set_now(None)


@pytest.fixture(scope="module")
def crowd() -> Iterator[Portal]:
    """10,050 contacts that were changed in the same millisecond by a bulk edit."""

    def build(company: str, seed: int, anchor: date) -> World:
        world = World(company, seed, anchor, "UTC", "EUR", at(1, 1), NOW + timedelta(days=45))
        world.leads += [lead(1000 + n, at(1, 1) + timedelta(minutes=n), at(9, 1)) for n in range(10_050)]
        return world

    with serve(build) as sandbox:
        yield Portal(sandbox)


@pytest.fixture
def strict() -> Iterator[Portal]:
    """A portal with very small limits."""
    limits = {"ten_secondly": Limit(3, 60.0), "search": Limit(2, 60.0), "daily": Limit(7, 86_400.0, rolling=False)}
    with serve(portal, **limits) as sandbox:
        yield Portal(sandbox)
