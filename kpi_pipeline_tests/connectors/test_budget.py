"""The request budget: a vendor's rule is kept by everybody together, and its word counts at once."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_pipeline.connectors.budget import Budget, BudgetExhausted, Rate


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def budget(tmp_path: Path, clock: Clock) -> Iterator[Budget]:
    opened = Budget(tmp_path / "b.sqlite", {"all": Rate(10), "day": Rate(1000, 86_400)}, ticks=clock, sleep=clock.sleep)
    yield opened
    opened.close()


def test_a_burst_is_free_and_then_the_rate_holds(budget: Budget) -> None:
    waits = [budget.take(["all"]) for _ in range(6)]
    assert waits == pytest.approx([0, 0, 0.125, 0.125, 0.125, 0.125])


@given(limit=st.integers(1, 30), per=st.sampled_from([1.0, 10.0, 60.0]), pauses=st.lists(st.floats(0, 20), max_size=25))
@settings(max_examples=40)
def test_no_span_of_the_vendors_length_holds_more_than_its_limit(
    tmp_path_factory: pytest.TempPathFactory, limit: int, per: float, pauses: list[float]
) -> None:
    clock = Clock()
    opened = Budget(
        tmp_path_factory.mktemp("b") / "b.sqlite", {"all": Rate(limit, per)}, ticks=clock, sleep=clock.sleep
    )
    sent = []
    for pause in [*pauses, *[0.0] * (2 * limit)]:
        clock.at += pause
        opened.take(["all"], patience=1e6)
        sent.append(clock.at)
    opened.close()
    for start in sent:
        assert sum(start <= at < start + per - 1e-6 for at in sent) <= limit


def test_a_request_waits_for_all_its_buckets_and_counts_in_all(budget: Budget, clock: Clock) -> None:
    budget.pause("day", 30)
    assert budget.take(["all", "day"]) == pytest.approx(30)


def test_a_wait_beyond_patience_takes_nothing(budget: Budget) -> None:
    budget.pause("all", 900)
    with pytest.raises(BudgetExhausted, match="'all' is used up for 900 s"):
        budget.take(["day", "all"])
    assert budget.take(["day"]) == 0


def test_whoever_already_waits_hears_that_the_vendor_said_stop(tmp_path: Path, clock: Clock) -> None:
    told = []

    def sleep(seconds: float) -> None:
        clock.sleep(seconds)
        if not told:
            told.append(opened.pause("all", 5))

    opened = Budget(tmp_path / "b.sqlite", {"all": Rate(1)}, ticks=clock, sleep=sleep)
    opened.take(["all"])
    assert opened.take(["all"]) == pytest.approx(1.25 + 5)
    opened.close()


def test_the_vendors_headers_change_the_rate_for_everybody(tmp_path: Path, budget: Budget, clock: Clock) -> None:
    budget.adapt("all", Rate(100))
    other = Budget(tmp_path / "b.sqlite", {"all": Rate(10)}, ticks=clock, sleep=clock.sleep)
    assert other.rate("all") == Rate(100)
    for _ in range(2):
        other.take(["all"])
    assert other.take(["all"]) == pytest.approx(1 / 80, abs=1e-3)
    other.close()


def test_a_restart_of_the_machine_sets_the_clock_back_and_the_buckets_full(tmp_path: Path) -> None:
    before = Budget(tmp_path / "b.sqlite", {"all": Rate(1)}, ticks=lambda: 50_000.0)
    before.pause("all", 80)
    before.close()
    after = Budget(tmp_path / "b.sqlite", {"all": Rate(1)}, ticks=lambda: 12.0)
    assert after.take(["all"]) == 0
    after.close()


def _draw(path: str, count: int, sent: multiprocessing.Queue[float]) -> None:
    opened = Budget(Path(path), {"all": Rate(50)})
    for _ in range(count):
        opened.take(["all"])
        sent.put(time.monotonic())
    opened.close()


def test_processes_and_threads_share_one_budget(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    sent = context.Queue()
    arguments = (str(tmp_path / "b.sqlite"), 12, sent)
    workers = [context.Process(target=_draw, args=arguments), threading.Thread(target=_draw, args=arguments)]
    for worker in workers:
        worker.start()
    times = sorted(sent.get(timeout=30) for _ in range(24))
    for worker in workers:
        worker.join()
    spread = times[-1] - times[0]
    assert spread >= (24 - 10 - 1) / 40  # 10 at once, the rest at 40 a second


def test_a_request_that_is_not_limited_costs_less_than_a_third_of_a_millisecond(tmp_path: Path) -> None:
    opened = Budget(tmp_path / "b.sqlite", {"endpoint": Rate(10**7), "account": Rate(10**7)})
    costs = []
    for _ in range(5):  # the best of five, so that a busy machine does not fail it
        began = time.perf_counter()
        for _ in range(200):
            opened.take(["endpoint", "account"])
        costs.append((time.perf_counter() - began) / 200)
    opened.close()
    assert min(costs) < 0.0003
