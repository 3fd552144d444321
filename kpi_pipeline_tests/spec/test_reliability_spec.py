"""KPI 3, 4 and 5: availability, queue backlog, age of retries."""

from __future__ import annotations

WATCHED = """
monitor_id | monitor     | state     | start_at               | end_at
1          | Website     | unchecked | 1970-01-01 00:00+00:00 | 2026-01-01 00:00
2          | API /health | unchecked | 1970-01-01 00:00+00:00 | 2026-01-01 00:00
"""
WINDOW = 2_592_000_000  # 30 × 86400 s in ms


def test_outages_of_either_monitor_count_once(recount) -> None:
    """On 10 February: 10:00-10:30 and 10:20-10:50 are 50 minutes together, 30 for each alone."""
    outages = f"""{WATCHED.rstrip()}
1          | Website     | down      | 2026-02-10 10:00       | 2026-02-10 10:30
2          | API /health | down      | 2026-02-10 10:20       | 2026-02-10 10:50
"""
    both, one = WINDOW - 50 * 60_000, WINDOW - 30 * 60_000
    for kpi, up, n in (
        ("website_availability", both, 2),
        ("website_availability_site", one, 1),
        ("website_availability_api", one, 1),
    ):
        recount(
            kpi,
            {"monitor_interval": outages},
            f"""
            day        | value                | numerator | denominator | n
            2026-02-09 | 100                  | {WINDOW}  | {WINDOW}    | {n}
            2026-02-10 | {100 * up}/{WINDOW}  | {up}      | {WINDOW}    | {n}
            2026-03-11 | {100 * up}/{WINDOW}  | {up}      | {WINDOW}    | {n}
            2026-03-12 | 100                  | {WINDOW}  | {WINDOW}    | {n}
            """,
        )


def test_the_window_is_exact_seconds_and_not_local_days(recount) -> None:
    """29 March has 23 hours: 30 × 86400 s before its end is 23:00 on 27 February, in the middle of the outage."""
    recount(
        "website_availability",
        {
            "monitor_interval": f"""{WATCHED.rstrip()}
1          | Website     | down      | 2026-02-27 22:30       | 2026-02-27 23:30
"""
        },
        f"""
        day        | numerator               | denominator | period_start     | status
        2026-02-27 | {WINDOW - 3_600_000}    | {WINDOW}    | 2026-01-29 00:00 | below_target
        2026-03-29 | {WINDOW - 1_800_000}    | {WINDOW}    | 2026-02-27 23:00 | ok
        2026-03-30 | {WINDOW}                | {WINDOW}    | 2026-02-28 23:00 | ok
        """,
    )


def test_maintenance_pauses_and_time_before_the_monitor_leave_both_parts(recount) -> None:
    """All of 12 February is paused; half the outage on the 13th lies in maintenance of the other monitor."""
    recount(
        "website_availability",
        {
            "monitor_interval": """
            monitor_id | monitor     | state       | start_at               | end_at
            1          | Website     | unchecked   | 1970-01-01 00:00+00:00 | 2026-02-10 00:00
            2          | API /health | unchecked   | 1970-01-01 00:00+00:00 | 2026-02-11 00:00
            1          | Website     | paused      | 2026-02-12 00:00       | 2026-02-13 00:00
            2          | API /health | maintenance | 2026-02-13 10:00       | 2026-02-13 11:00
            1          | Website     | down        | 2026-02-13 10:30       | 2026-02-13 11:30
            3          | Blog        | down        | 2026-02-01 00:00       |
            """
        },
        """
        day        | value     | numerator | denominator | status
        2026-02-10 | -         | 0         | 0           | no_data
        2026-02-11 | 100       | 86400000  | 86400000    | ok
        2026-02-12 | 100       | 86400000  | 86400000    | ok
        2026-02-13 | 4650/47   | 167400000 | 169200000   | critical
        """,
    )


def test_an_outage_that_lasts_is_down_until_now(recount) -> None:
    recount(
        "website_availability",
        {
            "monitor_interval": f"""{WATCHED.rstrip()}
1          | Website     | down      | 2026-11-22 11:00       |
"""
        },
        f"""
        day        | numerator             | denominator | closed
        2026-11-21 | {WINDOW}              | {WINDOW}    | yes
        2026-11-22 | {WINDOW - 3_600_000}  | {WINDOW}    | no
        """,
    )


def test_a_required_monitor_that_nobody_watches_is_no_data(recount) -> None:
    recount(
        "website_availability",
        {"monitor_interval": WATCHED.replace("API /health", "API")},
        "day | value | reason | status\n2026-02-10 | - | monitor_missing | no_data",
    )


def test_the_largest_backlog_of_all_queues(recount) -> None:
    """Not their sum, not other metrics; a sample at midnight belongs to the day that starts."""
    recount(
        "queue_backlog_max",
        {
            "metric_sample": """
            metric        | series | sampled_at       | value
            queue_backlog | a      | 2026-02-01 00:00 | 26
            queue_backlog | a      | 2026-02-01 10:00 | 20
            queue_backlog | b      | 2026-02-01 10:15 | 25
            other         | a      | 2026-02-01 10:15 | 99
            queue_backlog | a      | 2026-02-02 00:00 | 60
            """
        },
        """
        day        | value | numerator | denominator | n | status
        2026-01-31 | -     | 0         | 24          | 0 | no_data
        2026-02-01 | 26    | 2         | 24          | 2 | below_target
        2026-02-02 | 60    | 1         | 24          | 1 | warning
        """,
    )


