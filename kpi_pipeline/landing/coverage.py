"""Which spans of time the loads of a stream asked its vendor for."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from datetime import datetime

from kpi_pipeline.landing.page import Window
from kpi_pipeline.landing.receipt import Receipt


class Coverage:
    """What loads read of one stream, as spans that neither touch nor overlap, in order.

    A snapshot holds all there is, whatever the time: a stream that has one is read wholly, and so is one that no load
    asked for a span of time.
    """

    def __init__(self, receipts: Iterable[Receipt]) -> None:
        found = list(receipts)
        is_whole = any(receipt.proof == "snapshot" for receipt in found)
        windows = [] if is_whole else [each.window for each in found if each.window.start < each.window.end]
        self.spans = _merged(windows)
        self._starts = [span.start for span in self.spans]

    def is_unread(self, start: datetime, end: datetime) -> bool:
        """Whether nothing of [start, end) was asked for, but later time was: what is known of it is nothing, not zero.

        An instant (`start` is `end`) asks for what was so by then, and so for the time before it. Time after the last
        load is not meant: that the stream is behind is told by its watermark.
        """
        later = bisect_left(self._starts, end)
        if later == len(self.spans):
            return False
        if later == 0:
            return True
        until = self.spans[later - 1].end
        return until <= start if start < end else until < start


def _merged(windows: Iterable[Window]) -> list[Window]:
    merged: list[Window] = []
    for window in sorted(windows, key=lambda each: each.start):
        if merged and window.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, window.end))
        else:
            merged.append(window)
    return merged
