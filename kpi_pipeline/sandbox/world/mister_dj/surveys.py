"""Post-event invitations by mail, and what customers answer."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import even, token
from kpi_pipeline.sandbox.world.days import DAY, month_start
from kpi_pipeline.sandbox.world.mister_dj.billing import Outcome
from kpi_pipeline.sandbox.world.mister_dj.scene import Scene, whole_seconds
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
ANSWERS = 0.545
ANSWERS_IN_DIP = 0.30


def forms(scene: Scene) -> list[Form]:
    made = scene.starts_at - 30 * DAY
    scale = {"steps": 11, "start_at_one": False}
    nps = (
        FormField("k6TP9oLGgHjl", "nps_event", "Zou u ons aanbevelen?", "opinion_scale", scale),
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
    """Invite the host of every event that took place.

    Who answers and what is spread evenly over the events of a month, in their order: sixty answers drawn by chance
    would move an NPS by eight points either way and hide the dip. Contracts signed after the horizon have events after
    it, so the numbering does not change when the anchor moves.
    """
    held = [outcome for outcome in outcomes if outcome.cancelled_at is None]
    held.sort(key=lambda outcome: (outcome.contract.event_day, outcome.contract.signed_at, outcome.contract.booking_id))
    invited, answered = Counter[date](), Counter[date]()
    for outcome in held:
        event_day = outcome.contract.event_day
        month = month_start(event_day)
        invited[month] += 1
        chance = ANSWERS_IN_DIP if month == scene.story.survey_dip else ANSWERS
        answers = even(scene.seed, "answers", month, invited[month], 1) < chance
        answered[month] += answers
        draw = even(scene.seed, "score", month, answered[month], 1) if answers else None
        _survey(world, scene, outcome.contract.booking_id, event_day, draw)
    _kiosk(world, scene)


def _survey(world: World, scene: Scene, booking: str, event_day: date, draw: float | None) -> None:
    """One event's mails and answer; `draw` decides between promoter, passive and detractor, None: no answer."""
    r = scene.stream("survey", booking)
    if r.random() < 0.02:
        return
    sent = scene.days.at(event_day + DAY, 17 * 3600 + int(r.random() * 5400))
    bounced = sent + timedelta(seconds=20) if r.random() < 0.03 else None
    original = f"inv-{booking}"
    _invite(world, original, booking, sent, bounced, r, is_reminder=False)
    if bounced is not None:
        return
    hours = min(math.exp(r.gauss(1.3, 1.2)), 320)
    late = r.random() < 0.02
    submitted = sent + (14 * DAY + whole_seconds(r, HOUR, 5 * DAY) if late else timedelta(seconds=int(hours * 3600)))
    if draw is None or submitted > sent + 5 * DAY:
        reminder = scene.days.at(event_day + 6 * DAY, 11 * 3600 + int(r.random() * 3600))
        _invite(world, f"{original}-R", booking, reminder, None, r, is_reminder=True)
    if draw is None:
        if r.random() < 0.06:
            _respond(world, scene, booking, event_day, submitted, 5, r, kind=r.choice(("started", "partial")))
        return
    score = _score(scene, event_day, draw, r)
    _respond(world, scene, booking, event_day, submitted, score, r)
    if r.random() < 0.015:  # changes their mind: the later answer counts
        again = submitted + whole_seconds(r, HOUR, DAY)
        _respond(world, scene, booking, event_day, again, max(0, score - 1), r, again=True)


def _invite(
    world: World, id_: str, booking: str, sent: datetime, bounced: datetime | None, r: Random, *,
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
            entered_at=sent + (whole_seconds(r, HOUR, 30 * HOUR) if late else 2 * MINUTE),
        )
    )


def _respond(
    world: World,
    scene: Scene,
    booking: str,
    event_day: date,
    at: datetime,
    score: int,
    r: Random,
    *,
    kind: str = "completed",
    again: bool = False,
) -> None:
    done = kind == "completed"
    hidden = {"booking_id": booking, "event_date": event_day.isoformat(), "invitation_id": f"inv-{booking}"}
    if done and not again and r.random() < 0.01:
        hidden["event_date"] = ""
    answers: dict[str, object] = {}
    if kind != "started":
        answers["nps_event"] = score
    if done:
        answers["dj_rating"] = 1 + int(r.random() * 5)
        comment = r.choice(COMMENTS)
        if comment:
            answers["why"] = comment
    shown = whole_seconds(r, MINUTE, 30 * MINUTE) if r.random() < 0.2 else timedelta(seconds=int(r.random() * 5))
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


def _score(scene: Scene, event_day: date, draw: float, r: Random) -> int:
    month = month_start(event_day)
    story = scene.story
    promoters, detractors = DIP if month == story.nps_dip else RECOVERY if month == story.nps_recovery else USUAL
    promoters += scene.stream("mood", month).uniform(-0.03, 0.03)
    if draw < promoters:
        return 9 + int(r.random() * 2)
    if draw < promoters + detractors:
        return 6 - min(6, int(r.expovariate(0.5)))
    return 7 + int(r.random() * 2)


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
