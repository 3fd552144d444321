"""What every connector has to stand, at the wire: one class to inherit, a world and a few names to fill in.

A connector's tests say where its pages are (`vendor`, `stream`, `path`), make a small world with some pages of records,
and get the whole list of bad input and faults. `lacks` names faults that a protocol cannot have, each with its reason.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import orjson
import pytest

from kpi_pipeline.connectors.registry import open_connector
from kpi_pipeline.errors import (
    ContractError,
    IncompleteLoad,
    KpiError,
    SettingsError,
    SourceRefused,
    SourceUnavailable,
    Throttled,
)
from kpi_pipeline.sandbox.limits import Limit
from kpi_pipeline.sandbox.world.model import World
from kpi_pipeline_tests.connectors.wire import COMPANY, NOW, Wire, wired

CANARY = "canary.person@example.org"  # put it into the world: it must come up in no error and no log
MANY = Limit(10**6, 1.0)


@cache
def _made(contract: type[ConnectorContract]) -> World:
    return contract().world()


@cache
def _whole(contract: type[ConnectorContract]) -> list[Any]:
    suite = contract()
    with TemporaryDirectory(prefix="contract-") as folder, suite.open(_made(contract), Path(folder)) as wire:
        return suite.ids(wire)


class ConnectorContract:
    """Inherit, fill in, and pytest collects the rest."""

    vendor: ClassVar[str]
    stream: ClassVar[str]
    """A stream of the world with at least three pages."""
    expected: ClassVar[int]
    """How many records of it the world has in [start, end)."""
    path: ClassVar[str]
    """Part of the path that the stream's pages come from."""
    start: ClassVar[datetime]
    end: ClassVar[datetime] = NOW
    key: ClassVar[Callable[[Mapping[str, Any]], Any]] = staticmethod(lambda row: row["id"])
    limits: ClassVar[Mapping[str, Limit]] = {}
    settings: ClassVar[Mapping[str, Any]] = {}
    lacks: ClassVar[Mapping[str, str]] = {}

    def world(self) -> World:
        """The company that is read; a contract that forgets to make its own fails here instead of reading nothing."""
        raise AssertionError(f"{type(self).__name__} has no world: its contract must make the one that is read")

    @pytest.fixture
    def records(self) -> World:
        return _made(type(self))

    @pytest.fixture
    def wire(self, records: World, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[Wire]:
        caplog.set_level(logging.DEBUG)
        with self.open(records, tmp_path) as wire:
            yield wire
            said = caplog.text
            assert wire.sandbox.environment(COMPANY)[f"MISTER_DJ_{self.vendor.upper()}_API_KEY"] not in said
            assert CANARY not in said

    def open(self, records: World, folder: Path, **options: Any) -> AbstractContextManager[Wire]:
        return wired(self.vendor, records, folder, self.settings, **({"limits": self.limits or None} | options))

    def ids(self, wire: Wire, start: datetime | None = None, end: datetime | None = None) -> list[Any]:
        return sorted(set(map(type(self).key, wire.rows(self.stream, start or self.start, end or self.end))))

    def whole(self) -> list[Any]:
        """The ids of the window when nothing goes wrong."""
        return _whole(type(self))

    def fault(self, wire: Wire, kind: str, times: int | None = None, **params: Any) -> None:
        if kind in self.lacks:
            pytest.skip(f"{self.vendor}: {self.lacks[kind]}")
        wire.fault(kind, self.path, times, **params)

    def refused(self, wire: Wire, error: type[KpiError], match: str) -> KpiError:
        """The error that a read raises; it names what we did and what came back, and holds no secret."""
        with pytest.raises(error, match=match) as told:
            self.ids(wire)
        key = wire.sandbox.environment(COMPANY)[f"MISTER_DJ_{self.vendor.upper()}_API_KEY"]
        said = f"{told.value} {told.value!r} {told.value.__cause__!r} {told.value.__context__!r}"
        assert told.value.doing.startswith(f"{self.vendor}: ")
        assert key not in said
        assert CANARY not in said
        return told.value

    # what is there

    def test_every_record_of_the_window_comes_and_the_proof_says_why_it_is_all(self, wire: Wire) -> None:
        reading = wire.read(self.stream, self.start, self.end)
        with pytest.raises(RuntimeError, match="only after its last page"):
            _ = reading.proof
        count = sum(page.count for page in reading)
        assert count == len(self.ids(wire)) == self.expected
        assert len(wire.requests) > 2 * 2  # more than two pages, read twice
        assert reading.proof.expected in (None, count)
        assert reading.proof.watermark is not None
        assert reading.proof.watermark <= NOW

    def test_reading_twice_gives_the_same_bytes(self, wire: Wire) -> None:
        first, second = (
            sorted((page.body, page.rows) for page in wire.read(self.stream, self.start, self.end)) for _ in range(2)
        )
        assert first == second

    @pytest.mark.parametrize("pieces", [2, 7])
    def test_adjoining_windows_hold_together_what_the_whole_one_holds_each_record_once(
        self, wire: Wire, pieces: int
    ) -> None:
        span = (self.end - self.start) / pieces
        parts = [self.ids(wire, self.start + span * n, self.start + span * (n + 1)) for n in range(pieces)]
        found = sorted(each for part in parts for each in part)
        assert found == self.ids(wire)
        assert sum(map(bool, parts)) > 1

    def test_the_model_of_every_stream_is_found_and_named_after_it(self, wire: Wire) -> None:
        from kpi_pipeline.schemas.base import stream_key

        for stream in wire.connector.streams:
            assert stream_key(stream.model) == (self.vendor, stream.name)

    # keys

    def test_a_wrong_key_is_refused_at_once(self, records: World, tmp_path: Path) -> None:
        with self.open(records, tmp_path, key="wrong-0123456789abcdef") as wire:
            error = self.refused(wire, SourceRefused, f"key from MISTER_DJ_{self.vendor.upper()}_API_KEY")
            assert (error.exit_code, error.retryable, len(wire.requests)) == (21, False, 1)
            assert "wrong-0123456789abcdef" not in str(error)

    def test_a_missing_key_names_the_variable_to_set(self, tmp_path: Path) -> None:
        with pytest.raises(SettingsError, match=f"MISTER_DJ_{self.vendor.upper()}_API_KEY and .*_FILE are not set"):
            open_connector(
                self.vendor,
                company=COMPANY,
                base_url="http://127.0.0.1:1",
                key=None,
                key_variable=f"MISTER_DJ_{self.vendor.upper()}_API_KEY",
                settings={},
                budget_root=tmp_path,
                now=lambda: NOW,
            )

    def test_a_key_that_expires_while_we_read_stops_the_read(self, wire: Wire) -> None:
        self.fault(wire, "expired_key", after=1)
        assert not self.refused(wire, SourceRefused, "HTTP 401").retryable

    def test_a_stream_without_permission_fails_with_the_permission_to_add(self, wire: Wire) -> None:
        self.fault(wire, "missing_scope", scope="the_scope_that_is_missing")
        self.refused(wire, SourceRefused, "403.*(the_scope_that_is_missing|scopes)")

    # a vendor in trouble

    @pytest.mark.parametrize("kind", ["throttle", "server_error", "reset_mid_body", "truncated_json", "html_error"])
    def test_what_passes_after_three_tries_leaves_no_trace(self, wire: Wire, kind: str) -> None:
        before = self.whole()
        self.fault(wire, kind, times=3, after=1)
        assert self.ids(wire) == before
        assert len(wire.slept) >= 3

    @pytest.mark.parametrize("kind", ["server_error", "reset_mid_body", "truncated_json", "html_error"])
    def test_what_never_passes_ends_after_the_last_try_and_may_be_tried_again(self, wire: Wire, kind: str) -> None:
        self.fault(wire, kind)
        error = self.refused(wire, SourceUnavailable, "4 times")
        assert (error.exit_code, error.retryable) == (20, True)

    def test_a_vendor_that_throttles_for_ever_is_left_alone(self, wire: Wire) -> None:
        self.fault(wire, "throttle")
        assert self.refused(wire, KpiError, "429|RATELIMITED").retryable
        assert len(wire.requests) <= 8

    def test_after_a_used_up_day_nothing_more_is_asked(self, wire: Wire) -> None:
        self.fault(wire, "daily_limit")
        self.refused(wire, Throttled, "Trying again helps after")
        asked = len(wire.requests)
        self.refused(wire, Throttled, "was not sent")
        assert len(wire.requests) == asked

    def test_a_success_that_holds_an_error_is_no_success(self, wire: Wire) -> None:
        before = self.whole()
        self.fault(wire, "ok_with_error", times=1)
        assert self.ids(wire) == before
        wire.sandbox.faults.clear()
        self.fault(wire, "ok_with_error")
        self.refused(wire, KpiError, "HTTP 200")

    def test_a_skewed_clock_of_the_vendor_changes_nothing(self, wire: Wire) -> None:
        before = self.whole()
        self.fault(wire, "clock_skew", seconds=-7200)
        self.fault(wire, "throttle", times=1)
        assert self.ids(wire) == before
        assert sum(wire.slept) < 120

    # pages that lie

    @pytest.mark.parametrize("kind", ["duplicate_page", "shifted_page"])
    def test_rows_that_come_twice_are_the_same_records(self, wire: Wire, kind: str) -> None:
        before = self.whole()
        self.fault(wire, kind, after=1)
        assert self.ids(wire) == before

    def test_a_page_that_comes_instead_of_the_next_one_is_seen(self, wire: Wire) -> None:
        before = self.whole()
        self.fault(wire, "repeated_cursor", after=1)
        try:
            assert self.ids(wire) == before
        except IncompleteLoad as error:
            assert "twice" in str(error)  # noqa: PT017 - either outcome is right, a wrong load is not
        assert len(wire.slept) == 0

    @pytest.mark.parametrize("kind", ["empty_page_with_more", "wrong_count"])
    def test_a_page_that_contradicts_itself_is_asked_for_again_and_never_believed(self, wire: Wire, kind: str) -> None:
        before = self.whole()
        self.fault(wire, kind, times=1, after=1)
        assert self.ids(wire) == before
        wire.sandbox.faults.clear()
        self.fault(wire, kind, after=1)
        error = self.refused(wire, IncompleteLoad, ".")
        assert (error.exit_code, error.retryable) == (20, True)

    def test_the_key_is_not_sent_where_a_next_link_points(self, wire: Wire) -> None:
        self.fault(wire, "foreign_next")
        self.refused(wire, SourceRefused, "another address")

    def test_a_new_field_is_no_news(self, wire: Wire) -> None:
        before = self.whole()
        self.fault(wire, "new_field")
        assert self.ids(wire) == before

    # and from the start

    def test_a_read_that_breaks_off_anywhere_can_be_done_again(self, wire: Wire) -> None:
        before = self.ids(wire)
        asked = len([entry for entry in wire.requests if self.path in entry["path"]])
        for at in range(asked):
            wire.sandbox.faults.clear()
            self.fault(wire, "server_error", after=at)
            with pytest.raises(SourceUnavailable, match="4 times"):
                self.ids(wire)
        wire.sandbox.faults.clear()
        assert self.ids(wire) == before

    def test_pages_hold_parsed_rows_where_they_say(self, wire: Wire) -> None:
        for page in wire.read(self.stream, self.start, self.end):
            found = orjson.loads(page.body)
            for step in filter(None, page.rows.partition("[]")[0].split(".")):
                found = found[step]
            assert len(found) == page.count

    def test_a_body_of_another_shape_is_a_broken_contract_not_an_empty_load(self, wire: Wire) -> None:
        if "wrong_shape" in self.lacks:
            pytest.skip(self.lacks["wrong_shape"])
        self.fault(wire, "ok_with_error")
        self.refused(wire, (ContractError, SourceUnavailable), "200")  # type: ignore[arg-type]
