"""Counting calls: rolling spans, fixed spans, keys."""

from __future__ import annotations

import pytest

from kpi_pipeline.sandbox.limits import Limit, Limiter


class Ticks:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_rolling_limit_never_admits_more_than_count_in_any_span() -> None:
    clock = Ticks()
    limiter = Limiter({"burst": Limit(3, 10.0)}, clock)
    admitted = []
    for _ in range(200):
        if limiter.take("burst").admitted:
            admitted.append(clock.now)
        clock.now += 0.7
    assert len(admitted) > 30
    assert all(later - earlier >= 10.0 for earlier, later in zip(admitted, admitted[3:], strict=False))


def test_it_tells_what_is_left_and_when_the_next_call_is_free() -> None:
    clock = Ticks()
    limiter = Limiter({"burst": Limit(2, 10.0)}, clock)
    assert limiter.take("burst").remaining == 1
    clock.now += 4
    assert limiter.take("burst").remaining == 0
    refused = limiter.take("burst")
    assert (refused.admitted, refused.remaining, refused.free_in) == (False, 0, 6.0)
    clock.now += 6
    assert limiter.take("burst").admitted


def test_keys_are_counted_apart() -> None:
    limiter = Limiter({"endpoint": Limit(1, 10.0)}, Ticks())
    assert limiter.take("endpoint", "/v1/charges").admitted
    assert not limiter.take("endpoint", "/v1/charges").admitted
    assert limiter.take("endpoint", "/v1/invoices").admitted


def test_a_fixed_span_starts_anew_all_at_once() -> None:
    clock = Ticks()
    limiter = Limiter({"daily": Limit(2, 86_400.0, rolling=False)}, clock)
    clock.now += 86_000
    assert [limiter.take("daily").admitted for _ in range(3)] == [True, True, False]
    assert limiter.used("daily") == 2
    assert limiter.take("daily").free_in == 400.0
    clock.now += 400
    assert limiter.take("daily").remaining == 1


def test_an_unknown_limit_cannot_be_set() -> None:
    with pytest.raises(KeyError, match="there are: burst"):
        Limiter({"burst": Limit(1, 1.0)}).set("daily", Limit(1, 1.0))
