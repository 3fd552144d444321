"""Who had a seat, and what was done from it: the product of DGSkills as its own database shows it at an instant."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.dgskills import crm
from kpi_pipeline.sandbox.truth.periods import DAY, local_date, midnight
from kpi_pipeline.sandbox.world.model import World

QUALIFYING = frozenset(
    (
        "create_assignment",
        "give_feedback",
        "open_class_report",
        "export_excel",
        "start_assignment",
        "hand_in",
        "reflect",
    )
)
EXPORT = "export_excel"
EPOCH = datetime.fromisoformat("1970-01-01T00:00:00+00:00")


@dataclass(frozen=True, slots=True)
class Seat:
    user: int
    role: str
    school: int
    segment: str
    phase: str
    seated_at: datetime
    left_at: datetime | None
    settled_at: datetime
    whole_month_from: datetime
    profile_set_at: datetime | None

    def taken(self, as_of: datetime) -> bool:
        return self.seated_at < as_of and (self.left_at is None or self.left_at >= as_of)


@dataclass(slots=True)
class Use:
    """Users by local day: those who did something that counts, and those who exported; and first instants by school."""

    active: dict[date, set[int]]
    exported: dict[date, set[int]]
    at_work: dict[int, dict[date, set[str]]]  # school → day → roles at work
    first_student: dict[int, datetime]


def seats(world: World, now: datetime) -> list[Seat]:
    schools = {each.id: each.company_id for each in world.product.accounts if each.signed_up_at <= now}
    by_school: dict[int, list[crm.Phase]] = {}
    for phase in crm.phases(world, now):
        by_school.setdefault(phase.school, []).append(phase)
    found = []
    for index, user in enumerate(world.product.users):
        company = schools.get(user.account_id or "")
        if user.internal or user.enabled_at > now or company is None:
            continue
        disabled = user.disabled_at if passed(user.disabled_at, now) else None
        for phase in by_school.get(int(company), ()):
            seated = max(user.enabled_at, phase.start)
            left = min((at for at in (disabled, phase.end) if at is not None), default=None)
            if left is not None and left <= seated:
                continue
            found.append(
                Seat(
                    user=index,
                    role=user.role,
                    school=phase.school,
                    segment=phase.segment,
                    phase=phase.kind,
                    seated_at=seated,
                    left_at=left,
                    settled_at=midnight(world.zone, local_date(world.zone, user.enabled_at) + 7 * DAY),
                    whole_month_from=_next_month(world.zone, seated),
                    profile_set_at=user.profile_set_at if passed(user.profile_set_at, now) else None,
                )
            )
    return found


def use(world: World, now: datetime) -> Use:
    """One walk over the events that the database has by now, our own people's left out."""
    product = world.product
    schools = {each.id: each.company_id for each in product.accounts if each.signed_up_at <= now}
    found = Use({}, {}, {}, {})
    last = (now - EPOCH) // timedelta(milliseconds=1)
    days: dict[int, date] = {}
    columns = (product.events.at, product.events.user, product.events.event, product.events.recorded_at)
    for at, user, event, recorded in zip(*(column.tolist() for column in columns), strict=True):
        name, who = product.events.names[event], product.users[user]
        if recorded > last or who.internal or name not in QUALIFYING:
            continue
        hour = at // 3_600_000
        if hour not in days:
            days[hour] = local_date(world.zone, EPOCH + timedelta(hours=hour))
        day = days[hour]
        found.active.setdefault(day, set()).add(user)
        if name == EXPORT:
            found.exported.setdefault(day, set()).add(user)
        company = schools.get(who.account_id or "")
        if company is None:
            continue
        found.at_work.setdefault(int(company), {}).setdefault(day, set()).add(who.role)
        instant = EPOCH + timedelta(milliseconds=at)
        if who.role == "student" and instant < found.first_student.get(int(company), now):
            found.first_student[int(company)] = instant
    return found


def users_of(days: dict[date, set[int]], first: date, last: date) -> set[int]:
    """Everybody who was there on one of the days, both included."""
    found: set[int] = set()
    day = first
    while day <= last:
        found |= days.get(day, set())
        day += DAY
    return found


def _next_month(zone: str, instant: datetime) -> datetime:
    """The first start of a month that is not before the instant."""
    day = local_date(zone, instant).replace(day=1)
    while midnight(zone, day) < instant:
        day = (day + 32 * DAY).replace(day=1)
    return midnight(zone, day)
