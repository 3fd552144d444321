"""Rules in words: nothing that makes one fire, hold or end is left out, in either language."""

from __future__ import annotations

from typing import Any

import pytest

from kpi_pipeline.alerts.rule_words import TEXTS, describe
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.alerting import Rule


@pytest.mark.parametrize(
    ("fields", "nl", "en"),
    [
        ({"kpi": "conversion"}, "waarschuwing < 28%, kritiek < 24%", "warning < 28%, critical < 24%"),
        (
            {
                "kpi": "conversion",
                "critical": "< 20.5",
                "for": "1 working day",
                "recovery": ">= 22",
                "bypass_mute": True,
            },
            "kritiek < 20,5%; na 1 werkdag; voorbij bij ≥ 22%; ook in stille uren",
            "critical < 20.5%; after 1 working day; over at ≥ 22%; in quiet hours too",
        ),
        (
            {"kpi": "conversion", "for": "3 periods", "every": "week", "recover_periods": 2, "confidence": "0.9"},
            "waarschuwing < 28%, kritiek < 24%; beoordeeld elke week; na 3 perioden achter elkaar; met 90% zekerheid; "
            "voorbij na 2 goede perioden",
            "warning < 28%, critical < 24%; judged every week; after 3 periods in a row; with 90% certainty; "
            "over after 2 good periods",
        ),
        (
            {"kpi": "conversion", "check_open": True},
            "waarschuwing < 28%, kritiek < 24%; ook zolang de periode loopt",
            "warning < 28%, critical < 24%; while the period still goes on too",
        ),
        (
            {"kpi": "conversion", "critical": "< 20", "only_when": [{"kpi": "conversion", "is": "> 1"}]},
            "kritiek < 20%; alleen zolang Conversie > 1%",
            "critical < 20%; only while Conversion > 1%",
        ),
        ({"kpi": "conversion", "each": 50}, "bij elke 50 erbij", "at every 50 more"),
        (
            {"kpi": "conversion", "info": ">= 40", "by": "2026-12-31"},
            "ter info ≥ 40%; uiterlijk 31 december 2026",
            "for information ≥ 40%; by 31 December 2026",
        ),
        (
            {
                "level": "critical",
                "unless_all": [
                    {"kpi": "conversion", "is": "> 40"},
                    {
                        "any": [
                            {"kpi": "conversion", "is": ">= 1.2 x max of 28 days"},
                            {"kpi": "conversion", "is": "better than last quarter"},
                        ],
                        "at_least": 2,
                    },
                    {"kpi": "conversion", "is": "< 50", "stat": "min", "over": "7 days"},
                ],
            },
            "kritiek tenzij Conversie > 40% en minstens 2 van: Conversie ≥ 1.2 × hoogste van 28 dagen, "
            "Conversie beter dan vorig kwartaal en laagste Conversie over 7 dagen < 50%",
            "critical unless Conversion > 40% and at least 2 of: Conversion ≥ 1.2 × the highest of 28 days, "
            "Conversion better than last quarter and lowest Conversion over 7 days < 50%",
        ),
        (
            {"manual": {"nl": "Is de keuring gehaald?", "en": "Was it certified?"}, "by": "2026-06-30"},
            "vraagt of dit gehaald is: Is de keuring gehaald?; uiterlijk 30 juni 2026",
            "asks whether this was reached: Was it certified?; by 30 June 2026",
        ),
        (
            {"remind": {"every": "month", "on": 1, "at": "08:30:00", "only_if": "incomplete"}},
            "herinnering elke maand, dag 1 om 08:30; alleen als KPI's onvolledig zijn",
            "a reminder every month, day 1 at 08:30; only when KPIs are incomplete",
        ),
        ({"remind": {"every": "day"}}, "herinnering elke dag om 09:00", "a reminder every day at 09:00"),
    ],
)
def test_a_rule_is_one_line_in_words(company: Company, fields: dict[str, Any], nl: str, en: str) -> None:
    named = company.kpis["conversion"].model_copy(update={"name": {"nl": "Conversie", "en": "Conversion"}})
    plain = company.model_copy(update={"kpis": {"conversion": named}})
    rule = Rule.model_validate({"id": "tried", "owners": ["ann"], **fields})
    assert (describe(plain, rule, "nl"), describe(plain, rule, "en")) == (nl, en)


def test_a_graded_kpi_is_described_by_its_grades(company: Company) -> None:
    graded = company.kpis["conversion"].model_copy(update={"grades": ("poor", "fair", "good"), "unit": "grade"})
    known = company.model_copy(update={"kpis": {"conversion": graded}})
    rule = Rule.model_validate({"id": "tried", "all": [{"kpi": "conversion", "is": "< 1"}], "owners": ["ann"]})
    assert describe(known, rule, "en").endswith("< fair")


def test_both_languages_have_the_same_words() -> None:
    assert TEXTS["nl"].keys() == TEXTS["en"].keys()
