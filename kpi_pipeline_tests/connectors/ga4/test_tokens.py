"""Signing in at Google with a service account's key: one token for many reports, and refusals that say why."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from google.auth import _helpers

from kpi_pipeline.connectors.ga4.tokens import headers
from kpi_pipeline.errors import SettingsError, SourceRefused, SourceUnavailable
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline.sandbox.world.model import WebProperty, World
from kpi_pipeline_tests.connectors.scripted import Answer, vendor
from kpi_pipeline_tests.connectors.wire import COMPANY, NOW, utc, wired, world

VARIABLE = "MISTER_DJ_GA4_API_KEY"
SETTINGS = {"property": "412345678", "time_zone": "Europe/Amsterdam"}


def site() -> World:
    return world(web_property=WebProperty("412345678", utc("2025-01-01 00:00")))


def key_file(folder: Path) -> dict[str, str]:
    with wired("ga4", site(), folder, SETTINGS) as wire:
        found: dict[str, str] = json.loads(wire.sandbox.environment(COMPANY)[VARIABLE])
        return found


def test_one_token_serves_many_reports(tmp_path: Path) -> None:
    with wired("ga4", site(), tmp_path, SETTINGS) as wire:
        for _ in range(3):
            wire.rows("web_traffic", utc("2026-11-01 00:00"), NOW)
        assert [entry["path"] for entry in wire.requests].count("/token") == 1
        assert len(wire.requests) == 4


def test_a_token_of_ones_own_is_sent_as_it_is(tmp_path: Path) -> None:
    assert headers("ya29.abc", VARIABLE) == {"Authorization": "Bearer ya29.abc"}


def test_a_key_of_another_account_is_refused_by_google(tmp_path: Path) -> None:
    stranger = key_file(tmp_path)
    with Sandbox(vendor_names=["ga4"], build=lambda *_: site()) as sandbox:
        own = json.loads(sandbox.environment(COMPANY)[VARIABLE])
        renewed = headers(json.dumps({**stranger, "token_uri": own["token_uri"]}), VARIABLE)
        with pytest.raises(SourceRefused, match=f"invalid_grant: Invalid JWT.*key from {VARIABLE}") as told:
            renewed()  # type: ignore[operator]
        assert stranger["private_key"] not in str(told.value)
        assert "BEGIN" not in repr(told.value)


def test_google_that_is_away_or_broken_may_be_asked_again(tmp_path: Path) -> None:
    key = key_file(tmp_path)
    away = headers(json.dumps({**key, "token_uri": "http://127.0.0.1:1/token"}), VARIABLE)
    with pytest.raises(SourceUnavailable, match="signing in at Google"):
        away()  # type: ignore[operator]


def test_a_token_that_has_run_out_is_exchanged_for_another(tmp_path: Path) -> None:
    short = {"access_token": "ya29.first", "expires_in": 3599, "token_type": "Bearer"}
    with vendor(
        Answer(body=json.dumps({**short, "expires_in": 1}).encode()),
        Answer(body=json.dumps({**short, "access_token": "ya29.second"}).encode()),
    ) as google:
        renewed = headers(json.dumps({**key_file(tmp_path), "token_uri": f"{google.url}/token"}), VARIABLE)
        assert callable(renewed)
        # google-auth takes a token as run out some minutes before it does
        assert timedelta(seconds=1) < _helpers.REFRESH_THRESHOLD
        assert [renewed()["Authorization"] for _ in range(3)] == [
            "Bearer ya29.first",
            "Bearer ya29.second",
            "Bearer ya29.second",
        ]
        assert len(google.asked) == 2


@pytest.mark.parametrize("key", ["{", '{"type": "service_account"}', '{"type": "service_account", "private_key": "x"}'])
def test_json_that_is_no_key_is_a_setting_to_correct(key: str) -> None:
    with pytest.raises(SettingsError, match=f"{VARIABLE} begins like JSON but does not hold the key"):
        headers(key, VARIABLE)
