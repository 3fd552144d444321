"""Subscriptions of a simulated company as its biller keeps them: customers, subscriptions, invoices, payments.

`Desk(world, seed).subscribe(life)` writes all records of one life; `live(…)` draws what becomes of one arrival;
`special_lives(…)` tells one of each kind that recurring revenue turns on.
"""

from __future__ import annotations

from kpi_pipeline.sandbox.world.subscribing.desk import Desk
from kpi_pipeline.sandbox.world.subscribing.fate import Rates, live
from kpi_pipeline.sandbox.world.subscribing.life import Account, Change, Life
from kpi_pipeline.sandbox.world.subscribing.specials import Offer, special_lives

__all__ = ["Account", "Change", "Desk", "Life", "Offer", "Rates", "live", "special_lives"]
