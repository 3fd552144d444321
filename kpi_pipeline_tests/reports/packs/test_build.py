"""What a report says, from a history whose every number is known here."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from kpi_pipeline.catalogue.reporting import SECTIONS
from kpi_pipeline.errors import UsageError
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.charts import Line
from kpi_pipeline.reports.packs.beside import Beside
from kpi_pipeline.reports.packs.document import Amount, Figure, State, Table, Text
from kpi_pipeline.reports.packs.words import day_or_period_text, of_count
from kpi_pipeline_tests.reports.conftest import Put, kpi
from kpi_pipeline_tests.reports.packs.conftest import (
    EVERY_SECTION,
    NOW,
    SUNDAY,
    Built,
    acme,
    changed,
    decision,
    said,
    section,
    table,
    texts,
    words,
)


@pytest.mark.parametrize(
    ("by", "values", "beside"),
    [
        # A month that runs is no point of a chart by month; it is told beside it.
        ("month", ["61", "58", None], "Nps, lopend t/m 22 nov: 71 punten."),
        # A chart by week shows the newest whole month in each of its weeks, and never half a month.
        ("week", ["58", "58", "58", "58"], "Nps, lopend t/m 22 nov: 71 punten."),
    ],
)
def test_a_trend_draws_no_period_that_is_not_over(built: Built, by: str, values: list[str | None], beside: str) -> None:
    document = built(acme({"kind": "trend", "kpis": ["nps"], "by": by, "count": len(values)}))
    figure, note = section(document, "trend").blocks
    assert isinstance(figure, Figure)
    assert isinstance(figure.chart, Line)
    drawn = figure.chart.series[0]
    assert drawn.values == tuple(None if each is None else Decimal(each) for each in values)
    assert words((note,)).strip() == beside
    shown = [cells[0] for _, cells in figure.chart.table().rows]
    assert shown[1].ref == (("kpi", "nps"), ("day", "2026-10-31"))  # type: ignore[union-attr]
    nameless = [cell.ref == () for cell in shown]  # type: ignore[union-attr]
    assert nameless == [each is None for each in values], "of what is left out nothing may say that there is no value"


def test_a_row_has_value_target_steps_and_signal(built: Built) -> None:
    row = table(built(acme()), "scorecard").rows[0]
    name, status, value, target, change, month, spark, signal, trusted = row.cells
    assert texts((name, status, value, target, change, month)) == [
        "Conversie",
        "■ kritiek",
        "23,9%",
        "≥ 32%",
        "−15,1 procentpunt",
        "−11,7 procentpunt",
    ]
    assert isinstance(value, Amount)
    assert value.quiet == "239 / 1.000; n\u00a0=\u00a01.000"
    assert value.anchor == "receipt-conversie-2026-11-22"
    assert texts((target,)) == ["≥ 32%"]
    assert target.quiet == "−8,1 procentpunt; kritiek < 24%"  # type: ignore[union-attr]
    assert change.quiet == "slechter"  # type: ignore[union-attr]
    assert "polyline" in spark.drawings[0][0]  # type: ignore[union-attr]
    assert signal.words == ""  # type: ignore[union-attr] - three points that share no data have no limits
    assert trusted.words == "niet vast te stellen"  # type: ignore[union-attr]


def test_a_row_says_what_is_signal_and_what_is_noise(built: Built) -> None:
    rows = {texts(row.cells)[0]: row.cells[7] for row in table(built(acme()), "scorecard").rows}
    assert rows["Migratie"].words == (  # type: ignore[union-attr]
        "bijzondere oorzaak: verbetering (hoger dan gewoon); mist het doel, ook bij gewone variatie"
    )
    assert rows["Wachtrij"].words == (  # type: ignore[union-attr]
        "gewone variatie, geen signaal; haalt het doel, ook bij gewone variatie"
    )


def test_a_month_that_runs_is_shown_by_the_last_whole_one_and_what_it_has_so_far(built: Built) -> None:
    (row,) = [row for row in table(built(acme()), "scorecard").rows if texts(row.cells)[0] == "Nps"]
    value = row.cells[2]
    assert isinstance(value, Amount)
    assert (value.number.text, dict(value.number.ref)["day"]) == ("58 punten", "2026-10-31")
    assert value.running is not None
    assert (value.running[0], value.running[1].text) == ("lopend t/m 22 nov (n\u00a0=\u00a042):", "71 punten")
    assert texts((row.cells[4],)) == ["−3 punten"]  # since September, not since a week before


def test_a_daily_kpi_tells_how_often_it_missed_its_target_in_the_week(built: Built) -> None:
    (row,) = [row for row in table(built(acme()), "scorecard").rows if texts(row.cells)[0] == "Wachtrij"]
    state = row.cells[1]
    assert isinstance(state, State)
    assert (state.words, state.quiet) == ("✓ op koers", "2 van 7 keer gemist")


def test_every_number_is_the_one_of_history(built: Built, store: HistoryStore) -> None:
    document = built(acme())
    assert len(document.numbers) > 30
    for number in document.numbers:
        row = store.value("acme", number.kpi, number.day, known_at=NOW)
        assert (number.value, number.n) == ((None, None) if row is None else (row.value, row.n))


def test_as_known_then_nothing_that_came_later_is_seen(built: Built, put: Put) -> None:
    early = NOW - timedelta(minutes=1)
    before = built(acme(), known_at=early)
    put("conversie", SUNDAY, "30", "below_target", n=1000, known=NOW + timedelta(hours=1))
    assert built(acme(), known_at=early) == before
    later = built(acme(), known_at=NOW + timedelta(hours=2))
    assert texts(table(later, "scorecard").rows[0].cells)[2] == "30,0%"


def test_what_an_earlier_report_showed_and_changed_since_is_told(built: Built, put: Put) -> None:
    company = acme()
    assert "Geen waarde" in words(section(built(company), "restatements").blocks)
    put("conversie", SUNDAY - timedelta(days=7), "12", "critical", n=900, known=NOW - timedelta(hours=2))
    put("conversie", SUNDAY - timedelta(days=6), "13", "critical", n=900, known=NOW - timedelta(hours=2))
    (row,) = table(built(company), "restatements").rows  # the Monday no report showed
    assert texts(row.cells)[:5] == ["Conversie", "15 november 2026", "39,0%", "12,0%", "−27,0 procentpunt"]


def test_a_bridge_adds_up_or_says_by_how_much_it_does_not(built: Built) -> None:
    (figure,) = [block for block in section(built(acme()), "bridge").blocks if isinstance(block, Figure)]
    assert figure.chart.table().rows[-1] == ("Controle: som − eindstand", ("€ 0,00", ""))


def test_a_counter_says_what_is_left_and_what_that_asks_of_a_month(built: Built) -> None:
    company = acme({"kind": "counter", "kpi": "migratie", "since": date(2026, 9, 22), "until": date(2027, 1, 22)})
    said_ = words(section(built(company), "counter").blocks)
    assert "70,0%\nn\u00a0=\u00a010" in said_.replace("22 november 2026; ", "")
    assert "Nog te gaan\n30,0%" in said_
    assert "Gemiddeld per maand tot nu toe\n34,9%" in said_
    assert "Nodig per maand tot 22 januari 2027\n15,0%" in said_


def test_blocks_are_done_since_the_day_they_stayed_done(built: Built) -> None:
    rows = [texts(row.cells) for row in table(built(acme()), "blocks").rows]
    assert [row[1] for row in rows] == ["✓ klaar"] * 7 + ["▲ achter op plan, volgens plan klaar"] * 2 + ["· niet klaar"]
    assert rows[6] == ["Blok 7", "✓ klaar", "22 november 2026"]
    assert rows[0][2] == (SUNDAY - timedelta(days=60)).strftime("%-d september 2026")


def test_stages_say_what_is_met_and_whose_the_rest_is(built: Built) -> None:
    rows = [texts(row.cells) for row in table(built(acme()), "stages").rows]
    assert rows == [
        ["Omzet", "≥ € 1.500", "€ 2.000", "✓ gehaald"],
        ["Top 5 van de markt", "–", "–", "Niet ingevuld. Dit is aan Bob."],
    ]


def test_a_stage_that_is_over_is_judged_by_how_it_stood_at_its_end(built: Built) -> None:
    """Revenue was 1,979 on 1 November and is 2,000 now: it does not make good what was missed."""
    over = {
        "name": {"nl": "Fase 1"},
        "first": date(2026, 1, 1),
        "last": date(2026, 11, 1),
        "targets": [{"kpi": "omzet", "wants": ">= 1990"}, {"kpi": "migratie", "wants": ">= 40"}],
    }
    blocks = section(built(acme({"kind": "stages", "stages": [over]})), "stages").blocks
    assert "voorbij: zoals het aan het einde stond" in words(blocks)
    rows = [texts(row.cells) for block in blocks if isinstance(block, Table) for row in block.rows]
    assert rows == [
        ["Omzet", "≥ € 1.990", "€ 1.979", "◇ niet gehaald"],
        ["Migratie", "≥ 40%", "49,0%", "✓ gehaald"],
    ]


def test_limits_that_no_kpi_has_get_no_column(built: Built) -> None:
    def heads(name: str) -> list[str]:
        return [each.words for each in table(built(acme({"kind": "targets", "kpis": [name]})), "targets").columns]

    assert heads("omzet")[1:4] == ["Doel", "Waarschuwing", "Kritiek"]
    assert heads("wachtrij")[1:4] == ["Doel", "Waarschuwing", "Sinds"]
    assert heads("migratie")[1:3] == ["Doel", "Sinds"]


def test_a_receipt_says_what_nothing_was_compared_with_and_counts_in_words(built: Built) -> None:
    said = words(section(built(acme(language="en")), "receipts").blocks)
    assert "definition 1, d" in said
    assert "· compared with nothing" in said
    assert "reconciled (" not in said


@pytest.mark.parametrize(
    ("form", "count", "nl", "en"),
    [
        ("below_target", 1, "1 mist het doel", "1 misses its target"),
        ("below_target", 1250, "1.250 missen het doel", "1,250 miss their target"),
        ("records", 1, "1 record", "1 record"),
        ("records", 0, "0 records", "0 records"),
    ],
)
def test_one_is_not_written_as_many(form: str, count: int, nl: str, en: str) -> None:
    assert [of_count(form, count, language) for language in ("nl", "en")] == [nl, en]


@pytest.mark.parametrize(
    ("window", "day", "text"),
    [
        ("calendar month", date(2026, 10, 31), "October 2026"),
        ("calendar month", date(2026, 10, 30), "30 October 2026"),
        ("calendar quarter", date(2026, 9, 30), "Q3 2026"),
        ("calendar year", date(2026, 12, 31), "2026"),
        ("rolling 30 days", date(2026, 10, 31), "31 October 2026"),
    ],
)
def test_a_value_of_a_whole_period_is_dated_by_its_name(window: str, day: date, text: str) -> None:
    assert day_or_period_text(window, day, "en") == text


def test_what_nobody_wrote_says_whose_it_is_and_how(built: Built) -> None:
    document = built(acme())
    assert "Niet ingevuld. Dit is aan Bob. Eén risico." in words(section(document, "risk").blocks)
    assert "Dit is aan Ann" in words(section(document, "focus").blocks)
    code = [getattr(block, "code", "") for block in section(document, "risk").blocks]
    assert 'kpi report comment acme weekly --period 2026-W47 --section risk --by … --text "…"' in code


def test_what_people_wrote_stands_there_with_author_and_time(built: Built) -> None:
    beside = Beside(
        comments=(
            said("Personeel", "risk"),
            said("Bel na", "focus", kpi="conversie", cause="Vakantie", number=2),
            said("Rustige week", "", kpi="omzet", number=3),
            said("Vorige week", "risk", period="2026-W46", number=4),
        )
    )
    document = built(acme(), beside=beside)
    assert "Personeel\nAnn, 23 nov 2026 08:00" in words(section(document, "risk").blocks)
    assert "Vorige week" not in words(section(document, "risk").blocks)
    assert texts(table(document, "focus").rows[0].cells) == ["Conversie", "23,9%", "Vakantie", "Bel na", "Ann"]
    assert "Omzet: Rustige week" in words(section(document, "scorecard").blocks)


def test_an_action_shows_its_kpi_before_and_after_until_it_is_closed(built: Built) -> None:
    agreed = datetime(2026, 11, 10, 9, tzinfo=UTC)
    action = said(
        "Bel na", "actions", kpi="conversie", owner="bob", due=date(2026, 11, 20), period="2026-W45", recorded_at=agreed
    )
    document = built(acme(), beside=Beside(comments=(action,)))
    row = texts(table(document, "actions").rows[0].cells)
    assert row == ["1", "Bel na", "Bob", "te laat", "38,1%", "23,9%", "−14,2 procentpunt"]
    attention = table(document, "attention").rows[0].cells[-1]
    assert attention.quiet == "20 november 2026 (Bob)"  # type: ignore[union-attr]
    closed = said("Het hielp niet", "actions", closes=1, number=2, recorded_at=NOW - timedelta(days=30))
    document = built(acme(), beside=Beside(comments=(action, closed)))
    assert "Er zijn geen acties afgesproken" in words(section(document, "actions").blocks)


def test_decisions_show_their_clock_what_was_decided_and_whether_it_worked(built: Built) -> None:
    late = decision(due_at=NOW - timedelta(hours=1))
    document = built(acme(), beside=Beside(decisions=(late,)))
    assert texts(table(document, "open_decisions").rows[0].cells) == ["Wat doen we?", "te laat sinds 23 nov 2026 08:00"]
    taken = decision(
        decided_at=datetime(2026, 11, 12, 9, tzinfo=UTC),
        decided_by="bob",
        decision="Meer bellen",
        action_owner="ann",
        action_due=date(2026, 11, 30),
        outcome="Nog niet",
        outcome_at=NOW - timedelta(days=1),
    )
    document = built(acme(), beside=Beside(decisions=(taken,)))
    assert "Er staat geen besluit open" in words(section(document, "open_decisions").blocks)
    row = table(document, "decisions").rows[0].cells
    assert texts(row) == ["Wat doen we?", "Meer bellen", "38,4%", "23,9%", "Nog niet"]
    assert row[4].quiet == "−14,5 procentpunt"  # type: ignore[union-attr]


def test_alerts_of_the_period_are_listed_and_no_others(built: Built) -> None:
    inside, outside = datetime(2026, 11, 18, 9, tzinfo=UTC), datetime(2026, 11, 9, 9, tzinfo=UTC)
    beside = Beside(changes=(changed("conversie", "critical", inside), changed("omzet", "warning", outside)))
    rows = [texts(row.cells) for row in table(built(acme(), beside=beside), "alerts").rows]
    assert rows == [["18 nov 2026 10:00", "Conversie", "18 november 2026", "■ kritiek"]]


def test_the_largest_deviation_is_the_largest_share_of_its_target(built: Built) -> None:
    rows = [texts(row.cells)[0] for row in table(built(acme()), "deviations").rows]
    assert rows == ["Migratie", "Conversie", "Nps"]  # 30 %, 25 %, 3 %


def test_a_period_without_data_says_so_everywhere(built: Built) -> None:
    document = built(acme(), "2024-W10")
    assert {each.status: each.count for each in document.front.counts} == {"no_data": 7}
    assert [texts(row.cells)[2] for row in table(document, "scorecard").rows] == ["–"] * 9
    assert all(number.value is None for number in document.numbers)


def test_a_period_of_which_no_day_is_over_is_refused(built: Built) -> None:
    with pytest.raises(UsageError, match=r"no day of it was over.*--period 2026-W47"):
        built(acme(), "2026-W48")


def test_one_kpi_without_target_makes_a_report_too(built: Built, put: Put) -> None:
    alone = kpi("bezoek", unit="count", target=None, warning=None, critical=None)
    put("bezoek", SUNDAY, "12345", "unrated", n=12345)
    document = built(acme({"kind": "scorecard"}, {"kind": "deviations"}, {"kind": "targets"}, kpis=(alone,)))
    assert [texts(row.cells)[:4] for row in table(document, "scorecard").rows] == [
        ["Bezoek", "· niet beoordeeld", "12.345", "–"]
    ]
    assert "1 KPI heeft geen doel" in words(section(document, "scorecard").blocks)
    assert "Geen enkele KPI met een doel" in words(section(document, "deviations").blocks)


def test_a_kpi_without_target_that_has_a_limit_is_judged_by_it(built: Built, put: Put) -> None:
    limited = kpi("bezoek", unit="count", target=None, warning="< 100", critical=None)
    put("bezoek", SUNDAY, "12345", "ok", n=12345)
    document = built(acme({"kind": "scorecard"}, kpis=(limited,)))
    assert "geen doel" not in words(section(document, "scorecard").blocks)
    (row,) = table(document, "scorecard").rows
    assert row.cells[3] == Text("–", "waarschuwing < 100")


def test_the_catalogue_knows_every_section_that_is_tested_here() -> None:
    assert {each["kind"] for each in EVERY_SECTION} == set(SECTIONS)


def test_every_receipt_that_a_number_leads_to_is_there(built: Built) -> None:
    document = built(acme())
    cited = {
        cell.anchor
        for each in document.all_sections
        for block in each.blocks
        for row in getattr(block, "rows", ())
        for cell in row.cells
        if isinstance(cell, Amount) and cell.anchor
    }
    receipts = {row.anchor for row in table(document, "receipts").rows}
    assert cited <= receipts
    assert len(receipts) == 9


def test_an_english_company_gets_english(built: Built) -> None:
    document = built(acme(language="en"))
    assert document.period_words == "Week 47 of 2026, 16 to 22 November 2026"
    row = texts(table(document, "scorecard").rows[0].cells)
    assert row[1:5] == ["■ critical", "23.9%", "≥ 32%", "−15.1 pp"]


def test_money_is_exact(built: Built) -> None:
    numbers = {(each.kpi, each.day): each.value for each in built(acme()).numbers}
    assert numbers["omzet", SUNDAY] == Decimal(2000)
