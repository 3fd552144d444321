"""JSON Schema of reports.yaml: which keys a section has depends on its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from kpi_pipeline.catalogue import explained_reports
from kpi_pipeline.catalogue.entry import WEEKDAYS
from kpi_pipeline.catalogue.reporting import SECTIONS, Report, Send, Stage, StageTarget
from kpi_pipeline.catalogue.thresholds import THRESHOLD

Json = dict[str, Any]
OURS = ("file", "line")
TEXT: Json = {"type": "string"}
DAY: Json = {"type": "string", "format": "date"}
TEXTS: Json = {"type": "object", "additionalProperties": TEXT}
ONE_OR_MORE: Json = {"anyOf": [TEXT, {"type": "array", "items": TEXT}]}
PERIOD = r"^(day|week|month|quarter|year|([2-9]|1[0-2]) weeks from \d{4}-\d\d-\d\d|\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d)$"
DUE = rf"^(({'|'.join(WEEKDAYS)}) |day [1-9]\d? )?([01]\d|2[0-3]):[0-5]\d$"
# What people write where a model holds something else.
WRITTEN: Mapping[str, Json] = {
    "period": {"type": "string", "pattern": PERIOD},
    "due": {"type": "string", "pattern": DUE},
    "origin": ONE_OR_MORE,
    "owners": ONE_OR_MORE,
    "to": ONE_OR_MORE,
    "name": TEXTS,
    "title": TEXTS,
    "note": TEXTS,
    "what": TEXTS,
    "since": DAY,
    "until": DAY,
    "first": DAY,
    "last": DAY,
    "wants": {"type": "string", "pattern": f"^{THRESHOLD.pattern}$"},
}


def reports() -> Json:
    """The schema of the file: a list of reports."""
    stage = _closed(Stage, {"targets": {"type": "array", "minItems": 1, "items": _closed(StageTarget, {})}})
    sections = {
        name: _closed(model, {"stages": {"type": "array", "minItems": 1, "items": stage}})
        for name, model in SECTIONS.items()
    }
    section: Json = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(SECTIONS)}},
        "allOf": [
            {
                "if": {"required": ["kind"], "properties": {"kind": {"const": name}}},
                "then": {"$ref": f"#/definitions/section_{name}"},
            }
            for name in SECTIONS
        ],
    }
    own: dict[str, Json] = {
        "sections": {"type": "array", "minItems": 1, "items": section},
        "send": {"type": "array", "items": _closed(Send, {})},
    }
    return {
        "title": "Reports",
        "type": "array",
        "items": _closed(Report, own),
        "definitions": {f"section_{name}": each for name, each in sections.items()},
    }


def _closed(model: type[BaseModel], own: Mapping[str, Json]) -> Json:
    found = model.model_json_schema()
    sentences = explained_reports.MODELS.get(model.__name__, explained_reports.SECTION)
    filled_by = TEXT if model is StageTarget else ONE_OR_MORE
    written = {**WRITTEN, "filled_by": filled_by, **own}
    properties = {}
    for name, each in found["properties"].items():
        if name in OURS:
            continue
        shape = written.get(name) or {key: value for key, value in each.items() if key not in ("default", "title")}
        properties[name] = {**shape, "description": sentences[name]}
    return {
        "description": " ".join((model.__doc__ or "").split()),
        "type": "object",
        "additionalProperties": False,
        "required": [name for name in found.get("required", ()) if name not in OURS],
        "properties": properties,
    }
