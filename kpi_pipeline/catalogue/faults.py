"""Faults of a YAML mapping as issues with their line: keys nobody knows, values a model refuses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import Issue


def unknown_keys(
    data: Mapping[Any, Any], known: frozenset[str], file: YamlFile, path: Sequence[str | int], label: str
) -> Iterable[Issue]:
    for key in data:
        if key not in known:
            line = file.line((*path, key))
            yield Issue(
                file.label, line, f"unknown key {key!r} in {label}{did_you_mean(str(key), known)}", rule="unknown-key"
            )


def issues_of(error: ValidationError, file: YamlFile, path: Sequence[str | int], label: str) -> Iterable[Issue]:
    for fault in error.errors():
        where = ".".join(str(step) for step in fault["loc"])
        message = fault["msg"].removeprefix("Value error, ")
        message = message.replace("valid tuple", "list").replace("valid dictionary", "mapping")
        if fault["type"] == "extra_forbidden":
            message = f"unknown key {fault['loc'][-1]!r}"
        line = file.line((*path, *fault["loc"]))
        yield Issue(file.label, line, f"{label}: {where}: {message}" if where else f"{label}: {message}")
