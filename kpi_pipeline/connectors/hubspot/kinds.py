"""The kinds of CRM records that we read, and how each names what all of them have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """One object type: its name in paths, its property of creation and of last change, and whom it belongs to."""

    path: str
    created: str = "createdate"
    modified: str = "hs_lastmodifieddate"
    belongs_to: tuple[str, ...] = ()

    @property
    def one(self) -> str:
        return SINGULAR.get(self.path, self.path)


SINGULAR = {"companies": "company", "feedback_submissions": "feedback submission"} | {
    name: name[:-1] for name in ("contacts", "deals", "tickets", "meetings", "calls", "emails")
}
KINDS: Mapping[str, Kind] = {
    "contacts": Kind("contacts", modified="lastmodifieddate", belongs_to=("companies",)),
    "companies": Kind("companies"),
    "deals": Kind("deals", belongs_to=("contacts", "companies")),
    "deal_stage_history": Kind("deals"),
    "meetings": Kind("meetings", created="hs_createdate", belongs_to=("contacts",)),
    "calls": Kind("calls", created="hs_createdate", belongs_to=("contacts",)),
    "emails": Kind("emails", created="hs_createdate", belongs_to=("contacts",)),
    "tickets": Kind("tickets", belongs_to=("contacts", "companies")),
    "feedback": Kind("feedback_submissions", created="hs_createdate", belongs_to=("contacts",)),
}
HISTORY = "deal_stage_history"
