"""What must hold of money."""

from __future__ import annotations

from kpi_pipeline.schemas.base import Flag, Text, Whole
from kpi_pipeline.schemas.facts.base import FactModel, instant, maybe
from kpi_pipeline.schemas.polars_only import pandera as pa


class FxRate(FactModel):
    _order = (("from_day", "to_day"),)

    currency: Text = pa.Field(str_matches=r"^[A-Z]{3}$")
    from_day: Whole
    to_day: Whole = maybe()
    rate_e6: Whole = pa.Field(gt=0)

    class Config(FactModel.Config):
        unique = ("currency", "from_day")


class LedgerEntry(FactModel):
    entry_id: Text = pa.Field(unique=True)
    day: Whole
    account: Text
    kind: Text = pa.Field(isin=("balance", "outflow", "inflow"))
    category: Text
    amount_minor: Whole
    one_off: Flag
    restricted: Flag
    entered_by: Text = maybe()
    entered_at: Whole = instant(nullable=True)


MODELS: dict[str, type[FactModel]] = {
    "fx_rate": FxRate,
    "ledger_entry": LedgerEntry,
}
