"""Figures made of other figures: values of the day, of the month-ends before it, of the days before it."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from kpi_pipeline.sandbox.truth.datainsight_pro.counting import (
    PERCENT,
    Figures,
    month_ends_before,
    product,
    quotient,
    shown,
)
from kpi_pipeline.sandbox.truth.periods import BusinessDay
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal

POINTS = {
    "users_creating_dashboards": 10,
    "users_connecting_sources": 15,
    "users_generating_reports": 8,
    "users_collaborating": 12,
    "users_of_advanced_analytics": 20,
    "users_of_the_api": 5,
}
MOST_POINTS = 70
DAYS_A_MONTH = Fraction("30.4375")
ENOUGH_LTV_CAC, SOON_ENOUGH = 3, 18
UNHEALTHY, AT_RISK, HEALTHY = 0, 1, 2


def values(counted: Series, days: list[BusinessDay]) -> Series:
    """In an order in which nothing is asked before it is known."""
    figures = Figures(counted)
    for step in (_usage, _sales, _support, _revenue, _worth):
        found: Series = {}
        for day in days:
            for kpi, value in step(figures, day.day).items():
                found.setdefault(kpi, {})[day.day] = value
        counted.update(found)
    return counted


def _usage(figures: Figures, day: date) -> dict[str, TruthValue]:
    get, active = figures.value, "monthly_active_users"

    def share(kpi: str, of: str, scale: Fraction = Fraction(1)) -> TruthValue:
        return quotient(get(kpi, day), get(of, day), figures.fewest((kpi, day), (of, day)), scale)

    points = sum((weight * (get(kpi, day) or Fraction(0)) for kpi, weight in POINTS.items()), Fraction(0))
    actions = figures.fewest(*((kpi, day) for kpi in (*POINTS, active)))
    score = quotient(points, MOST_POINTS * (get(active, day) or Fraction(0)), actions)
    own = share("dashboards_of_active_users", active)
    visitors = counted_visitors(figures, day)
    now, before = get("api_calls_per_day", day), get("api_calls_per_day", month_ends_before(day, 1)[0])
    return {
        "monthly_active_users_pct": share(active, "enabled_users", PERCENT),
        "daily_active_users_pct": share("daily_active_users_mean", active, PERCENT),
        "weekday_active_users_pct": share("weekday_active_users_mean", active, PERCENT),
        "dashboards_per_user": share("dashboards_total", active),
        "dashboards_per_active_user": own,
        "business_value_score": score,
        "mabv": product(
            (get(active, day), _exact(own), _exact(score)), min(figures.n(active, day), own.n or 0, score.n or 0)
        ),
        "website_traffic": visitors,
        "signup_conversion_rate": quotient(
            get("trial_signups", day),
            _exact(visitors),
            min(figures.n("trial_signups", day), visitors.n or 0),
            PERCENT,
        ),
        "api_usage_growth": grown(now, before, figures, "api_calls_per_day", day),
        "content_return_on_investment": _less_one(figures, day),
    }


def counted_visitors(figures: Figures, day: date) -> TruthValue:
    kpi = "website_visitors_to_date"
    return product((figures.value(kpi, day),), figures.n(kpi, day))


def _less_one(figures: Figures, day: date) -> TruthValue:
    value = figures.value("content_marketing_roi", day)
    n = figures.n("content_marketing_roi", day)
    return TruthValue(None if value is None else decimal(value - 1), None, None, n)


def grown(now: Fraction | None, before: Fraction | None, figures: Figures, kpi: str, day: date) -> TruthValue:
    """Against the end of the month before, in percent; there is no growth from nothing."""
    if now is None or before is None:
        return TruthValue(None, None, shown(before), 0)
    n = figures.fewest((kpi, day), (kpi, month_ends_before(day, 1)[0]))
    value = decimal((now - before) * 100 / before) if before > 0 else None
    return TruthValue(value, shown(now - before), shown(before), n)


def _sales(figures: Figures, day: date) -> dict[str, TruthValue]:
    parts = ("qualified_open_deals", "win_rate_90d", "average_contract_value_90d", "deal_cycle_length_90d")
    opened, wins, worth, cycle = (figures.value(kpi, day) for kpi in parts)
    above = None
    if opened is not None and wins is not None and worth is not None:
        above = opened * wins / 100 * worth * DAYS_A_MONTH
    bookings, before = (figures.value("bookings", at) for at in (day, month_ends_before(day, 1)[0]))
    return {
        "pipeline_velocity": quotient(above, cycle, figures.fewest(*((kpi, day) for kpi in parts))),
        "bookings_growth": grown(bookings, before, figures, "bookings", day),
    }


def _support(figures: Figures, day: date) -> dict[str, TruthValue]:
    """Tickets on a monthly scale over the mean number of customers of the same days."""
    found = {}
    for kpi, tickets, length in (
        ("tickets_per_100_customers", "tickets_30d", 30),
        ("tickets_per_100_customers_7d", "tickets_7d", 7),
    ):
        back = [day - timedelta(days=number) for number in range(length)]
        raised = figures.value(tickets, day)
        above = None if raised is None else raised * 100 * DAYS_A_MONTH / length
        n = min(figures.n(tickets, day), *(figures.n("customers_total", each) for each in back))
        found[kpi] = quotient(above, figures.mean("customers_total", back), n)
    return found


def _revenue(figures: Figures, day: date) -> dict[str, TruthValue]:
    get = figures.value
    mrr, customers, month_end = get("mrr", day), get("customers_total", day), month_ends_before(day, 1)[0]
    both = figures.fewest(("mrr", day), ("customers_total", day))
    three = month_ends_before(day, 3)
    gains = {kpi: figures.mean(kpi, three) for kpi in ("expansion_mrr", "new_mrr", "reactivation_mrr")}
    gained = None if None in gains.values() else sum((each or Fraction(0) for each in gains.values()), Fraction(0))
    rows = figures.fewest(*((kpi, end) for kpi in gains for end in three))
    old = None if mrr is None else mrr - (get("new_mrr", day) or 0)
    cost, new = get("acquisition_cost", day), get("new_customers", day)
    return {
        "arr": product((Fraction(12), mrr), figures.n("mrr", day)),
        "arr_per_customer": quotient(None if mrr is None else 12 * mrr, customers, both),
        "arpa": quotient(mrr, customers, both),
        "revenue_growth_rate": quotient(
            get("mrr_movement", day),
            get("mrr", month_end),
            figures.fewest(("mrr_movement", day), ("mrr", month_end)),
            PERCENT,
        ),
        "expansion_revenue_share": quotient(gains["expansion_mrr"], gained, rows, PERCENT),
        "existing_customer_revenue_share": quotient(old, mrr, figures.fewest(("mrr", day), ("new_mrr", day)), PERCENT),
        "cac": quotient(cost, new, figures.fewest(("acquisition_cost", day), ("new_customers", day))),
        "arpa_new": quotient(get("new_mrr", day), new, figures.fewest(("new_mrr", day), ("new_customers", day))),
    }


def _worth(figures: Figures, day: date) -> dict[str, TruthValue]:
    """What a customer is worth and costs, how soon the cost is back, and whether that is healthy."""
    get = figures.value
    arpa, margin, cac, each_new = (get(kpi, day) for kpi in ("arpa", "gross_margin", "cac", "arpa_new"))
    ends = month_ends_before(day, 6)
    churn = figures.mean("monthly_churn_rate", ends)
    churned = min(figures.n("monthly_churn_rate", end) for end in ends)
    known = arpa is not None and margin is not None
    ltv = quotient(
        arpa * margin if known and arpa is not None and margin is not None else None,
        churn,
        min(figures.n("arpa", day), figures.n("gross_margin", day), churned),
    )
    whole = quotient(None if arpa is None else arpa * 100, churn, min(figures.n("arpa", day), churned))
    ratio = quotient(_exact(ltv), cac, min(ltv.n or 0, figures.n("cac", day)))
    monthly = None if each_new is None or margin is None else each_new * margin
    payback = quotient(
        None if cac is None else cac * 100,
        monthly,
        figures.fewest(("cac", day), ("arpa_new", day), ("gross_margin", day)),
    )
    if monthly is not None and monthly <= 0:
        payback = TruthValue(None, payback.numerator, payback.denominator, payback.n, "no_margin")
    return {
        "customer_lifetime_value": ltv,
        "customer_lifetime_value_without_margin": whole,
        "ltv_cac_ratio": ratio,
        "payback_period": payback,
        "unit_economics_health": _health(ratio, payback),
    }


def _health(ratio: TruthValue, payback: TruthValue) -> TruthValue:
    n = min(ratio.n or 0, payback.n or 0)
    if ratio.value is None or payback.value is None:
        return TruthValue(None, None, None, n)
    fulfilled = (ratio.value > ENOUGH_LTV_CAC) + (payback.value < SOON_ENOUGH)
    return TruthValue(Decimal((UNHEALTHY, AT_RISK, HEALTHY)[fulfilled]), None, None, n)


def _exact(figure: TruthValue) -> Fraction | None:
    return None if figure.value is None else Fraction(figure.value)
