"""The process behind a KPI: which of its points count, and what XmR says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

from markupsafe import Markup

from kpi_pipeline.catalogue.display import kpi_text
from kpi_pipeline.catalogue.model import Company, Kpi, Threshold, in_force
from kpi_pipeline.catalogue.rules.formulas import references
from kpi_pipeline.history.observation import Recorded
from kpi_pipeline.reports.charts.icons import assurance_icon, assurance_words, variation_icon, variation_words
from kpi_pipeline.reports.charts.process import LEFT_OUT, Dot, Lines, ProcessChart
from kpi_pipeline.reports.reading import Reading
from kpi_pipeline.reports.sampling import first_whole, sample_days
from kpi_pipeline.reports.xmr import RUN, Xmr, judge

GROWS = ("milestones",)  # what is done stays done
FEWEST = 6  # limits of fewer points say nothing
DIGITS = Decimal("1e-6")


@dataclass(frozen=True, slots=True)
class Process:
    """`judged` None where XmR has nothing to say, for the reason `why_not`: grades, grows, builds_up, fixed, few or
    no_values."""

    chart: ProcessChart | None
    judged: Xmr | None
    why_not: str


def process_of(reading: Reading, kpi: Kpi) -> Process:
    """The XmR chart of a KPI from points that share no data, in the company's language.

    Points without a value or with too few observations are drawn but not judged; those whose window reaches back
    before history are not drawn. A changed definition begins a new process.
    """
    days = sample_days(kpi, reading.day)
    series = reading.series(kpi.id)
    begun = first_whole(kpi, series, reading.began(kpi) or reading.day)
    first = next(
        (index for index, day in enumerate(days) if day >= begun and day in series and series[day].value is not None),
        len(days),
    )
    rows = [series.get(day) for day in days[first:]]
    shown = [(day, row) for day, row in zip(days[first:], rows, strict=True) if row is None or row.closed]
    why_not = _why_not(reading.company, kpi, [row for _, row in shown if row is not None])
    if kpi.grades or not any(row is not None and row.value is not None for _, row in shown):
        return Process(None, None, why_not)
    counted = [index for index, (_, row) in enumerate(shown) if _counts(row)]
    judged = None if why_not else _judge(kpi, [shown[index][1] for index in counted], reading.day)
    kinds = {} if judged is None else dict(zip(counted, judged.points, strict=True))
    dots = []
    for index, (day, row) in enumerate(shown):
        value = None if row is None else row.value
        point = kinds.get(index)
        dots.append(
            Dot(
                day,
                value,
                kpi_text(kpi, value, reading.language, reason=None if row is None else row.reason),
                (LEFT_OUT if judged is not None and value is not None else "common") if point is None else point.kind,
                "" if point is None else point.signal,
                _level(kpi, day),
            )
        )
    chart = ProcessChart(
        title=kpi.title(reading.language),
        language=reading.language,
        unit=kpi.unit,
        dots=tuple(dots),
        lines=() if judged is None else _lines(judged, counted, _can_be(kpi, dots)),
        ref=(("kpi", kpi.id),),
        monthly=len(days) > 1 and (days[1] - days[0]).days > 26,
    )
    return Process(chart, judged, why_not)


def verdicts(judged: Xmr, language: str) -> list[tuple[Markup, str]]:
    """What the newest point says, and whether the target is met by chance, each as icon and words."""
    variation = variation_icon(judged.variation, language, named=False)
    found = [(Markup(variation), variation_words(judged.variation, language))]  # noqa: S704 - our own drawing
    if judged.assurance:
        icon = assurance_icon(judged.assurance, language, named=False)
        found.append((Markup(icon), assurance_words(judged.assurance, language)))  # noqa: S704 - our own drawing
    return found


def _why_not(company: Company, kpi: Kpi, rows: Sequence[Recorded]) -> str:
    if kpi.grades:
        return "grades"
    if kpi.kind in GROWS:
        return "grows"
    if _counts_from_a_fixed_day(company, kpi):
        return "builds_up"
    if kpi.window.startswith("from "):
        return "fixed"
    counted = sum(_counts(row) for row in rows)
    return "" if counted >= FEWEST else "few" if counted else "no_values"


def _counts_from_a_fixed_day(company: Company, kpi: Kpi) -> bool:
    named = [company.kpis[name] for name in references(kpi)]
    return kpi.params.counts_from_a_fixed_day or any(_counts_from_a_fixed_day(company, each) for each in named)


def _counts(row: Recorded | None) -> bool:
    return row is not None and row.value is not None and row.status != "low_sample"


def _judge(kpi: Kpi, rows: Sequence[Recorded | None], day: date) -> Xmr | None:
    known = [row for row in rows if row is not None and row.value is not None]
    changed = [
        index for index, row in enumerate(known) if index and row.definition_hash != known[index - 1].definition_hash
    ]
    values = [row.value for row in known if row.value is not None]
    judged = judge(values, better=kpi.better, target=_level(kpi, day), rebase=changed)
    return None if judged is None else _as_it_went(judged, values, in_force(kpi.target, day))


def _as_it_went(judged: Xmr, values: Sequence[Decimal], aim: Threshold | None) -> Xmr:
    """Limits of a series that has moved may say that a target is always missed which was just met, or the reverse.

    Such a verdict does not stand beside the value: the last points that meet the target and those that miss it do.
    """
    if aim is None or judged.assurance not in ("pass", "fail"):
        return judged
    met = {aim.holds(value) for value in values[-RUN:]}
    return judged if met == {judged.assurance == "pass"} else replace(judged, assurance="hit_and_miss")


def _level(kpi: Kpi, day: date) -> Decimal | None:
    target = in_force(kpi.target, day)
    return None if target is None else target.value


def _can_be(kpi: Kpi, dots: Sequence[Dot]) -> tuple[Decimal | None, Decimal | None]:
    """The least and most that a value can be, as far as its own history shows: limits beyond them mean nothing."""
    values = [dot.value for dot in dots if dot.value is not None]
    return (
        Decimal(0) if min(values) >= 0 else None,
        Decimal(100) if kpi.unit == "percent" and max(values) <= 100 else None,
    )


def _lines(judged: Xmr, counted: Sequence[int], ends: tuple[Decimal | None, Decimal | None]) -> tuple[Lines, ...]:
    least, most = ends
    found = []
    for each in judged.segments:
        lower, upper = _decimal(each.lower), _decimal(each.upper)
        found.append(
            Lines(
                counted[each.first],
                counted[each.last],
                _decimal(each.centre),
                None if least is not None and lower < least else lower,
                None if most is not None and upper > most else upper,
            )
        )
    return tuple(found)


def _decimal(value: Fraction) -> Decimal:
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(DIGITS)
