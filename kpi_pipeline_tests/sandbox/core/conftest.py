"""A small world behind Stripe and HubSpot, with a client for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.world.model import BillingCustomer, Lead, Person, World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
START = datetime(2026, 1, 1, tzinfo=UTC)
CUSTOMERS = 25


def small_world(company: str, seed: int, anchor: date) -> World:
    """25 customers and 25 contacts, an hour apart."""
    world = World(company, seed, anchor, "Europe/Amsterdam", "EUR", START, NOW + timedelta(days=45))
    for index in range(CUSTOMERS):
        at = START + timedelta(hours=index)
        mail = f"c{index}@example.nl"
        world.customers.append(
            BillingCustomer(f"cus_{index:03d}", f"Name {index}", mail, "NL", "eur", at, None, None, (at,))
        )
        who = Person("Ann", f"Name {index}", f"l{index}@example.nl", "+310000000", "Utrecht", "NL")
        lifecycle = (("lead", at),)
        world.leads.append(Lead(1000 + index, who, None, at, "website", 1, lifecycle, (("NEW", at),), (at,)))
    return world


@dataclass
class Client:
    """Reads one vendor with its key."""

    sandbox: Sandbox
    vendor: str
    base: str
    key: str

    def get(self, path: str, **params: Any) -> requests.Response:
        return requests.get(
            self.base + path, params=params, headers={"Authorization": f"Bearer {self.key}"}, timeout=10
        )

    def fault(self, kind: str, **params: Any) -> requests.Response:
        body = {"vendor": self.vendor, "kind": kind, **params}
        return requests.post(f"{self.sandbox.url}/__sandbox__/faults", json=body, timeout=10)


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    with Sandbox(
        ("mister_dj", "other"), now=lambda: NOW, vendor_names=("stripe", "hubspot"), build=small_world
    ) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(served: Sandbox) -> Iterator[Sandbox]:
    """The server without anything that an earlier test left behind."""
    served.faults.clear()
    served.requests.clear()
    served.set_now(None)
    yield served
    served.faults.clear()


@pytest.fixture
def client(sandbox: Sandbox) -> Callable[[str], Client]:
    def make(vendor: str, company: str = "mister_dj") -> Client:
        found = sandbox.environment(company)
        prefix = f"{company.upper()}_{vendor.upper()}"
        return Client(sandbox, vendor, found[f"{prefix}_BASE_URL"], found[f"{prefix}_API_KEY"])

    return make
