"""How large a restatement of a KPI must be before people are told of it."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

WRITTEN = re.compile(r"(\d+(?:\.\d+)?)(\s*%)?")


class Materiality(BaseModel):
    """A step in the KPI's unit, or with `is_share` a share of what was reported (0.01 for 1 %)."""

    model_config = ConfigDict(frozen=True)

    step: Decimal
    is_share: bool = False

    def holds(self, reported: Decimal | None, now: Decimal | None) -> bool:
        """Whether a change is large enough to tell; a value that came or went always is."""
        if reported is None or now is None:
            return reported is not now
        return reported != now and abs(now - reported) >= self.least(reported)

    def least(self, value: Decimal) -> Decimal:
        """The smallest change of a value that is told."""
        return abs(value) * self.step if self.is_share else self.step

    def __str__(self) -> str:
        return f"{(self.step * 100).normalize():f} %" if self.is_share else f"{self.step:f}"


def parse_materiality(raw: object) -> object:
    """0.5 → that many units of the KPI; '1 %' → that share of what was reported."""
    if raw is None or isinstance(raw, Materiality | dict):
        return raw
    match = WRITTEN.fullmatch(str(raw).strip())
    if match is None or isinstance(raw, bool):
        raise ValueError(f"{raw!r}: write a step in the KPI's unit such as 0.5, or a share such as '1 %'")
    step = Decimal(match[1])
    return {"step": step / 100, "is_share": True} if match[2] else {"step": step}


Material = Annotated[Materiality | None, BeforeValidator(parse_materiality)]

PER_CENT = Materiality(step=Decimal("0.01"), is_share=True)
# What people can see at the decimals of the unit; of amounts and durations a share, because their size says nothing.
BY_UNIT = {
    "percent": Materiality(step=Decimal("0.1")),
    "points": Materiality(step=Decimal(1)),
    "score": Materiality(step=Decimal("0.1")),
    "grade": Materiality(step=Decimal(1)),
    "EUR": Materiality(step=Decimal("0.005"), is_share=True),
    "USD": Materiality(step=Decimal("0.005"), is_share=True),
}


def materiality(unit: str, own: Materiality | None) -> Materiality:
    """What a KPI says of itself, else what its unit says: a step that can be seen, or one per cent."""
    return own if own is not None else BY_UNIT.get(unit, PER_CENT)
