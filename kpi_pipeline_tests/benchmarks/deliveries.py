"""How many messages a second leave the outbox, through one channel and through three, near and far.

Deliveries a second and CPU milliseconds of a message, receivers included; `answers after` is what each takes to answer.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from kpi_pipeline.alerts.channels import KINDS, Wire
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline_tests.alerts.acme import acme
from kpi_pipeline_tests.alerts.receiving import Receiver
from kpi_pipeline_tests.alerts.sending import NOW, Desk

WIRE = Wire(lambda: NOW, time.sleep, time.monotonic)
HOOK = Channel(kind="webhook", url="HOOK", secret="SECRET")


def deliver(folder: Path, channels: int, messages: int, answers_after_s: float) -> tuple[float, float]:
    """Wall and CPU seconds of delivering so many messages through each channel."""
    store = HistoryStore.open(f"sqlite:///{folder / f'{channels}-{answers_after_s}.db'}")
    with ExitStack() as open_:
        receivers = [open_.enter_context(Receiver(answers_after_s=answers_after_s)) for _ in range(channels)]
        senders = {
            f"hook{number}": KINDS["webhook"].sender(HOOK, {"HOOK": each.url, "SECRET": "s"}, WIRE)
            for number, each in enumerate(receivers)
        }
        desk = Desk(store, acme(), senders)
        to = [(name, ("Ann",)) for name in senders]
        for number in range(messages):
            desk.announce("first_breach", "critical", subject=f"kpi_{number}", run_id=str(number), to=to)
        began, started = time.process_time(), time.perf_counter()
        desk.deliver()
        spent = time.perf_counter() - started, time.process_time() - began
        assert [len(each.got) for each in receivers] == [messages] * channels
    store.engine.dispose()
    return spent


def main(quick: bool) -> None:
    messages = 30 if quick else 120
    print(f"{'channels':>9}{'answers after':>15}{'deliveries/s':>14}{'CPU ms each':>13}")
    for channels in (1, 3):
        for answers_after_s in (0.0, 0.1):
            with tempfile.TemporaryDirectory() as folder:
                wall, cpu = deliver(Path(folder), channels, messages, answers_after_s)
            each = messages * channels
            print(f"{channels:9}{answers_after_s * 1_000:12.0f} ms{each / wall:14.1f}{1_000 * cpu / each:13.1f}")
