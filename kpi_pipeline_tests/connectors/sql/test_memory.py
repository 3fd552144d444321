"""Reading a table needs no more memory when it is ten times as long."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

READ = """
import resource, sqlite3, sys
from kpi_pipeline.landing.page import Window
from kpi_pipeline_tests.connectors.sql.conftest import MAPPED, NOW, START, opened
from pathlib import Path
folder, number = Path(sys.argv[1]), int(sys.argv[2])
with sqlite3.connect(folder / "product.db") as database:
    database.execute("CREATE TABLE activity (id integer, person text, account_id text, action text, at integer)")
    database.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO activity "
        "SELECT i, 'person-' || i % 1000, 'account-' || i % 100, 'look', 1793900000000 + i FROM n", (number,))
mapped = {"product_events": MAPPED["product_events"]}
connector = opened(f"sqlite:///{folder / 'product.db'}", folder, mapped, instants="ms")
reading = connector.read(connector.streams[0], Window(START, NOW))
assert sum(page.count for page in reading) == number == reading.proof.expected
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_mb(folder: Path, rows: int) -> int:
    folder.mkdir()
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", READ, str(folder), str(rows)],
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    return int(done.stdout)


def test_ten_times_the_rows_need_no_more_memory(tmp_path: Path) -> None:
    small, large = peak_mb(tmp_path / "small", 40_000), peak_mb(tmp_path / "large", 400_000)
    assert large - small < 15, (small, large)
