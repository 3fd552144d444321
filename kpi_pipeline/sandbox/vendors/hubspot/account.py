"""What belongs to the account itself: pipelines, property definitions, owners, details and API usage."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from kpi_pipeline.sandbox.limits import Limiter
from kpi_pipeline.sandbox.vendors.hubspot.kinds import Kind
from kpi_pipeline.sandbox.vendors.hubspot.records import Crm
from kpi_pipeline.sandbox.vendors.hubspot.text import boolean, iso
from kpi_pipeline.sandbox.world.model import CrmOwner, Pipeline, PipelineStage

FIELD_TYPES = {
    "string": "text",
    "number": "number",
    "datetime": "date",
    "date": "date",
    "enumeration": "select",
    "bool": "booleancheckbox",
}


def pipelines(crm: Crm, object_name: str) -> dict[str, Any]:
    """All pipelines of deals or tickets; probability, isClosed and ticketState are text."""
    made = iso(crm.world.starts_at)
    found = [each for each in crm.world.pipelines if each.object == object_name]
    return {"results": [_pipeline(each, order, made) for order, each in enumerate(found)]}


def owner(row: CrmOwner, made: datetime) -> dict[str, Any]:
    """Deals and contacts name the owner's `id`; `userId` is the login, null once it is archived."""
    return {
        "id": str(row.id),
        "email": row.person.email,
        "firstName": row.person.first_name,
        "lastName": row.person.last_name,
        "userId": None if row.archived else row.user_id,
        "userIdIncludingInactive": row.user_id,
        "type": "PERSON",
        "createdAt": iso(made),
        "updatedAt": iso(made),
        "archived": row.archived,
        "teams": [],
    }


def properties(kind: Kind) -> dict[str, Any]:
    """Definitions of all properties of a kind of object, one for each stage of its families included."""
    names = [*kind.properties, *(prefix + stage for prefix in kind.families for stage in kind.stages)]
    return {"results": [_property(kind, name) for name in names]}


def details(crm: Crm, now: datetime) -> dict[str, Any]:
    offset = now.astimezone(crm.zone).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    return {
        "portalId": 20_000_000 + crm.world.seed,
        "accountType": "STANDARD",
        "timeZone": crm.world.zone,
        "companyCurrency": crm.world.currency,
        "additionalCurrencies": [],
        "utcOffset": f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": "app-eu1.hubspot.com",
        "dataHostingLocation": "eu1",
    }


def daily_usage(crm: Crm, limiter: Limiter, now: datetime) -> dict[str, Any]:
    """The day's calls; the counter starts anew at midnight of the account's zone."""
    return {
        "results": [
            {
                "name": "private-apps-api-calls-daily",
                "currentUsage": limiter.used("daily"),
                "usageLimit": limiter.limits["daily"].count,
                "resetsAt": iso(next_midnight(crm, now)),
                "collectedAt": iso(now),
                "fetchStatus": "SUCCESS",
            }
        ]
    }


def next_midnight(crm: Crm, now: datetime) -> datetime:
    day = now.astimezone(crm.zone).date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=crm.zone)


def owners(rows: Iterable[CrmOwner], *, archived: bool) -> list[CrmOwner]:
    return sorted((row for row in rows if row.archived == archived), key=lambda row: row.id)


def _pipeline(row: Pipeline, order: int, made: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "label": row.label,
        "displayOrder": order,
        "archived": False,
        "createdAt": made,
        "updatedAt": made,
        "stages": [_stage(row, stage, made) for stage in row.stages],
    }


def _stage(row: Pipeline, stage: PipelineStage, made: str) -> dict[str, Any]:
    metadata = {"isClosed": boolean(stage.is_closed)}
    if row.object == "tickets":
        metadata = {"ticketState": "CLOSED" if stage.is_closed else "OPEN", **metadata}
    elif stage.probability is not None:
        metadata["probability"] = f"{stage.probability:.1f}"
    return {
        "id": stage.id,
        "label": stage.label,
        "displayOrder": stage.order,
        "metadata": metadata,
        "archived": False,
        "createdAt": made,
        "updatedAt": made,
        "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
    }


def _property(kind: Kind, name: str) -> dict[str, Any]:
    known = kind.property(name)
    assert known is not None, name  # noqa: S101 - the name comes from the kind itself
    own = name.startswith("hs_") or name in kind.defaults
    return {
        "name": name,
        "label": name.removeprefix("hs_").replace("_", " ").capitalize(),
        "type": known.type,
        "fieldType": FIELD_TYPES[known.type],
        "description": "",
        "groupName": f"{kind.singular}information",
        "options": [],
        "calculated": name.startswith("hs_v2_"),
        "hidden": False,
        "hubspotDefined": own,
        "archived": False,
        "hasUniqueValue": False,
        "formField": False,
    }
