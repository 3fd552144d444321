"""`kpi alerts` on the command line: what people see and do, and the same for machines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kpi_pipeline.alerts.tables import alert_event, notice
from kpi_pipeline.errors import KpiError, UsageError
from kpi_pipeline.history.observation import Observation
from kpi_pipeline_tests.alerts.desk import DAY, HOUR, Desk, critical, opened

Observed = Callable[..., Observation]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield from opened(tmp_path)


@pytest.fixture
def firing(desk: Desk, observed: Observed) -> Desk:
    return critical(desk, observed)


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_list_says_that_nothing_is_wrong(desk: Desk, observed: Observed) -> None:
    desk.record(observed(0, 40, "ok"))
    done = desk.kpi("list", "acme")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (0, "Er is niets aan de hand.")
    assert desk.document("list", "acme") == []
    everything = desk.document("list", "acme", "--all")
    assert [(each["subject"], each["rule"], each["shown"]) for each in everything] == [
        ("conversion", "low", "ok"),
        ("conversion", "threshold", "ok"),
        ("weekly", "weekly", "ok"),
    ]


def test_list_shows_what_fires_with_its_value_and_when_it_is_told_again(firing: Desk) -> None:
    done = firing.kpi("list", "acme")
    assert done.exit_code == 1
    text = squeezed(done.stdout)
    assert "■ kritiek Conversie threshold 22,0% (n = 100) 2026-03-03" in text
    assert "⊘ ingehouden (waarschuwing) Lage conversie low" in text, "critical of the same KPI inhibits the milder rule"
    first, second = firing.document("list", "acme")
    assert (first["rule"], first["level"], first["value"], first["n"]) == ("threshold", "critical", "22", 100)
    assert first["next_repeat"] == "2026-03-20T08:00:00+00:00"
    assert (second["rule"], len(second["decisions"])) == ("low", 1)


def test_a_silenced_alert_shows_until_when_and_why(firing: Desk) -> None:
    done = firing.kpi(
        "silence", "acme", "--match", "kpi=conversion", "--until", "3 days", "--by", "ann", "--reason", "campagne"
    )
    assert done.exit_code == 0, done.output
    assert "gedempt tot 23 mrt 2026 07:00: kpi=conversion" in done.stdout
    assert "houdt nu tegen: Conversie, Lage conversie" in squeezed(done.stdout)
    assert "kpi alerts unsilence acme" in done.stdout
    listed = squeezed(firing.kpi("list", "acme").stdout)
    assert "⊘ gedempt (kritiek) Conversie" in listed
    assert "gedempt tot 23 mrt 2026 07:00 door ann: campagne" in listed
    assert firing.state().suppressed == "", "a silence never changes where an alert stands"
    assert firing.document("list", "acme")[0]["silenced_until"] == "2026-03-23T06:00:00+00:00"
    (kept,) = firing.document("silences", "acme")
    assert (kept["author"], kept["reason"], kept["matchers"]) == ("ann", "campagne", [["kpi", "=", "conversion"]])
    assert "kpi=conversion" in firing.kpi("silences", "acme").stdout


def test_a_silence_is_ended_by_the_beginning_of_its_id(firing: Desk) -> None:
    firing.kpi(
        "silence", "acme", "--match", "severity=critical", "--until", "2026-03-22", "--by", "ann", "--reason", "x"
    )
    (kept,) = firing.document("silences", "acme")
    assert kept["ends_at"] == "2026-03-22T23:00:00+00:00", "a day is silent to its end, by the company's clocks"
    done = firing.kpi("unsilence", "acme", kept["id"][:6], "--by", "bob")
    assert "niet meer gedempt: severity=critical" in done.stdout
    assert firing.kpi("silences", "acme").stdout == "Er is niets gedempt.\n"
    (ended,) = firing.document("silences", "acme", "--all")
    assert (ended["ended_by"], ended["ended_at"]) == ("bob", "2026-03-20T06:00:00+00:00")
    again = firing.kpi("unsilence", "acme", kept["id"][:6], "--by", "bob")
    assert "there is none of that id that has not ended" in str(again.exception)


@pytest.mark.parametrize(
    ("match", "until", "fault"),
    [
        ("kpi=conversoin", "1 day", "unknown kpi 'conversoin'; did you mean 'conversion'?"),
        ("kpi=~lead.*", "1 day", "'~lead.*' matches no kpi"),
        ("owner!=eve", "1 day", "unknown owner 'eve'"),
        ("severity=high", "1 day", "unknown severity 'high'"),
        ("conversion", "1 day", "write LABEL=VALUE"),
        ("kpi=~(", "1 day", "is no pattern"),
        ("kpi=conversion", "91 days", "it would last longer than 90 days"),
        ("kpi=conversion", "2026-03-19", "the end is not after the start"),
        ("kpi=conversion", "2 periods", "periods and measurements have no length"),
        ("kpi=conversion", "soon", "it is neither a span, nor a day, nor a time"),
    ],
)
def test_a_silence_that_makes_no_sense_is_refused(desk: Desk, match: str, until: str, fault: str) -> None:
    done = desk.kpi("silence", "acme", "--match", match, "--until", until, "--by", "ann", "--reason", "x")
    assert isinstance(done.exception, UsageError)
    assert fault in str(done.exception)
    assert desk.document("silences", "acme") == []


@pytest.mark.parametrize("command", ["ack", "pause", "resume", "silence", "unsilence", "decide", "conclude", "unack"])
def test_nobody_is_taken_for_the_author(desk: Desk, command: str) -> None:
    done = desk.kpi(command, "acme", "conversion")
    assert done.exit_code == 2
    assert "Missing option" in done.output


def test_at_30_acknowledging_keeps_repeats_away_until_it_is_over_or_taken_back(firing: Desk) -> None:
    done = firing.kpi("ack", "acme", "conversion", "--rule", "threshold", "--by", "ann", "--reason", "bel ze na")
    assert "Conversie is opgepakt door ann, tot 27 mrt 2026 07:00" in squeezed(done.stdout), "7 days when none is said"
    listed = "Conversie (threshold): opgepakt door ann tot 27 mrt 2026 07:00: bel ze na"
    assert listed in firing.kpi("list", "acme").stdout
    before = len(firing.told())
    firing.watch(firing.now + 5 * DAY)
    assert firing.told_since(before) == []
    firing.now += 5 * DAY
    assert firing.kpi("unack", "acme", "conversion", "--by", "bob").exit_code == 0
    firing.watch(firing.now + HOUR)
    assert ("repeat", "critical") in firing.told_since(before)
    acknowledged = firing.document("show", "acme", "conversion", "--rule", "threshold")[0]["acknowledgements"]
    assert [(each["author"], each["level"]) for each in acknowledged] == [("ann", "critical"), ("bob", "ok")]
    again = firing.kpi("unack", "acme", "conversion", "--by", "bob")
    assert "nobody has it in hand" in str(again.exception)


def test_only_what_fires_can_be_acknowledged(desk: Desk, observed: Observed) -> None:
    desk.record(observed(0, 40, "ok"))
    done = desk.kpi("ack", "acme", "conversion", "--by", "ann", "--reason", "x")
    assert "it does not fire" in str(done.exception)
    unknown = desk.kpi("ack", "acme", "conversoin", "--by", "ann", "--reason", "x")
    assert "there is no such KPI, rule or source; did you mean 'conversion'?" in str(unknown.exception)
    wrong = desk.kpi("ack", "acme", "conversion", "--rule", "treshold", "--by", "ann", "--reason", "x")
    assert "it has no rule 'treshold'; did you mean 'threshold'?; it has low, threshold" in str(wrong.exception)


def test_a_paused_rule_is_listed_tells_nothing_and_catches_up(firing: Desk, observed: Observed) -> None:
    several = firing.kpi("pause", "acme", "conversion", "--by", "ann", "--reason", "meting klopt niet")
    assert "several rules are about it: low, threshold" in str(several.exception)
    pause = ("pause", "acme", "conversion", "--rule", "threshold", "--by", "ann", "--reason", "meting klopt niet")
    assert "Conversie is gepauzeerd door ann" in firing.kpi(*pause).stdout
    assert "it is already paused" in str(firing.kpi(*pause).exception)
    before = len(firing.told())
    firing.record(observed(3, 40, "ok"), now=firing.now + HOUR)
    firing.watch(firing.now + 3 * DAY)
    assert firing.told_since(before) == []
    firing.now += 3 * DAY
    listed = squeezed(firing.kpi("list", "acme").stdout)
    assert "‖ gepauzeerd (kritiek) Conversie" in listed
    assert "gepauzeerd door ann sinds 20 mrt 2026 07:00: meting klopt niet" in listed
    resume = ("resume", "acme", "conversion", "--rule", "threshold", "--by", "bob", "--reason", "hersteld")
    assert "Conversie wordt weer beoordeeld" in firing.kpi(*resume).stdout
    assert "it is not paused" in str(firing.kpi(*resume).exception)
    firing.record(observed(4, 40, "ok"), now=firing.now + HOUR)
    assert firing.told()[-1] == ("resolved", "ok")
    acts = [(row.why, row.author, row.reason) for row in firing.rows(alert_event) if row.author is not None]
    assert acts == [
        ("paused_by_hand", "ann", "meting klopt niet"),
        ("resumed_by_hand", "bob", "hersteld"),
    ]


def test_a_paused_critical_rule_does_not_hold_back_a_milder_one(firing: Desk) -> None:
    before = len(firing.told())
    firing.watch(firing.now + HOUR)
    assert firing.told_since(before) == []
    firing.kpi("pause", "acme", "conversion", "--rule", "threshold", "--by", "ann", "--reason", "meting klopt niet")
    firing.watch(firing.now + HOUR)
    assert [(row.rule, row.reason) for row in firing.rows(notice)[before:]] == [("low", "inhibit_ended")]


def test_a_rule_that_was_paused_before_it_was_ever_judged_starts_as_quietly_as_a_new_one(
    desk: Desk, observed: Observed
) -> None:
    for command in ("pause", "resume"):
        desk.kpi(command, "acme", "conversion", "--rule", "threshold", "--by", "ann", "--reason", "x")
        desk.record(*[observed(day, 20, "critical") for day in range(3)])
    assert desk.told() == []
    assert desk.state().shown == "firing(critical)"


def test_a_paused_reminder_is_not_sent_and_not_made_up_for(desk: Desk) -> None:
    desk.watch(desk.now - 7 * DAY)
    desk.kpi("pause", "acme", "weekly", "--by", "ann", "--reason", "vakantie")
    desk.watch(desk.now + 3 * HOUR)
    desk.kpi("resume", "acme", "weekly", "--by", "ann", "--reason", "terug")
    desk.watch(desk.now + DAY)
    assert desk.told() == []
    desk.watch(desk.now + 7 * DAY + 3 * HOUR)
    assert desk.told() == [("reminder", "info")]


def test_show_tells_the_whole_story_of_an_alert(firing: Desk) -> None:
    firing.kpi("ack", "acme", "conversion", "--by", "ann", "--reason", "bel ze na")
    done = firing.kpi("show", "acme", "low")
    text = squeezed(done.stdout)
    assert "conversion, low: acme/alerts.yaml:9" in text
    assert "waarschuwing < 26%; na 2 metingen achter elkaar; vraagt een besluit binnen 5 werkdagen" in text
    assert "Bel de laatste tien leads na" in text
    assert "20 mrt 2026 07:00 2026-03-04 ok to warning" in text
    (shown,) = firing.document("show", "acme", "conversion", "--rule", "threshold")
    assert [(each["reason"], each["level"]) for each in shown["notices"]] == [("first_breach", "critical")]
    assert {each["channel"] for each in shown["notices"][0]["deliveries"]} == {"slack", "mail"}
    assert [each["why"] for each in shown["log"]][-1] == "baseline"
    assert "@" not in done.stdout + str(shown), "addresses stay in the database"


def test_decisions_are_taken_followed_and_concluded(firing: Desk, observed: Observed) -> None:
    (asked,) = firing.document("decisions", "acme")
    assert (asked["question"], asked["owners"], asked["due_at"]) == (
        "Passen we de pitch aan?",
        ["ann"],
        "2026-03-27T08:00:00+00:00",
    )
    listed = firing.kpi("decisions", "acme")
    assert (listed.exit_code, "open, uiterlijk 27 mrt 2026 09:00, aan Ann" in squeezed(listed.stdout)) == (0, True)
    firing.now += 8 * DAY
    late = firing.kpi("decisions", "acme", "--open")
    assert (late.exit_code, "te laat, uiterlijk 27 mrt 2026 09:00" in squeezed(late.stdout)) == (1, True)
    key = asked["id"][:8]
    eager = firing.kpi("conclude", "acme", key, "--by", "ann", "--outcome", "werkt")
    assert "it was not decided yet" in str(eager.exception)
    stranger = firing.kpi("decide", "acme", key, "--by", "ann", "--decision", "ja", "--action-owner", "anne")
    assert "there is no person 'anne'; did you mean 'ann'?" in str(stranger.exception)
    firing.kpi(
        "decide", "acme", key, "--by", "ann", "--decision", "Nieuwe pitch", "--action-owner", "bob",
        "--action-due", "2026-04-03",
    )  # fmt: skip
    twice = firing.kpi("decide", "acme", key, "--by", "bob", "--decision", "Niets doen")
    assert "that was done by ann on 2026-03-28" in str(twice.exception)
    assert "nog geen volledige waarde sinds het besluit" in firing.kpi("decisions", "acme").stdout
    firing.record(*[observed(day, 20 + day, "ok") for day in range(3, 33)], now=firing.now + 10 * DAY)
    firing.now += 10 * DAY
    text = squeezed(firing.kpi("decisions", "acme").stdout)
    assert "actie: Bob, uiterlijk 3 april 2026" in text
    assert "Conversie: 45,0% op 27 maart 2026 → 52,0% op 3 april 2026, beter (het venster telt nog dagen" in text
    (followed,) = firing.document("decisions", "acme")
    (effect,) = followed["effects"]
    assert (effect["change"], effect["improved"], effect["is_clear"]) == ("7", True, False)
    firing.kpi("conclude", "acme", key, "--by", "ann", "--outcome", "Werkt")
    assert "uitkomst, ann: Werkt" in firing.kpi("decisions", "acme").stdout


def test_rules_are_told_in_words_with_where_they_come_from(desk: Desk) -> None:
    text = squeezed(desk.kpi("rules", "acme").stdout)
    assert "threshold Conversie ann acme/kpis.yaml:1 waarschuwing < 28%, kritiek < 24%" in text
    assert "vraagt een besluit binnen 5 werkdagen line 25 weekly Vrijdagronde" in text
    assert "herinnering elke week, vrijdag om 09:00" in text
    found = {each["id"]: each for each in desk.document("rules", "acme")}
    assert found["low"]["origin"] == ["line 25"]
    assert found["low"]["words"]["en"] == (
        "warning < 26%; after 2 measurements in a row; asks for a decision within 5 working days"
    )
    assert (found["threshold"]["subject"], found["threshold"]["line"]) == ("conversion", 1)


def test_at_28_routes_prints_the_tree_and_the_path_taken(desk: Desk) -> None:
    assert desk.kpi("routes", "acme").stdout.splitlines()[:3] == [
        "* → owners",
        "  severity=critical → owners, bob",
        "  rule=low → owners (mail)",
    ]
    lines = desk.kpi("routes", "acme", "--kpi", "conversion", "--rule", "threshold", "--severity", "critical").stdout
    assert [line.rstrip() for line in lines.splitlines()[1:6]] == [
        "│ * → owners",
        "→   severity=critical → owners, bob",
        "    rule=low → owners (mail)",
        "  Ann (Sales): slack, mail",
        "  Bob (Data): mail",
    ]
    found = desk.document("routes", "acme", "--rule", "low")["alerts"][0]
    assert found["paths"] == [["route", "route.routes.1"]]
    assert found["receivers"] == [{"person": "Ann", "role": "Sales", "channels": ["mail"]}]


def test_who_says_who_is_told_now_what_holds_it_back_and_who_is_next(firing: Desk) -> None:
    firing.kpi("silence", "acme", "--match", "rule=threshold", "--until", "1 day", "--by", "ann", "--reason", "test")
    text = firing.kpi("who", "acme", "conversion", "--rule", "threshold", "--severity", "critical").stdout
    lines = [line.strip() for line in text.splitlines()]
    assert lines[1:6] == [
        "gedempt tot 21 mrt 2026 07:00: test",
        "Ann (Sales): slack, mail",
        "Bob (Data): mail",
        "zonder reactie vanaf 23 mrt 2026 09:00: Cas (Engineering): teams",
        "zonder reactie vanaf 24 mrt 2026 09:00: Dee (CEO): mail",
    ]
    (source,) = firing.document("who", "acme", "source/hubspot")
    assert (source["rule"], source["receivers"][0]["person"], source["later"]) == ("freshness", "Bob", [])


def test_who_leaves_out_rules_that_cannot_come_to_the_level(desk: Desk) -> None:
    assert [each["rule"] for each in desk.document("who", "acme", "conversion", "--severity", "critical")] == [
        "threshold"
    ]
    both = desk.document("who", "acme", "conversion", "--severity", "warning")
    assert sorted(each["rule"] for each in both) == ["low", "threshold"]
    refused = desk.kpi("who", "acme", "low", "--severity", "critical")
    assert isinstance(refused.exception, UsageError)
    assert "it cannot be critical. Trying again cannot help. It can be warning" in str(refused.exception)


def test_who_without_a_level_is_of_the_mildest_that_each_rule_has(desk: Desk) -> None:
    (weekly,) = desk.document("who", "acme", "weekly")
    assert (weekly["labels"]["severity"], weekly["receivers"][0]["person"]) == ("info", "Ann")
    assert {each["labels"]["severity"] for each in desk.document("who", "acme", "conversion")} == {"warning"}


def test_backtest_says_what_a_change_of_threshold_would_have_told(
    desk: Desk, observed: Observed, tmp_path: Path
) -> None:
    for offset, value in enumerate((40, 25, 25, 27, 40, 40)):
        desk.record(observed(offset, value, "warning" if value < 28 else "ok"), now=desk.now - (5 - offset) * DAY)
    before = desk.told()
    change = tmp_path / "change.yaml"
    change.write_text('kpis:\n  - {id: conversion, warning: "< 26"}\n', encoding="utf-8")
    words = ("backtest", "acme", "conversion", "--from", "2026-03-01", "--change", str(change))
    found = desk.document(*words)
    assert (found["first"], found["last"], found["values"], found["filled_in"]) == ("2026-03-01", "2026-03-19", 6, 6)
    now, proposed = ({each["rule"]: each for each in found[variant]} for variant in ("before", "after"))
    assert [(each["since_day"], each["level"], each["worst"]) for each in now["threshold"]["alerts"]] == [
        ("2026-03-03", "warning", "25")
    ]
    assert now["threshold"]["spent"]["firing(warning)"] == 3 * DAY.total_seconds()
    assert proposed["threshold"]["spent"]["firing(warning)"] == 2 * DAY.total_seconds()
    assert now["low"] == proposed["low"], "its own thresholds did not change"
    text = squeezed(desk.kpi(*words, "--alerts").stdout)
    assert "Conversie threshold 1 3 0 3 → 2 0" in text
    assert "Conversie low 1 2 0 1 0 1 0" in text, "it waited for the second measurement a day"
    assert "Ann slack" in text
    assert "6 van 6 waarden zijn later ingevuld" in text
    assert "3 mrt 2026 23:00" not in text, "a day is known when it ends and has settled"
    assert desk.told() == before, "nothing is told by it"


@pytest.mark.parametrize(
    ("words", "match"),
    [
        (("conversoin",), "did you mean 'conversion'"),
        (("--from", "2026-03-10", "--to", "2026-03-01"), "the span ends before it begins"),
        (("--change", "kpis:\n  - {id: conversion, window: day}\n"), "window would need measuring anew"),
        (("--change", "kpis:\n  - {id: conversion, critical: '> 90'}\n"), "change.yaml:1"),
        (("--change", "rulez: []\n"), "unknown key 'rulez'.*did you mean 'rules'"),
        (("--change", "- 1\n"), "must be a mapping"),
    ],
)
def test_backtest_refuses_what_makes_no_sense(
    desk: Desk, observed: Observed, tmp_path: Path, words: tuple[str, ...], match: str
) -> None:
    desk.record(observed(0, 40, "ok"))
    if words[0] == "--change":
        (tmp_path / "change.yaml").write_text(words[1], encoding="utf-8")
        words = ("--change", str(tmp_path / "change.yaml"))
    done = desk.kpi("backtest", "acme", *words)
    with pytest.raises(KpiError, match=match):
        raise done.exception or AssertionError(done.output)


def test_backtest_needs_a_history(desk: Desk) -> None:
    done = desk.kpi("backtest", "acme")
    with pytest.raises(UsageError, match="no value was ever recorded of it"):
        raise done.exception or AssertionError(done.output)
