"""Connectors are found by name, and listing their streams is cheap."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kpi_pipeline.connectors.registry import SOURCES, open_connector, streams
from kpi_pipeline.errors import SettingsError, UsageError
from kpi_pipeline_tests.connectors.scripted import NOW


@pytest.mark.parametrize("source", SOURCES)
def test_every_source_has_streams_that_belong_to_it(source: str) -> None:
    found = streams(source)
    assert found
    assert {stream.source for stream in found} == {source}
    assert len({stream.name for stream in found}) == len(found)


def test_listing_all_streams_loads_no_pandera() -> None:
    script = (
        "import sys; from kpi_pipeline.connectors.registry import SOURCES, streams; "
        "[streams(name) for name in SOURCES]; sys.exit('pandera' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def opened(source: str, folder: Path, **options: str | None) -> None:
    usual: dict[str, str | None] = {"base_url": "http://127.0.0.1:1", "key": "k"}
    open_connector(
        source,
        company="acme",
        key_variable="ACME_KEY",
        settings={},
        budget_root=folder,
        now=lambda: NOW,
        **(usual | options),  # type: ignore[arg-type]
    ).close()


def test_an_unknown_source_is_a_word_to_correct(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'strip'.*there are: stripe, hubspot"):
        opened("strip", tmp_path)


def test_a_key_that_is_not_there_names_both_places_to_put_it(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ACME_KEY and ACME_KEY_FILE are not set"):
        opened("stripe", tmp_path, key=None)


def test_a_source_without_a_usual_address_needs_one(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no address.*Set ACME_PROMETHEUS_BASE_URL"):
        opened("prometheus", tmp_path, base_url=None)


def test_accounts_do_not_share_a_budget_and_its_file_does_not_tell_the_key(tmp_path: Path) -> None:
    for key in ("rk_live_one", "rk_live_two", "rk_live_one"):
        opened("stripe", tmp_path, key=key)
    names = {path.name for path in tmp_path.glob("*.sqlite")}
    assert len(names) == 2
    assert not any("live" in name for name in names)
    assert not any(b"rk_live" in path.read_bytes() for path in tmp_path.iterdir())
