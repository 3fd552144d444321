"""Post-event invitations by mail, and what customers answer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import even, token
from kpi_pipeline.sandbox.world.days import DAY, month_start, whole_second
from kpi_pipeline.sandbox.world.mister_dj.billing import Outcome, whole_second_span
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene
from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse, SurveyInvitation, World

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
NPS_FORM = "nps"
FAIR_FORM = "Fr8kIosk"
COMMENTS = (
    "Top avond!",
    "Dansvloer bleef vol.",
    "Geluid stond te hard.",
    "Fijn contact vooraf.",
    "Begon wat laat.",
    "",
)
KIOSK_VISITORS = 42

# Shares of promoters and detractors among answers, and of invitations answered.
USUAL = (0.745, 0.085)
DIP = (0.52, 0.21)
RECOVERY = (0.65, 0.11)
ANSWERS = 0.515
ANSWERS_IN_DIP = 0.30


def forms(scene: Scene) -> list[Form]:
    made = scene.starts_at - 30 * DAY
    scale = {"steps": 11, "start_at_one": False}
    nps = (
        FormField(
            "k6TP9oLGgHjl", "nps_event", "Hoe waarschijnlijk is het dat u ons aanbeveelt?", "opinion_scale", scale
        ),
        FormField("PNe8ZKBK8C2Q", "why", "Waarom geeft u dit cijfer?", "long_text"),
        FormField("rT4mVw0sYb7X", "dj_rating", "Hoe was de DJ?", "rating", {"steps": 5}),
    )
    kiosk = (
        FormField("fA1qKx9uPz2L", "occasion", "Wat viert u?", "short_text"),
        FormField("gB7nRt5wEy6M", "stand_rating", "Hoe vond u onze stand?", "rating", {"steps": 5}),
    )
    hidden = ("booking_id", "event_date", "invitation_id")
    return [
        Form(NPS_FORM, "Na het feest", made, made, nps, hidden, visits=5200),
        Form(FAIR_FORM, "Beurs", made, made, kiosk, ("stand",), visits=90),
    ]


def fill(world: World, scene: Scene, outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        day = outcome.contract.event_day
        if outcome.cancelled_at is None and day >= scene.first:
            _survey(world, scene, outcome, day)
    _kiosk(world, scene)


def _survey(world: World, scene: Scene, outcome: Outcome, event_day: date) -> None:
    booking = outcome.contract.booking_id
    r = scene.stream("survey", booking)
    if r.random() < 0.03:
        return
    sent = whole_second(scene.days.at(event_day + DAY, 10 * 3600 + r.random() * 5400))
    bounced = sent + 20 * timedelta(seconds=1) if r.random() < 0.03 else None
    original = f"inv-{booking}"
    _invite(world, scene, original, booking, sent, bounced, r, is_reminder=False)
    if bounced is not None:
        return
    chance = ANSWERS_IN_DIP if month_start(event_day + DAY) == scene.story.survey_dip else ANSWERS
    answers = even(scene.seed, "answers", event_day, _place(booking), 41) < chance
    wait = whole_second_span(r, MINUTE, MINUTE * 2) + timedelta(
        seconds=int(min(r.lognormvariate(2.5, 1.1), 320) * 3600)
    )
    late = r.random() < 0.02
    submitted = sent + (wait if not late else 14 * DAY + whole_second_span(r, HOUR, 5 * DAY))
    if not answers or submitted > sent + 5 * DAY:
        reminder = whole_second(scene.days.at(event_day + 6 * DAY, 11 * 3600 + r.random() * 3600))
        _invite(world, scene, f"{original}-R", booking, reminder, None, r, is_reminder=True)
    if not answers:
        if r.random() < 0.06:
            _respond(world, scene, booking, original, event_day, submitted, r, kind=r.choice(("started", "partial")))
        return
    _respond(world, scene, booking, original, event_day, submitted, r, kind="completed")
    if r.random() < 0.015:  # changes their mind: the later answer counts
        _respond(world, scene, booking, original, event_day, submitted + whole_second_span(r, HOUR, DAY), r, again=True)


def _invite(
    world: World, scene: Scene, id_: str, booking: str, sent: datetime, bounced: datetime | None, r: Random, *,
    is_reminder: bool,
) -> None:  # fmt: skip
    late = r.random() < 0.02
    world.invitations.append(
        SurveyInvitation(
            id=id_,
            booking_id=booking,
            form_id=NPS_FORM,
            sent_at=sent,
            delivered_at=None if bounced is not None else sent + timedelta(seconds=2 + int(r.random() * 60)),
            bounced_at=bounced,
            is_reminder=is_reminder,
            entered_at=sent + (whole_second_span(r, HOUR, 30 * HOUR) if late else 2 * MINUTE),
        )
    )


def _respond(
    world: World,
    scene: Scene,
    booking: str,
    invitation: str,
    event_day: date,
    at: datetime,
    r: Random,
    *,
    kind: str = "completed",
    again: bool = False,
) -> None:
    done = kind == "completed"
    hidden = {"booking_id": booking, "event_date": event_day.isoformat(), "invitation_id": invitation}
    if done and not again and r.random() < 0.01:
        hidden["event_date"] = ""
    answers: dict[str, object] = {}
    if kind != "started":
        answers["nps_event"] = _score(scene, event_day, booking, r)
    if done:
        answers["dj_rating"] = 1 + int(r.random() * 5)
        comment = r.choice(COMMENTS)
        if comment:
            answers["why"] = comment
    shown = whole_second_span(r, MINUTE, 30 * MINUTE) if r.random() < 0.2 else timedelta(seconds=int(r.random() * 5))
    world.responses.append(
        FormResponse(
            form_id=NPS_FORM,
            token=token("", scene.seed, "response", booking, again).lower(),
            response_type=kind,
            landed_at=at - timedelta(seconds=40 + int(r.random() * 300)),
            submitted_at=at if done else None,
            visible_at=at + shown,
            hidden=hidden,
            answers=answers,
            platform=r.choice(("mobile", "mobile", "tablet", "other")),
            deleted_at=at + 9 * DAY if r.random() < 0.002 else None,
        )
    )


def _score(scene: Scene, event_day: date, booking: str, r: Random) -> int:
    month = month_start(event_day)
    story = scene.story
    promoters, detractors = DIP if month == story.nps_dip else RECOVERY if month == story.nps_recovery else USUAL
    draw = even(scene.seed, "score", event_day, _place(booking), 43)
    if draw < promoters:
        return 9 + int(r.random() * 2)
    if draw < promoters + detractors:
        return 6 - min(6, int(r.expovariate(0.5)))
    return 7 + int(r.random() * 2)


def _place(booking: str) -> int:
    """A number that spreads the bookings of one event day."""
    return sum(map(ord, booking)) % 41


def _kiosk(world: World, scene: Scene) -> None:
    """The tablet at the fair was offline and sent all its answers in one second."""
    at = scene.story.fair
    for number in range(KIOSK_VISITORS):
        r = scene.stream("kiosk", number)
        world.responses.append(
            FormResponse(
                form_id=FAIR_FORM,
                token=token("", scene.seed, "kiosk", number).lower(),
                response_type="completed",
                landed_at=at - HOUR,
                submitted_at=at,
                visible_at=at + MINUTE,
                hidden={"stand": "B12"},
                answers={"occasion": r.choice(("bruiloft", "verjaardag")), "stand_rating": 1 + int(r.random() * 5)},
                platform="tablet",
            )
        )
