"""How HubSpot talks: version, limits, errors. Sources: developers.hubspot.com usage guidelines and error handling."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_pipeline.connectors.budget import Rate
from kpi_pipeline.connectors.classify import Reply, Verdict, by_status, retry_after

API_VERSION = "2026-09"  # dated paths: released each March and September, served for 18 months
LIST_PAGE, SEARCH_PAGE, HISTORY_PAGE, ASSOCIATIONS_BATCH = 100, 200, 50, 1000

# The whole account's day, all requests but searches (per app), and searches (per account, for all its apps).
ACCOUNT, GENERAL, SEARCH = "account", "general", "search"
RATES = {ACCOUNT: Rate(250_000, 86_400), GENERAL: Rate(100, 10), SEARCH: Rate(5)}  # smallest plan, until headers tell

DAY_IS_USED_UP = 3600.0  # seconds; the counter is reset at the account's midnight, which no answer tells
WAITS = {"TEN_SECONDLY_ROLLING": 10.0, "SECONDLY": 1.0}


def objects(name: str, action: str = "") -> str:
    return f"/crm/objects/{API_VERSION}/{name}{action}"


def classify(reply: Reply) -> Verdict:
    """HubSpot's category and policy name first; a 429 of the day is final for the day."""
    verdict = by_status(reply)
    failed = reply.get("status") == "error" or reply.get("category") is not None
    if verdict.outcome == "ok":
        return Verdict("retry", _said(reply) + ", an error in a success") if failed else verdict
    reason = _said(reply)
    if reply.status == 429:
        return _too_many(reply, reason)
    if reply.status == 423:
        return Verdict("retry", reason, wait=2.0)
    if reply.status == 477:  # the account is being moved to another data centre
        return Verdict("throttled", reason, wait=retry_after(reply.headers) or DAY_IS_USED_UP, pause=True)
    if reply.status == 530 or verdict.outcome == "settings":
        return Verdict("settings", reason, remedy=_remedy(reply))
    return Verdict(verdict.outcome, reason, wait=verdict.wait, remedy=verdict.remedy)


def observe(reply: Reply) -> Mapping[str, Rate | float]:
    """What the rate headers say; searches carry none. Nothing is sent any more when they say nothing is left."""
    found: dict[str, Rate | float] = {}
    most, span = _number(reply, "Max"), _number(reply, "Interval-Milliseconds")
    if most and span:
        found[GENERAL] = span / 1000 if _number(reply, "Remaining") == 0 else Rate(most, span / 1000)
    daily = _number(reply, "Daily")
    if _number(reply, "Daily-Remaining") == 0:
        found[ACCOUNT] = DAY_IS_USED_UP
    elif daily:
        found[ACCOUNT] = Rate(daily, 86_400)
    return found


def _too_many(reply: Reply, reason: str) -> Verdict:
    policy = str(reply.get("policyName"))
    told = retry_after(reply.headers)
    if told is not None and told > 1000:  # one page of the documentation says the header is in milliseconds
        told = told / 1000
    if policy == "DAILY":
        return Verdict("throttled", reason, wait=told if told is not None else DAY_IS_USED_UP, pause=True)
    wait = min(told, 30.0) if told is not None else WAITS.get(policy)
    return Verdict("retry", reason, wait=wait, pause=wait is not None)


def _said(reply: Reply) -> str:
    parts = [f"HTTP {reply.status}"]
    for name in ("category", "policyName", "message", "correlationId"):
        value: Any = reply.get(name)
        if value is not None:
            parts.append(str(value))
    if reply.unreadable:
        parts.append(reply.unreadable)
    return ": ".join(parts)


def _remedy(reply: Reply) -> str:
    if reply.get("category") == "MISSING_SCOPES":
        return "Give the private app or service key the scopes that the message names."
    return ""


def _number(reply: Reply, name: str) -> float | None:
    value = reply.headers.get(f"X-HubSpot-RateLimit-{name}")
    try:
        return None if value is None else float(value)
    except ValueError:
        return None
