"""One request budget per vendor account, shared by all threads and processes of this machine.

A live run and a backfill draw from the same buckets, kept in a small SQLite file. A caller reserves its place and then
sleeps until its turn, so that nobody starves. While a bucket is more than half full a caller takes the tokens of its
next quarter of a second at once: a transaction costs 0.05 ms alone, but a millisecond among busy threads.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from kpi_pipeline.clock import monotonic

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rate:
    """A vendor's rule: at most `limit` requests (or points) in any `per` seconds.

    We run at 80 % of it, in bursts of 20 %: no span of `per` seconds then holds more than `limit`, wherever it starts.
    `at_once` is that second share: more of it suits a vendor that is asked seldom and then much (a first load).
    """

    limit: float
    per: float = 1.0
    at_once: float = 0.2

    @property
    def refill(self) -> float:
        return (1 - self.at_once) * self.limit / self.per

    @property
    def burst(self) -> float:
        return max(1.0, self.at_once * self.limit)


AHEAD = 0.25  # seconds


def _ahead(tokens: float, rate: Rate) -> int:
    """How many requests more to pay for now: those of the next AHEAD seconds, if half of the bucket is left."""
    return int(min(rate.refill * AHEAD, tokens - rate.burst / 2)) if tokens > rate.burst / 2 else 0


class BudgetExhausted(Exception):
    """The next request would have to wait `seconds`, longer than its caller is willing to."""

    def __init__(self, bucket: str, seconds: float) -> None:
        self.bucket, self.seconds = bucket, seconds
        super().__init__(f"the budget {bucket!r} is used up for {seconds:.0f} s")


class Budget:
    """Token buckets of one account. `rules` names each bucket's rate; vendors' headers may change it (`adapt`)."""

    def __init__(
        self,
        path: Path,
        rules: Mapping[str, Rate],
        *,
        ticks: Callable[[], float] = monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._rules, self._ticks, self._sleep = dict(rules), ticks, sleep
        self._lock = threading.Lock()
        self._ahead: dict[tuple[str, ...], tuple[int, float]] = {}
        self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        # a lost write costs a few requests of budget, not data: no fsync
        self._db.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
            "CREATE TABLE IF NOT EXISTS bucket"
            "(name TEXT PRIMARY KEY, tokens REAL, at REAL, paused REAL, max REAL, per REAL)"
        )

    def take(self, buckets: Sequence[str], *, cost: float = 1.0, patience: float = 120.0) -> float:
        """Wait for this request's turn in all `buckets`; returns the seconds waited.

        Raises BudgetExhausted, and reserves nothing, when the wait would be longer than `patience`.
        """
        if cost == 1.0 and self._taken_ahead(tuple(buckets)):
            return 0.0
        waited = 0.0
        wait = self._transact(lambda at: self._reserve(buckets, cost, at, patience))
        while wait > 0:
            if waited + wait > patience:
                raise BudgetExhausted(buckets[0], wait)
            self._sleep(wait)
            waited += wait
            wait = self._transact(lambda at: self._paused(buckets, at))  # somebody was told to stop while we slept
        return waited

    def pause(self, bucket: str, seconds: float) -> None:
        """Nobody asks again for `seconds`: the vendor said so."""
        with self._lock:
            self._ahead.clear()

        def write(at: float) -> None:
            tokens, rate, paused = self._state(bucket, at)
            self._write(bucket, tokens, at, max(paused, at + seconds), rate)

        self._transact(write)

    def adapt(self, bucket: str, rate: Rate) -> None:
        """The vendor's headers say that this account's limit is `rate`."""

        def write(at: float) -> None:
            tokens, known, paused = self._state(bucket, at)
            if known != rate:
                self._write(bucket, min(tokens, rate.burst), at, paused, rate)

        self._transact(write)

    def rate(self, bucket: str) -> Rate:
        """The bucket's present rate: its rule, or what the vendor's headers made of it."""
        return self._transact(lambda at: self._state(bucket, at)[1])

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _reserve(self, buckets: Sequence[str], cost: float, at: float, patience: float) -> float:
        states = [(bucket, *self._state(bucket, at)) for bucket in buckets]
        waits = [max((cost - tokens) / rate.refill, paused - at, 0.0) for _, tokens, rate, paused in states]
        longest = max(waits)
        if longest > patience:
            raise BudgetExhausted(buckets[waits.index(longest)], longest)
        ahead = 0
        if cost == 1.0 and longest == 0:
            ahead = min(_ahead(tokens - cost, rate) for _, tokens, rate, _ in states)
            self._ahead[tuple(buckets)] = (ahead, at + AHEAD)
        for bucket, tokens, rate, paused in states:
            self._write(bucket, tokens - cost - ahead, at, paused, rate)
        return longest

    def _taken_ahead(self, buckets: tuple[str, ...]) -> bool:
        """Whether a token was left of those taken ahead; old ones are let go, or they would add to a later burst."""
        with self._lock:
            left, until = self._ahead.get(buckets, (0, 0.0))
            if not left or self._ticks() >= until:
                return False
            self._ahead[buckets] = (left - 1, until)
            return True

    def _paused(self, buckets: Sequence[str], at: float) -> float:
        return max(max(self._state(bucket, at)[2] - at, 0.0) for bucket in buckets)

    def _state(self, bucket: str, at: float) -> tuple[float, Rate, float]:
        found = self._db.execute("SELECT tokens, at, paused, max, per FROM bucket WHERE name = ?", (bucket,)).fetchone()
        if found is None or found[1] > at:  # new, or the machine was restarted and its clock with it
            rate = self._rules[bucket]
            return rate.burst, rate, 0.0
        tokens, before, paused, limit, per = found
        rate = replace(self._rules[bucket], limit=limit, per=per)
        return min(rate.burst, tokens + (at - before) * rate.refill), rate, paused

    def _write(self, bucket: str, tokens: float, at: float, paused: float, rate: Rate) -> None:
        row = (bucket, tokens, at, paused, rate.limit, rate.per)
        self._db.execute("INSERT OR REPLACE INTO bucket VALUES (?, ?, ?, ?, ?, ?)", row)

    def _transact(self, work: Callable[[float], T]) -> T:
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                result = work(self._ticks())
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            return result
