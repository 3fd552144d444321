"""Stripe's error bodies, in Stripe's words."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kpi_pipeline.sandbox.context import Refused
from kpi_pipeline.sandbox.vendors.wire import answer

DOCS = "https://stripe.com/docs/error-codes/"


def error(status: int, message: str, *, kind: str = "invalid_request_error", **more: Any) -> Response:
    """`{"error": {...}}` as every Stripe error is wrapped."""
    if "code" in more:
        more["doc_url"] = DOCS + str(more["code"]).replace("_", "-")
    return answer({"error": {**more, "message": message, "type": kind}}, status)


def missing(name: str, object_id: str, param: str = "id", status: int = 404) -> Response:
    """404 for an object that is not there (400 when its id came as another parameter)."""
    return error(status, f"No such {name}: '{object_id}'", code="resource_missing", param=param)


def bad_parameter(message: str, param: str, code: str | None = None) -> Refused:
    return Refused(error(400, message, param=param, **({} if code is None else {"code": code})))


def unknown_parameter(param: str) -> Refused:
    return bad_parameter(f"Received unknown parameter: {param}", param, "parameter_unknown")


def shown(key: str) -> str:
    """A key as Stripe repeats it: its kind and last four characters."""
    head = "_".join(key.split("_")[:2]) + "_" if key.count("_") >= 2 else ""
    return f"{head}{'*' * max(4, len(key) - len(head) - 4)}{key[-4:]}"
