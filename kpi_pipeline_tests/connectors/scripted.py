"""A vendor that answers from a script, over a real socket: for faults of the wire that no protocol describes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from kpi_pipeline.connectors.budget import Budget, Rate
from kpi_pipeline.connectors.classify import by_status
from kpi_pipeline.connectors.http import Http

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
KEY = "rk_live_canary5ecret0123456789"


@dataclass(frozen=True)
class Answer:
    """One scripted answer; `promise` is a Content-Length that the body does not keep, `cut` closes without a word."""

    status: int = 200
    body: bytes = b'{"ok": true}'
    headers: dict[str, str] = field(default_factory=dict)
    promise: int | None = None
    cut: bool = False


@dataclass
class Scripted:
    """The running vendor: what was asked, and what is left of the script (its last answer is repeated)."""

    script: list[Answer]
    url: str = ""
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def next(self) -> Answer:
        return self.script.pop(0) if len(self.script) > 1 else self.script[0]


@contextmanager
def vendor(*script: Answer) -> Iterator[Scripted]:
    running = Scripted(list(script))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if length := int(self.headers.get("Content-Length", 0)):
                self.rfile.read(length)
            running.asked.append((self.command, self.path, dict(self.headers)))
            answer = running.next()
            if answer.cut:
                self.connection.close()
                self.close_connection = True
                return
            self.send_response_only(answer.status)
            for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(answer.promise or len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            self.wfile.flush()
            self.close_connection = answer.promise is not None

        do_POST = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """No access log."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    running.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield running
    finally:
        server.shutdown()
        server.server_close()


def client(url: str, folder: Path, slept: list[float], **options: Any) -> Http:
    """A connection to a scripted vendor; waiting is noted in `slept` instead of done."""
    usual: dict[str, Any] = {"classify": by_status, "auth": {"Authorization": f"Bearer {KEY}"}, "jitter": lambda: 1.0}
    return Http(
        "stripe",
        url,
        key_variable="ACME_STRIPE_API_KEY",
        budget=Budget(folder / "budget.sqlite", {"all": Rate(10**6)}, ticks=lambda: 1 + sum(slept), sleep=slept.append),
        now=lambda: NOW,
        sleep=slept.append,
        **(usual | options),
    )


Ask = Callable[[], Any]


def paths(asked: Sequence[tuple[str, str, dict[str, str]]]) -> list[str]:
    return [path for _, path, _ in asked]
