"""What money is: rates and the cash ledger."""

from __future__ import annotations

from kpi_pipeline.facts.shape import MAYBE_SIGNED, FactSpec, flag, money, text, whole

SPECS = (
    FactSpec(
        "fx_rate",
        "How many units of a currency the ECB gives for one euro, and the local days on which that is the newest rate.",
        ("currency", "from_day"),
        {
            "currency": text("ISO 4217 code"),
            "from_day": whole("day of the fixing"),
            "to_day": whole(
                "first day it no longer holds: the next fixing, or the 8th day after this one", nullable=True
            ),
            "rate_e6": whole("units of the currency for one euro, in millionths"),
        },
        reads=(("registers", "fx_rates"),),
    ),
    FactSpec(
        "ledger_entry",
        "A balance of an account on a day, or money that left or came in.",
        ("entry_id",),
        {
            "entry_id": text("id in the register"),
            "day": whole("local date (days since 1970-01-01)"),
            "account": text("bank account"),
            "kind": text("balance, outflow or inflow"),
            "category": text("what for"),
            "amount_minor": money("amount, converted at the rate of its day"),
            "one_off": flag("will not come back; not part of the burn"),
            "restricted": flag("cannot be spent freely; not part of the cash"),
            **MAYBE_SIGNED,
        },
        reads=(("registers", "ledger"),),
        uses=("fx_rate",),
    ),
)
