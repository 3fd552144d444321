"""What customers, partners and employees answer: NPS by target group, innovative partner, satisfaction at work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random

from kpi_pipeline.sandbox.world.chance import even, token
from kpi_pipeline.sandbox.world.days import month_start
from kpi_pipeline.sandbox.world.inpact.scene import Scene
from kpi_pipeline.sandbox.world.model import Form, FormField, FormResponse, World

MINUTE = timedelta(minutes=1)
NPS_FORM, PARTNER_FORM, WORK_FORM = "klant-nps", "innovatieve-partner", "medewerkers"
FIRST_WAVE = date(2025, 10, 1)


@dataclass(frozen=True)
class Group:
    """`start` and `growth` are the shares of promoters and detractors in the first wave, and what a quarter adds."""

    name: str
    people: int
    start: tuple[float, float]
    growth: tuple[float, float]


GROUPS = (
    Group("gebruikers", 84, (0.36, 0.24), (0.035, -0.03)),
    Group("beslissers", 42, (0.42, 0.18), (0.025, -0.02)),
    Group("partners", 21, (0.30, 0.30), (0.05, -0.02)),
)
ANSWERS = 0.62


def forms(scene: Scene) -> list[Form]:
    made = scene.starts_at
    nps = FormField("n1KlANtNpS01", "nps_aanbevelen", "Zou u Inpact aanbevelen?", "nps")
    partner = FormField(
        "p1ArTnErInNo", "innovatieve_partner", "Inpact is een innovatieve sparringpartner", "opinion_scale",
        {"steps": 10, "start_at_one": True},
    )  # fmt: skip
    work = FormField(
        "w1ErKpLeZiEr", "tevredenheid", "Hoe tevreden ben je met je werk?", "opinion_scale",
        {"steps": 10, "start_at_one": True},
    )  # fmt: skip
    why = FormField("t1OeLiChTiNg", "toelichting", "Toelichting", "long_text")
    customer = ("respondent_id", "customer_id", "target_group", "wave")
    return [
        Form(NPS_FORM, "Klanttevredenheid", made, made, (nps, why), customer, visits=1900),
        Form(PARTNER_FORM, "Innovatieve partner", made, made, (partner, why), customer, visits=420),
        Form(WORK_FORM, "Medewerkersonderzoek", made, made, (work, why), ("respondent_id", "wave"), visits=700),
    ]


def fill(world: World, scene: Scene, customers: list[str]) -> None:
    """Every quarter the NPS and the satisfaction at work, every half year the partner question to `customers`."""
    world.forms += forms(scene)
    quarter, number = FIRST_WAVE, 0
    while quarter <= scene.last:
        wave = f"{quarter.year}-Q{(quarter.month + 2) // 3}"
        _nps(world, scene, quarter, wave, number, customers)
        _work(world, scene, quarter, wave)
        if quarter.month in (1, 7):
            _partner(world, scene, quarter, wave, customers)
        quarter, number = month_start(quarter, 3), number + 1
    world.responses.sort(key=lambda response: (response.landed_at, response.token))


def _nps(world: World, scene: Scene, quarter: date, wave: str, number: int, customers: list[str]) -> None:
    for group in GROUPS:
        promoters = group.start[0] + number * group.growth[0]
        detractors = max(0.04, group.start[1] + number * group.growth[1])
        for place in range(group.people):
            r = scene.stream("nps", group.name, wave, place)
            if r.random() > ANSWERS:
                continue
            draw = even(scene.seed, f"nps {group.name}", quarter, place, 1)
            score = 9 + int(r.random() * 2) if draw < promoters else 7 + int(r.random() * 2)
            if promoters <= draw < promoters + detractors:
                score = 6 - min(6, int(r.expovariate(0.6)))
            at = _moment(scene, r, month_start(quarter, 1), 20)
            hidden = {
                "respondent_id": f"{group.name[:2].upper()}{place:03d}",
                "customer_id": customers[place % len(customers)],
                "target_group": group.name,
                "wave": wave,
            }
            _respond(world, scene, NPS_FORM, ("nps", group.name, wave, place), at, hidden, "nps_aanbevelen", score, r)
            if r.random() < 0.04:  # changed their mind within the wave: the later answer counts
                again = at + timedelta(hours=30)
                key = ("nps", group.name, wave, place, "again")
                _respond(world, scene, NPS_FORM, key, again, hidden, "nps_aanbevelen", max(0, score - 2), r)


def _work(world: World, scene: Scene, quarter: date, wave: str) -> None:
    """In the first six weeks of a quarter; who has left by then is not asked."""
    for employee in world.employees:
        r = scene.stream("work", wave, employee.employee_id)
        at = _moment(scene, r, month_start(quarter, 1), 12)
        day = scene.days.date_of(at)
        gone = employee.left is not None and employee.left < day
        if r.random() < 0.68 and employee.joined <= day and not gone:
            score = max(1, min(10, round(r.gauss(7.3, 1.3))))
            hidden = {"respondent_id": employee.employee_id, "wave": wave}
            _respond(
                world, scene, WORK_FORM, ("work", wave, employee.employee_id), at, hidden, "tevredenheid", score, r
            )


def _partner(world: World, scene: Scene, quarter: date, wave: str, customers: list[str]) -> None:
    """One to three people of a customer; a customer's mean may be exactly seven and a half."""
    for place, customer in enumerate(customers):
        taste = scene.stream("partner", customer).gauss(7.7, 0.9)
        for number in range(1 + place % 3):
            r = scene.stream("partner", wave, customer, number)
            if r.random() > 0.55:
                continue
            score = max(1, min(10, round(taste + r.gauss(0, 1))))
            if place == 1:
                score = 7 + number % 2
            at = _moment(scene, r, month_start(quarter, 2), 25)
            hidden = {
                "respondent_id": f"{customer}-{number + 1}",
                "customer_id": customer,
                "target_group": "beslissers",
                "wave": wave,
            }
            key = ("partner", wave, customer, number)
            _respond(world, scene, PARTNER_FORM, key, at, hidden, "innovatieve_partner", score, r)


def _moment(scene: Scene, r: Random, first: date, within: int) -> datetime:
    return scene.days.at(first + timedelta(days=int(r.random() * within)), (8 + int(r.random() * 40_000) / 3600) * 3600)


def _respond(
    world: World, scene: Scene, form: str, key: tuple[object, ...], at: datetime, hidden: dict[str, str],
    question: str, score: int, r: Random,
) -> None:  # fmt: skip
    at = at.replace(microsecond=0)
    shown = timedelta(minutes=1 + int(r.random() * 28)) if r.random() < 0.2 else timedelta(seconds=3)
    half_way = r.random() < 0.03
    world.responses.append(
        FormResponse(
            form_id=form,
            token=token("", scene.seed, "response", *key).lower(),
            response_type="partial" if half_way else "completed",
            landed_at=at - timedelta(seconds=40 + int(r.random() * 300)),
            submitted_at=None if half_way else at,
            visible_at=at + shown,
            hidden=hidden,
            answers={question: score} | ({"toelichting": "Prima."} if r.random() < 0.3 else {}),
            platform=r.choice(("mobile", "other", "other")),
            deleted_at=at + timedelta(days=8) if r.random() < 0.004 else None,
        )
    )