def test_days_of_23_and_25_hours_have_as_many_clock_hours(recount) -> None:
    """02:30 happens twice on 25 October: two clock hours with a sample."""
    recount(
        "queue_backlog_max",
        {
            "metric_sample": """
            metric        | series | sampled_at             | value
            queue_backlog | a      | 2026-03-29 03:30       | 1
            queue_backlog | a      | 2026-10-25 02:30+02:00 | 2
            queue_backlog | a      | 2026-10-25 02:30+01:00 | 3
            """
        },
        """
        day        | value | numerator | denominator
        2026-03-29 | 1     | 1         | 23
        2026-10-25 | 3     | 2         | 25
        """,
    )


def test_a_bad_backlog_today_is_bad_before_the_day_is_over(recount) -> None:
    """A maximum can only rise: beyond a threshold it is rated at once, below one it is provisional."""
    for value, status in ((60, "warning"), (61, "critical"), (25, "provisional")):
        sample = f"metric | series | sampled_at | value\nqueue_backlog | a | 2026-11-22 11:30 | {value}"
        recount(
            "queue_backlog_max",
            {"metric_sample": sample},
            f"""
            day        | value   | numerator | denominator | provisional | status
            2026-11-22 | {value} | 1         | 13          | yes         | {status}
            """,
            now="2026-11-22 12:30",
        )


def buckets(hour: str, end: str, *counts: int, series: str = "x") -> str:
    """Increases of the buckets up to 1000, 60000, 300000 ms and +Inf in one clock hour."""
    bounds = ("1000", "60000", "300000", "inf")
    lines = [f"retry_age_ms | {series} | {le} | {hour} | {end} | {n}" for le, n in zip(bounds, counts, strict=True)]
    return "\n".join(lines)


HEADER = "metric | series | le | hour_start_at | hour_end_at | increase\n"


def test_the_worst_hour_of_the_day_counts(recount) -> None:
    """09h: 95 of 100 lie at the bound 60000. 10h: rank 19 of 20, 18 up to 60000 and 20 up to 300000: halfway between.

    11h: nothing waited.
    """
    facts = HEADER + "\n".join(
        (
            buckets("2026-02-01 09:00", "2026-02-01 10:00", 10, 95, 100, 100),
            buckets("2026-02-01 10:00", "2026-02-01 11:00", 0, 18, 20, 20),
            buckets("2026-02-01 11:00", "2026-02-01 12:00", 0, 0, 0, 0),
        )
    )
    recount(
        "retry_age_p95",
        {"histogram_increase": facts},
        """
        day        | value  | numerator | denominator | n   | status
        2026-01-31 | -      | 0         | 0           | 0   | no_data
        2026-02-01 | 180000 | 2         | 3           | 120 | ok
        """,
    )


def test_buckets_of_all_instances_are_added_before_the_percentile(recount) -> None:
    """19 fast ones here and 1 slow there: rank 19 of 20 is the last fast one, not the mean of two percentiles."""
    facts = HEADER + "\n".join(
        (
            buckets("2026-02-01 09:00", "2026-02-01 10:00", 19, 19, 19, 19, series="x"),
            buckets("2026-02-01 09:00", "2026-02-01 10:00", 0, 0, 1, 1, series="y"),
        )
    )
    recount("retry_age_p95", {"histogram_increase": facts}, "day | value | n\n2026-02-01 | 1000 | 20")


def test_beyond_the_last_bound_it_is_that_bound_and_in_the_first_bucket_it_starts_at_zero(recount) -> None:
    beyond = HEADER + buckets("2026-02-01 09:00", "2026-02-01 10:00", 0, 0, 0, 7)
    first = HEADER + buckets("2026-02-01 09:00", "2026-02-01 10:00", 100, 100, 100, 100)
    recount("retry_age_p95", {"histogram_increase": beyond}, "day | value | status\n2026-02-01 | 300000 | ok")
    recount("retry_age_p95", {"histogram_increase": first}, "day | value\n2026-02-01 | 950")


def test_nothing_waited_is_good_news_and_no_counters_are_not(recount) -> None:
    idle = HEADER + buckets("2026-02-01 23:00", "2026-02-02 00:00", 0, 0, 0, 0)
    recount(
        "retry_age_p95",
        {"histogram_increase": idle},
        """
        day        | value | numerator | denominator | n | reason         | status
        2026-02-01 | -     | 0         | 1           | 0 | nothing_waited | ok
        2026-02-02 | -     | 0         | 0           | 0 | -              | no_data
        """,
    )


def test_an_hour_counts_when_it_is_over(recount) -> None:
    facts = HEADER + "\n".join(
        (
            buckets("2026-11-22 10:00", "2026-11-22 11:00", 20, 20, 20, 20),
            buckets("2026-11-22 11:00", "2026-11-22 12:00", 20, 20, 20, 20),
        )
    )
    for now, covered in (("2026-11-22 11:59", 1), ("2026-11-22 12:00", 2)):
        recount(
            "retry_age_p95",
            {"histogram_increase": facts},
            f"day | value | denominator | n\n2026-11-22 | 950 | {covered} | {20 * covered}",
            now=now,
        )
