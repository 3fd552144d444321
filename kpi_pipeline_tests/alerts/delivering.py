"""Delivers one outbox in a process of its own, which a test can kill: DATABASE URL NOW-AS-ISO."""

from __future__ import annotations

import sys
import time
from datetime import datetime

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.channels import KINDS, Wire
from kpi_pipeline.alerts.lines.base import Reader
from kpi_pipeline.alerts.outbox import Outbox
from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Channel
from kpi_pipeline.history.store import HistoryStore

CHANNEL = Channel(kind="slack", url="ACME_SLACK")
COMPANY = {
    "id": "acme",
    "name": "Acme",
    "zone": "Europe/Amsterdam",
    "currency": "EUR",
    "language": "nl",
    "sources": {},
    "people": {},
    "channels": {"slack": CHANNEL},
}


def main(database: str, url: str, now: str) -> None:
    store = HistoryStore.open(f"sqlite:///{database}")
    at = datetime.fromisoformat(now)
    wire = Wire(lambda: at, lambda _seconds: time.sleep(0.02), time.monotonic)
    senders = {"slack": KINDS["slack"].sender(CHANNEL, {"ACME_SLACK": url}, wire)}
    reader = Reader(Company.model_validate(COMPANY), lambda _kpi: None)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    outbox.deliver(Outbox(store, reader, senders, lambda: at, lambda: 0.5))


if __name__ == "__main__":
    main(*sys.argv[1:])
