"""One fact → computed once in the engine and checked against its schema."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_pipeline.catalogue import Company
from kpi_pipeline.facts import FACTS, sources
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history.inputs import FactState

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class CheckedFact:
    """How many rows a fact has, how many break its schema, keys of some of those, and which rules they break."""

    rows: int
    failures: int
    sample: tuple[str, ...]
    rules: tuple[str, ...]


def check_fact(workspace: Workspace, company: Company, name: str, *, run_id: str) -> CheckedFact:
    """Compute a fact for this run, check every row and note the outcome for the receipts of the KPIs built on it.

    The rows of a fact that was kept were checked when they were.
    Keys are ids, so the sample holds no personal data.
    """
    seen = workspace.inputs(company)
    seen.note(sources([name], company.sources), run_id)
    checked = _checked(workspace, company, name)
    seen.note_fact(name, FactState(checked.rows, checked.failures, checked.rules), run_id)
    return checked


def _checked(workspace: Workspace, company: Company, name: str) -> CheckedFact:
    import pandera.polars as pa
    import polars as pl

    from kpi_pipeline.schemas.facts import MODELS

    tables = workspace.facts(company)
    tables.materialise([name])
    if tables.passed_before(name):
        rows = workspace.backend.to_pyarrow(tables.table(name).count()).as_py()
        return CheckedFact(int(rows), 0, (), ())
    frame = pl.DataFrame(pl.from_arrow(workspace.backend.to_pyarrow(tables.table(name))))
    try:
        MODELS[name].validate(frame, lazy=True)
    except pa.errors.SchemaErrors as error:
        cases = error.failure_cases
        rules = sorted({f"{case['column']}: {case['check']}" for case in cases.to_dicts()})
        indexes = sorted({index for index in cases["index"].to_list() if index is not None})
        keys = frame.select(FACTS[name].key)
        sample = tuple("|".join(map(str, keys.row(index))) for index in indexes[:SAMPLE])
        return CheckedFact(frame.height, max(len(indexes), 1), sample, tuple(rules))
    tables.keep(name)
    return CheckedFact(frame.height, 0, (), ())
