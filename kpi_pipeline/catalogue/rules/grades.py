"""A KPI whose value is a word lists its grades, and its kind gives only those."""

from __future__ import annotations

from collections.abc import Iterable

from kpi_pipeline.catalogue.model import Company
from kpi_pipeline.catalogue.suggestion import did_you_mean
from kpi_pipeline.errors import Issue


def grades_are_listed(company: Company) -> Iterable[Issue]:
    for kpi in company.kpis.values():
        if (kpi.unit == "grade") != bool(kpi.grades):
            message = f"KPI {kpi.id}: `grades`, worst first, go with unit grade, and that needs them"
            yield Issue(kpi.file, kpi.line_of("unit"), message, rule="grades")
        for language, names in kpi.grade_names.items():
            if len(names) != len(kpi.grades):
                message = f"KPI {kpi.id}: {len(names)} names of grades in {language!r} for {len(kpi.grades)} grades"
                yield Issue(kpi.file, kpi.line_of("grade_names"), message, rule="grades")
        named = getattr(kpi.params, "named_grades", None)
        for grade in () if named is None else named():
            if grade not in kpi.grades:
                message = f"KPI {kpi.id}: {grade!r} is none of its grades{did_you_mean(grade, kpi.grades)}"
                yield Issue(kpi.file, kpi.line_of("kind"), message, rule="grades")
