"""NPS and response rate, recounted by hand. Month judged: November 2025."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from kpi_pipeline.sandbox.truth import surveys
from kpi_pipeline.sandbox.world.model import FormResponse, SurveyInvitation

LAST = date(2025, 11, 30)


def november(day: int, hour: int = 12) -> datetime:
    return datetime(2025, 11, day, hour, tzinfo=UTC)


def answer(tiny: Any, booking: str, score: int | None, at: datetime, event: str = "2025-11-08", **more: Any) -> None:
    tiny.world.responses.append(
        FormResponse(
            form_id=more.get("form", "nps"),
            token=str(len(tiny.world.responses)),
            response_type=more.get("kind", "completed"),
            landed_at=at,
            submitted_at=at,
            visible_at=more.get("visible_at", at),
            hidden={"booking_id": booking, "event_date": event, "invitation_id": f"inv-{booking}"},
            answers={} if score is None else {"nps_event": score},
            platform="mobile",
            deleted_at=more.get("deleted_at"),
        )
    )


def invite(tiny: Any, booking: str, sent: datetime, *, bounced: datetime | None = None, reminder: bool = False) -> None:
    id_ = f"inv-{booking}{'-R' if reminder else ''}"
    tiny.world.invitations.append(SurveyInvitation(id_, booking, "nps", sent, sent, bounced, reminder, sent))


def test_nps_is_promoters_less_detractors_of_events_of_the_month(tiny: Any) -> None:
    for booking, score in {"a": 10, "b": 9, "c": 8, "d": 7, "e": 6, "f": 0, "g": 9}.items():
        answer(tiny, booking, score, november(10))
    answer(tiny, "h", 0, november(2), event="2025-10-31")
    answer(tiny, "i", 0, november(29), event="2025-12-01")
    answer(tiny, "j", None, november(10))
    answer(tiny, "k", 0, november(10), kind="partial")
    answer(tiny, "l", 0, november(10), form="other")
    answer(tiny, "m", 0, november(10), deleted_at=november(11))
    found = tiny.value(surveys.values, "nps_post_event", LAST)
    assert (found.numerator, found.denominator, found.n) == (1, 7, 7)
    assert abs(found.value - Decimal(100) / 7) < Decimal("1e-20")


def test_no_answer_is_no_value(tiny: Any) -> None:
    found = tiny.value(surveys.values, "nps_post_event", LAST)
    assert (found.value, found.denominator) == (None, 0)
    assert tiny.value(surveys.values, "nps_response_rate", LAST).value is None


def test_a_second_answer_replaces_the_first_from_the_day_it_is_known(tiny: Any) -> None:
    answer(tiny, "a", 10, november(9))
    answer(tiny, "a", 3, november(20))
    day = date(2025, 11, 9)
    assert tiny.value(surveys.values, "nps_post_event", day, november(19)).value == 100
    assert tiny.value(surveys.values, "nps_post_event", day, november(21)).value == -100


def test_answers_count_for_a_day_until_a_fortnight_after_it(tiny: Any) -> None:
    end = datetime(2025, 11, 8, 23, tzinfo=UTC)
    answer(tiny, "a", 10, end + timedelta(days=14, seconds=-1))
    answer(tiny, "b", 0, end + timedelta(days=14))
    assert tiny.value(surveys.values, "nps_post_event", date(2025, 11, 8)).n == 1
    assert tiny.value(surveys.values, "nps_post_event", date(2025, 11, 9)).n == 2


def test_an_answer_counts_once_typeform_shows_it(tiny: Any) -> None:
    answer(tiny, "a", 10, november(9), visible_at=november(9) + timedelta(minutes=30))
    day = date(2025, 11, 9)
    assert tiny.value(surveys.values, "nps_post_event", day, november(9) + timedelta(minutes=29)).n == 0
    assert tiny.value(surveys.values, "nps_post_event", day, november(9) + timedelta(minutes=30)).n == 1


def test_without_an_event_date_the_day_of_answering_decides(tiny: Any) -> None:
    answer(tiny, "a", 10, november(9), event="")
    answer(tiny, "b", 10, datetime(2025, 10, 31, 22, 59, tzinfo=UTC), event="")  # still October in Amsterdam
    assert tiny.value(surveys.values, "nps_post_event", LAST).n == 1


def test_response_rate_is_of_invitations_sent_in_the_month_and_answered_within_a_fortnight(tiny: Any) -> None:
    sent = november(5)
    for booking in "abcde":
        invite(tiny, booking, sent)
    invite(tiny, "a", november(10), reminder=True)
    invite(tiny, "f", datetime(2025, 10, 31, 22, 59, tzinfo=UTC))
    invite(tiny, "g", november(6), bounced=november(6))
    answer(tiny, "a", 9, sent + timedelta(days=14))  # just in time
    answer(tiny, "b", 9, sent + timedelta(days=14, seconds=1))  # too late
    answer(tiny, "c", 9, sent - timedelta(seconds=1))  # before it was sent
    answer(tiny, "d", 9, sent, kind="partial")
    answer(tiny, "e", None, sent)  # completed, without a score: an answer all the same
    answer(tiny, "e", 9, sent + timedelta(days=1))
    found = tiny.value(surveys.values, "nps_response_rate", LAST)
    assert (found.numerator, found.denominator, found.n) == (2, 6, 6)
    delivered = tiny.value(surveys.values, "nps_response_rate_delivered", LAST)
    assert (delivered.numerator, delivered.denominator, delivered.value) == (2, 5, Decimal(40))
