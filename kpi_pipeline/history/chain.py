"""Hash chains: each link holds the hash of the one before; nothing can be changed, left out or put in unseen."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import orjson

START = "0" * 64


def canonical(content: Any) -> bytes:
    """Content as the same bytes whatever the order of its keys; exact decimals as text, instants in UTC."""
    return orjson.dumps(_plain(content), option=orjson.OPT_SORT_KEYS)


def link(previous: str, content: Mapping[str, Any]) -> str:
    """The hash of a link: sha256 over the hash of the one before and its own content, as hex."""
    return hashlib.sha256(previous.encode() + b"\n" + canonical(content)).hexdigest()


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def exact(value: Decimal | None) -> str | None:
    """A decimal as it is compared and hashed: without trailing zeros, never with an exponent."""
    return None if value is None else format(value.normalize(), "f")


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
