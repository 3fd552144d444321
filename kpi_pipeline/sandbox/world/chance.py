"""Randomness that depends only on what it is for, so that one record's life never disturbs another's."""

from __future__ import annotations

from base64 import b64encode
from datetime import date
from functools import lru_cache
from hashlib import blake2b
from random import Random

GOLDEN = 0.6180339887498949


def stream(seed: int, *key: object) -> Random:
    """The random stream of one thing, e.g. stream(7, "lead", day, 3); another key gives an unrelated one."""
    return Random(int.from_bytes(_digest(seed, key, 8), "big"))


def token(prefix: str, seed: int, *key: object) -> str:
    """A stable opaque id in the vendors' style, e.g. in_1Xy…: `prefix` and 24 letters and digits."""
    return prefix + b64encode(_digest(seed, key, 18), b"Qz").decode()


def uuid(seed: int, *key: object) -> str:
    """A stable id in the shape of a version 4 UUID."""
    digits = _digest(seed, key, 16).hex()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def even(seed: int, kind: str, day: date, index: int, per_day: int) -> float:
    """A number in [0, 1) for the `index`-th thing of a day, spread more evenly over neighbours than chance would.

    Additive recurrence of the golden ratio (Weyl 1916): shares over a month stay close to what was meant, so that the
    story of a KPI does not hang on luck.
    """
    return ((day.toordinal() * per_day + index) * GOLDEN + _offset(seed, kind)) % 1.0


@lru_cache
def _offset(seed: int, kind: str) -> float:
    return stream(seed, kind, "even").random()


def _digest(seed: int, key: tuple[object, ...], size: int) -> bytes:
    return blake2b("|".join([str(seed), *map(str, key)]).encode(), digest_size=size).digest()
