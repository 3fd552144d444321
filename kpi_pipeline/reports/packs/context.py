"""What every section of a report works with: the period, history as read, and a note of each number it prints."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from kpi_pipeline.catalogue.display import NOTHING, instant_text
from kpi_pipeline.catalogue.evidence import counted, evidence_text
from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.periods import Period, Unit
from kpi_pipeline.catalogue.reporting import Report, Scorecard
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.history.receipts import Receipt, receipts
from kpi_pipeline.history.trust import Trust
from kpi_pipeline.reports.archive import Number as Archived
from kpi_pipeline.reports.charts import Number, Series
from kpi_pipeline.reports.packs.beside import Beside
from kpi_pipeline.reports.packs.document import Amount
from kpi_pipeline.reports.packs.moments import POINTS, RANKS, earlier_days, shown_day, window_rank
from kpi_pipeline.reports.packs.words import WORDS, day_or_period_text
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.sampling import first_whole
from kpi_pipeline.reports.trust import trust_of

Key = tuple[str, date]

UNIT = re.compile(r"([€$]) ")  # stays on the line of its number


@dataclass(frozen=True, slots=True)
class Proof:
    """What stands behind one printed number: its receipt, and how far it can be trusted."""

    receipt: Receipt
    trust: Trust


class Context:
    """One report of one period. Every number that is printed passes through here and is noted."""

    def __init__(self, reading: Reading, report: Report, period: Period, beside: Beside) -> None:
        self.reading = reading
        self.report = report
        self.period = period
        self.beside = beside
        self.kpis = kpis_of(reading.company, report)
        self.anchors: set[str] = set()
        self.shown: dict[Key, Recorded | None] = {}
        self.cited: set[Key] = set()
        self._receipts: dict[Key, Receipt] = {}

    @property
    def company(self) -> Company:
        return self.reading.company

    @property
    def language(self) -> str:
        return self.reading.language

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.language]

    @property
    def until(self) -> date:
        return self.reading.day

    @property
    def known_at(self) -> datetime:
        return self.reading.known_at

    def kpi(self, name: str) -> Kpi:
        return self.company.kpis[name]

    def day_of(self, kpi: Kpi) -> date:
        """The day whose value the report shows of a KPI."""
        return shown_day(self.reading.series(kpi.id), self.until)

    def day_before(self, kpi: Kpi) -> date:
        """The day that the shown one is compared with."""
        return self.days_before(kpi, 1)[0]

    def days_before(self, kpi: Kpi, count: int = POINTS - 1) -> list[date]:
        """The ends of earlier periods, newest first, each as the newest whole period of the KPI up to it."""
        series = self.reading.series(kpi.id)
        found = earlier_days(self.report, kpi, self.period, self.day_of(kpi), count)
        return [shown_day(series, day) for day in found]

    def row(self, kpi: Kpi, day: date | None = None) -> Recorded | None:
        return self.reading.row(kpi.id, self.day_of(kpi) if day is None else day)

    def number(self, kpi: Kpi, day: date | None = None) -> Number:
        """A value as people read it, noted as printed."""
        when = self.day_of(kpi) if day is None else day
        self.shown[kpi.id, when] = self.reading.row(kpi.id, when)
        return self.reading.number(kpi, when)

    def amount(self, kpi: Kpi, day: date | None = None, *, dated: bool = False) -> Amount:
        """A number with its evidence and its receipt; `dated` says which day or whole period it is of."""
        when = self.day_of(kpi) if day is None else day
        number, row = self.number(kpi, when), self.reading.row(kpi.id, when)
        parts = [day_or_period_text(kpi.window, when, self.language)] if dated else []
        parts.append(self.evidence(kpi, row))
        quiet = "; ".join(part for part in parts if part)
        if row is None:
            return Amount(number, quiet)
        self.cited.add((kpi.id, when))
        n = counted(self.company, kpi, denominator=row.denominator, n=row.n)
        return Amount(number, quiet, anchor(kpi.id, when), n=n)

    def evidence(self, kpi: Kpi, row: Recorded | None) -> str:
        if row is None:
            return ""
        sides = {"numerator": row.numerator, "denominator": row.denominator}
        said = evidence_text(self.company, kpi, self.language, value=row.value, n=row.n, **sides)
        return (
            ""
            if row.n is None and row.numerator is None
            else UNIT.sub("\\1\u00a0", said).replace("n = ", "n\u00a0=\u00a0")
        )

    def series(self, kpi: Kpi, days: Sequence[date], by: Unit) -> Series:
        """Values for a chart of periods, each noted as printed, those of periods that are not over left out, and those
        that reach back before history.

        A KPI over a longer period than the chart's stands at its newest whole one until the next is over.
        """
        series = self.reading.series(kpi.id)
        longer = window_rank(kpi) > RANKS[by]
        shown = [shown_day(series, day) if longer else day for day in days]
        begun = first_whole(kpi, series, min(series, default=self.until))
        whole = [day >= begun and (day not in series or series[day].closed) for day in shown]
        numbers = [self.number(kpi, day) if over else None for day, over in zip(shown, whole, strict=True)]
        values = self.reading.values(kpi.id, shown)
        return Series(
            kpi.title(self.language),
            tuple(value if over else None for value, over in zip(values, whole, strict=True)),
            (("kpi", kpi.id),),
            tuple(NOTHING if each is None else each.text for each in numbers),
            days=tuple(day if over or day not in series else None for day, over in zip(shown, whole, strict=True)),
        )

    def at(self, instant: datetime) -> str:
        """An instant in the company's zone."""
        return instant_text(instant.astimezone(self.company.tz), self.language)

    def once(self, name: str) -> str:
        """A place of the document that others lead to; "" when there is one of that name already."""
        if name in self.anchors:
            return ""
        self.anchors.add(name)
        return name

    def names(self, owners: Sequence[str]) -> str:
        """People and rotas by name; one who is no longer declared by the name that was kept."""
        return ", ".join(self.name(owner) for owner in owners)

    def name(self, owner: str) -> str:
        known = owner in self.company.people or owner in self.company.rotas
        return self.company.name_of(owner) if known else owner

    @cached_property
    def main(self) -> dict[str, Proof]:
        """KPI → the proof of the value shown of it; of all that the report is about and history knows."""
        keys = [(kpi.id, self.day_of(kpi)) for kpi in self.kpis if self.row(kpi) is not None]
        return {kpi: proof for (kpi, _), proof in self.proofs(keys).items()}

    def proofs(self, keys: Sequence[Key]) -> dict[Key, Proof]:
        """The proofs of recorded numbers, each receipt read once."""
        rows = {key: self.reading.row(*key) for key in keys}
        missing = [row for key, row in rows.items() if row is not None and key not in self._receipts]
        for receipt in receipts(self.reading.store, self.company.id, missing):
            self._receipts[receipt.row.kpi, receipt.row.day] = receipt
        known = [key for key, row in rows.items() if row is not None]
        found = [self._receipts[key] for key in known]
        judged = trust_of(self.reading.store, self.company, found, known_at=self.known_at)
        return {key: Proof(receipt, trust) for key, receipt, trust in zip(known, found, judged, strict=True)}

    def status(self, kpi: Kpi) -> str:
        """The status that is shown: green only where nothing forbids to trust it."""
        row = self.row(kpi)
        if row is None:
            return "no_data"
        proof = self.main.get(kpi.id)
        return row.status if proof is None else proof.trust.rated(row.status)

    def archived(self) -> tuple[Archived, ...]:
        """Every number that was printed, as the archive keeps it."""
        return tuple(
            Archived(kpi, day, self.known_at, None) if row is None else Archived.of(row, self.known_at)
            for (kpi, day), row in sorted(self.shown.items())
        )


def kpis_of(company: Company, report: Report) -> list[Kpi]:
    """What a report is about: the KPIs of its scorecards in the order of the company's files, else all it names."""
    named: set[str] = set()
    for section in report.sections:
        if isinstance(section, Scorecard):
            named |= {kpi.id for kpi in selected(company, section)}
    return [kpi for kpi in company.kpis.values() if kpi.id in named] if named else company.headline_kpis()


def selected(company: Company, section: Scorecard) -> list[Kpi]:
    """The KPIs of a scorecard: those it lists, of its group, or all that the framework names."""
    if section.kpis:
        return [company.kpis[name] for name in section.kpis]
    return [kpi for kpi in company.headline_kpis() if section.group in ("", kpi.group)]


def anchor(kpi: str, day: date) -> str:
    """Where the receipt of a number is in a report."""
    return f"receipt-{kpi}-{day}"
