"""Whether the platform runs, how fast, and how the work goes."""

from __future__ import annotations

import pytest

WATCHED = """
monitor_id | monitor  | state     | start_at               | end_at
1          | Platform | unchecked | 1970-01-01 00:00+00:00 | 2026-01-01 00:00
2          | API      | unchecked | 1970-01-01 00:00+00:00 | 2026-01-01 00:00
"""
HOUR_MS = 3_600_000


def watched(*rows: str) -> dict[str, str]:
    return {"monitor_interval": "\n".join([WATCHED.rstrip(), *rows])}


def test_the_platform_is_up_while_both_monitors_are(recount) -> None:
    """43 minutes and 12 seconds of 30 days are exactly 0.1 %; the API's ten minutes lie within them."""
    facts = watched(
        "1 | Platform | down | 2026-03-10 10:00 | 2026-03-10 10:43:12",
        "2 | API | down | 2026-03-10 10:10 | 2026-03-10 10:20",
    )
    recount(
        "system_uptime",
        facts,
        """
        day        | value | n | status
        2026-03-09 | 100   | 2 | ok
        2026-03-10 | 99.9  | 2 | ok
        2026-04-08 | 99.9  | 2 | ok
        2026-04-09 | 100   | 2 | ok
        """,
    )
    longer = watched("1 | Platform | down | 2026-03-10 10:00 | 2026-03-10 10:43:13")
    recount("system_uptime", longer, "day | status\n2026-03-10 | below_target")
    recount(
        "system_uptime",
        {"monitor_interval": "monitor_id | monitor | state | start_at | end_at"},
        "day | value | reason | status\n2026-03-10 | - | monitor_missing | no_data",
    )


@pytest.mark.parametrize(("seconds", "value", "status"), [(36, "99", "ok"), (37, "356300/3600", "critical")])
def test_36_seconds_of_an_hour_are_one_percent(recount, seconds: int, value: str, status: str) -> None:
    facts = watched(f"1 | Platform | down | 2026-03-10 10:00:00 | 2026-03-10 10:00:{seconds}")
    recount(
        "system_uptime_worst_hour",
        facts,
        f"""
        day        | value   | numerator                 | denominator | status
        2026-03-09 | 100     | {HOUR_MS}                 | {HOUR_MS}   | ok
        2026-03-10 | {value} | {HOUR_MS - seconds * 1000} | {HOUR_MS}   | {status}
        """,
    )


def test_the_worst_hour_is_any_hour_and_one_before_midnight_belongs_to_both_days(recount) -> None:
    """20 minutes across eleven o'clock are in one hour; 20 across midnight are ten minutes on the first day."""
    across = watched("1 | Platform | down | 2026-03-10 10:50 | 2026-03-10 11:10")
    recount("system_uptime_worst_hour", across, "day | value\n2026-03-10 | 200/3")
    midnight = watched("2 | API | down | 2026-03-10 23:50 | 2026-03-11 00:10")
    recount(
        "system_uptime_worst_hour", midnight, "day | value\n2026-03-10 | 500/6\n2026-03-11 | 200/3\n2026-03-12 | 100"
    )


def test_two_outages_within_an_hour_add_up_and_overlapping_ones_do_not(recount) -> None:
    """10 + 10 minutes, 40 apart, fill an hour from 10:00; those of both monitors at once count once."""
    facts = watched(
        "1 | Platform | down | 2026-03-10 10:00 | 2026-03-10 10:10",
        "2 | API | down | 2026-03-10 10:05 | 2026-03-10 10:10",
        "1 | Platform | down | 2026-03-10 10:50 | 2026-03-10 11:00",
    )
    recount("system_uptime_worst_hour", facts, "day | value | numerator\n2026-03-10 | 200/3 | 2400000")


