"""Latency, uptime, errors, database and builds."""

from __future__ import annotations

# 10 requests between nine and ten, 10 between ten and eleven on another instance: 18 of 20 within 200 ms.
BUCKETS = """
metric         | series | le  | hour_start_at    | hour_end_at      | increase
api_latency_ms | api-1  | 100 | 2026-02-01 09:00 | 2026-02-01 10:00 | 8
api_latency_ms | api-1  | 200 | 2026-02-01 09:00 | 2026-02-01 10:00 | 10
api_latency_ms | api-1  | 400 | 2026-02-01 09:00 | 2026-02-01 10:00 | 10
api_latency_ms | api-1  | inf | 2026-02-01 09:00 | 2026-02-01 10:00 | 10
api_latency_ms | api-2  | 100 | 2026-02-01 10:00 | 2026-02-01 11:00 | 4
api_latency_ms | api-2  | 200 | 2026-02-01 10:00 | 2026-02-01 11:00 | 8
api_latency_ms | api-2  | 400 | 2026-02-01 10:00 | 2026-02-01 11:00 | 10
api_latency_ms | api-2  | inf | 2026-02-01 10:00 | 2026-02-01 11:00 | 10
other_ms       | api-1  | inf | 2026-02-01 10:00 | 2026-02-01 11:00 | 99
api_latency_ms | api-1  | 100 | 2026-02-02 23:00 | 2026-02-03 00:00 | 0
api_latency_ms | api-1  | inf | 2026-02-02 23:00 | 2026-02-03 00:00 | 0
"""


def test_the_percentile_of_the_whole_day_over_all_instances(recount) -> None:
    """Rank 19 of 20 lies halfway in the bucket from 200 to 400 ms; a day with counters that stood still is quiet."""
    recount(
        "api_latency",
        {"histogram_increase": BUCKETS},
        """
        day        | value | numerator | denominator | n  | reason         | status
        2026-01-31 | -     | 0         | 0           | 0  | -              | no_data
        2026-02-01 | 300   | 2         | 2           | 20 | -              | below_target
        2026-02-02 | -     | 0         | 1           | 0  | nothing_waited | ok
        """,
    )


def test_an_hour_counts_once_it_is_over(recount) -> None:
    """At half past ten nine to ten is known: rank 9.5 of 10 is three quarters of the way from 100 to 200 ms."""
    recount(
        "api_latency",
        {"histogram_increase": BUCKETS},
        "day | value | n | provisional | status\n2026-02-01 | 175 | 10 | yes | provisional",
        now="2026-02-01 10:30",
    )


def test_two_hundred_milliseconds_is_not_less_than_that(recount) -> None:
    buckets = """
    metric         | series | le  | hour_start_at    | hour_end_at      | increase
    api_latency_ms | api-1  | 200 | 2026-02-01 09:00 | 2026-02-01 10:00 | 19
    api_latency_ms | api-1  | inf | 2026-02-01 09:00 | 2026-02-01 10:00 | 20
    """
    recount("api_latency", {"histogram_increase": buckets}, "day | value | status\n2026-02-01 | 200 | below_target")


def counters(*rows: str) -> dict[str, str]:
    head = "metric | series | hour_start_at | hour_end_at | increase_e3\n"
    return {"counter_increase": head + "\n".join(rows)}


def test_the_mean_stands_beside_the_percentile(recount) -> None:
    facts = counters(
        "api_latency_ms_sum | api-1 | 2026-02-01 09:00 | 2026-02-01 10:00 | 900000",
        "api_latency_ms_count | api-1 | 2026-02-01 09:00 | 2026-02-01 10:00 | 10000",
        "api_latency_ms_count | api-2 | 2026-02-01 23:00 | 2026-02-02 00:00 | 2000",
    )
    recount("api_latency_mean", facts, "day | value\n2026-01-31 | -\n2026-02-01 | 75\n2026-02-02 | -")


def test_errors_are_answers_5xx_and_timeouts(recount) -> None:
    """On the 1st 1 error in 1000 requests, exactly 0.1 %; on the 2nd 1 timeout beside 1999 requests."""
    facts = counters(
        "http_requests | a | 2026-02-01 09:00 | 2026-02-01 10:00 | 1000000",
        "http_errors | a | 2026-02-01 09:00 | 2026-02-01 10:00 | 1000",
        "http_requests | a | 2026-02-02 23:00 | 2026-02-03 00:00 | 1999000",
        "http_timeouts | a | 2026-02-02 23:00 | 2026-02-03 00:00 | 1000",
    )
    recount(
        "error_rate",
        facts,
        """
        day        | value | numerator | denominator | status
        2026-01-31 | -     | 0         | 0           | no_data
        2026-02-01 | 0.1   | 1000      | 1000000     | below_target
        2026-02-02 | 0.05  | 1000      | 2000000     | ok
        """,
    )


