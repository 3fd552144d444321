"""The part of PromQL that the sandbox evaluates: instant vector selectors, and Prometheus' times and durations."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from kpi_pipeline.sandbox.vendors.wire import instant

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_MATCHER = re.compile(r"""\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*""")
_DURATION = re.compile(r"(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?")
_MILLISECONDS = (31_536_000_000, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1)


class BadQuery(ValueError):
    """What Prometheus answers with 400 bad_data."""


@dataclass(frozen=True, slots=True)
class Selector:
    """Label matchers, the metric's name among them as `__name__`. A label that a series lacks counts as empty."""

    matchers: tuple[tuple[str, Callable[[str], bool]], ...]

    def matches(self, labels: Mapping[str, str]) -> bool:
        return all(test(labels.get(name, "")) for name, test in self.matchers)


def selector(query: str) -> Selector:
    """`name`, `name{label="v",other=~"a|b"}` or `{__name__="name"}`. Raises BadQuery for every other expression."""
    text = query.strip()
    name = _NAME.match(text)
    rest = text[name.end() :].strip() if name else text
    matchers = [("__name__", _test("=", name.group()))] if name else []
    if rest:
        if not (rest.startswith("{") and rest.endswith("}")):
            position = query.index(rest[0], name.end() if name else 0) + 1
            raise BadQuery(f"1:{position}: parse error: the sandbox evaluates selectors only, not {rest!r}")
        inner, at = rest[1:-1], 0
        while inner[at:].strip():
            found = _MATCHER.match(inner, at)
            if found is None or (found.end() < len(inner) and inner[found.end()] != ","):
                raise BadQuery(
                    f"1:{len(query) - len(inner) + at}: parse error: unexpected {inner[at:]!r} in label matching"
                )
            matchers.append((found.group(1), _test(found.group(2), _unquoted(found.group(3)))))
            at = found.end() + 1
    if not matchers or all(test("") for _, test in matchers):
        raise BadQuery("1:1: parse error: vector selector must contain at least one non-empty matcher")
    return Selector(tuple(matchers))


def time_ms(text: str, name: str) -> int:
    """Epoch milliseconds of float seconds or RFC 3339. Raises BadQuery."""
    try:
        return round(float(text) * 1000)
    except ValueError:
        pass
    try:
        parsed: datetime = instant(text)
    except ValueError as bad:
        words = f'invalid parameter "{name}": cannot parse "{text}" to a valid timestamp'
        raise BadQuery(words) from bad
    return round(parsed.timestamp() * 1000)


def duration_ms(text: str, name: str) -> int:
    """Milliseconds of float seconds or a duration such as 15m or 1h30m. Raises BadQuery unless it is positive."""
    try:
        span = round(float(text) * 1000)
    except ValueError as bad:
        found = _DURATION.fullmatch(text)
        if not text or found is None:
            raise BadQuery(f'invalid parameter "{name}": cannot parse "{text}" to a valid duration') from bad
        span = sum(int(count or 0) * unit for count, unit in zip(found.groups(), _MILLISECONDS, strict=True))
    if span <= 0:
        words = "zero or negative query resolution step widths are not accepted. Try a positive integer"
        raise BadQuery(f'invalid parameter "{name}": {words}')
    return span


def _test(operator: str, operand: str) -> Callable[[str], bool]:
    if operator in ("=", "!="):
        return (lambda value: value == operand) if operator == "=" else (lambda value: value != operand)
    try:
        pattern = re.compile(operand)
    except re.error as bad:
        raise BadQuery(f"error parsing regexp: {bad}") from bad
    if operator == "=~":
        return lambda value: pattern.fullmatch(value) is not None
    return lambda value: pattern.fullmatch(value) is None


def _unquoted(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "t": "\t"}.get(found.group(1), found.group(1)), text[1:-1])
