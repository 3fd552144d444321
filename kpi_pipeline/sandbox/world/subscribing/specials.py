"""One subscription of each kind that recurring revenue turns on, so that no company's world lacks any."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from kpi_pipeline.sandbox.world.days import month_start
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.world.subscribing.cycles import plus_months
from kpi_pipeline.sandbox.world.subscribing.life import Account, Change, Life

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Offer:
    """The ids of what the special lives subscribe to and with; a case whose price or coupon is None is left out.

    `month` < `plus_month` and `year` < `plus_year` in price; `month2` is another product at the interval of `month`.
    `tiers` is monthly. `percent_*` and `amount_forever` are coupons, the amount in the currency of `month`.
    """

    month: str
    plus_month: str | None = None
    month2: str | None = None
    year: str | None = None
    plus_year: str | None = None
    week: str | None = None
    day: str | None = None
    quarter: str | None = None
    tiers: str | None = None
    usd: str | None = None
    gbp: str | None = None
    jpy: str | None = None
    inclusive: str | None = None
    metered: str | None = None
    percent_once: str | None = None
    percent_repeating: str | None = None
    percent_forever: str | None = None
    amount_forever: str | None = None
    parent_organisation_id: int | None = None
    tax_rate_id: str | None = None


def special_lives(world: World, seed: int, offer: Offer) -> list[Life]:
    """About 35 lives over the 13 months before the anchor and the 45 days after it."""
    return [life for life in _Cast(world, seed, offer).all() if life is not None]


class _Cast:
    def __init__(self, world: World, seed: int, offer: Offer) -> None:
        self.world, self.seed, self.offer = world, seed, offer
        self.today = datetime.combine(world.anchor, time(9, 30), UTC)

    def at(self, months: int, day: int, hour: int = 9) -> datetime:
        """A day of the month that lies so many months from the anchor's."""
        return datetime.combine(month_start(self.world.anchor, months).replace(day=day), time(hour, 20, day), UTC)

    def life(
        self, key: str, price: str | None, starts: datetime, quantity: int | None = 1, **more: object
    ) -> Life | None:
        """A life of its own account, or None when nothing like it is on offer."""
        if price is None or ("coupon" in more and more["coupon"] is None):
            return None
        account = more.pop("account", None) or Account(f"special-{key}", tax_rate_id=self.offer.tax_rate_id)
        return Life(f"special-{key}", account, starts, ((price, quantity),), **more)  # type: ignore[arg-type]

    def all(self) -> list[Life | None]:
        return [*self._trials(), *self._coupons(), *self._changes(), *self._pauses(), *self._ends(), *self._shapes()]

    def _trials(self) -> list[Life | None]:
        month, life, at = self.offer.month, self.life, self.at
        return [
            life("trial-paid", month, at(-8, 8), 2, trial_days=14, metadata={"account_id": "special-trial-paid"}),
            life("trial-lapsed", month, at(-6, 9), 2, trial_days=14, lapses=True),
            life("trial-again", month, at(-4, 9), 2, trial_days=14, account=Account("special-trial-lapsed")),
            life("trial-running", month, self.today - 5 * DAY, 3, trial_days=14),
            life("trial-annual", self.offer.year, at(-5, 12), 1, trial_days=30),
        ]

    def _coupons(self) -> list[Life | None]:
        offer, life, at = self.offer, self.life, self.at
        return [
            life("coupon-once", offer.month, at(-7, 3), 3, coupon=offer.percent_once),
            life("coupon-repeating", offer.month, at(-7, 4), 3, coupon=offer.percent_repeating),
            life("coupon-repeating-annual", offer.year, at(-7, 5), 1, coupon=offer.percent_repeating),
            life("coupon-forever", offer.month, at(-7, 6), 3, coupon=offer.percent_forever),
            life("coupon-amount", offer.month, at(-7, 7), 3, coupon=offer.amount_forever),
            life("coupon-later", offer.month, at(-9, 10), 2, coupon=offer.percent_forever, coupon_from=at(-4, 17)),
        ]  # fmt: skip

    def _changes(self) -> list[Life | None]:
        offer, life, at = self.offer, self.life, self.at
        month, plus = offer.month, offer.plus_month or offer.month
        more = (Change(at(-5, 11), ((month, 7),)), Change(at(-3, 19), ((month, 4),), invoice_now=True))
        year, plus_year = offer.year, offer.plus_year
        pair = Life(
            "special-two-products", Account("special-two-products"), at(-8, 21),
            ((month, 2), (offer.month2, 1)), coupon=offer.amount_forever,
            changes=(Change(at(-2, 26), ((month, 2),)),),
        ) if offer.month2 else None  # fmt: skip
        return [
            life("quantity", month, at(-9, 2), 5, changes=more),
            life("quantity-pending", month, self.today - 40 * DAY, 2,
                 changes=(Change(self.today - 4 * DAY, ((month, 6),)),)),
            life("upgrade", month, at(-10, 18), 2, changes=(Change(at(-4, 23), ((plus, 2),), invoice_now=True),)),
            life("downgrade", offer.plus_month, at(-10, 14), 2, changes=(Change(at(-6, 20), ((month, 2),)),)),
            life("annual-upgrade", year and plus_year and year, at(-9, 15),
                 changes=(Change(at(-4, 4), ((plus_year or "", 1),), invoice_now=True),)),
            life("annual-downgrade", plus_year and year and plus_year, at(-12, 13),
                 changes=(Change(at(-6, 4), ((year or "", 1),)),)),
            life("to-annual", year and month, at(-8, 16), changes=(Change(at(-3, 24), ((year or "", 1),)),)),
            pair,
        ]  # fmt: skip

    def _pauses(self) -> list[Life | None]:
        month, life, at, today = self.offer.month, self.life, self.at, self.today
        return [
            life("paused-void", month, at(-9, 5), 4, pauses=(("void", at(-5, 5), at(-3, 5)),)),
            life("paused-uncollectible", month, at(-9, 6), 4, pauses=(("mark_uncollectible", at(-4, 6), at(-3, 6)),)),
            life("paused-draft", month, at(-9, 7), 4, pauses=(("keep_as_draft", at(-5, 7), at(-3, 7)),)),
            life("paused-now", month, at(-6, 11), 4, pauses=(("void", today - 12 * DAY, None),)),
            life("paused-lately", month, at(-6, 12), 4, pauses=(("void", today - 19 * DAY, today - 6 * DAY),)),
            life("paused-draft-now", month, at(-6, 13), 4, pauses=(("keep_as_draft", today - 12 * DAY, None),)),
        ]  # fmt: skip

    def _ends(self) -> list[Life | None]:
        month, life, at, today = self.offer.month, self.life, self.at, self.today
        parent = self.offer.parent_organisation_id
        back = Account("special-comeback", tax_rate_id=self.offer.tax_rate_id)
        head, branch = (Account(f"special-{name}", organisation_id=parent) for name in ("parent-head", "parent-branch"))
        return [
            life("late-payer", month, at(-8, 25), 2, late=((at(-3, 20), 5), (today - 45 * DAY, 9))),
            life("gives-up", month, at(-9, 22), 2, never_pays_from=at(-3, 20)),
            life("period-end", month, at(-9, 12), 2, cancel_requested=at(-3, 28)),
            life("period-end-ahead", month, at(-9, 17), 2, cancel_requested=today - DAY),
            life("at-once", month, at(-9, 19), 2, ends=at(-2, 9)),
            life("same-month", month, at(-3, 2), 2, ends=at(-3, 27)),
            life("comeback", month, at(-11, 3), 3, account=back, cancel_requested=at(-7, 20)),
            life("comeback-again", month, at(-3, 11), 2, account=back),
            (parent and life("parent-head", month, at(-10, 3), 6, account=head, cancel_requested=at(-5, 20))) or None,
            (parent and life("parent-branch", month, at(-7, 8), 3, account=branch)) or None,
        ]  # fmt: skip

    def _shapes(self) -> list[Life | None]:
        offer, life, at = self.offer, self.life, self.at
        last = month_start(self.world.anchor, -9)
        while plus_months(datetime.combine(last, time(), UTC), 0).month not in (1, 3, 5, 7, 8, 10, 12):
            last = month_start(last, 1)
        end_of_month = datetime.combine(last.replace(day=31), time(11), UTC)
        mixed = ((offer.month, 1), (offer.metered, None)) if offer.metered else ()
        yearly = offer.year
        return [
            life("month-end", offer.month, end_of_month),
            life("weekly", offer.week, at(-5, 14)),
            life("daily", offer.day, at(-2, 20)),
            life("quarterly", offer.quarter, at(-10, 10)),
            life("tiers", offer.tiers, at(-6, 18), 17, changes=(Change(at(-3, 8), ((offer.tiers or "", 42),)),)),
            life("dollars", offer.usd, at(-10, 5), 3, changes=(Change(at(-4, 15), ((offer.usd or "", 5),)),)),
            life("pounds", offer.gbp, at(-10, 6), 2, cancel_requested=at(-2, 20)),
            life("yen", offer.jpy, at(-10, 7), 2),
            life("inclusive", offer.tax_rate_id and offer.inclusive, at(-6, 21), 3,
                 account=Account("special-inclusive", tax_rate_id=offer.tax_rate_id)),
            life("leap-year", yearly, at(-11, 28)),
            Life("special-metered", Account("special-metered"), at(-6, 24), mixed) if mixed else None,
        ]  # fmt: skip
