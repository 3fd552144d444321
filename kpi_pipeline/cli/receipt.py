"""The receipt and the trust line of a number, as `kpi explain` prints them."""

from __future__ import annotations

from typing import Any

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.display import NOTHING
from kpi_pipeline.cli.output import console, table
from kpi_pipeline.history.receipts import Receipt
from kpi_pipeline.history.trust import WORDS, Trust, reason_text

SIGNS = {"yes": "[green]✓[/]", "no": "[red]■[/]", "unknown": "[dim]?[/]"}


def print_trust(company: Company, line: Trust) -> None:
    """One line: each mark with its sign, and why where it is not plain."""
    language = company.language
    parts: list[str] = []
    for mark in line.marks:
        if mark.name == "restated" and mark.verdict == "no":
            continue
        sign = "[yellow]↻[/]" if mark.name == "restated" else SIGNS[mark.verdict]
        why = reason_text(mark, language)
        parts.append(f"{sign} {WORDS[language][mark.name]}{f' ({why})' if why else ''}")
    console.print(" · ".join(parts))


def print_receipt(company: Company, receipt: Receipt) -> None:
    """Definition, run, software and proof; then each stream and fact as the run saw it."""
    row = receipt.row
    proof = NOTHING if receipt.batch is None else f"batch {receipt.batch}, digest {receipt.digest}"
    console.print(f"\n[bold]Receipt {receipt.id}[/bold]")
    console.print(
        f"definition v{row.definition_version} {row.definition_hash}, inputs {row.input_hash[:12]}, run {row.run_id}, "
        f"software {receipt.software or NOTHING}, {proof}",
        soft_wrap=True,
        markup=False,
    )
    streams: list[tuple[Any, ...]] = [
        (name, NOTHING, NOTHING, NOTHING, NOTHING)
        if state is None
        else (
            name,
            state.loads,
            f"{state.records:,}",
            state.quarantined,
            NOTHING if state.watermark is None else f"{state.watermark.astimezone(company.tz):%Y-%m-%d %H:%M}",
        )
        for name, state in receipt.streams.items()
    ]
    if streams:
        head = ("stream", "loads", "records", "quarantined", "complete until")
        table("", head, streams, right=("loads", "records", "quarantined"))
    facts: list[tuple[Any, ...]] = [
        (name, NOTHING, NOTHING, "not checked in that run")
        if state is None
        else (name, f"{state.rows:,}", state.failures, ", ".join(state.rules) or "every row fits")
        for name, state in receipt.facts.items()
    ]
    if facts:
        console.print()
        table("", ("fact", "rows", "failed", "checked"), facts, right=("rows", "failed"))
