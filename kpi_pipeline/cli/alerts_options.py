"""Arguments and options that several commands of `kpi alerts` share."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

UNTIL = "Until when: '3 days', '5 working days', 2026-12-01 (to its end), or a local time 2026-12-01T09:00."


class Severity(StrEnum):
    """The levels that something can be told at."""

    INFO = "info"
    WARNING = "warning"
    CRITICAL = "critical"


AlertArg = Annotated[str, typer.Argument(help="KPI id, rule id, or another subject such as source/stripe.")]
RuleOption = Annotated[str | None, typer.Option("--rule", help="The rule, where several are about the same KPI.")]
SegmentOption = Annotated[str | None, typer.Option("--segment", help="One segment of a KPI that has several.")]
SeverityOption = Annotated[
    Severity | None,
    typer.Option("--severity", help="The level it would be told at; without it the mildest that each rule has."),
]
By = Annotated[str, typer.Option("--by", help="Who does it: a name that others know.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for whoever reads it later.")]
