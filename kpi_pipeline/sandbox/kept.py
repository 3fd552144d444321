"""Worlds that were built before: each is a pure function of company, seed and anchor, and read in a third of the time
that building it takes."""

from __future__ import annotations

import hashlib
import logging
import os
import pickle
import sys
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Thread

from kpi_pipeline.sandbox.world import nothing_collected
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.worlds import Build, build_world

LOG = logging.getLogger(__name__)


def keeping(folder: Path, build: Build = build_world) -> Build:
    """As `build` builds them, kept in `folder`: of each company the last one, as long as the code that builds is the
    same.

    A file is written beside other work and appears whole or not at all. One that is damaged is written anew, and where
    none can be written it is said in the log: the world is there all the same.
    """

    def found(company: str, seed: int, anchor: date) -> World:
        file = folder / f"{company}-{seed}-{anchor}-{fingerprint()}.pickle"
        world = _read(file)
        if world is None:
            world = build(company, seed, anchor)
            Thread(target=_keep, args=(world, file, f"{company}-*"), name=f"keeping {company}").start()
        return world

    return found


@cache
def fingerprint() -> str:
    """Of all that a world depends on besides its arguments, and of what reads it."""
    files = sorted((Path(__file__).parent / "world").rglob("*.py"))
    parts = [sys.version, version("holidays"), version("numpy"), *(file.read_text(encoding="utf-8") for file in files)]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _read(file: Path) -> World | None:
    try:
        with nothing_collected():
            world: World = pickle.loads(file.read_bytes())  # noqa: S301  what we wrote, in this installation's home
    except FileNotFoundError:
        return None
    except (pickle.UnpicklingError, EOFError, OSError) as error:
        LOG.warning("reading the world kept in %s: %s; it is built again", file, error)
        return None
    return world


def _keep(world: World, file: Path, others: str) -> None:
    written = file.with_suffix(f".{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with nothing_collected():
            written.write_bytes(pickle.dumps(world, pickle.HIGHEST_PROTOCOL))
        written.replace(file)
        for other in file.parent.glob(others):
            if other != file:
                other.unlink(missing_ok=True)
    except OSError as error:
        LOG.warning("keeping the world in %s: %s; it is built again next time", file, error)
