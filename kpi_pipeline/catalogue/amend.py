"""A company with some of its alerts and thresholds changed: what a proposal or a test would make of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kpi_pipeline.catalogue.alerting import Rule
from kpi_pipeline.catalogue.load_alerts import ALERTS_KEYS
from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.rules import RULES
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import CatalogueError, Issue

# What of a KPI may be proposed without measuring it anew.
JUDGED_BY = ("target", "warning", "critical", "min_n", "owners", "cadence")
KEYS = ALERTS_KEYS | {"kpis"}
Model = TypeVar("Model", bound=BaseModel)


def amended(company: Company, change: Mapping[str, Any], label: str) -> Company:
    """The company as `change` would have it: the keys of alerts.yaml, and under `kpis` entries with an id and new
    thresholds. Of `rules` and `kpis` only what is written changes; a rule of an unknown id is new, `remove: true` takes
    one away.

    Raises CatalogueError, with `label` for the file, when it does not fit or what it gives is not sound.
    """
    if not change:
        return company
    unknown = [key for key in change if key not in KEYS]
    if unknown:
        _refuse(label, [f"unknown key {key!r}{did_you_mean(str(key), KEYS)}" for key in unknown])
    try:
        rules = _rules(company.alerts.rules, change.get("rules", ()))
        others = {key: value for key, value in change.items() if key not in ("rules", "kpis")}
        alerts = _with(company.alerts, {**others, "rules": rules})
        found = company.model_copy(update={"alerts": alerts, "kpis": _kpis(company, change.get("kpis", ()))})
    except ValidationError as error:
        _refuse(label, [f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()])
    except ValueError as error:
        _refuse(label, [str(error)])
    before = {str(issue) for rule in RULES for issue in rule(company)}
    faults = [issue for rule in RULES for issue in rule(found) if issue.severity == "error"]
    _refuse(label, [issue.message for issue in faults if str(issue) not in before])
    return found


def _rules(known: Sequence[Rule], entries: Sequence[Mapping[str, Any]]) -> tuple[Rule, ...]:
    found = {rule.id: rule for rule in known}
    for entry in entries:
        name = entry.get("id", "")
        if entry.get("remove"):
            if name not in found:
                raise ValueError(f"there is no rule {name!r} to remove{did_you_mean(name, found)}")
            del found[name]
        else:
            found[name] = _with(found[name], entry) if name in found else Rule.model_validate(entry)
    return tuple(found.values())


def _kpis(company: Company, entries: Sequence[Mapping[str, Any]]) -> Mapping[str, Kpi]:
    found = dict(company.kpis)
    for entry in entries:
        name = entry.get("id", "")
        if name not in found:
            raise ValueError(f"there is no KPI {name!r}{did_you_mean(name, found)}")
        refused = [key for key in entry if key not in ("id", *JUDGED_BY)]
        if refused:
            raise ValueError(f"KPI {name}: {', '.join(refused)} would need measuring anew; {', '.join(JUDGED_BY)} may")
        found[name] = _with(found[name], entry)
    return found


def _with(known: Model, entry: Mapping[str, Any]) -> Model:
    """The model with the keys of `entry` instead of its own, checked as a whole."""
    names = {
        name: name if field.validation_alias is None else str(field.validation_alias)
        for name, field in type(known).model_fields.items()
    }
    kept = {names[name]: getattr(known, name) for name in known.model_fields_set if names[name] not in entry}
    return type(known).model_validate({**kept, **entry})


def _refuse(label: str, messages: Sequence[str]) -> None:
    if messages:
        issues = [Issue(label, 1, message) for message in messages]
        raise CatalogueError("applying a proposed change", issues, remedy="Mend the lines above")
