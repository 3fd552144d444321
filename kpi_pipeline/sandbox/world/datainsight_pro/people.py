"""The people with a login: one when an account signs up, its colleagues once it pays, and our own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from kpi_pipeline.sandbox.world.datainsight_pro.scene import Scene, between, epoch_ms
from kpi_pipeline.sandbox.world.datainsight_pro.tenants import Tenant
from kpi_pipeline.sandbox.world.days import DAY
from kpi_pipeline.sandbox.world.model import ProductUser

INTERNAL = 8
FOREVER = 1 << 62
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Users:
    """The users as records and as columns: when they may log in (epoch ms), and how eagerly they do."""

    records: list[ProductUser]
    enabled: Ints
    disabled: Ints
    zeal: NDArray[np.float64]
    admin_of: dict[int, int]  # tenant number → place of its first user

    def __len__(self) -> int:
        return len(self.records)


def users(scene: Scene, tenants: list[Tenant]) -> Users:
    # Our own come first: who joins later must not change their places.
    found = [
        ProductUser(f"staff-{number:02d}", None, "staff", scene.starts_at, internal=True) for number in range(INTERNAL)
    ]
    admin_of: dict[int, int] = {}
    for tenant in tenants:
        admin_of[tenant.number] = len(found)
        until = _until(tenant)
        found.append(_user(tenant, 0, tenant.signed_up_at, until))
        for number in range(1, 1 + tenant.seats // 2 if tenant.paid_at is not None else 1):
            r = scene.stream("user", tenant.number, number)
            enabled = (tenant.paid_at or tenant.signed_up_at) + between(r, timedelta(hours=1), 100 * DAY * number / 10)
            left = enabled + between(r, 60 * DAY, 500 * DAY) if r.random() < 0.12 else None
            ends = min((at for at in (left, until) if at is not None), default=None)
            if ends is None or enabled < ends:
                found.append(_user(tenant, number, enabled, ends))
    # Each from a generator of its own, so that who joins later changes nobody's zeal.
    idle = np.random.default_rng([scene.seed, 20]).random(len(found)) < 0.31
    keen = np.where(idle, 0.012, np.random.default_rng([scene.seed, 21]).gamma(2.4, 0.46, len(found)))
    begins = np.array([epoch_ms(user.enabled_at) for user in found], np.int64)
    ends_at = np.array(
        [FOREVER if user.disabled_at is None else epoch_ms(user.disabled_at) for user in found], np.int64
    )
    return Users(found, begins, ends_at, keen, admin_of)


def _user(tenant: Tenant, number: int, enabled: datetime, disabled: datetime | None) -> ProductUser:
    role = "admin" if number == 0 else "analyst" if number % 3 == 1 else "viewer"
    return ProductUser(f"usr-{tenant.number:04d}-{number:02d}", tenant.account_id, role, enabled, disabled)


def _until(tenant: Tenant) -> datetime | None:
    """Three days after the last subscription ended; None while one runs."""
    ends = [end for _, end in tenant.spans]
    known = [end for end in ends if end is not None]
    return None if len(known) < len(ends) or not known else max(known) + 3 * DAY
