"""A KPI as a row of a scorecard: value, target, steps, trend, signal, n, owner, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from kpi_pipeline.catalogue.display import SHARES, STATUS, short_day_text, status_text, step_text, threshold_text
from kpi_pipeline.catalogue.model import Kpi, in_force
from kpi_pipeline.history.trust import reason_text
from kpi_pipeline.reports.charts import sparkline
from kpi_pipeline.reports.charts.icons import assurance_icon, assurance_words, variation_icon, variation_words
from kpi_pipeline.reports.packs.context import Context
from kpi_pipeline.reports.packs.document import Amount, Cell, Column, Picture, Row, State, Table, Text
from kpi_pipeline.reports.packs.moments import RANKS, months_before, window_rank
from kpi_pipeline.reports.process import process_of
from kpi_pipeline.reports.sampling import first_whole

MISSED = ("critical", "warning", "below_target")


def scorecard(
    context: Context, kpis: Sequence[Kpi], label: str, *, companions: bool = False, month: bool = False
) -> Table:
    """A row a KPI, those that stand beside it below it."""
    words = context.words
    columns = [
        Column(f"{words['kpi']}, {words['owner'].lower()}", share=2.1),
        Column(words["status"], share=1.7),
        Column(words["value"], numeric=True, share=1.7),
        Column(words["target"], numeric=True, share=1.5),
        Column(words["change"], numeric=True, share=1.4),
        *([Column(words["month_change"], numeric=True, share=1.35)] if month else []),
        Column(words["trend"], share=1.2),
        Column(words["signal"], share=0.95),
        Column(words["trusted"], share=1.0),
    ]
    rows = []
    for kpi in kpis:
        rows.append(_row(context, kpi, month))
        rows += [_row(context, each, month, minor=True) for each in context.company.companions(kpi.id) if companions]
    return Table(label, tuple(columns), tuple(rows), role="scores")


def _row(context: Context, kpi: Kpi, month: bool, *, minor: bool = False) -> Row:
    day = context.day_of(kpi)
    then = context.day_before(kpi)
    cells: list[Cell] = [
        Text(kpi.title(context.language), "" if minor else context.names(kpi.owners)),
        state(context, kpi),
        value(context, kpi),
        target(context, kpi),
        change(context, kpi, then),
    ]
    if month:
        cells.append(change(context, kpi, months_before(day, 1)))
    cells.append(spark(context, kpi))
    cells.append(Picture(()) if minor else signal(context, kpi))
    cells.append(Text("") if minor else trusted(context, kpi))
    return Row(tuple(cells), anchor=context.once(f"kpi-{kpi.id}"), minor=minor)


def state(context: Context, kpi: Kpi) -> State:
    """The status of the value shown, with why it is not rated, or how often the target was missed in the period."""
    status, words = context.status(kpi), context.words
    proof = context.main.get(kpi.id)
    veto = None if proof is None else proof.trust.veto
    if status == "unrated" and veto is not None:
        return State(status, status_text(status, context.language), reason_text(veto, context.language))
    missed, times = _missed(context, kpi)
    said = words["missed"].format(missed, times) if missed else ""
    return State(status, status_text(status, context.language), said)


def _missed(context: Context, kpi: Kpi) -> tuple[int, int]:
    """How many of the KPI's own periods within the report's ended off target, of how many; none where they are as
    long."""
    rank = window_rank(kpi)
    if not rank or rank >= RANKS[context.report.period.unit]:
        return 0, 0
    rows = [
        row
        for day, row in context.reading.series(kpi.id).items()
        if context.period.first <= day <= context.until and row.closed
    ]
    return sum(row.status in MISSED for row in rows), len(rows)


def value(context: Context, kpi: Kpi) -> Amount:
    """The value of the newest whole period, with its evidence; and what the running one has so far, a share with n."""
    day = context.day_of(kpi)
    found = context.amount(kpi, dated=day != context.until)
    if day == context.until:
        return found
    until = short_day_text(context.until, context.language)
    evidence = context.evidence(kpi, context.row(kpi, context.until)) if kpi.unit in SHARES else ""
    counted = evidence.split("; ")[-1]  # what it was divided from stands with the whole period; n says how little it is
    so_far = context.words["so_far"].format(f"{until} ({counted})" if "n\u00a0=" in counted else until)
    return replace(found, running=(so_far, context.number(kpi, context.until)))


def target(context: Context, kpi: Kpi) -> Text:
    """The target in force on the day shown, how far the value is from it, and the limit that it passed.

    Where there is no target the mildest limit stands there: it is what the value is judged by.
    """
    day, words = context.day_of(kpi), context.words
    aim, row = in_force(kpi.target, day), context.row(kpi)
    more = []
    if aim is not None and row is not None and row.value is not None and not kpi.grades:
        gap = step_text(kpi, row.value, aim.value, context.language)
        near = row.value != aim.value and gap.startswith("±")
        more.append(words["just_met" if aim.holds(row.value) else "just_missed"] if near else gap)
    status = context.status(kpi)
    if status in ("warning", "critical"):
        limit = in_force(kpi.warning if status == "warning" else kpi.critical, day)
        more.append(f"{words[status].lower()} {threshold_text(limit, kpi.unit, context.language)}")
    elif aim is None:
        limits = ((name, in_force(each, day)) for name, each in (("warning", kpi.warning), ("critical", kpi.critical)))
        mildest = next(((name, each) for name, each in limits if each is not None), None)
        if mildest is not None:
            more.append(f"{words[mildest[0]].lower()} {threshold_text(mildest[1], kpi.unit, context.language)}")
    return Text(threshold_text(aim, kpi.unit, context.language), "; ".join(more))


def change(context: Context, kpi: Kpi, then: date) -> Text:
    """The step since an earlier day, in percentage points where it is of percentages; better or worse in words."""
    now, before = context.row(kpi), context.row(kpi, then)
    new, old = (None if row is None else row.value for row in (now, before))
    step, direction = step_text(kpi, new, old, context.language), _direction(kpi, new, old)
    return Text(step, context.words[direction] if direction and not step.startswith("±") else "")


def _direction(kpi: Kpi, now: Decimal | None, then: Decimal | None) -> str:
    if now is None or then is None or now == then or kpi.grades:
        return ""
    return "better" if (now > then) == (kpi.better == "higher") else "worse"


def spark(context: Context, kpi: Kpi) -> Picture:
    """The last 26 periods as a line with the target, from where there are values."""
    day = context.day_of(kpi)
    days = [*reversed(context.days_before(kpi)), day]
    values = context.reading.values(kpi.id, days)
    first = _first_shown(context, kpi, days)
    aim = in_force(kpi.target, day)
    if len(values) - first < 2:
        return Picture(())
    said = ", ".join(context.number(kpi, each).text for each in days[first:][-3:])
    words = f"{kpi.title(context.language)}: {said}"
    return Picture(((sparkline(values[first:], None if aim is None else aim.value, words), said),))


def _first_shown(context: Context, kpi: Kpi, days: Sequence[date]) -> int:
    """Where a trend begins: at the first value of enough observations, or where none has enough at the first value."""
    series = context.reading.series(kpi.id)
    begun = first_whole(kpi, series, min(series, default=context.until))
    rows = [series.get(day) if day >= begun else None for day in days]
    known = [index for index, row in enumerate(rows) if row is not None and row.value is not None]
    enough = [index for index in known if rows[index].status != "low_sample"]  # type: ignore[union-attr]
    return (enough or known or [len(days)])[0]


def signal(context: Context, kpi: Kpi) -> Picture:
    """What the newest point says, and whether the target is met by chance; nothing where limits say nothing."""
    judged = process_of(context.reading, kpi).judged
    if judged is None:
        return Picture(())
    language = context.language
    found = [(variation_icon(judged.variation, language), variation_words(judged.variation, language))]
    if judged.assurance:
        found.append((assurance_icon(judged.assurance, language), assurance_words(judged.assurance, language)))
    return Picture(tuple(found))


def trusted(context: Context, kpi: Kpi) -> Text:
    """Fresh, or what forbids to rely on the number; restated and filled in by hand where it was."""
    proof, words = context.main.get(kpi.id), context.words
    if proof is None:
        return Text("")
    marks = {mark.name: mark for mark in proof.trust.marks}
    veto = proof.trust.veto
    fresh = {"yes": words["fresh"], "unknown": words["unknown"]}.get(marks["fresh"].verdict, "")
    said = fresh if veto is None else reason_text(veto, context.language)
    further = [words["restated"]] if proof.trust.is_restated else []
    further += by_hand(context, kpi)
    return Text(said, "; ".join(further))


def by_hand(context: Context, kpi: Kpi) -> list[str]:
    """Who keeps the registers behind the value, and the newest entry that the computation saw."""
    proof = context.main.get(kpi.id)
    found = []
    for name, stream in {} if proof is None else proof.receipt.streams.items():
        source, _, register = name.partition("/")
        if source == "registers" and register in context.beside.by_hand and stream is not None and stream.newest:
            keeper = context.name(context.beside.by_hand[register])
            day = short_day_text(stream.newest.astimezone(context.company.tz).date(), context.language)
            found.append(context.words["by_hand"].format(keeper, day))
    return list(dict.fromkeys(found))


def rank(status: str) -> int:
    """Worst first."""
    order = ("critical", "warning", "below_target", "stale", "no_data", "low_sample", "unrated", "provisional", "ok")
    return order.index(status) if status in STATUS else len(order)
