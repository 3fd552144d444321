"""Worlds kept in a folder: the same as those that were built, and built again whenever they could be others."""

from __future__ import annotations

import logging
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from kpi_pipeline.sandbox import kept
from kpi_pipeline.sandbox.kept import keeping
from kpi_pipeline.sandbox.world import build
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline.sandbox.worlds import Build

ANCHOR = date(2026, 11, 22)


class Builder:
    """Builds small worlds, counts them, and needs no time for it."""

    def __init__(self) -> None:
        self.built: list[tuple[str, int, date]] = []

    def __call__(self, company: str, seed: int, anchor: date) -> World:
        self.built.append((company, seed, anchor))
        return small(company, seed, anchor)


def small(company: str, seed: int, anchor: date) -> World:
    at = datetime(anchor.year, anchor.month, anchor.day, tzinfo=UTC)
    return World(company, seed, anchor, "Europe/Amsterdam", "EUR", at, at + timedelta(days=45))


def get(folder: Path, builder: Build, company: str = "inpact", seed: int = 7, anchor: date = ANCHOR) -> World:
    world = keeping(folder, builder)(company, seed, anchor)
    for thread in threading.enumerate():
        if thread.name.startswith("keeping "):
            thread.join()
    return world


def test_a_kept_world_is_the_one_that_was_built(tmp_path: Path) -> None:
    built, read = get(tmp_path, build), get(tmp_path, Builder())
    assert read is not built
    assert len(read.invoices) > 1000
    assert repr(read) == repr(built)


@pytest.mark.parametrize(("seed", "anchor"), [(8, ANCHOR), (7, date(2026, 11, 23))])
def test_another_seed_or_day_is_another_world_and_only_the_last_is_kept(
    tmp_path: Path, seed: int, anchor: date
) -> None:
    builder = Builder()
    get(tmp_path, builder, "inopsio")
    get(tmp_path, builder)
    assert repr(get(tmp_path, builder, seed=seed, anchor=anchor)) == repr(small("inpact", seed, anchor))
    assert [file.name.partition("-")[0] for file in sorted(tmp_path.iterdir())] == ["inopsio", "inpact"]
    get(tmp_path, builder)
    assert len(builder.built) == 4


def test_a_world_of_other_code_is_not_read(tmp_path: Path) -> None:
    builder = Builder()
    get(tmp_path, builder)
    (file,) = tmp_path.iterdir()
    file.rename(file.with_name(file.name.replace(kept.fingerprint(), "0" * 16)))
    get(tmp_path, builder)
    assert len(builder.built) == 2
    assert [kept.fingerprint() in each.name for each in tmp_path.iterdir()] == [True]


def test_a_damaged_file_is_said_and_written_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    builder = Builder()
    built = get(tmp_path, builder)
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes()[:-1000])
    with caplog.at_level(logging.WARNING):
        assert repr(get(tmp_path, builder)) == repr(built)
    assert "it is built again" in caplog.text
    get(tmp_path, builder)
    assert len(builder.built) == 2


def test_a_folder_that_cannot_be_written_costs_the_kept_world_only(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = tmp_path / "file"
    folder.write_text("in the way", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        assert repr(get(folder, Builder())) == repr(small("inpact", 7, ANCHOR))
    assert "keeping the world in" in caplog.text
