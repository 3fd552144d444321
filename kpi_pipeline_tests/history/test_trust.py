"""A trust line follows from the receipt alone; a veto takes green away and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kpi_pipeline.history.causes import Cause
from kpi_pipeline.history.inputs import FactState, StreamState
from kpi_pipeline.history.receipts import Receipt
from kpi_pipeline.history.restatements import Restatement
from kpi_pipeline.history.trust import NAMES, REASONS, WORDS, Trust, reason_text, trust
from kpi_pipeline.history.verdicts import Aged, Verdict
from kpi_pipeline_tests.history.test_restatements import row
from kpi_pipeline_tests.history.test_store import DAY, NOW

END = datetime(2026, 3, 29, 22, tzinfo=UTC)
LATE = {"stripe": timedelta(hours=12)}
READ = StreamState(3, 3, 100, 0, END, END)


def receipt(**changed: Any) -> Receipt:
    base = Receipt(
        id="x",
        row=row("r1"),
        formula={},
        content={},
        streams={"stripe/charges": READ},
        facts={"payment": FactState(10, 0)},
        software="s",
        settings="c",
        batch=1,
        digest="d",
    )
    return replace(base, **changed)


def audited(rule: str, verdict: str) -> Aged:
    return Aged(Verdict(rule, rule, DAY, verdict, ("nps",)), None, NOW, "r")  # type: ignore[arg-type]


def marks(found: Trust) -> dict[str, str]:
    return {mark.name: mark.verdict for mark in found.marks}


RECONCILED = [audited("mailed", "ok")]
GOOD = {"fresh": "yes", "complete": "yes", "valid": "yes", "reconciled": "yes", "restated": "no"}


def test_a_number_with_everything_in_order_has_no_veto() -> None:
    found = trust(receipt(), LATE, RECONCILED)
    assert marks(found) == GOOD
    assert (found.veto, found.rated("ok")) == (None, "ok")


@pytest.mark.parametrize(
    ("changed", "audits", "name", "reason"),
    [
        ({"row": row("r1", status="stale")}, RECONCILED, "fresh", "not_read_up_to"),
        (
            {"streams": {"stripe/charges": replace(READ, watermark=END - timedelta(hours=13))}},
            RECONCILED,
            "fresh",
            "not_read_up_to",
        ),
        ({"streams": {"stripe/charges": replace(READ, records=0)}}, RECONCILED, "complete", "no_records"),
        ({"facts": {"payment": FactState(10, 2, ("amount",))}}, RECONCILED, "valid", "broken_rows"),
        ({}, [audited("level", "suspect"), *RECONCILED], "valid", "suspect"),
        ({}, [audited("mailed", "differs")], "reconciled", "open_difference"),
    ],
)
def test_one_bad_mark_takes_green_away_and_leaves_bad_news(
    changed: dict[str, Any], audits: list[Aged], name: str, reason: str
) -> None:
    found = trust(receipt(**changed), LATE, audits)
    assert found.veto is not None
    assert (found.veto.name, found.veto.reason) == (name, reason)
    assert found.rated("ok") == "unrated"
    assert [found.rated(status) for status in ("critical", "warning", "below_target", "no_data")] == [
        "critical",
        "warning",
        "below_target",
        "no_data",
    ]


def test_lateness_within_what_the_source_is_allowed_is_fresh() -> None:
    late = replace(READ, watermark=END - timedelta(hours=12))
    assert marks(trust(receipt(streams={"stripe/charges": late}), LATE, RECONCILED))["fresh"] == "yes"


def test_what_no_receipt_tells_is_unknown_and_no_veto() -> None:
    found = trust(receipt(streams={"stripe/charges": None}, facts={"payment": None}), LATE, [])
    assert marks(found) == {
        "fresh": "unknown",
        "complete": "unknown",
        "valid": "unknown",
        "reconciled": "unknown",
        "restated": "no",
    }
    assert found.veto is None
    assert marks(trust(receipt(streams={}, facts={}), LATE, []))["valid"] == "unknown"


def test_an_explained_difference_is_reconciled_and_an_unevaluated_one_is_not_known() -> None:
    assert marks(trust(receipt(), LATE, [audited("mailed", "explained")]))["reconciled"] == "yes"
    assert marks(trust(receipt(), LATE, [audited("mailed", "not_evaluated")]))["reconciled"] == "unknown"


def test_a_restated_number_says_so_and_why_without_a_veto() -> None:
    one = Restatement(
        company="mister_dj",
        kpi="nps",
        day=DAY,
        segment="",
        reported=None,
        now=None,
        delta=None,
        reported_text=None,
        now_text=None,
        reported_status="ok",
        now_status="ok",
        reported_at=NOW,
        restated_at=NOW,
        causes=(Cause("rate", ""), Cause("late_records", "")),
        is_material=True,
    )
    found = trust(receipt(), LATE, RECONCILED, [one])
    assert (found.is_restated, found.veto) == (True, None)
    assert reason_text(found.marks[-1], "en") == "restated: rate, late_records"


def test_every_reason_has_words_in_both_languages() -> None:
    assert REASONS["nl"].keys() == REASONS["en"].keys()
    assert all(set(words) == set(NAMES) for words in WORDS.values())
    assert reason_text(trust(receipt(), LATE, []).marks[3], "nl") == "met niets vergeleken"
