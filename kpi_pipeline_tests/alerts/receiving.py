"""A web server that answers as it is told, hangs, or cuts the connection, and keeps what it got."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, Self

import orjson

SECRET = "SECRETPART"
Answer = tuple[int, Mapping[str, str], str] | Literal["hang", "reset"]


@dataclass(frozen=True)
class Got:
    """One request that was answered with 2xx, or was about to be when the connection broke."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Receiver:
    """Answers in the order of `answers`, the last one for ever; a connection that hangs does so until the end.

    `{request}` in an answer's text is everything that was sent, the way some servers show what they did not like.
    """

    answers: list[Answer] = field(default_factory=lambda: [(200, {}, "ok")])
    got: list[Got] = field(default_factory=list)
    answers_after_s: float = 0.0
    url: str = ""
    port: int = 0

    @property
    def bodies(self) -> list[str]:
        return [each.body.decode() for each in self.got]

    def __enter__(self) -> Self:
        self._end = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self, self._end))
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self._server.server_port}/services/T0/B0/{SECRET}"
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._server.shutdown()
        self._server.server_close()


def _handler(receiver: Receiver, end: threading.Event) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            body = self.rfile.read(length)
            if len(body) < length:  # the sender died on the way
                return
            receiver.got.append(Got(self.path, dict(self.headers.items()), body))
            end.wait(receiver.answers_after_s)
            answer = receiver.answers.pop(0) if len(receiver.answers) > 1 else receiver.answers[0]
            if answer == "hang":
                end.wait()
                return
            if answer == "reset":
                # With nothing to linger for, closing sends RST.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
                return
            status, headers, text = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            sent = f"{self.path} {dict(self.headers.items())} {body.decode()}"
            self.wfile.write(text.replace("{request}", sent).encode())

        def finish(self) -> None:
            if not self.connection._closed:  # type: ignore[attr-defined]
                super().finish()

        def log_message(self, *_args: object) -> None:
            pass

    return Handler
