"""The registers as they are fetched over HTTP."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import requests

from kpi_pipeline.sandbox.server import Sandbox
from kpi_pipeline.sandbox.vendors.registers.table import dutch
from kpi_pipeline.sandbox.world.model import FxRate, LedgerEntry, SurveyInvitation, World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SENT = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


def entry(name: str, amount: str, entered: datetime, **changes: Any) -> LedgerEntry:
    facts: dict[str, Any] = {
        "id": name,
        "day": date(2026, 11, 18),
        "account": "NL00 BANK 01",
        "kind": "outflow",
        "category": 'rent, "hall" & staff',
        "amount": Decimal(amount),
        "currency": "EUR",
        "one_off": False,
        "restricted": True,
        "entered_by": "Zoë",
        "entered_at": entered,
    }
    return LedgerEntry(**{**facts, **changes})


def world() -> World:
    built = World("acme", 1, date(2026, 11, 20), "Europe/Amsterdam", "EUR", datetime(2025, 10, 1, tzinfo=UTC), NOW)
    built.ledger = [
        entry("L2", "1850", NOW - timedelta(hours=1)),
        entry("L1", "1234567.8", NOW - timedelta(days=1)),
        entry("L3", "9", NOW + timedelta(seconds=1)),
    ]
    built.invitations = [
        SurveyInvitation("I1", "B-1", "nps", SENT, SENT + timedelta(minutes=1), None, False, SENT),
        SurveyInvitation("I2", "B-2", "nps", SENT, None, NOW + timedelta(hours=2), True, SENT + timedelta(seconds=5)),
    ]
    built.fx_rates = [
        FxRate(date(2026, 11, 19), "USD", Decimal("1.0812")),
        FxRate(date(2026, 11, 20), "USD", Decimal("1.0830"), NOW + timedelta(hours=3)),
        FxRate(date(2026, 11, 20), "GBP", Decimal("0.8400")),
        FxRate(date(2026, 11, 21), "GBP", Decimal("0.8410")),
    ]
    return built


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(("acme",), now=lambda: NOW, vendor_names=("registers",), build=lambda *_: world()) as served:
        yield served


@pytest.fixture
def get(sandbox: Sandbox) -> Any:
    variables = sandbox.environment("acme")

    def ask(path: str, **headers: str) -> requests.Response:
        key = {"Authorization": f"Bearer {variables['ACME_REGISTERS_API_KEY']}"}
        return requests.get(variables["ACME_REGISTERS_BASE_URL"] + path, headers={**key, **headers}, timeout=5)

    return ask


def rows(answer: requests.Response) -> list[dict[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8"), newline="")))


@pytest.mark.parametrize(
    ("amount", "text"),
    [("1850", "1.850,00"), ("0.5", "0,50"), ("-1234567.891", "-1.234.567,89"), ("12", "12,00")],
)
def test_dutch_amounts(amount: str, text: str) -> None:
    assert dutch(Decimal(amount)) == text


def test_ledger_shows_what_was_entered_by_now_in_order_of_entry(get: Any) -> None:
    found = rows(get("/ledger.csv"))
    assert [(row["entry_id"], row["amount"]) for row in found] == [("L1", "1.234.567,80"), ("L2", "1.850,00")]
    assert found[1] == {
        "entry_id": "L2",
        "day": "2026-11-18",
        "account": "NL00 BANK 01",
        "kind": "outflow",
        "category": 'rent, "hall" & staff',
        "amount": "1.850,00",
        "currency": "EUR",
        "one_off": "false",
        "restricted": "true",
        "entered_by": "Zoë",
        "entered_at": "2026-11-20T11:00:00Z",
    }


def test_invitations_show_delivery_and_bounce_once_they_happened(sandbox: Sandbox, get: Any) -> None:
    first, second = rows(get("/survey_invitations.csv"))
    assert first["delivered_at"] == "2026-11-18T09:31:00Z"
    assert (second["bounced_at"], second["is_reminder"]) == ("", "true")
    try:
        sandbox.set_now(NOW + timedelta(hours=2))
        assert rows(get("/survey_invitations.csv"))[1]["bounced_at"] == "2026-11-20T14:00:00Z"
    finally:
        sandbox.set_now(None)


def test_rates_appear_when_published_or_at_local_midnight(get: Any) -> None:
    found = [(row["day"], row["currency"], row["rate"]) for row in rows(get("/fx_rates.csv"))]
    assert found == [("2026-11-19", "USD", "1.0812"), ("2026-11-20", "GBP", "0.8400")]


def test_an_unchanged_register_is_not_sent_again(sandbox: Sandbox, get: Any) -> None:
    first = get("/ledger.csv")
    assert first.headers["Last-Modified"] == "Fri, 20 Nov 2026 11:00:00 GMT"
    again = get("/ledger.csv", **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    try:
        sandbox.set_now(NOW + timedelta(minutes=1))
        changed = get("/ledger.csv", **{"If-None-Match": first.headers["ETag"]})
    finally:
        sandbox.set_now(None)
    assert len(rows(changed)) == 3


def test_index_names_every_register_with_its_columns(get: Any) -> None:
    listed = get("/").json()["registers"]
    assert [register["name"] for register in listed[:3]] == ["survey_invitations", "ledger", "fx_rates"]
    assert len(listed) == 19
    for register in listed:
        answer = get(f"/{register['name']}.csv")
        assert answer.text.splitlines()[0].split(",") == register["columns"]
        assert register["url"] == answer.url


def test_unknown_register_and_wrong_key(sandbox: Sandbox, get: Any) -> None:
    assert get("/payroll.csv").status_code == 404
    url = sandbox.environment("acme")["ACME_REGISTERS_BASE_URL"] + "/ledger.csv"
    assert requests.get(url, timeout=5).status_code == 401
