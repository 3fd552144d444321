"""AT-38: an Adaptive Card to a Workflows webhook, small enough, forging nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from kpi_pipeline.alerts.channels import KINDS, teams
from kpi_pipeline.alerts.message import Listing
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.errors import DeliveryRefused
from kpi_pipeline_tests.alerts.receiving import SECRET, Receiver
from kpi_pipeline_tests.alerts.sending import WIRE, message, told

TEAMS = Channel(kind="teams", url="ACME_TEAMS")


def test_at_38_a_card_has_words_beside_its_colour(receiver: Receiver) -> None:
    receiver.answers = [(202, {}, "")]
    KINDS["teams"].sender(TEAMS, {"ACME_TEAMS": receiver.url}, WIRE)(message(), ("Ann", "Bob"))
    (attachment,) = receiver.got[0].json["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    heading, facts, *_, footer = attachment["content"]["body"]
    assert heading["text"].startswith("■ kritiek: Conversie <&> co over de grens: 20,0%")
    assert (heading["color"], heading["wrap"]) == ("Attention", True)
    assert {"title": "Grens", "value": "< 24%"} in facts["facts"]
    assert {"title": "5 dagen", "value": "█▆ ▁▂"} in facts["facts"]
    assert footer["text"] == "Ann, Bob · Acme · Bericht m1"
    assert attachment["content"]["fallbackText"] == heading["text"]
    (action,) = attachment["content"]["actions"]
    assert (action["type"], action["url"]) == ("Action.OpenUrl", "https://kpi.acme.example/acme/kpi/conversion.html")


@pytest.mark.parametrize(
    ("level", "colour"), [("ok", "Good"), ("info", "Accent"), ("warning", "Warning"), ("critical", "Attention")]
)
def test_a_card_is_coloured_by_level(level: str, colour: str) -> None:
    found = message(told("resolved" if level == "ok" else "first_breach", level))
    card = teams.payload(found, (), TEAMS)["attachments"][0]["content"]
    assert card["body"][0]["color"] == colour


def test_at_38_a_card_forges_no_link_and_stays_under_the_limit() -> None:
    hostile = "[klik hier](https://evil.example)"
    line = replace(
        message().lines[0],
        headline=hostile,
        facts=((hostile, "x" * 9_000),) * 40,
        listings=(Listing(hostile, (hostile * 100,) * 40),),
    )
    found = message(headline=hostile, lines=(line,) * 30)
    card = teams.payload(found, ("Ann",) * 200, TEAMS)
    text = json.dumps(card, ensure_ascii=False)
    assert "](" not in text
    assert "[klik hier]" in text
    assert len(text.encode()) <= 28_000
    assert "meer; alles met: kpi alerts list acme" in text


def test_a_group_that_fits_is_whole() -> None:
    found = message(*(told("first_breach", "warning", subject=f"k{n}", notice_id=f"n{n}") for n in range(6)))
    text = json.dumps(teams.payload(found, (), TEAMS))
    assert "6 meldingen" in text
    assert "meer; alles met" not in text


@pytest.mark.parametrize("host", ["outlook.office.com", "acme.webhook.office.com"])
def test_at_38_a_retired_connector_is_refused_with_what_to_do(host: str) -> None:
    send = KINDS["teams"].sender(TEAMS, {"ACME_TEAMS": f"https://{host}/webhook/{SECRET}"}, WIRE)
    with pytest.raises(DeliveryRefused, match=r"which Microsoft has retired.*Create a Workflows webhook") as caught:
        send(message(), ())
    assert SECRET not in str(caught.value)
