"""JSON Schema of the files of a company, for editors: generated from the models that read the files.

Editors complete and check while somebody types; what only a whole company shows (owners, columns, cycles) stays with
`kpi catalogue check`. Draft 7, because that is what the YAML language server understands in full.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from pydantic import BaseModel, create_model
from pydantic.json_schema import GenerateJsonSchema, models_json_schema
from pydantic_core import core_schema

from kpi_pipeline.catalogue import explained, explained_alerts, explained_audit
from kpi_pipeline.catalogue.alerting import LABELS, Alerting
from kpi_pipeline.catalogue.days import DAYS
from kpi_pipeline.catalogue.entry import SPAN, Entry
from kpi_pipeline.catalogue.json_schema_dashboards import dashboards
from kpi_pipeline.catalogue.json_schema_reports import reports
from kpi_pipeline.catalogue.load import COMPANY_KEYS
from kpi_pipeline.catalogue.load_kpis import KPI_KEYS
from kpi_pipeline.catalogue.materiality import WRITTEN as MATERIAL
from kpi_pipeline.catalogue.model import THRESHOLD, Approval, Company, Explanation, Kpi, Reconciliation
from kpi_pipeline.catalogue.spans import SPAN as ANY_SPAN
from kpi_pipeline.catalogue.units import UNITS

DRAFT = "http://json-schema.org/draft-07/schema#"
REFERENCE = "#/definitions/{model}"
Json = dict[str, Any]


def schemas(
    kinds: Mapping[str, type[BaseModel]], facts: Collection[str], tables: Mapping[str, type[BaseModel]]
) -> dict[str, Json]:
    """File name → schema, of each kind of file a company has; kpis.json is also that of the files of kpis/."""
    return {
        "company.json": _company(facts),
        "kpis.json": _kpis(kinds, facts),
        "alerts.json": _alerts(facts),
        "audit.json": _audit(kinds),
        "dashboards.json": {"$schema": DRAFT, **dashboards(tables)},
        "reports.json": {"$schema": DRAFT, **reports()},
    }


def _company(facts: Collection[str]) -> Json:
    # What company.yaml holds; KPIs, alerts and audits are in files of their own.
    own: Any = {name: (each.annotation, each) for name, each in Company.model_fields.items() if name in COMPANY_KEYS}
    model = create_model("Company", __base__=Entry, **own)
    _, found = models_json_schema([(model, "validation")], schema_generator=_written(facts), ref_template=REFERENCE)
    definitions = found["$defs"]
    company = definitions.pop("Company")
    properties = company["properties"]
    return {
        "$schema": DRAFT,
        "title": "A company",
        "type": "object",
        "additionalProperties": False,
        "required": company["required"],
        "properties": _explained(properties, explained.COMPANY),
        "definitions": _reached(definitions, _references(list(properties.values()))),
    }


def _alerts(facts: Collection[str]) -> Json:
    """Every key is explained where it stands; defaults stay out, because they are not written as models hold them."""
    _, found = models_json_schema([(Alerting, "validation")], schema_generator=_written(facts), ref_template=REFERENCE)
    definitions = found["$defs"]
    for name, sentences in explained_alerts.MODELS.items():
        model = definitions[name]
        own = {key: _without_default(each) for key, each in model["properties"].items() if key in sentences}
        model["properties"] = _explained(own, sentences)
    for name in ("Route", "Mute"):
        definitions[name]["properties"]["match"]["propertyNames"] = {"enum": list(LABELS)}
    alerts = definitions["Alerting"]
    return {
        "$schema": DRAFT,
        "title": "Alerts",
        "type": "object",
        "additionalProperties": False,
        "properties": alerts["properties"],
        "definitions": _reached(definitions, _references(alerts["properties"])),
    }


def _audit(kinds: Mapping[str, type[BaseModel]]) -> Json:
    """The keys of a measure beside its kind are those of the kind in kpis.json; the check judges them."""
    day, text = {"type": "string", "format": "date"}, {"type": "string"}
    texts = {"type": "array", "items": text}
    measure = {"type": "object", "required": ["kind"], "properties": {"kind": {"enum": list(kinds)}}}
    side = {"anyOf": [text, measure]}
    rule = {"id": text, "name": {"type": "object", "additionalProperties": text}, "left": side, "right": side}
    rule |= {"window": text, "unit": {"enum": list(UNITS)}, "tolerance": _material({}), "kpis": texts}
    rule |= {"owners": texts | {"minItems": 1}, "reading": text}
    said = {"rule": text, "kpi": text, "first": day, "last": day, "reason": text, "by": text, "expires": day}
    found = {
        name: {
            "type": "object",
            "additionalProperties": False,
            "required": [key for key in own if model.model_fields.get(key) and model.model_fields[key].is_required()],
            "properties": _explained(own, explained_audit.MODELS[model.__name__]),
        }
        for name, model, own in (("reconcile", Reconciliation, rule), ("explained", Explanation, said))
    }
    lists = {name: {"type": "array", "items": each} for name, each in found.items()}
    return {
        "$schema": DRAFT,
        "title": "Audit",
        "type": "object",
        "additionalProperties": False,
        "properties": _explained(lists, explained_audit.AUDIT),
    }


def _without_default(schema: Json) -> Json:
    return {key: each for key, each in schema.items() if key != "default"}


def _kpis(kinds: Mapping[str, type[BaseModel]], facts: Collection[str]) -> Json:
    """A list of entries; which keys an entry has depends on its kind."""
    models: list[type[BaseModel]] = list(dict.fromkeys([Kpi, *kinds.values()]))
    references, found = models_json_schema(
        [(model, "validation") for model in models], schema_generator=_written(facts), ref_template=REFERENCE
    )
    definitions = found["$defs"]

    def of(model: type[BaseModel]) -> Json:
        return dict(definitions[references[model, "validation"]["$ref"].removeprefix(REFERENCE.format(model=""))])

    kpi = of(Kpi)
    common = _explained({key: kpi["properties"][key] for key in kpi["properties"] if key in KPI_KEYS}, explained.KPI)
    common["unit"] = {"enum": list(UNITS), "description": explained.KPI["unit"]}
    common["kind"] = {"enum": list(kinds), "description": explained.KPI["kind"]}
    required = [key for key in kpi["required"] if key in KPI_KEYS]
    definitions["common"] = {"properties": common}
    for name, model in kinds.items():
        params = of(model)
        definitions[f"kind_{name}"] = {
            "description": params.get("description", name),
            "additionalProperties": False,
            "required": [*required, *params.get("required", ())],
            "properties": {
                **{key: {"$ref": f"#/definitions/common/properties/{key}"} for key in common},
                **params["properties"],
            },
        }
    branches = [
        {
            "if": {"required": ["kind"], "properties": {"kind": {"const": name}}},
            "then": {"$ref": f"#/definitions/kind_{name}"},
        }
        for name in kinds
    ]
    entry = {"type": "object", "required": ["id", "kind"], "properties": {"kind": common["kind"]}, "allOf": branches}
    return {
        "$schema": DRAFT,
        "title": "KPIs",
        "type": "array",
        "items": entry,
        "definitions": _reached(definitions, {name for name in definitions if name.startswith("kind_")} | {"common"}),
    }


def _explained(properties: Json, sentences: Mapping[str, str]) -> Json:
    return {key: {**each, "description": sentences[key]} for key, each in properties.items()}


def _reached(definitions: Json, roots: Iterable[str]) -> Json:
    """The definitions that the roots refer to, by any detour, in order."""
    found, waiting = set[str](), list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(definitions[name])
    return {name: definitions[name] for name in sorted(found)}


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"].split("/")[2]] if isinstance(value.get("$ref"), str) else []
        return own + [name for each in value.values() for name in _references(each)]
    return [name for each in value for name in _references(each)] if isinstance(value, list) else []


def _one_or_more(schema: Json) -> Json:
    return {"anyOf": [schema["items"], schema]}


def _text(_: Json) -> Json:
    return {"type": "string"}


def _span(_: Json) -> Json:
    return {"type": "string", "pattern": f"^{SPAN.pattern}$"}


def _material(_: Json) -> Json:
    share = {"type": "string", "pattern": f"^{MATERIAL.pattern}$"}
    return {"anyOf": [{"type": "number", "minimum": 0}, share]}


def _any_span(_: Json) -> Json:
    return {"type": "string", "pattern": f"^{ANY_SPAN.pattern}$"}


def _day_span(_: Json) -> Json:
    return {"type": "string", "pattern": f"^{DAYS.pattern}$"}


def _thresholds(_: Json) -> Json:
    comparison = {"type": "string", "pattern": rf"^({THRESHOLD.pattern}|(>=|<=|>|<)\s*\S.*)$"}
    dated = {
        "type": "object",
        "additionalProperties": False,
        "required": ["is"],
        "properties": {
            "is": comparison,
            "since": {"type": "string", "format": "date"},
            "approved_by": {"type": "array", "items": Approval.model_json_schema()},
        },
    }
    return {"anyOf": [comparison, {"type": "array", "minItems": 1, "items": dated}]}


# What people write where a model first turns it into something else; a function that is not here fails the generation.
WRITTEN: Mapping[str, Callable[[Json], Json]] = {
    "one_or_more": _one_or_more,
    "_one_or_more": _one_or_more,
    "listed": _one_or_more,
    "parse_span": _span,
    "parse_any_span": _any_span,
    "parse_day_span": _day_span,
    "parse_comparison": _text,
    "parse_days": _text,
    "parse_materiality": _material,
    "parse_thresholds": _thresholds,
    "str": _text,
}


def _written(facts: Collection[str]) -> type[GenerateJsonSchema]:
    """A generator of what is written in the files rather than of what the models hold."""

    class Written(GenerateJsonSchema):
        def function_before_schema(self, schema: core_schema.BeforeValidatorFunctionSchema) -> Json:
            written = WRITTEN[schema["function"]["function"].__name__]
            return written(self.generate_inner(schema["schema"]))

        def function_after_schema(self, schema: core_schema.AfterValidatorFunctionSchema) -> Json:
            if getattr(schema["function"]["function"], "__name__", "") == "check_fact":
                return {"enum": sorted(facts)}
            return super().function_after_schema(schema)

        def time_schema(self, _: core_schema.TimeSchema) -> Json:
            return {"type": "string", "pattern": r"^\d\d:\d\d"}

    return Written
