"""Amounts into the company's currency at ECB reference rates, in whole numbers."""

from __future__ import annotations

import ibis
from ibis.expr.types import IntegerColumn, IntegerValue, StringColumn, Table

from kpi_pipeline.errors import FactError
from kpi_pipeline.facts.arithmetic import quotient_half_up
from kpi_pipeline.facts.local_time import from_day_number
from kpi_pipeline.facts.tables import FactTables

EURO_E6 = 1_000_000
# docs.stripe.com/currencies; every other currency has two decimals.
ZERO_DECIMALS = (
    "BIF",
    "CLP",
    "DJF",
    "GNF",
    "JPY",
    "KMF",
    "KRW",
    "MGA",
    "PYG",
    "RWF",
    "VND",
    "VUV",
    "XAF",
    "XOF",
    "XPF",
)
THREE_DECIMALS = ("BHD", "JOD", "KWD", "OMR", "TND")


def with_rates(facts: FactTables, rows: Table, *, day: str, what: str) -> Table:
    """`rows` (they have a column `currency`) with `from_e6` and `to_e6`, the rates in force on the local day `day`.

    Both are units for one euro in millionths: of the row's currency and of the company's. `what` names the rows in an
    error.
    Raises FactError that names each currency and day without a rate on it or in the seven days before.
    """
    home = facts.company.currency
    rated = rows.mutate(_home=ibis.literal(home))
    rated = _rate(rated, facts.table("fx_rate"), "currency", day, "from_e6")
    rated = _rate(rated, facts.table("fx_rate"), "_home", day, "to_e6").drop("_home")
    rated = facts.computed(rated)
    missing = rated.filter(rated.from_e6.isnull() | rated.to_e6.isnull()).select("currency", day).distinct()
    gaps = sorted((row["currency"], row[day]) for row in missing.to_pyarrow().to_pylist())
    if gaps:
        named = ", ".join(f"{currency} on {from_day_number(number)}" for currency, number in gaps[:10])
        named += f" and {len(gaps) - 10} more" if len(gaps) > 10 else ""
        raise FactError(
            f"converting {what} of {facts.company.id} to {home}",
            f"there is no exchange rate for {named}, nor in the seven days before",
            remedy="Add the missing ECB reference rates to the register fx_rates",
        )
    return rated


def _rate(rows: Table, fx: Table, currency: str, day: str, name: str) -> Table:
    """The rate in force, as column `name`. Rows in the company's currency need none; the euro is its own unit."""
    fx = fx.select(_currency="currency", _from="from_day", _to="to_day", _e6="rate_e6").view()
    in_force = [rows[currency] == fx._currency, rows[day] >= fx._from, rows[day] < fx._to]
    joined = rows.left_join(fx, in_force)
    needless = (joined.currency == joined._home) | (joined[currency] == "EUR")
    rate = ibis.ifelse(needless, ibis.literal(EURO_E6, "int64"), joined._e6)
    return joined.select(*rows.columns, **{name: rate})


def converted(amount: IntegerColumn, currency: StringColumn, rated: Table, home: str) -> IntegerValue:
    """Minor units of `currency` → minor units of `home`, half a cent up; rates are those of `with_rates`."""

    def power(sign: int) -> IntegerValue:
        to = decimals(home)
        factor = {decimals: 10 ** max(sign * (to - decimals), 0) for decimals in (0, 2, 3)}
        return ibis.cases(
            (currency.isin(ZERO_DECIMALS), ibis.literal(factor[0], "int64")),
            (currency.isin(THREE_DECIMALS), ibis.literal(factor[3], "int64")),
            else_=ibis.literal(factor[2], "int64"),
        )

    exact = quotient_half_up(amount * rated.to_e6 * power(+1), rated.from_e6 * power(-1))
    return ibis.ifelse(currency == home, amount, exact)


def decimals(currency: str) -> int:
    return 0 if currency in ZERO_DECIMALS else 3 if currency in THREE_DECIMALS else 2
