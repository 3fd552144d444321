"""Kinds over product use (lag, per_entity), on syncs and users few enough to count by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.metrics.kinds import PARAMS

Counted = Callable[..., None]
HOUR = 3_600_000
FRESH = {"kind": "lag", "window": "calendar day", "unit": "minutes"}
OF_SYNCS = {"fact": "sync", "per": "source_name", "time": "synced_at"}
ADOPTION = {"kind": "per_entity", "window": "rolling 3 days", "unit": "percent"}
USE = {"fact": "usage_day", "time": "day", "per": "user_id"}
CORE = {**USE, "where": "event in ('chart', 'share', 'alert')", "distinct": "event", "at_least": 2}
ACTIVE = {**USE, "where": "qualifying"}


@pytest.fixture
def recounted(recount: Callable[..., None], mister_dj: Company) -> Counted:
    """Recounts a KPI of this kind and these parameters over one fact."""

    def check(
        table: str, expected: str, *, kind: str, window: str, unit: str, now: str = "2026-11-22 12:00",
        threshold: dict[str, str] | None = None, **params: Any,
    ) -> None:  # fmt: skip
        named = {"kind": kind, "params": PARAMS[kind].model_validate(params), "window": window, "unit": unit}
        told = {"id": "k", "company": "mister_dj", "name": {"nl": "K"}, "better": "lower", "cadence": "daily"}
        kpi = Kpi.model_validate({**told, **named, "origin": "", "file": "", "line": 1, **(threshold or {})})
        fact = "sync" if kind == "lag" else "usage_day"
        recount("k", {fact: table}, expected, now, mister_dj.model_copy(update={"kpis": {"k": kpi}}))

    return check


@pytest.mark.parametrize(("limit", "status"), [("<= 300", "ok"), ("< 300", "below_target")])
def test_the_lag_of_one_source_is_an_arithmetic_series(recounted: Counted, limit: str, status: str) -> None:
    """Synced at 00:00 and 12:00; looks at 02:00, 08:00, 14:00 and 20:00 (each 6 h UTC): 2, 8, 2 and 8 hours.

    Nothing comes on 1 May: 14, 20, 26 and 32 hours.
    """
    recounted(
        """
        source_name | synced_at
        crm         | 2026-04-30 00:00
        crm         | 2026-04-30 12:00
        """,
        f"""
        day        | value | numerator     | denominator | n | status
        2026-04-29 | -     | 0             | 0           | 0 | no_data
        2026-04-30 | 300   | {20 * HOUR}   | 4           | 1 | {status}
        2026-05-01 | 1380  | {92 * HOUR}   | 4           | 1 | below_target
        """,
        **FRESH,
        of=OF_SYNCS,
        every="6 hours",
        threshold={"target": limit},
    )


def test_a_sync_between_two_looks_is_seen_at_the_next_one(recounted: Counted) -> None:
    """Looks at 02:00, 08:00, 14:00 and 20:00: 2 hours, 0 (at the very instant), 6 and 1."""
    recounted(
        """
        source_name | synced_at
        crm         | 2026-05-10 00:00
        crm         | 2026-05-10 08:00
        crm         | 2026-05-10 19:00
        """,
        f"""
        day        | value     | numerator   | denominator
        2026-05-10 | 135       | {9 * HOUR}  | 4
        """,
        **FRESH,
        of=OF_SYNCS,
        every="6 hours",
    )


def test_sources_are_pooled_and_one_that_fell_silent_leaves_after_its_time(recounted: Counted) -> None:
    """crm at 02:00, web at 14:00 only; idle after 12 hours: crm is seen at 02:00 and 08:00, web at 14:00 and 20:00."""
    recounted(
        """
        source_name | synced_at
        crm         | 2026-05-10 02:00
        web         | 2026-05-10 14:00
        """,
        f"""
        day        | value | numerator    | denominator | n
        2026-05-10 | 180   | {12 * HOUR}  | 4           | 2
        2026-05-11 | -     | 0            | 0           | 0
        """,
        **FRESH,
        of=OF_SYNCS,
        every="6 hours",
        idle_after="12 hours",
    )


def test_the_running_day_is_looked_at_until_now(recounted: Counted) -> None:
    """At 14:01 the looks of 02:00, 08:00 and 14:00 have been: 2 + 8 + 14 hours = 480 minutes on average."""
    recounted(
        """
        source_name | synced_at
        crm         | 2026-05-10 00:00
        """,
        """
        day        | value | denominator | closed
        2026-05-10 | 480   | 3           | no
        """,
        **FRESH,
        of=OF_SYNCS,
        every="6 hours",
        now="2026-05-10 14:01",
    )


def test_the_long_day_of_october_has_a_look_more(recounted: Counted) -> None:
    """25 hours hold 25 hourly looks, the short one of March 23."""
    recounted(
        """
        source_name | synced_at
        crm         | 2026-03-28 23:00
        crm         | 2026-10-24 23:00
        """,
        """
        day        | denominator
        2026-03-29 | 23
        2026-10-25 | 25
        """,
        **FRESH,
        of=OF_SYNCS,
        every="1 hour",
    )


def test_who_did_two_core_things_in_three_days_among_who_was_active(recounted: Counted) -> None:
    """ann has her second thing on the 2nd and loses the first on the 4th; bob does one thing twice; cas is not active."""
    recounted(
        """
        user_id | event | day        | qualifying
        ann     | chart | 2026-05-01 | yes
        ann     | share | 2026-05-02 | yes
        bob     | chart | 2026-05-01 | yes
        bob     | chart | 2026-05-02 | yes
        cas     | chart | 2026-05-01 | no
        cas     | share | 2026-05-01 | no
        dirk    | login | 2026-05-02 | yes
        """,
        """
        day        | value | numerator | denominator | n
        2026-04-30 | -     | 0         | 0           | 0
        2026-05-01 | 0     | 0         | 2           | 2
        2026-05-02 | 100/3 | 1         | 3           | 3
        2026-05-03 | 100/3 | 1         | 3           | 3
        2026-05-04 | 0     | 0         | 3           | 3
        2026-05-05 | -     | 0         | 0           | 0
        """,
        **ADOPTION,
        having=CORE,
        among=ACTIVE,
    )


def test_exactly_enough_things_count_and_a_partial_week_counts_what_it_has(recounted: Counted) -> None:
    """Wednesday to Sunday of one ISO week; the second thing comes on Friday, a third on Sunday."""
    table = """
    user_id | event | day        | qualifying
    ann     | chart | 2026-05-06 | yes
    ann     | share | 2026-05-08 | yes
    ann     | alert | 2026-05-10 | yes
    """
    for at_least, expected in ((2, ("0", "100", "100")), (3, ("0", "0", "100")), (4, ("0", "0", "0"))):
        recounted(
            table,
            f"""
            day        | value         | closed
            2026-05-07 | {expected[0]} | no
            2026-05-08 | {expected[1]} | no
            2026-05-10 | {expected[2]} | yes
            2026-05-11 | -             | no
            """,
            **{**ADOPTION, "window": "calendar week"},
            having={**CORE, "at_least": at_least},
            among=ACTIVE,
        )


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"having": {**CORE, "at_least": 0}, "among": ACTIVE}, "greater than or equal to 1"),
        ({"having": CORE}, "among"),
        ({"having": {**CORE, "distinct": "feature"}, "among": ACTIVE}, "feature"),
    ],
)
def test_a_share_of_entities_needs_both_sides_and_at_least_one_thing(params: dict[str, Any], said: str) -> None:
    from kpi_pipeline.facts import columns

    with pytest.raises(ValueError, match=said):
        PARAMS["per_entity"].model_validate(params, context={"facts": columns()})
