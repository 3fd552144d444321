"""What finally became of a message."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from kpi_pipeline_tests.facts.records import Records, ms, utc

Read = Callable[..., list[dict[str, Any]]]
number = count()


def event(records: Records, at: str, kind: str, *, message: str = "m1", recipient: str = "ann", **more: Any) -> None:
    kinds = {"temporary": ("failed", "temporary"), "permanent": ("failed", "permanent")}
    name, severity = kinds.get(kind, (kind, None))
    usual = {"message_id": message, "recipient_hash": recipient, "severity": severity, "is_authenticated": True}
    records.add(
        "mailgun.events", id=f"e{next(number)}", event=name, occurred_at=utc(f"2026-05-01 {at}"), **(usual | more)
    )


def states(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int | None, int | None]]:
    return {row["message_id"]: (row["accepted_at"], row["delivered_at"], row["failed_at"]) for row in rows}


def test_a_temporary_failure_is_not_the_end(records: Records, rows_of: Read) -> None:
    for at, kind in (("10:00", "accepted"), ("10:01", "temporary"), ("10:20", "temporary"), ("11:00", "delivered")):
        event(records, at, kind)
    event(records, "10:00", "accepted", message="m2")
    event(records, "10:01", "temporary", message="m2")
    assert states(rows_of("email_message")) == {
        "m1/ann": (ms("2026-05-01 10:00"), ms("2026-05-01 11:00"), None),
        "m2/ann": (ms("2026-05-01 10:00"), None, None),
    }


def test_a_permanent_failure_is_the_end_even_after_a_delivery(records: Records, rows_of: Read) -> None:
    for at, kind in (("10:00", "accepted"), ("10:01", "temporary"), ("18:00", "permanent")):
        event(records, at, kind)
    for at, kind in (("10:00", "accepted"), ("10:01", "delivered"), ("12:00", "permanent")):
        event(records, at, kind, message="m2")
    assert states(rows_of("email_message")) == {
        "m1/ann": (ms("2026-05-01 10:00"), None, ms("2026-05-01 18:00")),
        "m2/ann": (ms("2026-05-01 10:00"), None, ms("2026-05-01 12:00")),
    }


def test_each_recipient_of_a_message_counts(records: Records, rows_of: Read) -> None:
    for recipient, outcome in (("ann", "delivered"), ("bob", "permanent")):
        event(records, "10:00", "accepted", recipient=recipient, tag="nps")
        event(records, "10:05", outcome, recipient=recipient, tag="nps")
    rows = rows_of("email_message")
    assert [row["message_id"] for row in rows] == ["m1/ann", "m1/bob"]
    assert {row["tag"] for row in rows} == {"nps"}


def test_mail_that_came_in_was_forwarded_or_only_tested_is_not_ours(records: Records, rows_of: Read) -> None:
    event(records, "10:00", "accepted", message="in", is_authenticated=False)
    event(records, "10:00", "accepted", message="forwarded", is_routed=True)
    event(records, "10:00", "accepted", message="test", is_test=True)
    event(records, "10:00", "accepted", message="ours")
    assert list(states(rows_of("email_message"))) == ["ours/ann"]


def test_a_delivery_whose_acceptance_was_before_the_first_load_is_left_out(records: Records, rows_of: Read) -> None:
    event(records, "10:00", "delivered")
    assert rows_of("email_message") == []
