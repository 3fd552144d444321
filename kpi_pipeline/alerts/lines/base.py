"""What all kinds of lines share: whose they are, what to do, how to take them up, and where to look."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from kpi_pipeline.alerts.collapse import BY_HAND
from kpi_pipeline.alerts.ledger import fingerprint
from kpi_pipeline.alerts.message import Listing, Told
from kpi_pipeline.alerts.vocabulary import duration_text, span_text, word
from kpi_pipeline.catalogue.display import NOTHING, day_text, instant_text, kpi_text, threshold_text
from kpi_pipeline.catalogue.model import Company, Kpi, Threshold
from kpi_pipeline.catalogue.thresholds import GRADED
from kpi_pipeline.errors import DeliveryRefused

Fact = tuple[str, str]
# Of these somebody can say that it is in hand; the others ask for nothing, or for something else.
FIRES = frozenset(
    {
        "first_breach",
        "worse",
        "better",
        "repeat",
        "escalation",
        "silence_expired",
        "mute_ended",
        "inhibit_ended",
        "handed_back",
    }
)
OVER = frozenset({"resolved", "corrected"})


def _nowhere(_path: str) -> str | None:
    return None


def _nothing(path: str) -> bytes:
    raise DeliveryRefused(f"reading {path}", "this reader has no archive", remedy="Send it with `kpi report send`")


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom lines are written: the company, and where the page of a KPI is (None: nowhere).

    `place` is the same of a file below the reports folder; `archived` gives the bytes of one.
    """

    company: Company
    page: Callable[[str], str | None]
    place: Callable[[str], str | None] = _nowhere
    archived: Callable[[str], bytes] = _nothing

    @property
    def language(self) -> str:
        return self.company.language

    def word(self, key: str, **values: object) -> str:
        return word(key, self.language, **values)

    def title(self, kpi_id: str) -> str:
        """The name of a KPI; its id and a remark when it is no longer declared."""
        kpi = self.company.kpis.get(kpi_id)
        return f"{kpi_id} {self.word('undeclared')}" if kpi is None else kpi.title(self.language)

    def value(self, kpi_id: str, exact: str | None) -> str:
        """A value with its unit as people read it."""
        kpi, value = self.company.kpis.get(kpi_id), None if exact is None else Decimal(exact)
        if kpi is None:
            return NOTHING if exact is None else exact
        return kpi_text(kpi, value, self.language)

    def threshold(self, kpi_id: str, printed: str | None) -> str:
        """A threshold, printed as '< 28', as people read it: '< 28%'."""
        kpi = self.company.kpis.get(kpi_id)
        if kpi is None:
            return NOTHING if printed is None else printed
        return threshold_text(threshold(kpi, printed), kpi.unit, self.language)

    def day(self, text: str | None) -> str:
        return self.word("never") if text is None else day_text(date.fromisoformat(text), self.language)

    def instant(self, text: str | None) -> str:
        """An instant in the company's zone."""
        if text is None:
            return self.word("never")
        return instant_text(datetime.fromisoformat(text).astimezone(self.company.tz), self.language)

    def names(self, owners: Any) -> str:
        """People and rotas by name; one that is no longer there by id."""
        known = {*self.company.people, *self.company.rotas}
        return ", ".join(self.company.name_of(owner) if owner in known else str(owner) for owner in owners)

    def owner(self, content: Mapping[str, Any]) -> list[Fact]:
        owners = content.get("owners") or ()
        return [(self.word("owner"), self.names(owners))] if owners else []


def threshold(kpi: Kpi, printed: str | None) -> Threshold | None:
    """The threshold that was printed; a grade that the KPI no longer has keeps its word."""
    if printed is None:
        return None
    match = GRADED.fullmatch(printed)
    if match is None:
        raise ValueError(f"{printed!r} is not a threshold")
    op, text = match[1], match[2]
    if kpi.grades:
        rank = kpi.grades.index(text) if text in kpi.grades else 0
        return Threshold.model_validate({"op": op, "value": Decimal(rank), "grade": text})
    return Threshold.model_validate({"op": op, "value": Decimal(text)})


def history(reader: Reader, told: Told) -> list[Fact]:
    """Of an alert that is over: when it opened and ended, how long it took, and who had it in hand.

    Of one that somebody took up or handed back: who did, and why.
    """
    if told.reason in BY_HAND:
        return [_by_hand(reader, told)]
    opened, ended = told.content.get("opened_at"), told.content.get("resolved_at")
    if told.reason not in OVER or opened is None:
        return []
    over = told.created_at if ended is None else datetime.fromisoformat(ended)
    who = told.content.get("acknowledged_by")
    seconds = (over - datetime.fromisoformat(opened)).total_seconds()
    return [
        (reader.word("opened"), reader.instant(opened)),
        (reader.word("resolved"), reader.instant(over.isoformat())),
        (reader.word("duration"), duration_text(seconds, reader.language)),
        (reader.word("acknowledged"), reader.word("nobody") if who is None else str(who)),
    ]


def _by_hand(reader: Reader, told: Told) -> Fact:
    who, why = str(told.content.get("by_hand")), str(told.content.get("because") or "")
    if told.reason == "handed_back":
        return reader.word("handed_back"), f"{who}: {why}" if why else who
    until = reader.instant(told.content.get("until"))
    return reader.word("acknowledged"), reader.word("taken_up", who=who, until=until, why=why)


def to_do(reader: Reader, told: Told) -> list[Listing]:
    """What the framework says to do, as boxes; of an alert that is over nothing is left to do."""
    actions = tuple(told.content.get("actions") or ())
    return [Listing(reader.word("actions"), actions, boxes=True)] if actions and told.reason not in OVER else []


def asked(reader: Reader, told: Told) -> list[Fact]:
    """The runbook, and the decision that is asked for with its clock."""
    content, facts = told.content, []
    if told.reason in OVER:
        return []
    if content.get("runbook"):
        facts.append((reader.word("runbook"), str(content["runbook"])))
    if _is_decided(told):
        span = span_text(str(content["within"]), reader.language)
        facts.append((reader.word("decision"), reader.word("within", question=content["question"], span=span)))
    return facts


def _is_decided(told: Told) -> bool:
    """Whether a decision is asked for; of a target with a day only when it was missed, or nobody knows."""
    return bool(told.content.get("question")) and (not told.content.get("by") or told.reason in ("missed", "ask"))


def commands(reader: Reader, told: Told) -> list[Fact]:
    """What to type to take the alert up, or to take the decision it asks for."""
    company, found = reader.company.id, []
    if told.reason in FIRES:
        segment = f" --segment {told.segment}" if told.segment else ""
        ack = f"kpi alerts ack {company} {told.subject} --rule {told.rule}{segment} --by NAME --reason …"
        found.append((reader.word("acknowledge"), ack))
    if _is_decided(told) and told.rule != "decision_overdue" and told.reason not in OVER:
        key = fingerprint(told.company, told.subject, told.rule, told.segment, str(told.episode), "decision")
        found.append((reader.word("decide"), f"kpi alerts decide {company} {key} --by NAME --decision …"))
    return found
