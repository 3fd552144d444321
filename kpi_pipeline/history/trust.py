"""How far a number can be trusted: fresh, complete, valid, reconciled, restated. A pure function over its receipt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from kpi_pipeline.history.receipts import Receipt
from kpi_pipeline.history.restatements import Restatement
from kpi_pipeline.history.verdicts import QUIET, Aged

Name = Literal["fresh", "complete", "valid", "reconciled", "restated"]
NAMES: tuple[Name, ...] = ("fresh", "complete", "valid", "reconciled", "restated")


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark of a trust line.

    `verdict`: yes · no · unknown (there is no receipt that tells). Only a `no` can veto. `reason` is a word of REASONS,
    `about` what it speaks of (streams, facts, rules).
    """

    name: Name
    verdict: Literal["yes", "no", "unknown"]
    reason: str = ""
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trust:
    """The trust line of one number, in the order of NAMES."""

    marks: tuple[Mark, ...]

    @property
    def veto(self) -> Mark | None:
        """The first mark that forbids to call the number good."""
        return next((mark for mark in self.marks if mark.verdict == "no" and mark.name != "restated"), None)

    @property
    def is_restated(self) -> bool:
        return any(mark.name == "restated" and mark.verdict == "yes" for mark in self.marks)

    def rated(self, status: str) -> str:
        """The status to show: green becomes `unrated` where there is a veto; bad news stays what it is."""
        return "unrated" if status == "ok" and self.veto is not None else status


REASONS = {
    "nl": {
        "not_read_up_to": "niet gelezen tot het einde van de dag: {about}",
        "never_read": "nog nooit volledig gelezen: {about}",
        "no_records": "geen enkel record ontvangen: {about}",
        "broken_rows": "rijen breken hun schema: {about}",
        "suspect": "wijkt af van de eigen geschiedenis: {about}",
        "open_difference": "open verschil: {about}",
        "not_reconciled": "met niets vergeleken",
        "no_receipt": "geen bon van deze berekening",
        "not_checked": "niet gecontroleerd in deze run: {about}",
        "restated": "herzien: {about}",
    },
    "en": {
        "not_read_up_to": "not read up to the end of the day: {about}",
        "never_read": "never read completely: {about}",
        "no_records": "not a single record received: {about}",
        "broken_rows": "rows break their schema: {about}",
        "suspect": "out of line with its own history: {about}",
        "open_difference": "open difference: {about}",
        "not_reconciled": "compared with nothing",
        "no_receipt": "no receipt of this computation",
        "not_checked": "not checked in this run: {about}",
        "restated": "restated: {about}",
    },
}
WORDS: dict[str, dict[Name, str]] = {
    "nl": dict(zip(NAMES, ("vers", "volledig", "geldig", "aangesloten", "herzien"), strict=True)),
    "en": dict(zip(NAMES, NAMES, strict=True)),
}


def trust(
    receipt: Receipt, late_after: Mapping[str, timedelta], audits: Sequence[Aged], restated: Sequence[Restatement] = ()
) -> Trust:
    """The trust line of a number from its receipt.

    `late_after` says of each source how late its data may be. `audits` are the newest verdicts that speak of its KPI,
    `restated` the material restatements of its day.
    """
    marks = (
        _fresh(receipt, late_after),
        _complete(receipt),
        _valid(receipt, [each for each in audits if each.verdict.rule in QUIET]),
        _reconciled([each for each in audits if each.verdict.rule not in QUIET]),
        _restated(restated),
    )
    return Trust(marks)


def reason_text(mark: Mark, language: str) -> str:
    """Why a mark is what it is, in words; "" for one that needs none."""
    return REASONS[language][mark.reason].format(about=", ".join(mark.about)) if mark.reason else ""


def _fresh(receipt: Receipt, late_after: Mapping[str, timedelta]) -> Mark:
    if receipt.row.status == "stale":
        return Mark("fresh", "no", "not_read_up_to", tuple(_behind(receipt, late_after)) or tuple(receipt.streams))
    if not receipt.streams or None in receipt.streams.values():
        return Mark("fresh", "unknown", "no_receipt")
    behind = tuple(_behind(receipt, late_after))
    return Mark("fresh", "no", "not_read_up_to", behind) if behind else Mark("fresh", "yes")


def _behind(receipt: Receipt, late_after: Mapping[str, timedelta]) -> Iterator[str]:
    for name, state in receipt.streams.items():
        late = late_after.get(name.partition("/")[0], timedelta(0))
        if state is not None and (state.watermark is None or receipt.row.period_end - state.watermark > late):
            yield name


def _complete(receipt: Receipt) -> Mark:
    if not receipt.streams or None in receipt.streams.values():
        return Mark("complete", "unknown", "no_receipt")
    states = {name: state for name, state in receipt.streams.items() if state is not None}
    never = tuple(name for name, state in states.items() if state.watermark is None)
    if never:
        return Mark("complete", "no", "never_read", never)
    if not any(state.records for state in states.values()):
        return Mark("complete", "no", "no_records", tuple(states))
    return Mark("complete", "yes")


def _valid(receipt: Receipt, audits: Sequence[Aged]) -> Mark:
    broken = tuple(name for name, state in receipt.facts.items() if state is not None and state.failures)
    if broken:
        return Mark("valid", "no", "broken_rows", broken)
    suspect = tuple(each.verdict.rule for each in audits if each.verdict.verdict == "suspect")
    if suspect:
        return Mark("valid", "no", "suspect", suspect)
    unchecked = tuple(name for name, state in receipt.facts.items() if state is None)
    if unchecked or not receipt.facts:
        return Mark("valid", "unknown", "not_checked" if unchecked else "no_receipt", unchecked)
    return Mark("valid", "yes")


def _reconciled(audits: Sequence[Aged]) -> Mark:
    differing = tuple(each.verdict.rule for each in audits if each.verdict.verdict == "differs")
    if differing:
        return Mark("reconciled", "no", "open_difference", differing)
    if not any(each.verdict.verdict in ("ok", "explained") for each in audits):
        return Mark("reconciled", "unknown", "not_reconciled")
    return Mark("reconciled", "yes")


def _restated(restated: Sequence[Restatement]) -> Mark:
    if not restated:
        return Mark("restated", "no")
    kinds = dict.fromkeys(cause.kind for each in restated for cause in each.causes)
    return Mark("restated", "yes", "restated", tuple(kinds))
