"""How Stripe talks: version, limits, errors. Sources: docs.stripe.com/api/errors, /rate-limits, stripe-python 16.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kpi_pipeline.connectors.budget import Rate
from kpi_pipeline.connectors.classify import OK, Reply, Success, Verdict, by_status

API_VERSION = "2026-10-28.endive"
PAGE = 100
ACCOUNT = "account"
LIVE, TEST, ENDPOINT = Rate(100), Rate(25), Rate(25)  # requests per second


def rates(paths: list[str], *, live: bool, per_endpoint: Rate = ENDPOINT) -> dict[str, Rate]:
    """Buckets of one account: all its requests together, and each endpoint by itself."""
    return {ACCOUNT: LIVE if live else TEST} | dict.fromkeys(paths, per_endpoint)


def classify(reply: Reply) -> Verdict:
    """Stripe's own word (Stripe-Should-Retry) rules; a 429 without a reason is an object lock, also worth a retry."""
    verdict = by_status(reply)
    error = reply.get("error")
    if verdict.outcome == "ok" and error is None:
        return OK
    reason = _said(reply, error if isinstance(error, Mapping) else {})
    if verdict.outcome == "ok":
        return Verdict("retry", f"{reason}, an error in a success")
    told = reply.headers.get("Stripe-Should-Retry")
    if told == "true":
        return Verdict("retry", reason, wait=verdict.wait)
    if told == "false" and verdict.outcome == "retry":
        return Verdict("bug", reason, remedy="Stripe says not to retry. See the request in its dashboard.")
    if reply.get("error", "code") == "resource_missing":
        return Verdict("gone", reason)
    return Verdict(verdict.outcome, reason, wait=verdict.wait, pause=verdict.pause, remedy=_remedy(reply))


def list_of(object_: str) -> Success:
    """Success: a list envelope whose rows all say that they are `object_`s (an invoice is no line)."""

    def fault(data: Any) -> str | None:
        if not isinstance(data, Mapping) or data.get("object") != "list":
            return "the body is not a list"
        if not isinstance(data.get("data"), list) or "has_more" not in data:
            return "the list has no data or no has_more"
        others = {str(row.get("object") if isinstance(row, dict) else row) for row in data["data"]} - {object_}
        return f"the list of {object_}s holds {', '.join(others)}" if others else None

    return fault


def one(object_: str) -> Success:
    """Success: the body is one `object_`."""

    def fault(data: Any) -> str | None:
        said = data.get("object") if isinstance(data, Mapping) else type(data).__name__
        return None if said == object_ else f"the body is {said}, not {object_}"

    return fault


def _said(reply: Reply, error: Mapping[str, Any]) -> str:
    parts = [f"HTTP {reply.status}"]
    parts += [str(error[name]) for name in ("type", "code", "message") if error.get(name)]
    if limited := reply.headers.get("Stripe-Rate-Limited-Reason"):
        parts.append(limited)
    if request := reply.headers.get("Request-Id"):
        parts.append(f"request {request}")
    if reply.unreadable:
        parts.append(reply.unreadable)
    return ": ".join(parts)


def _remedy(reply: Reply) -> str:
    if reply.status == 403:
        return "Give the restricted key read permission for what the message names, in Stripe's dashboard."
    return ""
