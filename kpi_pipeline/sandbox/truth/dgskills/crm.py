"""What the CRM of DGSkills shows at an instant: schools, meetings, pilots and contracts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.periods import DAY, midnight
from kpi_pipeline.sandbox.world.model import Dated, World

QUALIFIED_STAGE, PILOT_STAGE = "salesqualifiedlead", "pilot"
ANNUAL_MONTHS = 12
DEMO = "Demo"
USP = "Aantoonbaarheid"


@dataclass(frozen=True, slots=True)
class Meeting:
    kind: str | None
    school: int | None
    created_at: datetime
    starts_at: datetime
    outcome: str
    reasons: tuple[str, ...]
    campaign: str | None

    @property
    def held(self) -> bool:
        return self.outcome == "COMPLETED"


@dataclass(frozen=True, slots=True)
class SchoolDeal:
    """A deal with its dates, each None as long as it is not known. Money is exact, in euros."""

    id: int
    school: int
    pilot_at: datetime | None
    pilot_ends: datetime | None
    closed_at: datetime | None
    won: bool
    months: int | None
    amount: Decimal
    one_time: Decimal
    contract_ends: datetime | None
    go: date | None
    live: date | None

    @property
    def annual(self) -> bool:
        return self.won and self.months is not None and self.months >= ANNUAL_MONTHS

    @property
    def pilot_ended_at(self) -> datetime | None:
        """Signed, lost, or past its last day."""
        ends = [at for at in (self.closed_at, self.pilot_ends) if at is not None]
        return max(min(ends), self.pilot_at) if ends and self.pilot_at is not None else None


@dataclass(frozen=True, slots=True)
class Phase:
    """A school in a pilot or under contract, [start, end)."""

    school: int
    segment: str
    region: str
    kind: str
    start: datetime
    end: datetime | None


def at_last(dated: Dated, now: datetime) -> str | None:
    """The value that holds by now."""
    values = [value for value, at in dated if at <= now]
    return values[-1] if values else None


def qualified(world: World, now: datetime) -> list[datetime]:
    """When each school that is in the CRM was first qualified."""
    found = []
    for school in world.organisations:
        if school.created_at > now or passed(school.archived_at, now):
            continue
        entries = [at for stage, at in school.lifecycle if stage == QUALIFIED_STAGE and at <= now]
        if entries:
            found.append(min(entries))
    return found


def meetings(world: World, now: datetime) -> list[Meeting]:
    found = []
    for each in world.engagements:
        if each.kind != "meeting" or each.created_at > now or passed(each.archived_at, now):
            continue
        reasons = at_last(each.custom.get("top3_reasons", ()), now)
        found.append(
            Meeting(
                kind=each.activity_type,
                school=each.organisation_id,
                created_at=each.created_at,
                starts_at=each.at,
                outcome=at_last(each.outcomes, now) or "SCHEDULED",
                reasons=tuple(reasons.split(";")) if reasons else (),
                campaign=at_last(each.custom.get("campaign", ()), now),
            )
        )
    return found


def deals(world: World, now: datetime) -> list[SchoolDeal]:
    found = []
    for deal in world.deals:
        if deal.created_at > now or passed(deal.archived_at, now) or deal.organisation_id is None:
            continue
        known = {name: at_last(dated, now) for name, dated in deal.custom.items()}
        entries = [at for stage, at in deal.stages if stage == PILOT_STAGE and at <= now]
        closed = deal.closed_at if passed(deal.closed_at, now) else None
        months = known.get("contract_months")
        found.append(
            SchoolDeal(
                id=deal.id,
                school=deal.organisation_id,
                pilot_at=min(entries) if entries else None,
                pilot_ends=_after(world, known.get("pilot_end")),
                closed_at=closed,
                won=closed is not None and bool(deal.won),
                months=None if months is None else int(months),
                amount=deal.amount,
                one_time=Decimal(known.get("one_time_amount") or 0),
                contract_ends=_after(world, known.get("contract_end")),
                go=_day(known.get("go_date")),
                live=_day(known.get("live_date")),
            )
        )
    return found


def phases(world: World, now: datetime) -> list[Phase]:
    """Pilots until they ended, contracts until their last day."""
    about = {school.id: school for school in world.organisations}
    found = []
    for deal in deals(world, now):
        school = about[deal.school]
        segment = at_last(school.custom["segment"], now) or ""
        region = at_last(school.custom["holiday_region"], now) or ""
        spans: list[tuple[str, datetime | None, datetime | None]] = [("pilot", deal.pilot_at, deal.pilot_ended_at)]
        if deal.won:
            spans.append(("contract", deal.closed_at, deal.contract_ends))
        for kind, start, end in spans:
            if start is not None and (end is None or end > start):
                found.append(Phase(deal.school, segment, region, kind, start, end))
    return found


def between(instants: Iterable[datetime | None], start: datetime, end: datetime) -> int:
    """How many lie in [start, end)."""
    return sum(1 for at in instants if at is not None and start <= at < end)


def week_start(zone: str, day: date) -> datetime:
    return midnight(zone, day - timedelta(days=day.weekday()))


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _after(world: World, text: str | None) -> datetime | None:
    """The end of a last day."""
    return None if text is None else midnight(world.zone, date.fromisoformat(text) + DAY)
