"""Events of a world as Mixpanel writes them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import orjson

from kpi_pipeline.sandbox.world.model import Events, ProductUser, World

TWICE = 1009  # every so manieth event is there twice


def lines(world: World, places: range, now: datetime, *, milliseconds: bool) -> bytes:
    """The events at `places` that Mixpanel has by now, a line each."""
    events, users = world.product.events, world.product.users
    cut = slice(places.start, places.stop)
    late = events.recorded_at if len(events.recorded_at) else events.at
    devices = events.device[cut].tolist() if len(events.device) else [-1] * len(places)
    known = [_person(user) for user in users]
    own = {name: column[cut].tolist() for name, column in events.properties.items()}
    cells = (events.at, late, events.user, events.event)
    rows = zip(places, *(column[cut].tolist() for column in cells), devices, strict=True)
    now_ms = round(now.timestamp() * 1000)
    written = []
    for row, (place, at, received, user, event, device) in enumerate(rows):
        if received > now_ms:
            continue
        properties: dict[str, Any] = {
            "time": at if milliseconds else at // 1000,
            "$insert_id": _insert_id(world, place),
            "mp_processing_time_ms": received,
            "mp_lib": "web",
        }
        if device >= 0:
            properties["$device_id"] = f"device-{device}"
        if user >= 0:
            properties |= known[user]
        else:
            properties["distinct_id"] = f"$device:device-{device}"
        properties |= {name: column[row] for name, column in own.items() if column[row] >= 0}
        line = orjson.dumps({"event": _name(events, event), "properties": properties})
        written.append(line)
        if place % TWICE == TWICE - 1:
            written.append(line)
    return b"".join(line + b"\n" for line in written)


def _person(user: ProductUser) -> dict[str, Any]:
    found: dict[str, Any] = {"distinct_id": user.id, "$user_id": user.id, "role": user.role}
    if user.account_id is not None:
        found["account_id"] = user.account_id
    if user.internal:
        found["internal"] = True
    return found


def _name(events: Events, place: int) -> str:
    return events.names[place]


def _insert_id(world: World, place: int) -> str:
    """Fixed for the place in the world, so that two exports agree."""
    return uuid.UUID(int=(world.seed << 64) + place * 0x9E3779B97F4A7C15 % (1 << 64)).hex
