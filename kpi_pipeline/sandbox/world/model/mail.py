"""Mail: what Mailgun tells of the messages that it was given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class MailEvent:
    """`kind`: "accepted", "delivered", "temporary" (failed, tried again for 8 hours) or "permanent" (failed for good).

    The events API shows it from `shown_at` on: its newest half hour is not complete.
    """

    kind: str
    at: datetime
    shown_at: datetime
    code: int = 250
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Email:
    """One message to one recipient, with everything that happened to it, ascending.

    A message to three people has three records with the same `id`.
    """

    id: str
    recipient: str
    subject: str
    tags: tuple[str, ...]
    events: tuple[MailEvent, ...]
