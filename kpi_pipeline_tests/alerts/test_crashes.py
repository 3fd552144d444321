"""AT-33: whoever evaluates or delivers may be killed at any statement; nothing is lost, one message is repeated."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile
from typing import Any

import pytest
from sqlalchemy import Table, select

from kpi_pipeline.alerts import ledger
from kpi_pipeline.alerts.tables import delivery, dispatch, notice
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.crashing import CHANNELS, Play, Template, template
from kpi_pipeline_tests.alerts.postman import Postman, at_work
from kpi_pipeline_tests.alerts.receiving import Answer, Receiver

RECOVERY = 10  # steps of time after the death
OK: Answer = (200, {}, "ok")
Arrived = Mapping[str, Sequence[tuple[str, str]]]


@dataclass
class Stage:
    """Three receivers in this process, and the template of those that send to them and die."""

    hook: Receiver
    slack: Receiver
    mail: Postman
    template: Template
    folder: Path
    empty: Path
    plays: int = 0

    def cleared(self) -> str:
        """A new database; the receivers know of nothing."""
        self.plays += 1
        for receiver in (self.hook, self.slack):
            receiver.got.clear()
        self.mail.mails.clear()
        return str(copyfile(self.empty, self.folder / f"{self.plays}.db"))

    def arrived(self, ids: Sequence[str]) -> Arrived:
        """What each receiver got, in order: the message's id and its whole text."""
        return {
            "hook": [(each.json["id"], each.body.decode()) for each in self.hook.got],
            "slack": [(_named(body, ids), body) for body in self.slack.bodies],
            "mail": [(_named(text, ids), text) for text in (_read(mail) for _, mail in self.mail.mails)],
        }


@pytest.fixture(scope="module")
def stage(empty_history: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("crashes")
    empty = copyfile(empty_history, folder / "empty.db")
    with ExitStack() as open_:
        hook, slack, mail = (open_.enter_context(each) for each in (Receiver(), Receiver(), at_work()))
        addresses = {"HOOK": hook.url, "SLACK": slack.url, "MAIL": mail.url}
        yield Stage(hook, slack, mail, open_.enter_context(template(empty, addresses)), folder, empty)


@pytest.mark.parametrize(("anywhere", "at_a_send"), [(6, 6), pytest.param(200, 0, marks=pytest.mark.slow)])
def test_at_33_a_kill_at_any_statement_loses_nothing_and_repeats_at_most_one_message(
    stage: Stage, anywhere: int, at_a_send: int
) -> None:
    whole = stage.template.play(Play(stage.cleared()))
    assert whole.by == 0
    assert (len(stage.hook.got), len(stage.slack.got), len(stage.mail.mails)) == (6, 6, 6)
    chance, repeats = random.Random(anywhere), Counter[int]()
    moments = [chance.randint(1, whole.passed) for _ in range(anywhere)]
    moments += [chance.choice(whole.sends) + number % 2 for number in range(at_a_send)]
    for nth in moments:
        database = stage.cleared()
        died = stage.template.play(Play(database, dies_at=nth))
        if died.by == 0:  # its threads met otherwise than before, and it ended sooner
            assert died.passed < nth
            continue
        assert died.by == signal.SIGKILL
        assert stage.template.play(Play(database, begin=RECOVERY)).by == 0
        repeats[_repeated(stage, database, CHANNELS, nth)] += 1
    assert set(repeats) == {0, 1}, "some kills fall between a receiver and our note of it, and repeat one message"
    assert repeats.total() >= 0.95 * len(moments)


@pytest.mark.parametrize("kills", [4, pytest.param(50, marks=pytest.mark.slow)])
def test_at_33_a_kill_while_one_channel_hangs_repeats_at_most_one_message_of_the_others(
    stage: Stage, kills: int
) -> None:
    chance = random.Random(kills)
    for _ in range(kills):
        database = stage.cleared()
        stage.slack.answers = ["hang"]
        nth = chance.randint(60, 500)
        died = stage.template.play(Play(database, dies_at=nth, patience_s=0.05, timeout_s=0.3))
        stage.slack.answers = [OK]
        assert died.by == signal.SIGKILL
        assert stage.template.play(Play(database, begin=RECOVERY)).by == 0
        assert _repeated(stage, database, ("hook", "mail"), nth) <= 1, nth


def _repeated(stage: Stage, database: str, channels: Iterable[str], nth: int) -> int:
    """How many messages came again to any of these channels; that all came to every channel, each under one id."""
    store = HistoryStore.open(f"sqlite:///{database}")
    sent, made = _rows(store, dispatch), _rows(store, delivery)
    assert {row.status for row in sent} == {"sent"}, nth
    assert {row.status for row in made} <= {"grouped", "cancelled"}, nth
    assert len(_rows(store, notice)) == 6, nth
    arrived = stage.arrived([row.id for row in sent])
    for channel, messages in arrived.items():
        assert {key for key, _ in messages} == {row.id for row in sent if row.channel == channel}, (nth, channel)
        assert len(set(messages)) == len({key for key, _ in messages}), "what comes again is the same"
    # What came and went while nobody could deliver is told in fewer words; what is in a message arrived.
    told = {alert["notice_id"] for each in stage.hook.got for alert in each.json["alerts"]}
    assert told == {row.notice_id for row in made if row.channel == "hook" and row.status == "grouped"}, nth
    assert told, nth
    with store.engine.connect() as connection:
        for stored in ledger.load_all(connection, "acme"):
            assert ledger.replay(connection, stored.company, stored.subject, stored.rule, stored.segment) == stored, nth
    store.engine.dispose()
    return sum(len(arrived[name]) - len({key for key, _ in arrived[name]}) for name in channels)


def _rows(store: HistoryStore, table: Table) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(select(table)))


def _named(text: str, ids: Sequence[str]) -> str:
    (found,) = [key for key in ids if key in text]
    return found


def _read(mail: Any) -> str:
    return f"{mail['Message-ID']}\n{mail.get_body(('plain',)).get_content()}"
