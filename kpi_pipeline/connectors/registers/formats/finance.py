"""The cash ledger, exchange rates, and the surveys that were sent."""

from __future__ import annotations

from kpi_pipeline.connectors.registers.formats.base import (
    AMOUNT,
    BY_HAND,
    CURRENCY,
    DAY,
    FLAG,
    INSTANT,
    TEXT,
    CellError,
    Column,
    Format,
    Row,
    amounts,
    choice,
    instant_not_before,
    millionths,
    positive,
)


def _says_direction_once(row: Row) -> None:
    if row["kind"] != "balance" and row["amount"] < 0:  # type: ignore[operator]
        raise CellError("amount", f'"{row["amount"]}" is negative; the kind ({row["kind"]}) already says the direction')


FORMATS = (
    Format(
        "survey_invitations",
        "Surveys and reminders that were sent",
        (
            Column("invitation_id", TEXT, example="I-1"),
            Column("booking_id", TEXT, example="B-1"),
            Column("form_id", TEXT, example="nps"),
            Column("sent_at", INSTANT),
            Column("delivered_at", INSTANT, optional=True),
            Column("bounced_at", INSTANT, optional=True),
            Column("is_reminder", FLAG),
            Column("entered_at", INSTANT, optional=True),
        ),
        key=("invitation_id",),
        rules=(instant_not_before("delivered_at", "sent_at"), instant_not_before("bounced_at", "sent_at")),
        notation="iso",
    ),
    Format(
        "ledger",
        "Balances of accounts and money that left or came in",
        (
            Column("entry_id", TEXT, example="L-1"),
            Column("day", DAY),
            Column("account", TEXT, example="operational"),
            Column("kind", choice("balance", "outflow", "inflow")),
            Column("category", TEXT, example="cash"),
            Column("amount", AMOUNT),
            Column("currency", CURRENCY),
            Column("one_off", FLAG),
            Column("restricted", FLAG),
            *(Column(each.header, each.kind, optional=True, example=each.example) for each in BY_HAND),
        ),
        key=("entry_id",),
        rules=(_says_direction_once, amounts("amount")),
    ),
    Format(
        "fx_rates",
        "ECB euro reference rates",
        (
            Column("day", DAY),
            Column("currency", CURRENCY, example="USD"),
            Column("rate", millionths("1,0853"), field="rate_e6"),
        ),
        key=("day", "currency"),
        rules=(positive("rate"),),
        notation="iso",
    ),
)
