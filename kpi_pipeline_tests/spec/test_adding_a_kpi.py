"""A KPI of a kind that exists is YAML and a table: no Python of the package is touched."""

from __future__ import annotations

import shutil
from pathlib import Path

import kpi_pipeline
from kpi_pipeline import catalogue, facts
from kpi_pipeline.metrics import windows
from kpi_pipeline.metrics.kinds import PARAMS

COMPANIES = Path(kpi_pipeline.__file__).parent / "companies"
ENTRY = """
- id: refunded_bookings
  name: {nl: Terugbetaalde boekingen, en: Refunded bookings}
  kind: ratio
  numerator: {fact: booking, time: fully_refunded_at, count: distinct booking_id}
  denominator: {fact: booking, time: first_paid_at, count: distinct booking_id}
  window: rolling 30 days
  unit: percent
  better: lower
  target: "<= 5"
  owners: [hugo_smit]
  cadence: daily
  origin: Asked for by Finance
"""


def contents(root: Path) -> dict[str, bytes]:
    return {str(file.relative_to(root)): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def test_one_file_is_changed_and_the_kpi_is_there(recount, tmp_path: Path) -> None:
    root = tmp_path / "companies"
    shutil.copytree(COMPANIES, root)
    before = contents(root)
    file = root / "mister_dj" / "kpis.yaml"
    file.write_text(file.read_text(encoding="utf-8") + ENTRY, encoding="utf-8")
    after = contents(root)
    assert [name for name in after if before.get(name) != after[name]] == ["mister_dj/kpis.yaml"]
    assert 9 <= len(ENTRY.strip().splitlines()) <= 14

    found, issues = catalogue.inspect(root, PARAMS, facts.columns(), windows.parse)
    assert [issue for issue in issues if issue.severity == "error"] == []
    recount(
        "refunded_bookings",
        {
            "booking": """
            booking_id | first_paid_at    | fully_refunded_at
            b1         | 2026-03-01 10:00 | 2026-03-05 10:00
            b2         | 2026-03-02 10:00 |
            b3         | 2026-03-03 10:00 |
            """
        },
        """
        day        | value | numerator | denominator | n | status
        2026-02-28 | -     | 0         | 0           | 0 | no_data
        2026-03-04 | 0     | 0         | 3           | 3 | ok
        2026-03-05 | 100/3 | 1         | 3           | 3 | below_target
        2026-03-31 | 50    | 1         | 2           | 2 | below_target
        2026-04-04 | -     | 0         | 0           | 0 | no_data
        """,
        company=found.companies["mister_dj"],
    )