def test_maintenance_leaves_both_parts_of_the_hour(recount) -> None:
    """18 s down in the half hour beside half an hour of maintenance are 1 % of it; a day of maintenance has none."""
    facts = watched(
        "1 | Platform | maintenance | 2026-03-10 10:00 | 2026-03-10 10:30",
        "1 | Platform | down | 2026-03-10 10:40 | 2026-03-10 10:40:18",
        "1 | Platform | maintenance | 2026-03-11 23:00 | 2026-03-13 00:00",
    )
    recount(
        "system_uptime_worst_hour",
        facts,
        """
        day        | value | numerator | denominator | status
        2026-03-10 | 99    | 1782000   | 1800000     | ok
        2026-03-12 | -     | -         | 0           | no_data
        """,
    )


def test_the_worst_hour_may_begin_with_an_outage_or_end_with_one(recount) -> None:
    """From 10:00 to 11:00 with 20 minutes of maintenance 2 of 40 are lost; from 10:12 to 11:12 with 18, 2 of 42."""
    begins = watched(
        "1 | Platform | down | 2026-03-10 10:00 | 2026-03-10 10:02",
        "1 | Platform | maintenance | 2026-03-10 10:40 | 2026-03-10 11:30",
    )
    recount("system_uptime_worst_hour", begins, "day | value | denominator\n2026-03-10 | 95 | 2400000")
    ends = watched(
        "1 | Platform | maintenance | 2026-03-10 10:00 | 2026-03-10 10:30",
        "1 | Platform | down | 2026-03-10 11:10 | 2026-03-10 11:12",
    )
    recount("system_uptime_worst_hour", ends, "day | value | denominator\n2026-03-10 | 4000/42 | 2520000")


def test_a_running_day_is_judged_up_to_now(recount) -> None:
    """At half past ten the outage that began at 10:15 has lasted a quarter of an hour."""
    facts = watched("1 | Platform | down | 2026-03-10 10:15 |")
    recount("system_uptime_worst_hour", facts, "day | value\n2026-03-10 | 75", now="2026-03-10 10:30")


def counters(total: str, count: str, seconds: int, number: int) -> dict[str, str]:
    """Thousandths of the seconds and of the number that one hour and instance added."""
    return {
        "counter_increase": f"""
        metric  | series | hour_start_at    | hour_end_at      | increase_e3
        {total} | a      | 2026-03-02 10:00 | 2026-03-02 11:00 | {seconds}
        {count} | a      | 2026-03-02 10:00 | 2026-03-02 11:00 | {number}
        {total} | b      | 2026-03-02 23:00 | 2026-03-03 00:00 | {seconds}
        {count} | b      | 2026-03-02 23:00 | 2026-03-03 00:00 | {number}
        """
    }


@pytest.mark.parametrize(
    ("kpi", "total", "count", "limit"),
    [("page_load_time", "page_load_sum", "page_load_count", 3), ("query_performance", "query_sum", "query_count", 2)],
)
def test_seconds_over_loads_or_queries(recount, kpi: str, total: str, count: str, limit: int) -> None:
    """20 in all hours of the day, the last one too; exactly the limit is not less than it."""
    for each, status in ((limit, "below_target"), (limit - 1, "ok")):
        recount(
            kpi,
            counters(total, count, each * 10_000, 10_000),
            f"""
            day        | value  | n     | status
            2026-03-01 | -      | 0     | no_data
            2026-03-02 | {each} | 20000 | {status}
            """,
        )


def test_95_of_100_loads_were_faster(recount) -> None:
    """18 of 20 within 2 s, all within 3: the 19th lies half-way between. Both hours together, not the worse one."""
    header = "metric | series | le | hour_start_at | hour_end_at | increase\n"
    rows = [
        f"page_load_seconds | a | {le} | 2026-03-02 {hour}:00 | 2026-03-02 {hour + 1}:00 | {increase}"
        for hour, within_2 in ((10, 10), (11, 8))
        for le, increase in (("2", within_2), ("3", 10), ("inf", 10))
    ]
    recount(
        "page_load_time_p95",
        {"histogram_increase": header + "\n".join(rows)},
        """
        day        | value | numerator | denominator | n
        2026-03-01 | -     | 0         | 0           | 0
        2026-03-02 | 2.5   | 2         | 2           | 20
        """,
    )


