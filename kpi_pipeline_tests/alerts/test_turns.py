"""Channels take turns; a receiver that does not answer keeps its turn for no longer than the patience."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from kpi_pipeline.alerts.turns import Turns

PATIENCE_S = 0.2
WHAT = ("begins", "answers", "is noted")


class Runner:
    """Runs channels in threads and writes down what they do, in order."""

    def __init__(self) -> None:
        self.turns = Turns(PATIENCE_S)
        self.done: list[str] = []
        self._threads: list[threading.Thread] = []

    def begin(self, channel: str, *, answers: Callable[[], object], notes: Callable[[], object]) -> None:
        def run() -> None:
            with self.turns.one(channel) as turn:
                self.done.append(f"{channel} begins")
                with self.turns.answering(turn):
                    answers()
                self.done.append(f"{channel} answers")
                notes()
                self.done.append(f"{channel} is noted")

        thread = threading.Thread(target=run)
        thread.start()
        self._threads.append(thread)

    def until(self, what: str, times: int = 1) -> float:
        """Seconds until it happened so often."""
        return self.wait_for(lambda: self.done.count(what) >= times)

    def wait_for(self, holds: Callable[[], bool]) -> float:
        began = time.monotonic()
        while not holds():
            assert time.monotonic() - began < 5, self.done
            time.sleep(0.002)
        return time.monotonic() - began

    def end(self) -> None:
        for thread in self._threads:
            thread.join(10)


def at_once() -> None:
    pass


@pytest.fixture
def runner() -> Runner:
    return Runner()


def test_the_next_channel_begins_when_the_message_is_noted_in_the_order_of_coming(runner: Runner) -> None:
    noted = threading.Event()
    runner.begin("a", answers=at_once, notes=lambda: noted.wait(10))
    runner.until("a answers")
    for number, channel in enumerate("bcd"):
        runner.begin(channel, answers=at_once, notes=at_once)
        runner.wait_for(lambda stood=number + 2: len(runner.turns._line) >= stood)  # type: ignore[misc]
    time.sleep(2 * PATIENCE_S)  # our own noting is waited for however long it takes
    assert runner.done == ["a begins", "a answers"]
    noted.set()
    runner.end()
    assert runner.done[2:] == ["a is noted", *(f"{each} {what}" for each in "bcd" for what in WHAT)]


def test_a_receiver_that_does_not_answer_is_waited_for_as_long_as_the_patience(runner: Runner) -> None:
    answered = threading.Event()
    runner.begin("a", answers=lambda: answered.wait(10), notes=at_once)
    runner.until("a begins")
    runner.begin("b", answers=at_once, notes=at_once)
    assert 0.5 * PATIENCE_S < runner.until("b begins") < 5 * PATIENCE_S
    runner.until("b is noted")
    answered.set()
    runner.end()
    assert runner.done == ["a begins", *(f"b {what}" for what in WHAT), "a answers", "a is noted"]


def test_a_late_channel_goes_beside_the_others_until_it_answers_in_time(runner: Runner) -> None:
    runner.begin("a", answers=lambda: time.sleep(1.5 * PATIENCE_S), notes=at_once)
    runner.end()
    answered, noted = threading.Event(), threading.Event()
    runner.begin("a", answers=lambda: answered.wait(0.5 * PATIENCE_S), notes=lambda: noted.wait(10))
    runner.until("a begins")
    runner.begin("b", answers=at_once, notes=at_once)
    assert runner.until("b is noted") < PATIENCE_S, "nobody waits for it twice"
    noted.set()
    runner.end()
    noted.clear()
    runner.begin("a", answers=at_once, notes=lambda: noted.wait(10))
    runner.until("a answers", times=3)
    runner.begin("c", answers=at_once, notes=at_once)
    time.sleep(PATIENCE_S)
    assert "c begins" not in runner.done, "it stands in line again"
    noted.set()
    runner.end()


def test_a_turn_that_fails_ends(runner: Runner) -> None:
    with pytest.raises(ValueError, match="no message"), runner.turns.one("a") as turn, runner.turns.answering(turn):
        raise ValueError("no message")
    with runner.turns.one("b"):
        runner.done.append("b")
    assert runner.done == ["b"]
