"""AT-33: whoever evaluates or delivers may die between any two statements; nothing is lost, little is repeated."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import Connection, event

from kpi_pipeline.alerts import ledger
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.tables import delivery, dispatch, notice
from kpi_pipeline.catalogue import Company
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.receiving import Receiver
from kpi_pipeline_tests.alerts.sending import NOW, Desk, Inbox

NEVER = 1_000_000
STEP = timedelta(minutes=6)  # longer than a claim lasts
Observed = Callable[..., Observation]


class Killed(BaseException):
    """As little can be done about it as about SIGKILL."""


@contextmanager
def killed_at(store: HistoryStore, nth: int) -> Iterator[list[int]]:
    """Dies at the n-th boundary: before or after a statement or a commit. Yields how many boundaries were passed."""
    passed = [0]

    def boundary(connection: Connection, *_: Any) -> None:
        passed[0] += 1
        if passed[0] >= nth:
            connection.connection.rollback()  # a dead process holds no lock
            raise Killed(f"at boundary {nth}")

    names = ("before_cursor_execute", "after_cursor_execute", "commit")
    for name in names:
        event.listen(store.engine, name, boundary)
    try:
        yield passed
    finally:
        for name in names:
            event.remove(store.engine, name, boundary)


def evaluated(store: HistoryStore, company: Company, observations: list[Observation]) -> None:
    run = Evaluation(company, lambda _kpi: Sight(NOW + timedelta(days=30)), NOW, "r")
    store.record(observations, run_id="r", now=NOW, within=evaluate(run, ["conversion"]))


def days(observed: Observed) -> list[list[Observation]]:
    """Fine, then critical, then warning, then fine again: each as one evaluation, with a delivery in between."""
    return [
        [observed(0, 40, "ok")],
        [observed(1, 20, "critical")],
        [observed(2, 26, "warning")],
        [observed(3, 40, "ok")],
    ]


def play(desk: Desk, company: Company, steps: list[list[Observation]], *, begin: int = 0) -> None:
    """The whole story; what was done before is found done."""
    for number, observations in enumerate(steps):
        evaluated(desk.store, company, observations)
        desk.deliver(NOW + (begin + number) * STEP)


@pytest.fixture
def desks(empty_history: Path, tmp_path: Path, company: Company) -> Iterator[Callable[..., Desk]]:
    """Makes desks over databases of their own; after a desk that died, over what of its database is on the disk.

    One engine serves all, because another would compile every statement anew.
    """
    files = [copyfile(empty_history, tmp_path / "0.db")]
    store = HistoryStore.open(f"sqlite:///{files[0]}")

    @event.listens_for(store.engine, "do_connect")
    def _newest(_dialect: Any, _record: Any, arguments: list[Any], _options: Any) -> None:
        arguments[0] = str(files[-1])

    def make(died: Desk | None = None) -> Desk:
        before = empty_history if died is None else files[-1]
        files.append(tmp_path / f"{len(files)}.db")
        for end in ("", "-wal"):
            if Path(f"{before}{end}").exists():
                copyfile(f"{before}{end}", f"{files[-1]}{end}")
        store.engine.dispose()
        senders = {"slack": Inbox(), "mail": Inbox()} if died is None else died.senders
        return Desk(store, company, senders)

    yield make
    store.engine.dispose()


@pytest.mark.parametrize("kills", [25, pytest.param(200, marks=pytest.mark.slow)])
def test_at_33_a_kill_at_any_statement_loses_nothing_and_repeats_at_most_one_message_a_channel(
    desks: Callable[..., Desk], company: Company, observed: Observed, kills: int
) -> None:
    whole = desks()
    with killed_at(whole.store, NEVER) as passed:
        play(whole, company, days(observed))
    assert [len(inbox.messages) for inbox in whole.senders.values()] == [3, 3]  # type: ignore[attr-defined]
    chance = random.Random(kills)
    for _ in range(kills):
        nth = chance.randint(1, passed[0])
        desk = desks()
        with killed_at(desk.store, nth), pytest.raises(Killed, match="boundary"):
            play(desk, company, days(observed))
        again = desks(desk)
        play(again, company, days(observed), begin=10)
        again.deliver(NOW + 30 * STEP)
        _is_whole(again, nth)


def _is_whole(desk: Desk, nth: int) -> None:
    assert {row.status for row in desk.rows(dispatch)} == {"sent"}, nth
    assert {row.status for row in desk.rows(delivery)} <= {"grouped", "cancelled"}, nth
    grouped = [(row.channel, row.notice_id) for row in desk.rows(delivery) if row.status == "grouped"]
    for channel, inbox in desk.senders.items():
        assert isinstance(inbox, Inbox)
        # What came and went while nobody could deliver is told in fewer words; what is in a message arrived.
        told = {line.told.notice_id for message in inbox.messages for line in message.lines}
        assert told == {notice_id for name, notice_id in grouped if name == channel}, nth
        assert told, nth
        counted = Counter(inbox.ids)
        # Each channel has a thread: what it was sending when all died may come again, and only that.
        assert sum(counted.values()) - len(counted) <= 1, nth
        for key in counted:
            assert len({message.text() for message in inbox.messages if message.id == key}) == 1, nth
    assert len(desk.rows(notice)) == 3, nth
    with desk.store.engine.connect() as connection:
        for stored in ledger.load_all(connection, "acme"):
            assert ledger.replay(connection, stored.company, stored.subject, stored.rule, stored.segment) == stored, nth


def test_at_33_a_killed_process_loses_nothing(
    store: HistoryStore, company: Company, receiver: Receiver, tmp_path: Path
) -> None:
    desk = Desk(store, company, {})
    for number in range(8):
        desk.announce("first_breach", "critical", subject=f"kpi_{number}", run_id=str(number))
    database, at, kills = str(store.engine.url.database), NOW + STEP, 0
    chance = random.Random(5)
    while any(row.status != "grouped" for row in desk.rows(delivery)) or any(
        row.status != "sent" for row in desk.rows(dispatch)
    ):
        command = [sys.executable, "-m", "kpi_pipeline_tests.alerts.delivering", database, receiver.url, at.isoformat()]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        if kills < 3:
            time.sleep(chance.uniform(0.05, 0.25))
            process.send_signal(signal.SIGKILL)
            kills += 1
        assert process.wait(60) in (0, -signal.SIGKILL)
        process.stdout.close()
        at += STEP
    found = Counter(row.id for row in desk.rows(dispatch) for body in receiver.bodies if row.id in body)
    assert len(found) == 8
    assert sum(found.values()) - 8 <= kills
