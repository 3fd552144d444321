"""Teachers and students of the schools that use the product, by pseudonym; and the school's calendar of use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpi_pipeline.sandbox.world.chance import token
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.dgskills.crm import organisation_id
from kpi_pipeline.sandbox.world.dgskills.lives import Life
from kpi_pipeline.sandbox.world.dgskills.scene import Scene
from kpi_pipeline.sandbox.world.model import ProductAccount, ProductUser

TEACHERS, STUDENTS = (6, 12), (18, 46)
WAITS_DAYS = 25


@dataclass(frozen=True, slots=True)
class Tenant:
    """A school in the product: use may begin on `begins`, and ends before `ends` (None: goes on)."""

    life: Life
    account: ProductAccount
    users: tuple[ProductUser, ...]
    begins: date
    ends: date | None


def tenants(scene: Scene, lives: list[Life]) -> list[Tenant]:
    """A tenant for each school with a go, in order of the go."""
    piloted = sorted((life for life in lives if life.go is not None), key=lambda life: (life.go, life.code))
    return [_tenant(scene, life, life.go) for life in piloted if life.go is not None]


def ours(scene: Scene) -> tuple[ProductAccount, tuple[ProductUser, ...]]:
    """Our own tenant, whose people count nowhere."""
    opened = scene.starts_at + timedelta(hours=1)
    account = ProductAccount(id="acc-dgskills", name="DGSkills", kind="internal", signed_up_at=opened)
    users = tuple(
        ProductUser(f"own-{number}", account.id, role, opened, internal=True)
        for number, role in enumerate(("teacher", "teacher", "student"))
    )
    return account, users


def _tenant(scene: Scene, life: Life, go: date) -> Tenant:
    r = scene.stream("tenant", life.code)
    opened = scene.days.at(go, 14 * 3600)
    account = ProductAccount(
        id=f"acc-{life.code}",
        name=life.name,
        kind="school",
        signed_up_at=opened,
        company_id=str(organisation_id(life)),
        setup_completed_at=opened + DAY,
    )
    begins = go + timedelta(days=WAITS_DAYS if life.habit == "waiting" else 3 + int(r.random() * 9))
    users: list[ProductUser] = []
    for role, (low, high) in (("teacher", TEACHERS), ("student", STUDENTS)):
        for number in range(low + int(r.random() * (high - low))):
            users.append(_user(scene, life, account, role, number, opened))
    ends = None
    if life.won is not True and life.pilot_end is not None:
        ends = life.pilot_end + timedelta(days=3)
    if life.won and life.contract_end is not None:
        ends = life.contract_end + DAY
    return Tenant(life, account, tuple(users), begins, ends)


def _user(scene: Scene, life: Life, account: ProductAccount, role: str, number: int, opened: datetime) -> ProductUser:
    """Most logins are opened at the go, a fifth in the weeks after; after going live some more."""
    r = scene.stream("user", life.code, role, number)
    late = r.random()
    enabled = opened + timedelta(minutes=number)
    if late > 0.8:
        enabled = scene.days.at(scene.days.date_of(opened) + timedelta(days=int(r.random() * 40)), 10 * 3600 + number)
    if late > 0.93 and life.live is not None:
        enabled = scene.days.at(life.live, 9 * 3600 + number)
    disabled = enabled + timedelta(days=30 + int(r.random() * 120)) if r.random() < 0.05 else None
    set_up = None
    if role == "student" and r.random() < (0.96 if life.segment == "VSO" else 0.7):
        set_up = enabled + timedelta(minutes=int(60 + r.random() * 14 * 1440))
    if set_up is not None and disabled is not None and set_up >= disabled:
        set_up = None
    id_ = token("t-" if role == "teacher" else "s-", scene.seed, life.code, role, number)
    return ProductUser(id_, account.id, role, enabled, disabled, set_up)
