"""What pages say of alerts that are held back or in hand, and of messages that did not arrive."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Held:
    """A silence, a pause, quiet hours or an acknowledgement: in a few words, and with by whom and why."""

    brief: str
    whole: str


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that was given up: since when, through which channel, what it was about, why, and what stands in."""

    at: str
    channel: str
    about: str
    error: str
    instead: str


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of alerts beside the observations; `held` by KPI."""

    held: Mapping[str, Sequence[Held]] = field(default_factory=dict)
    undelivered: Sequence[Undelivered] = ()
