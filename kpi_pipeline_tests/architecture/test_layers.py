"""Who may import whom, and which library lives where."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from kpi_pipeline_tests.architecture.source import Module, dotted, imports, modules

LEAVES = {"errors", "clock", "garbage"}
PAGE = {"landing.page"}
BASE = {"schemas.base", "schemas.polars_only"}

BELOW = {"settings", "catalogue", "schemas", "landing", "history", "connectors", "facts", "metrics", "analytics"}
BELOW |= {"alerts", "reports"}

# What a room may import of ours, itself apart; a room stands for all of its modules.
MAY: dict[str, set[str]] = {
    "": set(),
    "__main__": {"cli"},
    "errors": set(),
    "clock": set(),
    "garbage": set(),
    "settings": LEAVES,
    "catalogue": LEAVES,
    "schemas": LEAVES,
    "landing": LEAVES | BASE,
    "history": LEAVES,
    "connectors": LEAVES | PAGE | {"schemas"},
    "facts": LEAVES | {"schemas", "landing", "catalogue"},
    "metrics": LEAVES | {"catalogue", "facts"},
    "alerts": LEAVES | {"catalogue", "history"},
    "analytics": LEAVES | {"catalogue", "facts", "metrics"},
    "reports": LEAVES | {"catalogue", "history"},
    "sandbox": set(),
    "flow": LEAVES
    | {
        "settings",
        "catalogue",
        "schemas",
        "landing",
        "history",
        "connectors",
        "facts",
        "metrics",
        "analytics",
        "alerts",
        "reports",
    },
    "orchestration": LEAVES
    | {
        "settings",
        "catalogue",
        "schemas",
        "landing",
        "history",
        "connectors",
        "facts",
        "metrics",
        "analytics",
        "alerts",
        "reports",
    }
    | {"flow"},
    "cli": LEAVES
    | {
        "settings",
        "catalogue",
        "schemas",
        "landing",
        "history",
        "connectors",
        "facts",
        "metrics",
        "analytics",
        "alerts",
        "reports",
    }
    | {"flow", "sandbox"}
    # It starts runs, here or in processes of their own, as Dagster would.
    | {f"orchestration.{name}" for name in ("launch", "workers", "execution", "tags", "partitions", "resources")},
    "definitions": {"garbage", "orchestration", "flow.workspace", "settings"},
}

# Where a library may be imported: rooms or modules.
HOMES: dict[str, set[str]] = {
    "dagster": {"orchestration", "definitions"},
    "dagster_webserver": {"orchestration", "definitions"},
    "requests": {"connectors.http", "alerts.channels"},
    "httpx": set(),
    "aiohttp": set(),
    "smtplib": {"alerts.channels", "sandbox"},
    # Our own tables; and the one connector whose source is a database of any make.
    "sqlalchemy": {"history", "alerts", "cli.alerts", "orchestration.event_log", "connectors.sql"},
    "alembic": {"history"},
    "yaml": {"catalogue"},
    "jinja2": {"reports"},
    "altair": {"reports.charts"},
    "vl_convert": {"reports.charts", "alerts.channels.chart"},
    "apprise": {"alerts.channels.long_tail"},
    "babel": {"catalogue.display", "connectors.registers"},  # the registers ask how many cents a currency has
    "prometheus_client": {"reports.openmetrics"},
    "openpyxl": {"connectors.registers", "reports.packs"},
    "typst": {"reports.packs"},
    "starlette": {"sandbox"},
    "uvicorn": {"sandbox"},
    "aiosmtpd": {"sandbox"},
    "graphql": {"sandbox"},
    "typer": {"cli"},
    "rich": {"cli"},
}


def within(name: str, homes: set[str]) -> bool:
    return any(name == home or name.startswith(f"{home}.") for home in homes)


def test_every_room_has_its_rule() -> None:
    assert {module.room for module in modules()} == set(MAY)


@pytest.mark.parametrize("room", sorted(MAY))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    broken = []
    for module in (each for each in modules() if each.room == room):
        for name, line in imports(module):
            package, _, ours = name.partition(".")
            if package == "kpi_pipeline" and not within(ours, MAY[room] | {room}):
                broken.append(f"{module}:{line} imports {ours}")
            if package == "kpi_pipeline_tests":
                broken.append(f"{module}:{line} imports tests")
    assert broken == []


@pytest.mark.parametrize("library", sorted(HOMES))
def test_a_library_is_used_only_at_home(library: str) -> None:
    strays = [
        f"{module}:{line}"
        for module in modules()
        for name, line in imports(module)
        if name.partition(".")[0] == library and not within(module.name, HOMES[library])
    ]
    assert strays == []


@cache
def calls(module: Module) -> tuple[tuple[str, int], ...]:
    nodes = (node for node in ast.walk(module.tree) if isinstance(node, ast.Attribute | ast.Name))
    return tuple((name, node.lineno) for node in nodes if (name := dotted(node)))


@pytest.mark.parametrize(
    ("names", "homes"),
    [
        ({"os.environ", "os.getenv", "os.putenv", "environ"}, {"settings"}),
        (
            {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"},
            {"clock", "sandbox"},
        ),
        ({"time.monotonic", "time.perf_counter"}, {"clock", "sandbox"}),
        ({"print", "breakpoint"}, set()),
        ({"eval", "exec"}, set()),
        ({"pickle.loads"}, {"sandbox.kept"}),
    ],
)
def test_what_touches_the_machine_stays_in_one_place(names: set[str], homes: set[str]) -> None:
    strays = [
        f"{module}:{line} {name}"
        for module in modules()
        for name, line in calls(module)
        if any(name == each or ("." in each and name.endswith(f".{each}")) for each in names)
        and not within(module.name, homes)
    ]
    assert strays == []


def test_only_those_who_start_something_ask_for_the_time() -> None:
    strays = [
        f"{module}:{line}"
        for module in modules()
        for name, line in calls(module)
        if name == "clock.now" and not within(module.name, {"cli", "orchestration"})
    ]
    assert strays == []
    named = [
        f"{module}:{line}" for module in modules() for name, line in imports(module) if name == "kpi_pipeline.clock.now"
    ]
    assert named == [], "write clock.now(), so that it can be found"
