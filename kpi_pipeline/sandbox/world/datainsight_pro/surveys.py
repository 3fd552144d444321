"""Surveys by wave: customers every month (NPS and CSAT), the own team every quarter."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import even, token
from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, between
from kpi_pipeline.sandbox.world.days import DAY, month_start
from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse, World

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ASKED_ON = 6  # day of the month
ANSWERS = {"nps": 46, "csat": 58}  # a wave
TEAM = 23
# Shares of promoters and detractors
USUAL, BAD = (0.64, 0.11), (0.50, 0.22)
HIDDEN = ("respondent_id", "event_date", "wave")


def fill(world: World, scene: Scene) -> None:
    made = scene.starts_at - 10 * DAY
    for form, title, question, kind in (
        ("nps", "How likely are you to recommend us?", "nps", "nps"),
        ("csat", "How satisfied are you?", "csat", "rating"),
        ("team", "Working at DataInsight Pro", "team_satisfaction", "rating"),
    ):
        steps = 11 if kind == "nps" else 5
        asked = (
            FormField(f"f{form}1Qx", question, title, kind, {"steps": steps}),
            FormField(f"f{form}2Qx", "why", "Why?", "long_text"),
        )
        world.forms.append(Form(form, title, made, made, asked, HIDDEN, visits=4_000))
    month = scene.first
    while month <= scene.last:
        _wave(world, scene, month)
        month = month_start(month, 1)
    world.responses.sort(key=lambda response: (response.visible_at, response.token))


def _wave(world: World, scene: Scene, month: date) -> None:
    asked = month.replace(day=ASKED_ON)
    for form, count in ANSWERS.items():
        for number in range(count):
            _answer(world, scene, form, asked, number, f"cust-{number * 7 % 400:03d}")
    if month.month in (2, 5, 8, 11):
        # In May four people had started but the rest were on a workshop: too few answers to show.
        for number in range(4 if month.month == 5 else TEAM):
            _answer(world, scene, "team", asked + 4 * DAY, number, f"emp-{number:02d}")


def _answer(world: World, scene: Scene, form: str, asked: date, number: int, who: str) -> None:
    r = scene.stream("answer", form, asked, number)
    if asked > scene.last:
        return
    sent = scene.days.at(asked, 9 * 3600)
    wait = between(r, 10 * MINUTE, 6 * DAY) if r.random() < 0.9 else between(r, 10 * DAY, 22 * DAY)
    score = _score(scene, form, asked, number, r)
    _respond(world, scene, form, asked, who, sent + wait, score, r)
    if r.random() < 0.03:  # changes their mind: the later answer of a wave counts
        _respond(
            world, scene, form, asked, who, sent + wait + between(r, HOUR, 2 * DAY), max(1, score - 2), r, again=True
        )
    if r.random() < 0.04:
        _respond(world, scene, form, asked, f"{who}-half", sent + wait, 1, r, kind="partial")


def _score(scene: Scene, form: str, asked: date, number: int, r: Random) -> int:
    bad = month_start(asked) == scene.bad_month
    if form != "nps":
        happy = 0.52 if bad else 0.60
        draw = r.random()
        return 5 if draw < happy else 4 if draw < 0.9 else 3 if draw < 0.97 else 1 + int(r.random() * 2)
    promoters, detractors = BAD if bad else USUAL
    draw = even(scene.seed, "nps", month_start(asked), number, 1)
    if draw < promoters:
        return 9 + int(r.random() * 2)
    if draw < promoters + detractors:
        return 6 - min(6, int(r.expovariate(0.5)))
    return 7 + int(r.random() * 2)


def _respond(
    world: World, scene: Scene, form: str, asked: date, who: str, at: datetime, score: int, r: Random, *,
    again: bool = False, kind: str = "completed",
) -> None:  # fmt: skip
    done = kind == "completed"
    question = "team_satisfaction" if form == "team" else form
    late = between(r, MINUTE, 30 * MINUTE) if r.random() < 0.2 else timedelta(seconds=3)
    world.responses.append(
        FormResponse(
            form_id=form,
            token=token("", scene.seed, "response", form, asked, who, again).lower(),
            response_type=kind,
            landed_at=at - timedelta(seconds=90),
            submitted_at=at if done else None,
            visible_at=at + late,
            hidden={"respondent_id": who, "event_date": asked.isoformat(), "wave": f"{asked:%Y-%m}"},
            answers={question: score, **({"why": "Because."} if done and r.random() < 0.4 else {})},
            platform="other",
            deleted_at=at + 9 * DAY if r.random() < 0.004 else None,
        )
    )
