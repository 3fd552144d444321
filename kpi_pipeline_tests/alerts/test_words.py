"""What messages say, in Dutch and English: every reason of every kind of rule, and all that a reader needs."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

from kpi_pipeline.alerts import vocabulary
from kpi_pipeline.alerts.message import Told
from kpi_pipeline.alerts.vocabulary import DATA, REASONS, duration_text, span_text
from kpi_pipeline_tests.alerts.sending import NOW, message, told
from kpi_pipeline_tests.architecture.source import modules

LANGUAGES = ("nl", "en")
TABLES = ("LEVELS", "MARKS", "REASONS", "CONDITIONS", "AGAIN", "DATA", "LACKS", "LABELS", "UNITS")
OVER = ("resolved", "corrected")
RESTATED = [{"day": "2026-03-01", "before": "20", "after": "30"}]
SPECIAL: dict[str, dict[str, Any]] = {
    "milestone": {"mark": "150"},
    "missed": {"by": "2026-03-01"},
    "ask": {"by": "2026-03-01", "manual": "Is it live?"},
    "reminder": {"due": NOW.isoformat(), "incomplete": [{"kpi": "conversion", "what": "missing", "newest": None}]},
    "summary": {
        "alerts": [{"subject": "conversion", "rule": "threshold", "level": "warning", "since": None, "value": "20"}]
    },
    "corrected": {"restated": RESTATED, "past": True},
    "retroactive": {"restated": RESTATED, "past": True},
    "acknowledged": {"by_hand": "Ann", "because": "workers restarted", "until": NOW.isoformat()},
    "handed_back": {"by_hand": "Ann", "because": "", "until": None},
}
SEVERAL = {"kpi": None, "title": "Klaar", "values": [{"kpi": "conversion", "value": "41", "n": 9, "status": "ok"}]}


def notice(reason: str, **content: Any) -> Told:
    return told(reason, "ok" if reason in OVER else "warning", **{**SPECIAL.get(reason, {}), **content})


def reasons_in_code() -> set[str]:
    """Every reason that the package makes a notice for."""
    found = set()
    for module in modules():
        if not module.name.startswith("alerts."):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Notice":
                found |= {each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)}
    return {reason for reason in found if isinstance(reason, str)}


def test_every_reason_has_words() -> None:
    from kpi_pipeline.alerts.restated import RENAMED
    from kpi_pipeline.alerts.tell import ENDED

    contract = {
        "first_breach",
        "worse",
        "better",
        "resolved",
        "repeat",
        "escalation",
        "silence_expired",
        "mute_ended",
        "inhibit_ended",
        "milestone",
        "missed",
        "ask",
        "reminder",
        "summary",
        "corrected",
        "retroactive",
        "decision_overdue",
        "acknowledged",
        "handed_back",
    }
    assert set(REASONS) == contract
    known = reasons_in_code()
    assert {"repeat", "escalation", "milestone", "reminder"} <= known
    assert known | set(ENDED.values()) | set(RENAMED.values()) <= contract


@pytest.mark.parametrize("name", TABLES)
def test_every_word_is_in_both_languages(name: str) -> None:
    table: vocabulary.Words = getattr(vocabulary, name)
    for key, words in table.items():
        assert set(LANGUAGES) <= set(words), key
        assert key == "reminder" or all(words[language].strip() for language in LANGUAGES), key
        places = [sorted(re.findall(r"{(\w+)}", words[language])) for language in LANGUAGES]
        assert places[0] == places[1], key


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reason", sorted(set(REASONS) - {"decision_overdue"}))
@pytest.mark.parametrize("content", [{}, SEVERAL], ids=["kpi", "several"])
def test_every_reason_is_a_sentence(reason: str, language: str, content: dict[str, Any]) -> None:
    found = message(notice(reason, **content), language=language)
    phrase = REASONS[reason][language]
    assert found.headline
    assert not re.search(r"\bNone\b|{|}|: :|  ", found.text().replace("  •", "").replace("  ☐", "")), found.text()
    if not content and reason not in ("summary", "reminder"):
        assert phrase in found.headline
    other = REASONS[reason]["en" if language == "nl" else "nl"]
    assert other == "" or other == phrase or other not in found.text()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("rule", sorted(set(DATA) - {key for key in DATA if key.endswith(("_ok", "_error"))}))
@pytest.mark.parametrize(("reason", "level"), [("first_breach", "warning"), ("repeat", "critical"), ("resolved", "ok")])
def test_every_finding_is_a_sentence(rule: str, language: str, reason: str, level: str) -> None:
    subject = {"data": "conversion", "decision_overdue": "decision/d1"}.get(rule, f"{rule}/x")
    content = {"decision": "d1", "question": "Stoppen?", "newest": None, "cause": "HTTP 500", "kpi": "conversion"}
    found = message(told(reason, level, rule=rule, subject=subject, **content), language=language)
    assert not re.search(r"\bNone\b|{|}", found.text())
    assert "HTTP 500" in found.text()


def test_a_breach_says_what_happened_and_what_to_do() -> None:
    found = message(
        told(
            "first_breach",
            "critical",
            actions=["Bel de klant", "Maak een plan"],
            runbook="https://wiki.acme.example/conversie",
            question="Prijs verlagen?",
            within="5 working days",
            provisional=True,
            **{"for": "2 periods"},
        )
    )
    assert found.text().splitlines() == [
        "■ kritiek: Conversie <&> co over de grens: 20,0% (n = 100, voorlopig), grens < 24%",
        "Waarde: 20,0% (20 / 100; n = 100), 19 maart 2026",
        "Grens: < 24%",
        "Doel: ≥ 32%",
        "Voorwaarde: 2 perioden",
        "Sinds: 18 maart 2026",
        "Slechtste waarde: 18,0%",
        "Eigenaar: Ann, Bob",
        "Draaiboek: https://wiki.acme.example/conversie",
        "Besluit gevraagd: Prijs verlagen? (binnen 5 werkdagen)",
        "5 dagen: █▆ ▁▂",
        "Wat te doen:",
        "  ☐ Bel de klant",
        "  ☐ Maak een plan",
        "Oppakken: kpi alerts ack acme conversion --rule threshold --by NAME --reason …",
        "Beslissen: kpi alerts decide acme 09c91a991c06871da40e --by NAME --decision …",
        "Uitleg: kpi explain acme conversion --on 2026-03-19",
        "Pagina: https://kpi.acme.example/acme/kpi/conversion.html",
        "",
        "Acme · Bericht m1",
    ]


def test_at_22_a_recovery_tells_the_whole_story() -> None:
    found = message(
        told(
            "resolved",
            "ok",
            value="33",
            numerator="33",
            status="ok",
            worst="17",
            resolved_at="2026-03-20T09:30:00+00:00",
            acknowledged_by="Ann",
        ),
        language="en",
    )
    lines = found.text().splitlines()
    assert lines[0] == "✓ recovered: Conversion back within its threshold: 33.0% (n = 100), threshold < 24%"
    assert "Worst value: 17.0%" in lines
    assert lines[lines.index("Opened: 18 Mar 2026 07:00") :][:4] == [
        "Opened: 18 Mar 2026 07:00",
        "Resolved: 20 Mar 2026 10:30",
        "Duration: 2 days 3 hours",
        "Acknowledged by: Ann",
    ]
    assert not any("kpi alerts ack" in line for line in lines)


def test_at_22_every_channel_carries_the_story() -> None:
    from kpi_pipeline.alerts.channels import KINDS
    from kpi_pipeline.catalogue.model import Channel

    found = message(told("resolved", "ok", resolved_at=NOW.isoformat(), acknowledged_by="Ann"))
    for kind, each in KINDS.items():
        channel = Channel(kind=kind, url="U", secret="S", room="#r", sender="kpi@acme.example")  # type: ignore[arg-type]
        shown = str(each.payload(found, ("ann@acme.example",), channel))
        for words in ("18 mrt 2026 07:00", "20 mrt 2026 07:00", "2 dagen", "18,0%", "Ann"):
            assert words in shown, kind


def test_restated_days_are_told_before_and_after() -> None:
    found = message(notice("corrected"), language="en")
    assert found.headline.startswith("✓ corrected: Conversion was not past its threshold after all")
    assert "  • 1 March 2026: 20.0% → 30.0%" in found.text().splitlines()


def test_a_reminder_lists_what_is_incomplete() -> None:
    incomplete = [
        {"kpi": "conversion", "what": "missing", "newest": "2026-03-01"},
        {"kpi": "gone", "what": "stale", "sources": ["stripe"], "newest": None},
        {"title": "Kasboek", "register": "ledger", "what": "overdue"},
    ]
    lines = message(notice("reminder", title="Vrijdagcheck", incomplete=incomplete)).text().splitlines()
    assert lines[0] == "☐ herinnering: Vrijdagcheck"
    at = lines.index("Onvolledig (3):")
    assert lines[at + 1 : at + 4] == [
        "  • Conversie <&> co: ontbreekt (nieuwste meting 1 maart 2026)",
        "  • gone (niet meer gedeclareerd): bron verouderd (stripe; nieuwste meting nooit)",
        "  • Kasboek: te laat",
    ]


def test_an_overview_lists_what_was_wrong_before() -> None:
    alerts = [
        {"subject": "conversion", "rule": "threshold", "level": "critical", "since": "2026-03-02", "value": "20"},
        {"subject": "minimum", "rule": "minimum", "level": "warning", "since": None, "value": None},
    ]
    lines = message(notice("summary", alerts=alerts)).text().splitlines()
    assert lines[0] == "▲ overzicht: 2 meldingen van vóór het eerste oordeel"
    assert lines[3:5] == ["  • ■ Conversie <&> co 20,0%, sinds 2 maart 2026", "  • ▲ minimum"]


def test_a_kpi_that_is_no_longer_declared_is_still_told() -> None:
    found = message(told("first_breach", "critical", kpi="gone", subject="gone"))
    assert found.headline == "■ kritiek: gone (niet meer gedeclareerd) over de grens: 20 (n = 100), grens < 24"


def test_a_late_decision_says_how_to_take_it() -> None:
    content = {
        "decision": "d1",
        "question": "Stoppen?",
        "due": NOW.isoformat(),
        "of_rule": "threshold",
        "of_subject": "conversion",
    }
    found = message(told("first_breach", "warning", rule="decision_overdue", subject="decision/d1", **content))
    assert found.headline == "▲ waarschuwing: besluit te laat: Stoppen?"
    assert "Bij: Conversie <&> co (threshold)" in found.text()
    assert "Beslissen: kpi alerts decide acme d1 --by NAME --decision …" in found.text()


@pytest.mark.parametrize(
    ("seconds", "nl", "en"),
    [
        (0, "0 minuten", "0 minutes"),
        (60, "1 minuut", "1 minute"),
        (3_900, "1 uur 5 minuten", "1 hour 5 minutes"),
        (90_000, "1 dag 1 uur", "1 day 1 hour"),
        (86_700, "1 dag", "1 day"),
    ],
)
def test_lengths_of_time(seconds: int, nl: str, en: str) -> None:
    assert (duration_text(seconds, "nl"), duration_text(seconds, "en")) == (nl, en)


def test_spans_are_translated() -> None:
    assert [span_text("1 working day", each) for each in LANGUAGES] == ["1 werkdag", "1 working day"]
    with pytest.raises(ValueError, match="is no span"):
        span_text("soon", "nl")
