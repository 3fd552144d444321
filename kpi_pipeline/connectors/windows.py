"""Cutting a window into pieces, and reading pieces side by side without holding more than a few pages."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from kpi_pipeline.landing.page import Window

T = TypeVar("T")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def units_since_epoch(instant: datetime, unit: timedelta) -> int:
    """Whole units since 1970, rounded up: windows that adjoin stay adjoining where the vendor counts in `unit`."""
    return -((EPOCH - instant) // unit)


def slices(window: Window, count: int, *, grain: timedelta = timedelta(seconds=1)) -> list[Window]:
    """`window` in at most `count` adjoining parts of about equal length, cut on whole `grain`s, oldest first."""
    span = window.end - window.start
    step = max(grain, -(-span // count // grain) * grain)
    cuts = [window.start]
    while cuts[-1] + step < window.end:
        cuts.append(cuts[-1] + step)
    return [Window(start, end) for start, end in zip(cuts, [*cuts[1:], window.end], strict=True)]


def side_by_side(tasks: Sequence[Callable[[], Iterator[T]]], *, workers: int) -> Iterator[T]:
    """What all `tasks` yield, in the order it comes, from at most `workers` threads.

    At most `workers` results wait to be taken. The first error of a task is raised here; the other tasks then stop at
    their next result, and so they do when the caller stops iterating.
    """
    if workers <= 1 or len(tasks) <= 1:
        for task in tasks:
            yield from task()
        return
    waiting: queue.SimpleQueue[Callable[[], Iterator[T]]] = queue.SimpleQueue()
    for task in tasks:
        waiting.put(task)
    results: queue.Queue[tuple[str, T | BaseException | None]] = queue.Queue(maxsize=workers)
    stop = threading.Event()

    def put(item: tuple[str, T | BaseException | None]) -> None:
        while not stop.is_set():
            try:
                results.put(item, timeout=0.2)
                return
            except queue.Full:
                continue

    def work() -> None:
        try:
            while not stop.is_set():
                try:
                    task = waiting.get_nowait()
                except queue.Empty:
                    break
                for result in task():
                    put(("result", result))
                    if stop.is_set():
                        return
            put(("end", None))
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
            put(("error", error))

    threads = [threading.Thread(target=work, daemon=True) for _ in range(min(workers, len(tasks)))]
    for thread in threads:
        thread.start()
    try:
        running = len(threads)
        while running:
            kind, value = results.get()
            if kind == "error":
                assert isinstance(value, BaseException)  # noqa: S101
                raise value
            if kind == "end":
                running -= 1
            else:
                yield value  # type: ignore[misc]
    finally:
        stop.set()
        for thread in threads:
            thread.join()