def test_the_slowest_half_hour_of_the_day(recount) -> None:
    """5.0 is not more than 5; what is read at midnight belongs to the next day; the running day has ten hours."""
    samples = """
        metric             | series | sampled_at       | value
        page_load_mean_30m | {}     | 2026-03-02 10:30 | 5.0
        page_load_mean_30m | {}     | 2026-03-02 11:00 | 4.9
        page_load_mean_30m | {}     | 2026-03-03 00:00 | 5.1
        other              | {}     | 2026-03-02 10:30 | 9.9
        """
    recount(
        "page_load_time_worst_30m",
        {"metric_sample": samples},
        """
        day        | value | numerator | denominator | status
        2026-03-01 | -     | 0         | 24          | no_data
        2026-03-02 | 5     | 2         | 24          | ok
        2026-03-03 | 5.1   | 1         | 10          | critical
        """,
        now="2026-03-03 10:00",
    )


@pytest.mark.parametrize(("failed", "value", "status"), [(10, "0.1", "below_target"), (9, "0.09", "ok")])
def test_one_request_in_a_thousand(recount, failed: int, value: str, status: str) -> None:
    table = f"""
        metric          | series | hour_start_at    | hour_end_at      | increase_e3
        requests        | a      | 2026-03-02 10:00 | 2026-03-02 11:00 | 10000000
        failed_requests | a      | 2026-03-02 10:00 | 2026-03-02 11:00 | {failed * 1000}
        """
    recount(
        "error_rate",
        {"counter_increase": table},
        f"day | value | status\n2026-03-01 | - | no_data\n2026-03-02 | {value} | {status}",
    )


def test_how_old_the_newest_data_is_every_five_minutes(recount) -> None:
    """At 00:00, :05 … :25: of a 0 5 0 5 10 15 minutes, of b 10 15 20 25 30 35; c has been silent for a week."""
    syncs = """
        source_name | synced_at
        a           | 2026-03-02 00:00
        a           | 2026-03-02 00:10
        b           | 2026-03-01 23:50
        c           | 2026-02-22 23:00
        """
    recount(
        "data_freshness",
        {"sync": syncs},
        "day | value | numerator | denominator | n | status\n2026-03-02 | 170/12 | 10200000 | 12 | 2 | provisional",
        now="2026-03-02 00:30",
    )
    recount("data_freshness", {"sync": syncs}, "day | value | n | status\n2026-02-20 | - | 0 | no_data")


def test_a_quarter_of_an_hour_is_not_less_than_that(recount) -> None:
    """Every half hour, two and a half minutes before it: 2.5, 7.5 … 27.5 minutes old, 15 on the mean."""
    day = [f"a | 2026-03-02 {hour:02d}:{minute}:30" for hour in range(24) for minute in (27, 57)]
    syncs = "\n".join(["source_name | synced_at", "a | 2026-03-01 23:57:30", *day])
    recount(
        "data_freshness", {"sync": syncs}, "day | value | denominator | status\n2026-03-02 | 15 | 288 | below_target"
    )


SPRINTS = """
cycle_id | team | starts_at        | ends_at
s1       | ENG  | 2026-02-16 00:00 | 2026-03-02 00:00
s2       | ENG  | 2026-03-02 00:00 | 2026-03-16 00:00
s3       | DES  | 2026-02-16 00:00 | 2026-03-02 00:00
"""


