"""The Dagster graph as text: what is there, what it needs, who owns it. KPI_UPDATE_GOLDEN=1 writes it anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import dagster as dg

from kpi_pipeline.catalogue import Catalogue

GOLDEN = Path(__file__).parent
PROJECT = Path(__file__).parents[2]


def lines(definitions: dg.Definitions) -> list[str]:
    """One line an asset, check, job, schedule and sensor."""
    graph = definitions.resolve_asset_graph()
    found = []
    for key in sorted(graph.get_all_asset_keys()):
        node = graph.get(key)
        parts = [f"asset {key.to_user_string()}", f"group {node.group_name}"]
        parts.append("monthly" if node.is_partitioned else "unpartitioned")
        parts.append(f"kinds {','.join(sorted(node.kinds))}")
        parts.append(f"owners {','.join(sorted(node.owners)) or '-'}")
        parts.append(f"needs {','.join(sorted(each.to_user_string() for each in node.parent_keys)) or '-'}")
        checks = sorted(each.name for each in graph.get_check_keys_for_assets({key}))
        parts.append(f"checks {','.join(checks) or '-'}")
        found.append(" | ".join(parts))
    repository = definitions.get_repository_def()
    for name in sorted(repository.job_names):
        if not name.startswith("__"):
            job = repository.get_job(name)
            size = len(job.asset_layer.selected_asset_keys)
            found.append(f"job {name} | {size} assets | {'monthly' if job.partitions_def else 'unpartitioned'}")
    for schedule in sorted(repository.schedule_defs, key=lambda each: each.name):
        found.append(
            f"schedule {schedule.name} | {schedule.cron_schedule} {schedule.execution_timezone} | "
            f"{schedule.job_name} | {schedule.default_status.value}"
        )
    for sensor in sorted(repository.sensor_defs, key=lambda each: each.name):
        jobs = ",".join(sorted(each.job_name for each in sensor.targets)) or "-"
        found.append(f"sensor {sensor.name} | every {sensor.minimum_interval_seconds} s | {jobs}")
    return found


def test_the_graph_is_the_one_on_record(definitions: dg.Definitions, shipped: Catalogue) -> None:
    now = lines(definitions)
    for company in shipped.companies:
        file = GOLDEN / f"{company}.txt"
        own = "\n".join(each for each in now if re.match(rf"\w+ {company}[/_]", each)) + "\n"
        if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
            file.write_text(own, encoding="utf-8")
        assert own == file.read_text(encoding="utf-8"), "if the change is meant: KPI_UPDATE_GOLDEN=1"
        assert len(own.splitlines()) <= 300
    rest = [each for each in now if not re.match(rf"\w+ ({'|'.join(shipped.companies)})[/_]", each)]
    assert rest == ["sensor run_failures | every 30 s | -", "sensor run_successes | every 30 s | -"]


def test_every_asset_can_be_read_in_the_ui(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for key in graph.get_all_asset_keys():
        node = graph.get(key)
        assert node.description, key
        assert node.kinds, key
        company, layer, _ = key.path
        assert node.group_name == f"{company}_{layer}"
        if layer in ("landing", "kpi"):
            assert node.owners, key


def test_all_that_can_be_launched_or_switched_off_says_what_it_does(definitions: dg.Definitions) -> None:
    found = definitions.get_repository_def()
    jobs = [found.get_job(name) for name in found.job_names if not name.startswith("__")]
    assert [each.name for each in (*jobs, *found.schedule_defs, *found.sensor_defs) if not each.description] == []


def test_dagster_loads_the_workspace() -> None:
    command = [str(Path(sys.executable).parent / "dagster"), "definitions", "validate", "-w", "workspace.yaml"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "All code locations passed validation" in done.stdout + done.stderr
