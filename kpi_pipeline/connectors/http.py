"""The one way to a vendor over HTTP: pinned origin, timeouts, budget, classified answers, bounded retries."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from kpi_pipeline.connectors.budget import Budget, BudgetExhausted, Rate
from kpi_pipeline.connectors.classify import Classifier, Reply, Success, Verdict
from kpi_pipeline.connectors.redact import Redactor
from kpi_pipeline.errors import (
    ContractError,
    KpiError,
    SettingsError,
    SourceRefused,
    SourceUnavailable,
    Throttled,
)

TIMEOUT = (5.0, 60.0)  # connect, read: seconds
FLOOR = 0.25  # a vendor that says "retry after 0" must not burn all tries at once
CHUNK = 1 << 20  # bytes read at once; the 10 kB of requests' own `content` cost a tenth of a page's time
Decode = Callable[[bytes], Any]
Receive = Callable[[requests.Response], Reply]
TRANSPORT = (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError)


class RecordGone(SourceRefused):
    """The vendor has no such record (any more)."""


class _Key(AuthBase):
    """Sets the vendor's auth headers; as `auth` so that a .netrc entry cannot replace them."""

    def __init__(self, headers: Callable[[], Mapping[str, str]]) -> None:
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers.update(self._headers())
        return request


class Http:
    """Requests to one account of one source; safe to use from several threads.

    `auth` are the headers that carry the key, or what gives them anew for each request where a key is exchanged for
    tokens that expire; `key_variable` is named in errors, the key never is. `classify` gives each answer its meaning.
    `observe` may read the rate headers of any answer: a bucket's present rate, or the seconds that it has to be silent.
    `tries` and `patience` (seconds of waiting in all) bound one call.
    """

    def __init__(
        self,
        source: str,
        base_url: str,
        *,
        auth: Mapping[str, str] | Callable[[], Mapping[str, str]],
        key_variable: str,
        classify: Classifier,
        budget: Budget,
        now: Callable[[], datetime],
        headers: Mapping[str, str] | None = None,
        observe: Callable[[Reply], Mapping[str, Rate | float]] | None = None,
        tries: int = 8,
        patience: float = 120.0,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        fixed: Mapping[str, str] = {} if callable(auth) else auth
        for value in fixed.values():
            if not value.isascii() or not value.isprintable() or value != value.strip():
                raise SettingsError(
                    f"{source}: opening the connection",
                    f"the key in {key_variable} holds a blank, a line break or another character that no key has",
                    remedy=f"Write the key into {key_variable} again, without anything around it.",
                )
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            raise SettingsError(
                f"{source}: opening the connection",
                "the base URL is not http(s)://host[:port][/path]",
                remedy="Correct the base URL of this source.",
            )
        self.source = source
        self.redact = Redactor([secret for value in fixed.values() for secret in {value, value.split(" ")[-1]}])
        self._base, self._origin = base_url.rstrip("/"), _origin(base_url)
        self._auth, self._headers = _Key(auth if callable(auth) else lambda: fixed), dict(headers or {})
        self._key_variable, self._classify, self._budget, self._observe = key_variable, classify, budget, observe
        self._now, self._sleep, self._jitter, self._tries, self._patience = now, sleep, jitter, tries, patience
        self._local, self._sessions, self._lock = threading.local(), list[requests.Session](), threading.Lock()

    def get(
        self,
        path: str,
        *,
        doing: str,
        success: Success,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        buckets: Sequence[str] = ("all",),
        decode: Decode = orjson.loads,
    ) -> Reply:
        """GET a path below the base URL (or a full URL of the same origin); see `call`."""
        return self.call("GET", path, doing=doing, success=success, params=params, buckets=buckets, decode=decode)

    def post(
        self,
        path: str,
        *,
        doing: str,
        success: Success,
        json: Any,
        buckets: Sequence[str] = ("all",),
        cost: float = 1.0,
    ) -> Reply:
        """POST a JSON body that only asks (a search, a batch read, a GraphQL query), so that it may be retried."""
        return self.call("POST", path, doing=doing, success=success, json=json, buckets=buckets, cost=cost)

    def download(
        self,
        path: str,
        file: BinaryIO,
        *,
        doing: str,
        broken: Callable[[BinaryIO], str | None],
        success: Success,
        params: Mapping[str, Any] | None = None,
        buckets: Sequence[str] = ("all",),
    ) -> Reply:
        """GET a body of any size into `file`, which is also the reply's `data`; what an earlier try left is dropped.

        `broken` says why a body that came is not whole: it is then asked for again, as after a lost connection. Nobody
        sees any of it before all of it is there.
        """

        def receive(response: requests.Response) -> Reply:
            if response.status_code != 200:
                return _reply(response, orjson.loads)
            file.seek(0)
            file.truncate()
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
            return Reply(response.status_code, response.headers, b"", file, broken(file))

        return self.call("GET", path, doing=doing, success=success, params=params, buckets=buckets, receive=receive)

    def call(
        self,
        method: str,
        path: str,
        *,
        doing: str,
        success: Success,
        params: Mapping[str, Any] | Sequence[tuple[str, Any]] | None = None,
        json: Any = None,
        buckets: Sequence[str] = ("all",),
        cost: float = 1.0,
        decode: Decode = orjson.loads,
        receive: Receive | None = None,
    ) -> Reply:
        """The answer, once it is a success: classified ok, and `success` finds what the caller needs.

        `doing` says in domain words what this request is for ("listing invoices created in 2026-07"). `decode` parses
        the body of a 200, perhaps only in part; other answers are parsed whole, because they say what is wrong.
        `receive` takes the answer in instead, where it is not to be held in memory.
        Raises SourceRefused (wrong key, missing permission, malformed request, other origin), RecordGone, ContractError
        (a 200 that is not what we read), Throttled (the vendor names a time beyond our patience), SourceUnavailable
        (still broken after the last try).
        """
        doing = f"{self.source}: {doing}"
        url = self._resolve(path, doing)
        where = f"{method} {urlsplit(url).path}"
        take = receive or (lambda response: _reply(response, decode))
        waited, verdict = 0.0, Verdict("retry")
        for attempt in range(1, self._tries + 1):
            waited += self._wait_turn(buckets, cost, doing, where)
            verdict = self._ask(method, url, params, json, success, attempt, take)
            if isinstance(verdict, Reply):
                return verdict
            if verdict.outcome not in ("retry", "throttled"):
                raise self._refusal(verdict, doing, where)
            pause = self._pause(verdict, attempt)
            if verdict.pause and verdict.wait is not None:
                self._budget.pause(buckets[0], pause)
            if verdict.outcome == "throttled" or waited + pause > self._patience:
                raise self._throttled(pause, doing, f"{verdict.reason} from {where}")
            if attempt < self._tries:
                self._sleep(pause)
                waited += pause
        raise SourceUnavailable(
            doing,
            self.redact(f"{verdict.reason} from {where}, {self._tries} times"),
            remedy="Nothing was lost; the next run reads the window again. If it lasts, see the vendor's status page.",
        )

    def rate(self, bucket: str) -> float:
        """Requests a second that a bucket allows at present."""
        return self._budget.rate(bucket).refill

    def close(self) -> None:
        with self._lock:
            for session in self._sessions:
                session.close()
            self._sessions.clear()
        self._budget.close()

    def _ask(
        self,
        method: str,
        url: str,
        params: Any,
        json: Any,
        success: Success,
        attempt: int,
        receive: Receive,
    ) -> Any:
        try:
            response = self._session().request(
                method,
                url,
                params=params,
                data=None if json is None else orjson.dumps(json),
                headers={"Content-Type": "application/json"} if json is not None else None,
                auth=self._auth,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            reply = receive(response)
        except TRANSPORT as error:
            return Verdict("retry", f"{type(error).__name__} ({error})")
        if self._observe is not None:
            self._learn(self._observe(reply))
        verdict = self._classify(reply)
        if verdict.outcome != "ok":
            return verdict
        missing = success(reply.data)
        if missing is None:
            return reply
        # a proxy or a vendor in trouble may answer so once; if it says so again it is the new shape
        return Verdict("retry" if attempt == 1 else "contract", f"HTTP {reply.status}, but {missing}")

    def _learn(self, rates: Mapping[str, Rate | float]) -> None:
        for bucket, rate in rates.items():
            if isinstance(rate, Rate):
                self._budget.adapt(bucket, rate)
            else:
                self._budget.pause(bucket, rate)

    def _wait_turn(self, buckets: Sequence[str], cost: float, doing: str, where: str) -> float:
        try:
            return self._budget.take(buckets, cost=cost, patience=self._patience)
        except BudgetExhausted as error:
            raise self._throttled(error.seconds, doing, f"{error}, so {where} was not sent") from None

    def _pause(self, verdict: Verdict, attempt: int) -> float:
        if verdict.wait is not None:
            return max(FLOOR, verdict.wait)
        return max(FLOOR, self._jitter() * min(32.0, 0.5 * 2.0**attempt))

    def _throttled(self, seconds: float, doing: str, came_back: str) -> Throttled:
        return Throttled(
            doing,
            self.redact(came_back),
            until=self._now() + timedelta(seconds=seconds),
            remedy="Nothing was lost; the next run reads the same window again.",
        )

    def _refusal(self, verdict: Verdict, doing: str, where: str) -> KpiError:
        came_back = self.redact(f"{verdict.reason} from {where} (key from {self._key_variable})")
        if verdict.outcome == "settings":
            remedy = verdict.remedy or f"Put a valid key with read permission into {self._key_variable}."
            return SourceRefused(doing, came_back, remedy=remedy)
        if verdict.outcome == "gone":
            return RecordGone(doing, came_back, remedy=verdict.remedy or "The record was deleted at the vendor.")
        if verdict.outcome == "contract":
            remedy = verdict.remedy or "Compare the answer with the vendor's changelog and adapt the connector."
            return ContractError(doing, came_back, remedy=remedy)
        return SourceRefused(
            doing, came_back, remedy=verdict.remedy or "The request is wrong: this is a fault of the connector."
        )

    def _resolve(self, path: str, doing: str) -> str:
        url = path if "://" in path else f"{self._base}/{path.lstrip('/')}"
        if path.startswith("//") or _origin(url) != self._origin:
            raise SourceRefused(
                doing,
                self.redact(f"the next page is at another address ({urlsplit(urljoin(self._base, path)).netloc})"),
                remedy="The key is only ever sent to the configured base URL. Ask the vendor before changing it.",
            )
        return url

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update({"Accept": "application/json", "User-Agent": "kpi-pipeline"} | self._headers)
            # proxies and CA bundle from the environment, looked up once instead of at every request
            session.__dict__.update(session.merge_environment_settings(self._base, {}, None, None, None))
            session.trust_env = False
            session.mount(f"{urlsplit(self._base).scheme}://", HTTPAdapter(pool_connections=1, pool_maxsize=1))
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port if not parts.username else -1


def _reply(response: requests.Response, decode: Decode) -> Reply:
    body = b"".join(response.iter_content(CHUNK))
    try:
        data = decode(body) if response.status_code == 200 else orjson.loads(body)
        return Reply(response.status_code, response.headers, body, data)
    except ValueError:  # of any decoder
        kind = response.headers.get("Content-Type", "no content type")
        return Reply(response.status_code, response.headers, body, None, f"{kind}, {len(body)} bytes, not JSON")
