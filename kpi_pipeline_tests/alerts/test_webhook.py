"""The signed document: what docs/webhook.md promises to whoever receives it."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from kpi_pipeline.alerts.channels import KINDS, Wire
from kpi_pipeline.alerts.message import Earlier
from kpi_pipeline.alerts.vocabulary import REASONS
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline_tests.alerts.receiving import Receiver
from kpi_pipeline_tests.alerts.sending import NOW, WIRE, message, told
from kpi_pipeline_tests.architecture.source import ROOT

DOCS = ROOT / "kpi_pipeline" / "docs"
SCHEMA: dict[str, Any] = json.loads((DOCS / "webhook-notice-1.schema.json").read_text(encoding="utf-8"))
HOOK = Channel(kind="webhook", url="ACME_WEBHOOK_URL", secret="ACME_WEBHOOK_SECRET")
SECRETS = {"ACME_WEBHOOK_SECRET": "s3cr3t"}


def documented() -> Any:
    """The check that the document tells receivers to make."""
    code = re.search(r"```python\n(.*?)```", (DOCS / "webhook.md").read_text(encoding="utf-8"), re.DOTALL)
    assert code is not None
    found: dict[str, Any] = {}
    exec(code[1], found)
    return found["is_genuine"]


def test_a_receiver_that_does_as_documented_finds_it_genuine(receiver: Receiver) -> None:
    KINDS["webhook"].sender(HOOK, {**SECRETS, "ACME_WEBHOOK_URL": receiver.url}, WIRE)(message(), ("Ann",))
    (got,) = receiver.got
    timestamp, signature = got.headers["X-KPI-Timestamp"], got.headers["X-KPI-Signature"]
    assert timestamp == str(int(NOW.timestamp()))
    by_hand = hmac.new(b"s3cr3t", f"{timestamp}.".encode() + got.body, hashlib.sha256).hexdigest()
    assert signature == f"v1={by_hand}"
    is_genuine = documented()
    assert is_genuine("s3cr3t", timestamp, got.body, signature)
    assert not is_genuine("s3cr3t", str(int(timestamp) + 1), got.body, signature), "a recording with a new date"
    assert not is_genuine("s3cr3t", timestamp, got.body.replace(b"20", b"21"), signature)
    assert not is_genuine("other", timestamp, got.body, signature)


def test_another_attempt_has_the_same_id_and_body_and_a_new_date(receiver: Receiver) -> None:
    for seconds in (0, 60):
        wire = Wire(lambda seconds=seconds: NOW.fromtimestamp(NOW.timestamp() + seconds, NOW.tzinfo), print, float)  # type: ignore[misc]
        KINDS["webhook"].sender(HOOK, {**SECRETS, "ACME_WEBHOOK_URL": receiver.url}, wire)(message(), ("Ann",))
    first, second = receiver.got
    assert first.body == second.body
    assert first.headers["X-KPI-Id"] == second.headers["X-KPI-Id"] == first.json["id"] == "m1"
    assert int(second.headers["X-KPI-Timestamp"]) - int(first.headers["X-KPI-Timestamp"]) == 60
    assert first.headers["X-KPI-Signature"] != second.headers["X-KPI-Signature"]


@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"decision_overdue"}))
def test_every_reason_fits_the_schema(reason: str) -> None:
    extra = {"mark": "50", "by": "2026-03-01", "due": NOW.isoformat(), "alerts": []}
    restated = [{"day": "2026-03-01", "before": "20", "after": None}]
    level = "ok" if reason in ("resolved", "corrected") else "warning"
    found = message(told(reason, level, restated=restated, **extra), answers=(Earlier("m0", None),))
    document = KINDS["webhook"].payload(found, ("Ann",), HOOK)
    assert [error.message for error in _strict().iter_errors(document)] == []
    assert document["alerts"][0]["restated"] == restated


def test_the_schema_refuses_what_is_no_notice() -> None:
    document = KINDS["webhook"].payload(message(), (), HOOK)
    for key, wrong in (("alerts", []), ("level", "bad"), ("schema", "kpi-notice/2")):
        assert list(_strict().iter_errors({**document, key: wrong}))
    assert list(_strict().iter_errors({**document, "unheard": 1})), "the strict schema knows every key that is sent"


def _strict() -> Draft202012Validator:
    """The documented schema with every key that is not in it refused: what we send is all documented."""

    def close(node: Any) -> Any:
        if isinstance(node, dict):
            closed = {key: close(value) for key, value in node.items()}
            return {**closed, "additionalProperties": False} if "properties" in node else closed
        return [close(each) for each in node] if isinstance(node, list) else node

    Draft202012Validator.check_schema(SCHEMA)
    return Draft202012Validator(close(SCHEMA))