def test_points_done_in_the_last_finished_sprint(recount) -> None:
    """30 + 20; i3 was done after its sprint, i4 by another team, i5 has no estimate. Nothing was done in the second."""
    issues = """
        issue_id | team | estimate | cycle_ends_at    | completed_in_cycle
        i1       | ENG  | 30       | 2026-03-02 00:00 | yes
        i2       | ENG  | 20       | 2026-03-02 00:00 | yes
        i3       | ENG  | 8        | 2026-03-02 00:00 | no
        i4       | DES  | 5        | 2026-03-02 00:00 | yes
        i5       | ENG  |          | 2026-03-02 00:00 | yes
        """
    recount(
        "feature_velocity",
        {"issue": issues, "cycle": SPRINTS},
        """
        day        | value | n | status
        2026-03-01 | -     | 0 | no_data
        2026-03-02 | 50    | 1 | ok
        2026-03-15 | 50    | 1 | ok
        2026-03-16 | 0     | 1 | below_target
        2026-03-30 | -     | 0 | no_data
        """,
    )


# b1 is solved after 48 hours, b2 dropped on the 5th, b4 still open; f is no bug.
BUGS = """
issue_id | kind    | created_at       | completed_at     | canceled_at
b1       | bug     | 2026-03-01 00:00 | 2026-03-03 00:00 |
b2       | bug     | 2026-03-02 00:00 |                  | 2026-03-05 09:00
b4       | bug     | 2026-05-01 00:00 |                  |
f        | feature | 2026-03-01 00:00 | 2026-03-09 00:00 |
"""


def test_how_long_bugs_took_and_which_are_open(recount) -> None:
    """Without any solved it is good news while none is open, and nothing is known while one is."""
    recount(
        "bug_resolution_time",
        {"issue": BUGS},
        """
        day        | value | n | reason    | status
        2026-02-28 | -     | 0 | none_open | ok
        2026-03-02 | -     | 0 | -         | no_data
        2026-03-03 | 48    | 1 | -         | low_sample
        2026-04-02 | -     | 0 | none_open | ok
        2026-05-01 | -     | 0 | -         | no_data
        """,
    )
    recount("open_bugs", {"issue": BUGS}, "day | value\n2026-03-01 | 1\n2026-03-02 | 2\n2026-03-03 | 1\n2026-03-05 | 0")
    recount(
        "open_bugs_oldest_age",
        {"issue": BUGS},
        """
        day        | value | n | reason
        2026-03-02 | 48    | 2 | -
        2026-03-04 | 72    | 1 | -
        2026-03-05 | -     | 0 | none_open
        """,
    )
    lines = "\n".join(f"b{i} | bug | 2026-03-01 00:00 | 2026-03-03 00:00 |" for i in range(3))
    three = {"issue": "issue_id | kind | created_at | completed_at | canceled_at\n" + lines}
    recount("bug_resolution_time", three, "day | value | status\n2026-03-03 | 48 | below_target")


def test_the_latest_score_of_the_default_branch(recount) -> None:
    """Exactly 8.0 is not more than 8.0; after 30 days it is out of date."""
    scores = """
        branch    | measured_day | score_e2
        main      | 2026-03-02   | 800
        release-4 | 2026-03-03   | 900
        main      | 2026-03-09   | 801
        """
    recount(
        "code_quality_score",
        {"quality_score": scores},
        """
        day        | value | n | reason   | status
        2026-03-01 | -     | 0 | -        | no_data
        2026-03-08 | 8     | 1 | -        | below_target
        2026-03-09 | 8.01  | 1 | -        | ok
        2026-04-08 | 8.01  | 1 | -        | ok
        2026-04-09 | 8.01  | 1 | outdated | stale
        """,
    )


def test_documents_and_sessions_of_the_month(recount) -> None:
    items = "item_id | kind | day\n" + "\n".join(
        [*(f"d{i} | doc | 2026-03-{i + 1:02d}" for i in range(7)), *(f"s{i} | session | 2026-03-20" for i in range(3))]
    )
    facts = {"knowledge_item": items}
    recount(
        "knowledge_sharing",
        facts,
        """
        day        | value | status
        2026-02-28 | 0     | below_target
        2026-03-19 | 7     | provisional
        2026-03-31 | 10    | ok
        2026-04-30 | 0     | below_target
        """,
    )
    recount("documents_published", facts, "day | value\n2026-03-31 | 7")
    recount("sessions_held", facts, "day | value\n2026-03-31 | 3")
