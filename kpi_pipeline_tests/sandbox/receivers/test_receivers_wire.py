"""What the sandbox receives: Slack and Teams messages over HTTP, mail over SMTP."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import requests

from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.server import Sandbox
from kpi_pipeline.sandbox.world.model import World

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CARD: dict[str, Any] = {
    "type": "message",
    "attachments": [
        {
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": None,
            "content": {
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [{"type": "TextBlock", "text": "Uptime is 99,1 %", "wrap": True}],
            },
        }
    ],
}


def serve(**limits: Any) -> Sandbox:
    world = World("acme", 1, date(2026, 11, 20), "UTC", "EUR", NOW, NOW)
    names = ("slack", "teams", "mail")
    return Sandbox(("acme", "beta"), now=lambda: NOW, vendor_names=names, limits=limits, build=lambda *_: world)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    plenty = {"messages": Limit(1000, 1.0)}
    with serve(slack=plenty, teams=plenty) as served:
        yield served


def received(sandbox: Sandbox, kind: str) -> list[dict[str, Any]]:
    url = f"{sandbox.url}/__sandbox__/received/{kind}"
    found: list[dict[str, Any]] = requests.get(url, timeout=5).json()
    requests.delete(url, timeout=5).raise_for_status()
    return found


def section(length: int) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": "x" * length}}


def test_slack_keeps_the_message_and_says_ok(sandbox: Sandbox) -> None:
    url = sandbox.environment("acme")["ACME_SLACK_WEBHOOK_URL"]
    message = {"text": "NPS is 34", "blocks": [section(3000), {"type": "divider"}]}
    answer = requests.post(url, json=message, timeout=5)
    assert (answer.status_code, answer.text) == (200, "ok")
    form = requests.post(url, data={"payload": orjson.dumps({"text": "as a form"})}, timeout=5)
    assert form.text == "ok"
    first, second = received(sandbox, "slack")
    assert first == {"at": NOW.isoformat(), "company": "acme", "message": message}
    assert second["message"] == {"text": "as a form"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"not json", "invalid_payload"),
        (b"[1]", "invalid_payload"),
        (orjson.dumps({"text": 5}), "invalid_payload"),
        (b"{}", "no_text"),
        (orjson.dumps({"text": ""}), "no_text"),
        (orjson.dumps({"blocks": [section(3001)]}), "invalid_blocks"),
        (orjson.dumps({"blocks": [section(0)]}), "invalid_blocks"),
        (orjson.dumps({"blocks": [section(1)] * 51}), "invalid_blocks"),
        (orjson.dumps({"blocks": [{"type": "section"}]}), "invalid_blocks"),
        (orjson.dumps({"blocks": [{"type": "paragraph"}]}), "invalid_blocks"),
        (orjson.dumps({"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}), "invalid_blocks"),
        (orjson.dumps({"blocks": [{"type": "context", "elements": []}]}), "invalid_blocks"),
        (orjson.dumps({"blocks": [{"type": "image", "image_url": "https://x.example"}]}), "invalid_blocks"),
    ],
)
def test_slack_refuses_what_slack_would(sandbox: Sandbox, body: bytes, words: str) -> None:
    url = sandbox.environment("acme")["ACME_SLACK_WEBHOOK_URL"]
    answer = requests.post(url, data=body, headers={"Content-Type": "application/json"}, timeout=5)
    assert (answer.status_code, answer.text) == (400, words)
    assert received(sandbox, "slack") == []


def test_a_webhook_needs_its_secret(sandbox: Sandbox) -> None:
    mine, theirs = (
        sandbox.environment(name)[f"{name.upper()}_SLACK_WEBHOOK_URL"].rpartition("/") for name in ("acme", "beta")
    )
    stolen = requests.post(f"{mine[0]}/{theirs[2]}", json={"text": "x"}, timeout=5)
    assert (stolen.status_code, stolen.text) == (403, "invalid_token")
    teams = sandbox.environment("acme")["ACME_TEAMS_WEBHOOK_URL"]
    assert requests.post(teams[:-1], json=CARD, timeout=5).status_code == 401
    assert received(sandbox, "slack") == received(sandbox, "teams") == []


def test_slack_and_teams_slow_a_burst_down() -> None:
    with serve() as served:
        environment = served.environment("acme")
        slack = [requests.post(environment["ACME_SLACK_WEBHOOK_URL"], json={"text": "x"}, timeout=5) for _ in range(6)]
        teams = [requests.post(environment["ACME_TEAMS_WEBHOOK_URL"], json=CARD, timeout=5) for _ in range(5)]
        assert len(received(served, "slack")) == 5
    assert [answer.status_code for answer in slack] == [200] * 5 + [429]
    assert 1 <= int(slack[5].headers["Retry-After"]) <= 5
    assert [answer.status_code for answer in teams] == [202] * 4 + [429]
    assert teams[4].headers["Retry-After"] == "1"


def test_teams_keeps_the_card_and_says_accepted(sandbox: Sandbox) -> None:
    answer = requests.post(sandbox.environment("beta")["BETA_TEAMS_WEBHOOK_URL"], json=CARD, timeout=5)
    assert (answer.status_code, answer.content) == (202, b"")
    assert received(sandbox, "teams") == [{"at": NOW.isoformat(), "company": "beta", "message": CARD}]


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ({"type": "MessageCard", "text": "retired"}, 400, "TriggerInputSchemaMismatch"),
        ({"type": "message", "attachments": []}, 400, "TriggerInputSchemaMismatch"),
        ({"type": "message", "attachments": [{"contentType": "text/html"}]}, 400, "TriggerInputSchemaMismatch"),
        (
            {"type": "message", "attachments": [{**CARD["attachments"][0], "content": {"type": "AdaptiveCard"}}]},
            400,
            "TriggerInputSchemaMismatch",
        ),
        ({**CARD, "summary": "x" * 29_000}, 413, "RequestEntityTooLarge"),
    ],
)
def test_teams_refuses_what_the_workflow_would(
    sandbox: Sandbox, message: dict[str, Any], status: int, code: str
) -> None:
    answer = requests.post(sandbox.environment("acme")["ACME_TEAMS_WEBHOOK_URL"], json=message, timeout=5)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert received(sandbox, "teams") == []


def mail(to: str = "owner@acme.example") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "kpi@acme.example", to, "Weekrapport – café"
    message.set_content("Omzet € 1.850,00")
    message.add_alternative("<p>Omzet <b>€ 1.850,00</b></p>", subtype="html")
    message.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename="week.pdf")
    return message


def test_mail_is_kept_with_text_html_and_attachments(sandbox: Sandbox) -> None:
    address = urlsplit(sandbox.environment("acme")["ACME_SMTP_URL"])
    assert address.scheme == "smtp"
    with smtplib.SMTP(str(address.hostname), address.port or 0, timeout=5) as client:
        client.send_message(mail(), to_addrs=["owner@acme.example", "board@acme.example"])
    (kept,) = received(sandbox, "mail")
    assert kept["company"] == "acme"
    assert kept["to"] == ["owner@acme.example", "board@acme.example"]
    assert kept["subject"] == "Weekrapport – café"
    assert kept["text"].strip() == "Omzet € 1.850,00"
    assert "<b>€ 1.850,00</b>" in kept["html"]
    assert kept["attachments"] == [{"name": "week.pdf", "type": "application/pdf", "bytes": 8}]


def test_mail_to_the_unknown_is_refused_for_good_and_to_the_busy_for_now(sandbox: Sandbox) -> None:
    address = urlsplit(sandbox.environment("beta")["BETA_SMTP_URL"])
    with smtplib.SMTP(str(address.hostname), address.port or 0, timeout=5) as client:
        for name, code in (("nobody", 550), ("later", 451)):
            with pytest.raises(smtplib.SMTPRecipientsRefused, match=str(code)):
                client.send_message(mail(f"{name}@acme.example"))
    assert received(sandbox, "mail") == []


def test_each_company_has_its_own_mail_port(sandbox: Sandbox) -> None:
    assert sandbox.environment("acme")["ACME_SMTP_URL"] != sandbox.environment("beta")["BETA_SMTP_URL"]


def test_mail_has_no_address_before_the_sandbox_runs() -> None:
    with pytest.raises(RuntimeError, match="no port before"):
        serve().environment("acme")


def test_faults_befall_receivers_too(sandbox: Sandbox) -> None:
    faults, environment = sandbox.url + "/__sandbox__/faults", sandbox.environment("acme")
    try:
        for kind, status in (("throttle", 429), ("server_error", 500), ("expired_key", 404)):
            requests.post(faults, json={"vendor": "slack", "kind": kind, "times": 1}, timeout=5).raise_for_status()
            answer = requests.post(environment["ACME_SLACK_WEBHOOK_URL"], json={"text": "x"}, timeout=5)
            assert answer.status_code == status
        requests.post(faults, json={"vendor": "teams", "kind": "server_error", "times": 1}, timeout=5)
        assert requests.post(environment["ACME_TEAMS_WEBHOOK_URL"], json=CARD, timeout=5).status_code == 502
    finally:
        requests.delete(faults, timeout=5)
    assert received(sandbox, "slack") == []
