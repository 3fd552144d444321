"""The survey that teachers get every two weeks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY, whole_second
from kpi_pipeline.sandbox.world.dgskills.people import Tenant
from kpi_pipeline.sandbox.world.dgskills.scene import HOUR, Scene
from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse, ProductUser, World

FORM = "docenten"
FORTNIGHT = 14 * DAY
FIRST_MONDAY = date(2024, 1, 8)  # ISO week 2: a survey goes out in each even week, on its Monday
ASKED, ANSWERS = 0.45, 0.55


def form(scene: Scene) -> Form:
    made = scene.starts_at - 10 * DAY
    fields = (
        FormField("dN4qPz81LmVa", "teacher_nps", "Zou je DGSkills aanbevelen?", "opinion_scale",
                  {"steps": 11, "start_at_one": False}),
        FormField("tV7cXw02KsRe", "satisfaction", "Welk cijfer geef je?", "opinion_scale",
                  {"steps": 10, "start_at_one": True}),
        FormField("oP3hJk55BnYu", "remark", "Wat kan beter?", "long_text"),
    )  # fmt: skip
    return Form(
        FORM, "Tweewekelijkse peiling docenten", made, made, fields, ("respondent_id", "customer_id", "wave"), 900
    )


def fill(world: World, scene: Scene, tenants: list[Tenant]) -> None:
    world.forms.append(form(scene))
    for monday in _waves(scene):
        for tenant in tenants:
            if tenant.begins <= monday and (tenant.ends is None or monday < tenant.ends):
                for teacher in tenant.users:
                    if teacher.role == "teacher" and scene.days.date_of(teacher.enabled_at) <= monday:
                        _ask(world, scene, monday, tenant, teacher)
    world.responses.sort(key=lambda each: (each.landed_at, each.token))


def _waves(scene: Scene) -> Iterator[date]:
    monday = FIRST_MONDAY
    while monday <= scene.last:
        if monday >= scene.first:
            yield monday
        monday += FORTNIGHT


def _ask(world: World, scene: Scene, monday: date, tenant: Tenant, teacher: ProductUser) -> None:
    """Most answer within days, some after the two weeks; one in forty thinks again a day later."""
    r = scene.stream("survey", teacher.id, monday)
    if r.random() > ASKED:
        return
    sent = scene.days.at(monday, 8.5 * 3600)
    if r.random() > ANSWERS:
        if r.random() < 0.1:
            _respond(world, scene, monday, tenant, teacher, sent + 5 * HOUR, r, kind=r.choice(("started", "partial")))
        return
    at = whole_second(sent + timedelta(hours=min(r.lognormvariate(2.6, 1.3), 17 * 24)))
    _respond(world, scene, monday, tenant, teacher, at, r)
    if r.random() < 0.025:
        _respond(world, scene, monday, tenant, teacher, at + DAY, r, again=True)


def _respond(
    world: World, scene: Scene, monday: date, tenant: Tenant, teacher: ProductUser, at: datetime, r: Random, *,
    kind: str = "completed", again: bool = False,
) -> None:  # fmt: skip
    done = kind == "completed"
    hidden = {"respondent_id": teacher.id, "wave": monday.isoformat()}
    if tenant.account.company_id is not None:
        hidden["customer_id"] = tenant.account.company_id
    happy = 0.5 if tenant.life.habit in ("fading", "pausing") else 0.75
    draw = r.random()
    nps = (
        9 + int(r.random() * 2)
        if draw < happy * 0.7
        else 7 + int(r.random() * 2)
        if draw < happy + 0.1
        else int(r.random() * 7)
    )
    answers: dict[str, object] = {} if kind == "started" else {"teacher_nps": nps}
    if done:
        answers["satisfaction"] = max(1, min(10, nps + r.choice((-1, 0, 0, 1))))
        if r.random() < 0.3:
            answers["remark"] = r.choice(("Meer voorbeelden", "Inloggen kost tijd", "Prima zo"))
    shown = timedelta(minutes=int(r.random() * 30)) if r.random() < 0.2 else timedelta(seconds=2)
    world.responses.append(
        FormResponse(
            form_id=FORM,
            token=token("", scene.seed, "response", teacher.id, monday, again, kind).lower(),
            response_type=kind,
            landed_at=at - timedelta(seconds=60 + int(r.random() * 200)),
            submitted_at=at if done else None,
            visible_at=at + shown,
            hidden=hidden,
            answers=answers,
            platform=r.choice(("mobile", "other", "tablet")),
        )
    )
