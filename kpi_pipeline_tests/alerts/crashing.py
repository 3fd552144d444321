"""Evaluates and delivers in processes that die when told to: ADDRESSES-AS-JSON, then a play as JSON a line.

The process that reads the plays is loaded and warm, and forks a child for each, so that a death costs some tens of
milliseconds. It answers each play with what became of it.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from shutil import copyfile
from typing import Any

from sqlalchemy import event

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.around import Sight
from kpi_pipeline.alerts.channels import KINDS, Sender, Wire
from kpi_pipeline.alerts.channels.wire import Accepted
from kpi_pipeline.alerts.evaluate import Evaluation, evaluate
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.outbox import Outbox
from kpi_pipeline.alerts.turns import Turns
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.acme import acme
from kpi_pipeline_tests.alerts.observing import observation

FIRST = datetime(2026, 3, 2, 23, tzinfo=UTC)
NOW = datetime(2026, 3, 20, 6, tzinfo=UTC)
STEP = timedelta(minutes=6)  # longer than a claim lasts
KPIS = ("conversion", "signups")
CHANNELS = {
    "hook": Channel(kind="webhook", url="HOOK", secret="SECRET"),
    "mail": Channel(kind="mail", url="MAIL", sender="kpi@acme.example"),
    "slack": Channel(kind="slack", url="SLACK"),
}
# Fine, then critical, then warning, then fine again: each is evaluated, and told by every channel.
STORY = ((40, "ok"), (20, "critical"), (26, "warning"), (40, "ok"))


@dataclass(frozen=True)
class Play:
    """The whole story on a database, from step `begin` of time on; what was done before is found done.

    It dies by SIGKILL at boundary `dies_at`: before or after a statement, a commit or a send; None: it ends well.
    """

    database: str
    begin: int = 0
    dies_at: int | None = None
    patience_s: float = 30.0
    timeout_s: float = 30.0


@dataclass(frozen=True)
class Ended:
    """`by` is the signal that ended it, 0 when it ended by itself.

    Then `passed` counts the boundaries, and `sends` numbers those that a send began at; the next number is its end.
    """

    by: int
    passed: int = 0
    sends: list[int] = field(default_factory=list)


class Template:
    """The process that forks the players; `play` waits until one has ended."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def play(self, play: Play) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asdict(play)) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


@contextmanager
def template(empty: Path, addresses: Mapping[str, str]) -> Iterator[Template]:
    """Started on an empty history, which it does not change; ends with the block."""
    command = [sys.executable, "-m", "kpi_pipeline_tests.alerts.crashing", str(empty), json.dumps(addresses)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Template(process)
        assert process.stdin is not None
        process.stdin.close()


def company() -> Company:
    """Acme with a second KPI, and an owner whom three channels reach."""
    found = acme()
    people = {**found.people, "ann": found.people["ann"].model_copy(update={"channels": tuple(CHANNELS)})}
    kpis = {name: found.kpis["conversion"].model_copy(update={"id": name, "owners": ("ann",)}) for name in KPIS}
    return found.model_copy(update={"people": people, "kpis": kpis, "channels": CHANNELS})


class Boundaries:
    """Counts what is passed, in whatever thread, and kills the process at one of them."""

    def __init__(self, dies_at: int | None) -> None:
        self.passed = 0
        self.sends: list[int] = []
        self._dies_at = dies_at
        self._lock = threading.Lock()

    def __call__(self, *_: Any) -> None:
        with self._lock:
            self.passed += 1
            if self.passed == self._dies_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def around(self, sender: Sender) -> Sender:
        def send(message: Message, recipients: tuple[str, ...]) -> Accepted | None:
            self()
            self.sends.append(self.passed)
            accepted = sender(message, recipients)
            self()
            return accepted

        return Sender(send)


class Player:
    """One engine for all plays, because another would compile every statement anew; no connection outlives a play."""

    def __init__(self, empty: str, addresses: Mapping[str, str]) -> None:
        self._company = company()
        self._reader = Reader(self._company, lambda _kpi: None)
        self._secrets = {**addresses, "SECRET": "s"}
        self._database = empty
        self._store = HistoryStore.open(f"sqlite:///{empty}")
        event.listen(self._store.engine, "do_connect", self._redirect)
        self._store.engine.dispose()

    def warm(self, database: str) -> None:
        """Play once without any receiver: what is loaded and compiled then, no child has to."""
        silent = {name: Sender(lambda _message, _recipients: None) for name in CHANNELS}
        self._tell(Play(database), silent)
        self._store.engine.dispose()

    def run(self, play: Play) -> Ended:
        """What is told of a play that nothing kills."""
        passing = Boundaries(play.dies_at)
        for name in ("before_cursor_execute", "after_cursor_execute", "commit"):
            event.listen(self._store.engine, name, passing)
        wire = Wire(lambda: NOW, lambda _seconds: None, time.monotonic, (play.timeout_s, play.timeout_s))
        senders = {name: KINDS[each.kind].sender(each, self._secrets, wire) for name, each in CHANNELS.items()}
        self._tell(play, {name: passing.around(each) for name, each in senders.items()})
        return Ended(0, passing.passed, passing.sends)

    def _tell(self, play: Play, senders: Mapping[str, Sender]) -> None:
        self._database = play.database
        for number, (value, status) in enumerate(STORY):
            at = NOW + (play.begin + number) * STEP
            for kpi in KPIS:
                self._evaluate(kpi, observation(FIRST + timedelta(days=number), value, status))
            self._deliver(at, senders, play.patience_s)
        self._deliver(NOW + (play.begin + 2 * len(STORY)) * STEP, senders, play.patience_s)

    def _evaluate(self, kpi: str, found: Observation) -> None:
        run = Evaluation(self._company, lambda _kpi: Sight(NOW + timedelta(days=30)), NOW, kpi)
        measured = Observation(**{**{name: getattr(found, name) for name in Observation.__slots__}, "kpi": kpi})
        self._store.record([measured], run_id=kpi, now=NOW, within=evaluate(run, [kpi]))

    def _deliver(self, at: datetime, senders: Mapping[str, Sender], patience_s: float) -> None:
        outbox.deliver(Outbox(self._store, self._reader, senders, lambda: at, lambda: 0.5, Turns(patience_s)))

    def _redirect(self, _dialect: Any, _record: Any, arguments: list[Any], _options: Any) -> None:
        arguments[0] = self._database


def played(player: Player, play: Play) -> Ended:
    """Fork, play in the child, and wait for its end. Raises RuntimeError when it failed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.write(writing, json.dumps(asdict(player.run(play))).encode())
        except BaseException:  # noqa: BLE001 - a child never goes on as if it were the template
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as last_words:
        text = last_words.read()
    code = os.waitstatus_to_exitcode(status)
    if code > 0:
        raise RuntimeError(f"a player ended with exit code {code}")
    return Ended(-code) if code else Ended(**json.loads(text))


def main(empty: str, addresses: str) -> None:
    player = Player(empty, json.loads(addresses))
    warm = f"{empty}.warm"
    player.warm(copyfile(empty, warm))
    for line in sys.stdin:
        print(json.dumps(asdict(played(player, Play(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
