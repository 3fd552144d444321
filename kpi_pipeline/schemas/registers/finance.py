"""Money and surveys in registers."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Day, Flag, Instant, StreamModel, Text, Whole, column


class SurveyInvitations(StreamModel):
    """One survey invitation (or reminder) that was sent for a booking."""

    invitation_id: Text = column("invitation_id", key=True)
    booking_id: Text = column("booking_id")
    form_id: Text = column("form_id")
    sent_at: Instant = column("sent_at", unit="iso")
    delivered_at: Instant = column("delivered_at", unit="iso", nullable=True)
    bounced_at: Instant = column("bounced_at", unit="iso", nullable=True)
    is_reminder: Flag = column("is_reminder")
    entered_at: Instant = column("entered_at", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "registers.survey_invitations"


class Ledger(StreamModel):
    """One line of the cash ledger: the balance of an account on a local day, or money that left or came in.

    `amount_minor` is positive for outflow and inflow, in minor units of `currency`; a balance may be negative.
    """

    entry_id: Text = column("entry_id", key=True)
    day: Day = column("day")
    account: Text = column("account")
    kind: Text = column("kind", isin=("balance", "outflow", "inflow"))
    category: Text = column("category")
    amount_minor: Whole = column("amount_minor")
    currency: Text = column("currency", str_matches=r"^[A-Z]{3}$")
    one_off: Flag = column("one_off")
    restricted: Flag = column("restricted")
    entered_by: Text = column("entered_by", hashed=True, nullable=True)
    entered_at: Instant = column("entered_at", unit="iso", nullable=True)

    class Config(StreamModel.Config):
        name = "registers.ledger"


class FxRates(StreamModel):
    """The ECB reference rate of a day: `rate_e6` millionths of `currency` for one euro; no row without a fixing."""

    day: Day = column("day", key=True)
    currency: Text = column("currency", key=True, str_matches=r"^[A-Z]{3}$")
    rate_e6: Whole = column("rate_e6", gt=0)

    class Config(StreamModel.Config):
        name = "registers.fx_rates"
