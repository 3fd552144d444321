"""What every entry of the YAML files shares: unknown keys are refused, spans and days are read as written."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

SPAN = re.compile(r"(\d+) (minutes?|hours?|days?)")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class Entry(BaseModel):
    """Base of everything read from YAML: frozen, and a key nobody knows is a fault, not a comment."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


def parse_span(text: object) -> object:
    """'14 days', '2 hours', '30 minutes' → timedelta."""
    if not isinstance(text, str):
        return text
    match = SPAN.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a span like '14 days', '2 hours' or '30 minutes'")
    unit = match[2].rstrip("s") + "s"
    return timedelta(**{unit: int(match[1])})


Duration = Annotated[timedelta, BeforeValidator(parse_span)]


def parse_days(raw: object) -> object:
    """'mon-fri' or 'mon, wed' → ISO weekday numbers 1-7."""
    if not isinstance(raw, str):
        return raw
    days: list[int] = []
    for part in raw.replace(" ", "").split(","):
        ends = part.split("-")
        if len(ends) > 2 or any(end not in WEEKDAYS for end in ends):
            raise ValueError(f"{raw!r}: write days as 'mon-fri' or 'mon, wed'")
        days.extend(range(WEEKDAYS.index(ends[0]) + 1, WEEKDAYS.index(ends[-1]) + 2))
    return tuple(days)


def one_or_more(raw: object) -> object:
    """One text or a list of texts → a list."""
    return [raw] if isinstance(raw, str) else raw
