"""A page is read only as far as paging needs it, and whole when it is not what was expected."""

from __future__ import annotations

import orjson
import pytest

from kpi_pipeline.connectors.stripe.glance import glance


def test_only_what_paging_needs_is_read() -> None:
    row = {"id": "in_1", "object": "invoice", "created": 5, "lines": {"data": [{"id": "il_1"}]}, "metadata": {"a": "b"}}
    body = orjson.dumps({"object": "list", "data": [row], "has_more": True, "url": "/v1/invoices"})
    assert glance("created")(body) == {
        "object": "list",
        "has_more": True,
        "data": [{"id": "in_1", "object": "invoice", "created": 5}],
    }


def test_another_shape_is_read_whole_for_the_error_to_say_what_came() -> None:
    body = {"object": "list", "data": {"id": "in_1"}, "message": "maintenance"}
    assert glance("created")(orjson.dumps(body)) == body
    assert glance("created")(b'{"error": {"type": "api_error"}}') == {"error": {"type": "api_error"}}


@pytest.mark.parametrize("body", [b'{"data": [{"id": "in_1", "li', b'{"data": [{"id": "in_1", "x": }]}', b"<html>"])
def test_broken_json_is_not_glossed_over(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"truncated|malformed|invalid|unexpected"):
        glance("created")(body)
