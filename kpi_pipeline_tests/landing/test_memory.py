"""Peak memory of a load does not depend on how many records it has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOAD = """
import json, resource, sys
from kpi_pipeline.landing.landing import Landing
from kpi_pipeline_tests.landing.orders import Narrow, load, order, page
number = int(sys.argv[2])
template = json.dumps({**order(7, id="@@@@"), "filler": "x" * 1100})
def pages():
    for start in range(0, number, 100):
        body = ",".join(template.replace("@@@@", f"o{n}") for n in range(start, start + 100))
        yield page([], body=('{"data": [' + body + "]}").encode(), count=100)
assert load(Landing(sys.argv[1]), pages(), model=Narrow).written == number
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def peak_mb(root: Path, records: int) -> int:
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(root), str(records)], capture_output=True, text=True, check=True, timeout=300
    )
    return int(done.stdout)


def test_six_times_the_records_need_no_more_memory(tmp_path: Path) -> None:
    small, large = peak_mb(tmp_path / "small", 10_000), peak_mb(tmp_path / "large", 60_000)
    # 50,000 records more are 70 MB of pages; keys and hashes of the load are all that may grow
    assert large - small < 35, (small, large)
