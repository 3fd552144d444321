"""Which facts, and which of their columns, a KPI is computed from."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set

from pydantic import BaseModel

from kpi_pipeline.catalogue.model import Company, Kpi
from kpi_pipeline.catalogue.rules.formulas import references

# What is quoted in a condition is the value of a column, not its name.
QUOTED, WORD = re.compile(r"'[^']*'"), re.compile(r"[a-z][a-z0-9_]*")


def facts_of(kpi: Kpi, company: Company) -> tuple[str, ...]:
    """Names of the facts it reads, those of the KPIs it refers to included, sorted."""
    names = set(_named(kpi.params))
    for other in references(kpi):
        names.update(facts_of(company.kpis[other], company))
    return tuple(sorted(names))


def _named(params: BaseModel) -> Iterator[str]:
    for name in type(params).model_fields:
        value = getattr(params, name)
        if name == "fact":
            yield value
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                yield from _named(part)


def columns_of(kpi: Kpi, company: Company, known: Mapping[str, Set[str]]) -> dict[str, tuple[str, ...]]:
    """Fact → the columns of it that a KPI names, those of the KPIs it refers to included; both sorted.

    `known` are the columns that each fact has.
    """
    found = {fact: words & known[fact] for fact, words in _said_of(kpi.params).items()}
    for other in references(kpi):
        for fact, columns in columns_of(company.kpis[other], company, known).items():
            found[fact] = found.get(fact, set()) | set(columns)
    return {fact: tuple(sorted(columns)) for fact, columns in sorted(found.items())}


def _said_of(params: BaseModel) -> dict[str, set[str]]:
    """Fact → every word said of it: in the part that names it, and around that part."""
    own, found = set[str](), dict[str, set[str]]()
    for name in type(params).model_fields:
        value = getattr(params, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, BaseModel):
                for fact, words in _said_of(part).items():
                    found.setdefault(fact, set()).update(words)
            elif isinstance(part, str):
                own.update(WORD.findall(QUOTED.sub("", part)))
    if hasattr(params, "fact"):
        found.setdefault(params.fact, set())
    return {fact: words | own for fact, words in found.items()}
