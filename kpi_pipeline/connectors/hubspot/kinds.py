"""The kinds of CRM records that we read, and how each names what all of them have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type: its name in paths, its property of creation and of last change, and whom it belongs to.

    `history`: the stage property whose earlier values we need; HubSpot's own dates of entry tell the latest entry only.
    """

    path: str
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    belongs_to: tuple[str, ...] = ()
    history: str | None = None

    @property
    def one(self) -> str:
        return SINGULAR.get(self.path, self.path)


SINGULAR = {"companies": "company", "feedback_submissions": "feedback submission"} | {
    name: name[:-1] for name in ("contacts", "deals", "tickets", "meetings", "calls", "emails")
}
KINDS: Mapping[str, Kind] = {
    "contacts": Kind("contacts", modified="lastmodifieddate", belongs_to=("companies",), history="lifecyclestage"),
    "companies": Kind("companies", history="lifecyclestage"),
    "deals": Kind("deals", belongs_to=("contacts", "companies")),
    "deal_stage_history": Kind("deals", history="dealstage"),
    "meetings": Kind("meetings", created="hs_createdate", belongs_to=("contacts", "companies")),
    "calls": Kind("calls", created="hs_createdate", belongs_to=("contacts",)),
    "emails": Kind("emails", created="hs_createdate", belongs_to=("contacts",)),
    "tickets": Kind("tickets", belongs_to=("contacts", "companies")),
    "feedback": Kind("feedback_submissions", created="hs_createdate", belongs_to=("contacts",)),
}
HISTORY = "deal_stage_history"
