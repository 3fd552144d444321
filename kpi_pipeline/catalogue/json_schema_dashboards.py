"""JSON Schema of dashboards.yaml: which keys a panel or a table has depends on its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from kpi_pipeline.catalogue.dashboards import PANELS, Dashboard, DataTable

Json = dict[str, Any]
OURS = ("line",)
REFERENCE = "#/definitions/{model}"
DASHBOARD = {
    "id": "The name of its page: small letters, digits and _.",
    "name": "Its name for people, by language; the company's own language is needed.",
    "audience": "Whom it is for, in the framework's words.",
    "cadence": "How often it is looked at.",
    "origin": "The framework's own wording.",
    "panels": "What it shows, in this order; each kind of panel has keys of its own.",
}


def dashboards(tables: Mapping[str, type[BaseModel]]) -> Json:
    """`tables` maps each kind of table beneath the KPIs to the model of its parameters."""
    board = _properties(Dashboard)
    board["panels"] = {"type": "array", "minItems": 1, "items": _of_kind(PANELS, "panel")}
    table = _of_kind(tables, "table") if tables else {"type": "object"}
    definitions: Json = {}
    for name, panel in PANELS.items():
        definitions[f"panel_{name}"] = _closed(panel, {})
    for name, params in tables.items():
        own = {"id": _properties(DataTable)["id"], "kind": {"const": name}}
        definitions[f"table_{name}"] = _closed(params, own, ("id", "kind"))
        definitions |= _nested(params)
    return {
        "title": "Dashboards",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "data": {"type": "array", "items": table, "description": "Tables computed from facts beneath the KPIs."},
            "dashboards": {
                "type": "array",
                "items": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": list(board),
                    "properties": {name: {**each, "description": DASHBOARD[name]} for name, each in board.items()},
                },
            },
        },
        "definitions": definitions,
    }


def _of_kind(models: Mapping[str, type[BaseModel]], prefix: str) -> Json:
    branches = [
        {
            "if": {"required": ["kind"], "properties": {"kind": {"const": name}}},
            "then": {"$ref": f"#/definitions/{prefix}_{name}"},
        }
        for name in models
    ]
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(models)}},
        "allOf": branches,
    }


def _closed(model: type[BaseModel], further: Json, required: tuple[str, ...] = ()) -> Json:
    schema = model.model_json_schema(ref_template=REFERENCE)
    return {
        "description": " ".join((model.__doc__ or "").split()),
        "additionalProperties": False,
        "required": [*required, *schema.get("required", ())],
        "properties": {**further, **_properties(model)},
    }


def _nested(model: type[BaseModel]) -> Json:
    """The definitions that the keys of a model refer to."""
    found = model.model_json_schema(ref_template=REFERENCE).get("$defs", {})
    return {name: {**each, "properties": _written(each["properties"])} for name, each in found.items()}


def _properties(model: type[BaseModel]) -> Json:
    return _written(model.model_json_schema(ref_template=REFERENCE)["properties"])


def _written(properties: Json) -> Json:
    """The keys as they are written; defaults stay out, because they are not written as models hold them."""
    return {
        name: {key: value for key, value in each.items() if key not in ("default", "title")}
        for name, each in properties.items()
        if name not in OURS
    }
