"""How long leads wait for a person, in office hours, and which of them try the product."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import KnownLead, leads
from kpi_pipeline.sandbox.truth.periods import DAY, BusinessDay, milliseconds
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, decimal, ratio
from kpi_pipeline.sandbox.world.model import World

OPENS, CLOSES = time(9), time(17)
WINDOW_DAYS = 7
HOUR_MS = 3_600_000
TO_TRIAL = timedelta(days=30)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    known = sorted(leads(world, now).values(), key=lambda lead: lead.created_at)
    trials = _trials(world, now)
    company = {lead.id: lead.organisation_id for lead in world.leads}
    found: Series = {name: {} for name in (*RESPONSE, "lead_to_trial")}
    for day in days:
        for name, value in _response(known, day).items():
            found[name][day.day] = value
        found["lead_to_trial"][day.day] = _to_trial(known, company, trials, day, now)
    return found


RESPONSE = (
    "crm_lead_response_time",
    "crm_lead_response_time_median",
    "crm_lead_response_time_p90",
    "crm_lead_response_within_2h",
)


def _response(known: list[KnownLead], day: BusinessDay) -> dict[str, TruthValue]:
    start, as_of = day.days_back(WINDOW_DAYS), day.as_of
    answered, waiting = [], []
    for lead in known:
        if not start <= lead.created_at < as_of:
            continue
        if lead.first_contact_at is not None and lead.first_contact_at < as_of:
            answered.append(office_ms(lead.created_at, lead.first_contact_at))
        else:
            waiting.append(office_ms(lead.created_at, as_of))
    counted = answered + [ms for ms in waiting if answered and ms > Fraction(sum(answered), len(answered))]
    in_time = sum(1 for ms in answered if ms < 2 * HOUR_MS)
    judged = len(answered) + sum(1 for ms in waiting if ms >= 2 * HOUR_MS)
    return {
        "crm_lead_response_time": ratio(sum(counted), len(counted), n=len(counted), scale=Fraction(1, HOUR_MS)),
        "crm_lead_response_time_median": percentile(answered, Fraction(1, 2), HOUR_MS),
        "crm_lead_response_time_p90": percentile(answered, Fraction(9, 10), HOUR_MS),
        "crm_lead_response_within_2h": ratio(in_time, judged, n=judged, scale=Fraction(100)),
    }


def office_ms(start: datetime, end: datetime) -> int:
    """Milliseconds of [start, end) from Monday to Friday between 09:00 and 17:00 UTC."""
    total, day = timedelta(), start.date()
    while day <= end.date():
        if day.weekday() < 5:
            opens, closes = datetime.combine(day, OPENS, UTC), datetime.combine(day, CLOSES, UTC)
            total += max(timedelta(), min(end, closes) - max(start, opens))
        day += DAY
    return milliseconds(total)


def percentile(ms: list[int], share: Fraction, unit_ms: int) -> TruthValue:
    """Linear between the two nearest values (type 7 of Hyndman and Fan 1996)."""
    if not ms:
        return TruthValue(None, None, None, 0)
    ranked = sorted(ms)
    place = share * (len(ranked) - 1)
    below = place.__floor__()
    above = min(below + 1, len(ranked) - 1)
    exact = ranked[below] + (place - below) * (ranked[above] - ranked[below])
    return TruthValue(decimal(exact / unit_ms), None, None, len(ranked))


def _trials(world: World, now: datetime) -> dict[int, list[datetime]]:
    """Organisation: the starts of its trials."""
    payer = {customer.id: customer.organisation_id for customer in world.customers}
    found: dict[int, list[datetime]] = {}
    for subscription in world.subscriptions:
        organisation = payer[subscription.customer_id]
        started = subscription.trial_start
        if organisation is not None and started is not None and subscription.created_at <= now:
            found.setdefault(organisation, []).append(started)
    return found


def _to_trial(
    known: list[KnownLead],
    company: dict[int, int | None],
    trials: dict[int, list[datetime]],
    day: BusinessDay,
    now: datetime,
) -> TruthValue:
    """Leads of the month to date whose organisation began a trial within 30 days; an earlier one does not count."""
    cut = day.cut(now, TO_TRIAL)
    base = [lead for lead in known if day.month_start() <= lead.created_at < day.as_of]
    tried = 0
    for lead in base:
        organisation = company[lead.id]
        starts = [] if organisation is None else trials.get(organisation, [])
        later = [at for at in starts if at >= lead.created_at]
        if later and min(later) < cut and min(later) - lead.created_at <= TO_TRIAL:
            tried += 1
    return ratio(tried, len(base), n=len(base), scale=Fraction(100))
