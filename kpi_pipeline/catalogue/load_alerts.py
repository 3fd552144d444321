"""alerts.yaml → Alerting: every fault with file and line, a rule that cannot be read does not hide the others."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from kpi_pipeline.catalogue import yaml_file
from kpi_pipeline.catalogue.alerting import Alerting, Rule
from kpi_pipeline.catalogue.faults import issues_of, unknown_keys
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import Issue

FILE = "alerts.yaml"
OURS = frozenset({"file", "line", "lines"})
DEEPEST = 20


def written_keys(model: type[BaseModel]) -> frozenset[str]:
    """The keys of a model as they are written in YAML: by alias where a field has one."""
    names = {name if field.alias is None else field.alias for name, field in model.model_fields.items()}
    return frozenset(names - OURS)


ALERTS_KEYS = written_keys(Alerting)
RULE_KEYS = written_keys(Rule)


def read_alerts(folder: Path, root: Path, issues: list[Issue]) -> Alerting:
    """What a company declares about alerts; the defaults when it has no such file."""
    path = folder / FILE
    if not path.is_file():
        return Alerting()
    file = yaml_file.read(path, root, issues)
    if file is None or file.data is None:
        return Alerting()
    data = file.data
    if not isinstance(data, dict):
        issues.append(Issue(file.label, 1, "must be a mapping, for example with `rules:`"))
        return Alerting()
    issues.extend(unknown_keys(data, ALERTS_KEYS, file, (), "the alerts"))
    known = {key: value for key, value in data.items() if key in ALERTS_KEYS and key != "rules"}
    rules = _rules(data.get("rules", []), file, issues)
    where = {"file": file.label, "lines": file.lines((), DEEPEST)}
    try:
        return Alerting.model_validate({**known, "rules": rules, **where})
    except ValidationError as error:
        issues.extend(issues_of(error, file, (), "the alerts"))
        return Alerting.model_validate({"rules": rules, **where})


def _rules(entries: Any, file: YamlFile, issues: list[Issue]) -> tuple[Rule, ...]:
    if not isinstance(entries, list):
        issues.append(Issue(file.label, file.line(("rules",)), "rules must be a list, each starting with `- id:`"))
        return ()
    found: dict[str, Rule] = {}
    for index, entry in enumerate(entries):
        path = ("rules", index)
        rule = _rule(entry, file, path, issues)
        if rule is None:
            continue
        if rule.id in found:
            message = f"rule {rule.id!r} is already declared on line {found[rule.id].line}"
            issues.append(Issue(file.label, rule.line, message))
        found[rule.id] = rule
    return tuple(found.values())


def _rule(entry: Any, file: YamlFile, path: tuple[str | int, ...], issues: list[Issue]) -> Rule | None:
    if not isinstance(entry, Mapping):
        issues.append(Issue(file.label, file.line(path), "a rule must be a mapping with at least an id"))
        return None
    label = f"rule {entry.get('id', int(path[-1]) + 1)}"
    issues.extend(unknown_keys(entry, RULE_KEYS, file, path, label))
    known = {key: value for key, value in entry.items() if key in RULE_KEYS}
    where = {"file": file.label, "line": file.line(path), "lines": file.lines(path, DEEPEST)}
    try:
        return Rule.model_validate({**known, **where})
    except ValidationError as error:
        issues.extend(issues_of(error, file, path, label))
        return None