def test_the_running_day_of_errors_is_provisional(recount) -> None:
    facts = counters("http_requests | a | 2026-02-01 09:00 | 2026-02-01 10:00 | 1000000")
    recount("error_rate", facts, "day | value | status\n2026-02-01 | 0 | provisional", now="2026-02-01 10:30")


def test_time_of_a_statement(recount) -> None:
    facts = counters(
        "db_exec_time_ms | db-1 | 2026-02-01 09:00 | 2026-02-01 10:00 | 100000000",
        "db_calls | db-1 | 2026-02-01 09:00 | 2026-02-01 10:00 | 1000000",
        "db_exec_time_ms | db-1 | 2026-02-02 09:00 | 2026-02-02 10:00 | 99999000",
        "db_calls | db-1 | 2026-02-02 09:00 | 2026-02-02 10:00 | 1000000",
    )
    recount(
        "db_query_time",
        facts,
        """
        day        | value  | status
        2026-01-31 | -      | no_data
        2026-02-01 | 100    | below_target
        2026-02-02 | 99.999 | ok
        """,
    )


def test_overlapping_outages_count_once_and_maintenance_leaves_both_parts(recount) -> None:
    """20 + 20 minutes that overlap by 10 are 30; of 30 days 43.2 minutes are one in a thousand."""
    spans = """
    monitor_id | monitor  | state       | start_at            | end_at
    1          | Platform | unchecked   | 2020-01-01 00:00    | 2020-01-02 00:00
    2          | API      | unchecked   | 2020-01-01 00:00    | 2020-01-02 00:00
    3          | Docs     | down        | 2026-02-01 00:00    | 2026-02-02 00:00
    1          | Platform | down        | 2026-02-01 10:00    | 2026-02-01 10:20
    2          | API      | down        | 2026-02-01 10:10    | 2026-02-01 10:30
    2          | API      | down        | 2026-02-10 10:00    | 2026-02-10 10:13:12
    1          | Platform | down        | 2026-02-11 10:00    | 2026-02-11 10:00:01
    2          | API      | maintenance | 2026-03-20 00:00    | 2026-03-21 00:00
    2          | API      | down        | 2026-03-20 10:00    | 2026-03-20 11:00
    """
    recount(
        "platform_uptime",
        {"monitor_interval": spans},
        """
        day        | value                | numerator  | denominator | n | status
        2026-01-31 | 100                  | 2592000000 | 2592000000  | 2 | ok
        2026-02-01 | 259020000000/2592000000 | 2590200000 | 2592000000 | 2 | ok
        2026-02-10 | 99.9                 | 2589408000 | 2592000000  | 2 | ok
        2026-02-11 | 258940700000/2592000000 | 2589407000 | 2592000000 | 2 | below_target
        2026-03-20 | 100                  | 2505600000 | 2505600000  | 2 | ok
        """,
    )


def test_a_missing_monitor_is_no_uptime(recount) -> None:
    spans = (
        "monitor_id | monitor | state | start_at | end_at\n1 | Platform | down | 2026-02-01 10:00 | 2026-02-01 10:20"
    )
    recount(
        "platform_uptime",
        {"monitor_interval": spans},
        "day | value | reason | status\n2026-02-01 | - | monitor_missing | no_data",
    )


def test_builds_of_the_default_branch(recount) -> None:
    """b was cancelled, d ran on a branch, e is not done yet."""
    recount(
        "build_success_rate",
        {
            "pipeline_run": """
            run_id | is_default_branch | started_at       | completed_at     | conclusion
            a      | yes               | 2026-02-01 10:00 | 2026-02-01 10:05 | success
            b      | yes               | 2026-02-01 10:00 | 2026-02-01 10:05 | cancelled
            c      | yes               | 2026-02-01 23:58 | 2026-02-02 00:03 | timed_out
            d      | no                | 2026-02-01 10:00 | 2026-02-01 10:05 | failure
            e      | yes               | 2026-02-02 10:00 |                  |
            """
        },
        """
        day        | value | numerator | denominator | n
        2026-01-31 | -     | 0         | 0           | 0
        2026-02-01 | 100   | 1         | 1           | 1
        2026-02-02 | 50    | 1         | 2           | 2
        2026-02-08 | 0     | 0         | 1           | 1
        2026-02-09 | -     | 0         | 0           | 0
        """,
    )


def test_forty_nine_of_fifty_builds_is_not_more_than_98_percent(recount) -> None:
    runs = "run_id | is_default_branch | completed_at | conclusion\n" + "\n".join(
        f"r{n} | yes | 2026-02-01 10:00 | {'success' if n else 'failure'}" for n in range(50)
    )
    recount("build_success_rate", {"pipeline_run": runs}, "day | value | status\n2026-02-01 | 98 | below_target")
