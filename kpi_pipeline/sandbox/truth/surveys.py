"""What guests think after the event, and how many answer at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction

from kpi_pipeline.sandbox.truth.crm import passed
from kpi_pipeline.sandbox.truth.periods import BusinessDay, midnight
from kpi_pipeline.sandbox.truth.value import Series, TruthValue, ratio
from kpi_pipeline.sandbox.world.model import FormResponse, World

FORM, QUESTION = "nps", "nps_event"
SETTLES = timedelta(seconds=14 * 86_400)
ANSWER_TIME = timedelta(seconds=14 * 86_400)
PERCENT = Fraction(100)


def values(world: World, days: list[BusinessDay], now: datetime) -> Series:
    completed = [
        (response, response.submitted_at)
        for response in world.responses
        if response.form_id == FORM
        and response.response_type == "completed"
        and response.submitted_at is not None
        and response.visible_at <= now
        and not passed(response.deleted_at, now)
    ]
    rates = {day.day: _response_rates(world, completed, day, now) for day in days}
    return {
        "nps_post_event": {day.day: _nps(world, completed, day, now) for day in days},
        "nps_response_rate": {day: sent for day, (sent, _) in rates.items()},
        "nps_response_rate_delivered": {day: delivered for day, (_, delivered) in rates.items()},
    }


def _nps(world: World, completed: list[tuple[FormResponse, datetime]], day: BusinessDay, now: datetime) -> TruthValue:
    """Of events in the month so far: one answer a booking, the latest before the cut."""
    cut = day.cut(now, SETTLES)
    latest: dict[str, tuple[datetime, int]] = {}
    for response, submitted_at in completed:
        score = response.answers.get(QUESTION)
        if submitted_at >= cut or not isinstance(score, int):
            continue
        event_day = response.hidden.get("event_date")
        event_at = midnight(world.zone, date.fromisoformat(event_day)) if event_day else submitted_at
        if not day.month_start() <= event_at < day.as_of:
            continue
        respondent = response.hidden["booking_id"]
        if respondent not in latest or latest[respondent][0] < submitted_at:
            latest[respondent] = (submitted_at, score)
    scores = [score for _, score in latest.values()]
    promoters = sum(1 for score in scores if score >= 9)
    detractors = sum(1 for score in scores if score <= 6)
    return ratio(promoters - detractors, len(scores), n=len(scores), scale=PERCENT)


def _response_rates(
    world: World, completed: list[tuple[FormResponse, datetime]], day: BusinessDay, now: datetime
) -> tuple[TruthValue, TruthValue]:
    """Of invitations sent in the month so far, and of those that did not bounce."""
    cut = day.cut(now, SETTLES)
    sent = [
        invitation
        for invitation in world.invitations
        if invitation.entered_at <= now
        and not invitation.is_reminder
        and day.month_start() <= invitation.sent_at < day.as_of
    ]
    sent_at = {invitation.id: invitation.sent_at for invitation in sent}
    answered = set()
    for response, submitted_at in completed:
        invitation_id = response.hidden.get("invitation_id", "")
        if invitation_id not in sent_at or submitted_at >= cut:
            continue
        if timedelta() <= submitted_at - sent_at[invitation_id] <= ANSWER_TIME:
            answered.add(invitation_id)
    delivered = {i.id for i in sent if i.bounced_at is None or i.bounced_at >= cut}
    return (
        ratio(len(answered), len(sent), n=len(sent), scale=PERCENT),
        ratio(len(answered & delivered), len(delivered), n=len(delivered), scale=PERCENT),
    )
