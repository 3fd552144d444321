"""What closes every report: what was restated since the one before, what KPIs mean, where numbers come from."""

from __future__ import annotations

from datetime import timedelta

from kpi_pipeline.catalogue.display import NOTHING, count_text, day_text, kpi_text, step_text
from kpi_pipeline.catalogue.model import Kpi
from kpi_pipeline.history.inputs import StreamState
from kpi_pipeline.history.trust import WORDS as MARKS
from kpi_pipeline.history.trust import reason_text
from kpi_pipeline.reports.kpi_words import CAUSES
from kpi_pipeline.reports.packs.context import Context, Proof, anchor
from kpi_pipeline.reports.packs.document import Block, Column, Facts, Prose, Row, Section, Table, Text
from kpi_pipeline.reports.packs.sections.people import previous_report
from kpi_pipeline.reports.packs.words import of_count
from kpi_pipeline.reports.restated import restated

RESTATED = 15


def restatements(context: Context) -> Section:
    """Values that earlier reports showed and that are materially different now, with the cause by the receipts."""
    words, language = context.words, context.language
    since = previous_report(context)
    shown = {kpi.id: {context.day_of(kpi), *context.days_before(kpi)} for kpi in context.kpis}
    found = [
        each
        for each in restated(context.reading.store, context.company, since=since, known_at=context.known_at)
        if each.is_material and not each.segment and each.day in shown.get(each.kpi, ())
    ]
    if not found:
        return Section("restatements", words["restatements"], (Prose(words["no_restatements"]),))
    found.sort(key=lambda each: each.day, reverse=True)
    columns = (
        Column(words["kpi"], share=2),
        Column(words["of_day"], share=1.3),
        Column(words["reported"], numeric=True),
        Column(words["now"], numeric=True, share=1.2),
        Column(words["step"], numeric=True, share=1.2),
        Column(words["cause_of"], share=1.6),
    )
    rows = []
    for each in found[:RESTATED]:
        kpi = context.kpi(each.kpi)
        why = ", ".join(dict.fromkeys(CAUSES[language][cause.kind] for cause in each.causes))
        cells = (
            Text(kpi.title(language)),
            Text(day_text(each.day, language)),
            Text(kpi_text(kpi, each.reported, language)),
            context.amount(kpi, each.day),
            Text(step_text(kpi, each.now, each.reported, language)),
            Text(why or NOTHING, context.at(each.restated_at)),
        )
        rows.append(Row(cells))
    blocks: list[Block] = [Table(words["restatements"], columns, tuple(rows))]
    if len(found) > RESTATED:
        more = words["more_restated"].format(len(found) - RESTATED, context.company.id, since.date())
        blocks.append(Prose(more, "quiet"))
    return Section("restatements", words["restatements"], tuple(blocks))


def definitions(context: Context, kpis: list[Kpi]) -> Section:
    """What the KPIs mean, in the version that made the number, and since when that version counts."""
    words, language = context.words, context.language
    items = []
    for kpi in kpis:
        proof = context.main.get(kpi.id)
        formula = "" if proof is None else proof.receipt.formula.get(language, "")
        quiet = ""
        if proof is not None and proof.receipt.defined_at is not None:
            row, since = proof.receipt.row, context.at(proof.receipt.defined_at)
            quiet = words["definition"].format(row.definition_version, row.definition_hash, since)
        items.append((Text(kpi.title(language)), Text(formula or kpi.read_as(language) or kpi.origin, quiet)))
    return Section("definitions", words["definitions"], (Facts(tuple(items)),), folded=True)


def receipts(context: Context) -> Section:
    """The receipt of every number that was printed with its evidence."""
    words = context.words
    keys = [key for key, row in sorted(context.shown.items()) if row is not None and key in context.cited]
    proofs = context.proofs(keys)
    columns = (Column(words["value"], share=1.4), Column(words["receipt"], share=4))
    rows = []
    for (name, day), proof in proofs.items():
        kpi = context.kpi(name)
        number = context.number(kpi, day)
        head = Text(kpi.title(context.language), f"{day_text(day, context.language)}: {number.text}")
        rows.append(Row((head, Text(_receipt(context, proof), _trust(context, proof))), anchor=anchor(name, day)))
    how = f"{words['explain']}: kpi explain {context.company.id} <KPI> --on {context.until}"
    blocks: tuple[Block, ...] = (Prose(words["made_of"]), Prose(how, "quiet"))
    if rows:
        blocks = (*blocks, Table(words["receipts"], columns, tuple(rows), role="receipts"))
    return Section("receipts", words["receipts"], blocks, folded=True)


def _receipt(context: Context, proof: Proof) -> str:
    words, receipt = context.words, proof.receipt
    row = receipt.row
    window = f"{context.at(row.period_start)} – {context.at(row.period_end)}"
    if row.period_end - row.period_start < timedelta(seconds=1):
        window = context.at(row.period_end)
    rows = (
        f"{count_text(receipt.rows_checked, context.language)} {words['rows']} {words['checked']}, "
        f"{count_text(receipt.rows_failed, context.language)} {words['failed']}"
    )
    read = "; ".join(_read(context, name, state) for name, state in receipt.streams.items())
    link = "" if receipt.batch is None else f" · {words['batch']} {receipt.batch}"
    parts = [
        f"{words['receipt']} {receipt.id}",
        f"{words['window']} {window}",
        f"{words['recorded']} {context.at(row.recorded_at)}",
        words["by_definition"].format(row.definition_version, row.definition_hash),
        rows,
        f"{words['input']} {row.input_hash[:16]}",
        f"{words['run']} {row.run_id[:8]}{link}",
    ]
    return " · ".join(parts) + (f". {words['read']}: {read}" if read else "")


def _read(context: Context, name: str, state: StreamState | None) -> str:
    words = context.words
    if state is None:
        return f"{name} ({words['unknown']})"
    until = words["never"] if state.watermark is None else context.at(state.watermark)
    records = of_count("records", state.records, context.language)
    return f"{name} ({records}, {words['complete_until']} {until})"


def _trust(context: Context, proof: Proof) -> str:
    signs = {"yes": "✓", "no": "■", "unknown": "·"}
    said = []
    for mark in proof.trust.marks:
        sign = {"yes": "▲", "no": "✓"}[mark.verdict] if mark.name == "restated" else signs[mark.verdict]
        why = reason_text(mark, context.language) if sign != "✓" else ""
        name = MARKS[context.language][mark.name]
        if mark.name == "restated" and mark.verdict == "no":
            continue
        is_unknown = mark.verdict == "unknown" and bool(why)
        said.append(f"{sign} {why}" if is_unknown else f"{sign} {name}" + (f" ({why})" if why else ""))
    return ", ".join(said)
