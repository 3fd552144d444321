"""What each kind of table is told in dashboards.yaml, and which facts it is computed from. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

Words = Mapping[str, str]


class Params(BaseModel):
    """Base of the parameters of a table. `views`: what panels can show of it, the first by default."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    views: ClassVar[tuple[str, ...]] = ("",)


class CustomerCohorts(Params):
    """Customers by the month of their first MRR: how many and how much MRR are left after so many months.

    `months` are columns, 0 the month of the first MRR itself; `cohorts` how many months of beginners are shown. Targets
    are percentages by month: of customers left, and of MRR left (net revenue retention).
    """

    views: ClassVar[tuple[str, ...]] = ("customers", "revenue")
    months: tuple[int, ...] = (0, 1, 3, 6, 12)
    cohorts: int = Field(default=24, ge=1, le=60)
    customer_targets: Mapping[int, Decimal] = Field(default_factory=dict)
    revenue_targets: Mapping[int, Decimal] = Field(default_factory=dict)


class FeatureCohorts(Params):
    """Accounts by the quarter of their sign-up: which share had ever used each feature after so many weeks."""

    features: Mapping[str, Words] = Field(min_length=1)
    weeks: tuple[int, ...] = (1, 4, 12, 24, 52)
    cohorts: int = Field(default=6, ge=1, le=20)


class FeatureUse(Params):
    """Which share of the active accounts of each plan used each feature in the last `days`."""

    features: Mapping[str, Words] = Field(min_length=1)
    days: int = Field(default=30, ge=1, le=365)


class Journey(Params):
    """What became of accounts after they signed up: first step, features used in 30 days, paying at day 45 or not.

    Of accounts that signed up in the `days` before 45 days ago.
    """

    features: Mapping[str, Words] = Field(min_length=1)
    days: int = Field(default=180, ge=30, le=730)


class LeadFunnel(Params):
    """How many of the leads of the last `months` whole months came to each stage until today, by month."""

    months: int = Field(default=12, ge=1, le=36)


class Pipeline(Params):
    """Open deals by the month in which they are expected to close, and their amounts weighted by the stage."""

    views: ClassVar[tuple[str, ...]] = ("forecast", "accuracy")


class PipelineOutcome(Params):
    """What came of the deals that were open at the end of each of the last `months` whole months, until today."""

    months: int = Field(default=6, ge=1, le=36)


class Quota(Params):
    """What somebody is to sell a quarter, in major units of the company's currency, from a day on."""

    amount: Decimal = Field(gt=0)
    since: date | None = None


class Rep(Params):
    """Somebody who sells: the owner's id in the CRM, how people know them, and their quotas in order of `since`."""

    owner: str
    name: str
    quota: tuple[Quota, ...] = ()


class Leaderboard(Params):
    """What each rep won in the running quarter, against the quota."""

    reps: tuple[Rep, ...] = Field(min_length=1)


class WinLoss(Params):
    """Qualified deals won and lost by month of closing."""

    months: int = Field(default=12, ge=1, le=36)


class Health(Params):
    """A score of 0 to 100 a paying customer: four parts of 25 points, by rules.

    Use: share of the people with access who were active in 30 days (`full_use` per cent gives all points). Breadth:
    how many of the `features` were used (`full_breadth` gives all). Trend: use of 30 days against the 30 before (half
    of it gives none). Support: tickets of 30 days (`no_tickets` or more gives none). From `healthy` on a customer is
    healthy, below `at_risk` at risk. `plans` from the smallest to the largest: those on the last cannot expand.
    """

    views: ClassVar[tuple[str, ...]] = ("distribution", "trend", "at_risk", "expansion")
    features: Mapping[str, Words] = Field(min_length=1)
    plans: tuple[str, ...] = ()
    full_use: int = Field(default=60, ge=1, le=100)
    full_breadth: int = Field(default=4, ge=1)
    no_tickets: int = Field(default=5, ge=1)
    healthy: int = Field(default=70, ge=1, le=100)
    at_risk: int = Field(default=40, ge=1, le=100)
    months: int = Field(default=6, ge=0, le=24)


class Initiatives(Params):
    """The items of one KPI's milestones with their state: done, ahead, on track, needing attention."""

    kpi: str


@dataclass(frozen=True, slots=True)
class TableKind:
    """A kind of table: the model of its parameters, and the facts that it reads."""

    params: type[Params]
    facts: tuple[str, ...]


KINDS: Mapping[str, TableKind] = {
    "customer_cohorts": TableKind(CustomerCohorts, ("mrr_change",)),
    "feature_cohorts": TableKind(FeatureCohorts, ("usage_day", "account")),
    "feature_use": TableKind(FeatureUse, ("usage_day", "account", "mrr_change")),
    "journey": TableKind(Journey, ("usage_day", "account", "mrr_change")),
    "lead_funnel": TableKind(LeadFunnel, ("prospect",)),
    "pipeline": TableKind(Pipeline, ("deal", "deal_outlook")),
    "pipeline_outcome": TableKind(PipelineOutcome, ("deal", "deal_step")),
    "leaderboard": TableKind(Leaderboard, ("deal", "deal_outlook")),
    "win_loss": TableKind(WinLoss, ("deal",)),
    "health": TableKind(
        Health, ("mrr_change", "usage_day", "product_user", "account", "support_ticket", "organisation")
    ),
    "initiatives": TableKind(Initiatives, ("milestone",)),
}
