"""The forms of the alert desk: what each operation asks for, with a word of explanation at every field."""

from typing import Literal, Union

import dagster as dg
from pydantic import Field

ALERT = "KPI id, rule id, or another subject such as source/stripe."
BY = "Who does it: a name that others know."
REASON = "Why, for whoever reads it later."
RULE = "The rule, where several are about the same KPI; empty for all that fire."
UNTIL = "Until when: '3 days', '5 working days', 2026-12-01 (to its end), or a local time 2026-12-01T09:00."
ID = "Id, or the beginning of it; the operation `look` lists them."


class Look(dg.Config):
    """See what fires, what is silenced, and which decisions wait; changes nothing."""

    operation: Literal["look"] = "look"


class Silence(dg.Config):
    """Hold notices back for a while; alerts go on firing and reports show that they are silenced."""

    operation: Literal["silence"] = "silence"
    match: list[str] = Field(description="LABEL=VALUE, !=, =~ or !~, all of which must hold: kpi=nps_post_event.")
    until: str = Field(description=f"{UNTIL} At most 90 days.")
    start: str = Field(default="", description="When it begins, written alike; empty for now.")
    by: str = Field(description=BY)
    reason: str = Field(description=REASON)


class Unsilence(dg.Config):
    """End a silence before its time."""

    operation: Literal["unsilence"] = "unsilence"
    silence: str = Field(description=ID)
    by: str = Field(description=BY)


class Acknowledge(dg.Config):
    """Take a firing alert in hand: no repeats and no escalation until then, or until it gets worse or fires anew."""

    operation: Literal["acknowledge"] = "acknowledge"
    alert: str = Field(description=ALERT)
    rule: str = Field(default="", description=RULE)
    segment: str = Field(default="", description="One segment of a KPI that has several.")
    until: str = Field(default="", description=f"{UNTIL} Empty for as long as alerts.yaml says, 7 days.")
    by: str = Field(description=BY)
    reason: str = Field(description=REASON)


class Unacknowledge(dg.Config):
    """Take an acknowledgement back: the alert repeats and escalates again."""

    operation: Literal["unacknowledge"] = "unacknowledge"
    alert: str = Field(description=ALERT)
    rule: str = Field(default="", description=RULE)
    segment: str = Field(default="", description="One segment of a KPI that has several.")
    by: str = Field(description=BY)
    reason: str = Field(default="", description=REASON)


class Pause(dg.Config):
    """Stop judging a rule until somebody resumes it; unlike a silence it has no end."""

    operation: Literal["pause"] = "pause"
    alert: str = Field(description=ALERT)
    rule: str = Field(default="", description="The rule, where several are about the same KPI.")
    by: str = Field(description=BY)
    reason: str = Field(description=REASON)


class Resume(dg.Config):
    """Judge a paused rule again, beginning with what was measured meanwhile."""

    operation: Literal["resume"] = "resume"
    alert: str = Field(description=ALERT)
    rule: str = Field(default="", description="The rule, where several are about the same KPI.")
    by: str = Field(description=BY)
    reason: str = Field(description=REASON)


class Decide(dg.Config):
    """Write down what was decided, and who does what by when."""

    operation: Literal["decide"] = "decide"
    id: str = Field(description=ID)
    decision: str = Field(description="What was decided.")
    action_owner: str = Field(default="", description="Person who does it, by id; empty for nobody in particular.")
    action_due: str = Field(default="", description="Day by which, YYYY-MM-DD; empty for none.")
    by: str = Field(description=BY)


class Conclude(dg.Config):
    """Write down whether a decision worked."""

    operation: Literal["conclude"] = "conclude"
    id: str = Field(description=ID)
    outcome: str = Field(description="Whether it worked.")
    by: str = Field(description=BY)


Operation = Union[  # noqa: UP007  Dagster reads the members of a Union, not of a | b
    Look, Silence, Unsilence, Acknowledge, Unacknowledge, Pause, Resume, Decide, Conclude
]


class AlertDesk(dg.Config):
    """One thing to do about the alerts of a company."""

    do: Operation = Field(discriminator="operation", description="What to do; each operation has a form of its own.")
