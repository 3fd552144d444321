"""What the engine promises of any KPI: each day stands alone, records and SQL behind it, one expression anywhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import ibis
import pytest

from kpi_pipeline.catalogue import Kpi
from kpi_pipeline.errors import UsageError
from kpi_pipeline.facts.spec import FACTS
from kpi_pipeline.metrics.engine import Engine, IsUnread
from kpi_pipeline.metrics.kinds import KINDS, Kind
from kpi_pipeline.metrics.rating import rate
from kpi_pipeline.metrics.uses import facts_of
from kpi_pipeline_tests.spec.tables import fact, instant

# One month in which every KPI has something to say.
SAMPLE = {
    "lead": """
        lead_id | created_at       | qualified_at     | first_contact_at
        l1      | 2026-03-02 10:00 | 2026-03-03 10:00 | 2026-03-02 12:00
        l2      | 2026-03-05 20:00 | 2026-03-06 10:00 | 2026-03-29 09:30
        l3      | 2026-03-20 10:00 |                  |
        """,
    "lead_booking": """
        lead_id | created_at       | qualified_at     | first_paid_at
        l1      | 2026-03-02 10:00 | 2026-03-03 10:00 | 2026-03-10 10:00
        l2      | 2026-03-05 20:00 | 2026-03-06 10:00 |
        """,
    "booking": """
        booking_id | lead_id | lead_qualified | first_paid_at    | fully_refunded_at | net_minor
        b1         | l1      | yes            | 2026-03-10 10:00 |                   | 180000
        b2         |         | no             | 2026-03-12 10:00 |                   | 90000
        b3         | l2      | yes            | 2026-03-15 10:00 | 2026-03-28 10:00  | 120000
        """,
    "booking_refund": """
        refund_id | booking_id | lead_qualified | refunded_at      | net_minor
        r1        | b3         | yes            | 2026-03-28 10:00 | 120000
        """,
    "survey_invitation": """
        invitation_id | sent_at          | bounced_at       | answered_at      | is_reminder
        i1            | 2026-03-05 10:00 |                  | 2026-03-09 10:00 | no
        i2            | 2026-03-06 10:00 | 2026-03-06 10:01 |                  | no
        """,
    "survey_answer": """
        answer_id | form | question  | respondent | event_at         | submitted_at     | score
        a1        | nps  | nps_event | b1         | 2026-03-04 00:00 | 2026-03-09 10:00 | 9
        a2        | nps  | nps_event | b2         | 2026-03-28 00:00 | 2026-04-02 10:00 | 3
        """,
    "monitor_interval": """
        monitor_id | monitor     | state     | start_at               | end_at
        1          | Website     | unchecked | 1970-01-01 00:00+00:00 | 2026-02-01 00:00
        2          | API /health | unchecked | 1970-01-01 00:00+00:00 | 2026-02-01 00:00
        1          | Website     | down      | 2026-03-14 10:00       | 2026-03-14 12:00
        """,
    "metric_sample": """
        metric        | series | sampled_at       | value
        queue_backlog | a      | 2026-03-29 01:30 | 45
        queue_backlog | a      | 2026-03-29 03:30 | 12
        """,
    "histogram_increase": """
        metric       | series | le     | hour_start_at    | hour_end_at      | increase
        retry_age_ms | a      | 300000 | 2026-03-29 01:00 | 2026-03-29 03:00 | 9
        retry_age_ms | a      | inf    | 2026-03-29 01:00 | 2026-03-29 03:00 | 10
        """,
    "ledger_entry": """
        entry_id | day        | account | kind    | amount_minor | one_off | restricted
        e1       | 2025-12-31 | bank    | outflow | 1000000      | no      | no
        e2       | 2026-01-31 | bank    | outflow | 1000000      | no      | no
        e3       | 2026-02-28 | bank    | outflow | 1500000      | no      | no
        e4       | 2026-02-28 | bank    | inflow  | 1000000      | no      | no
        e5       | 2026-03-15 | bank    | balance | 7000000      | no      | no
        """,
    "issue_completion": """
        issue_id | team | priority | created_at       | completed_at     | reopened_at
        x1       | INC  | 1        | 2026-03-10 10:00 | 2026-03-10 15:00 |
        """,
    "issue_open_interval": """
        issue_id | team | priority | created_at       | start_at         | end_at
        x1       | INC  | 1        | 2026-03-10 10:00 | 2026-03-10 10:00 | 2026-03-10 15:00
        x2       | INC  | 1        | 2026-03-28 10:00 | 2026-03-28 10:00 |
        """,
}
FIRST, LAST = date(2026, 3, 1), date(2026, 4, 30)
NOW = datetime(2026, 11, 22, 11, tzinfo=UTC)


# One of every kind, and of every statistic that is computed its own way.
KPIS = (
    "net_revenue_per_booking",
    "nps_response_rate_delivered",
    "deposit_only_bookings",
    "lead_response_time_avg",
    "lead_response_time_p90",
    "website_availability",
    "queue_backlog_max",
    "retry_age_p95",
    "nps_post_event",
    "cash_runway_months",
    "p1_resolution_time_avg",
    "p1_open_oldest_age",
)


@pytest.fixture(scope="module")
def among(backend, mister_dj):
    """Two months of measurements of each KPI, made long afterwards."""
    facts = {name: fact(name, text) for name, text in SAMPLE.items()}
    of = Engine(backend, facts, mister_dj, now=NOW)
    return {kpi: {m.day: m for m in of.measure(mister_dj.kpis[kpi], FIRST, LAST)} for kpi in KPIS}


def test_the_sample_covers_every_kind_and_says_something_of_each(mister_dj, among) -> None:
    used = {mister_dj.kpis[kpi].kind for kpi in KPIS} | {"snapshot", "monthly_mean", "count", "conversion"}
    assert {kpi.kind for kpi in mister_dj.kpis.values()} <= used
    for kpi, measured in among.items():
        assert any(m.n for m in measured.values()), kpi


@pytest.mark.parametrize("kpi", KPIS)
def test_a_day_measured_alone_and_at_its_end_equals_the_day_among_many(engine, mister_dj, among, kpi: str) -> None:
    """The day of the short night; judged at its end, so nothing that happened later may be in the figure."""
    day, settles = date(2026, 3, 29), mister_dj.kpis[kpi].settles_after
    now = "2026-11-22 12:00" if settles else "2026-03-30 00:00"
    assert engine(SAMPLE, now).measure(mister_dj.kpis[kpi], day, day) == [among[kpi][day]]


def test_days_that_have_not_begun_have_no_measurement(engine, mister_dj) -> None:
    of = engine(SAMPLE, "2026-03-10 00:00")
    kpi = mister_dj.kpis["open_leads"]
    assert [m.day for m in of.measure(kpi, date(2026, 3, 8), date(2026, 3, 12))] == [date(2026, 3, 8), date(2026, 3, 9)]
    assert of.measure(kpi, date(2026, 3, 11), date(2026, 3, 12)) == []


def test_days_in_the_wrong_order_are_refused(engine, mister_dj) -> None:
    with pytest.raises(UsageError, match="2026-03-02 lies after 2026-03-01"):
        engine(SAMPLE).measure(mister_dj.kpis["open_leads"], date(2026, 3, 2), date(2026, 3, 1))


def test_every_expression_compiles_for_every_engine(engine, mister_dj) -> None:
    pytest.importorskip("pyspark", reason="the spark extra is not installed")
    assert ibis.pyspark is not None  # loads the options its compiler reads
    of = engine({name: next(iter(spec.columns)) for name, spec in FACTS.items()})
    own = [kpi for kpi in KPIS if isinstance(KINDS[mister_dj.kpis[kpi].kind], Kind)]
    for kpi in own:
        expression = of.expression(mister_dj.kpis[kpi], FIRST, LAST)
        for dialect in ("duckdb", "postgres", "pyspark"):
            assert "SELECT" in str(ibis.to_sql(expression, dialect=dialect)), (kpi, dialect)


def test_the_sql_behind_a_formula_is_that_of_its_parts(engine, mister_dj) -> None:
    runway = mister_dj.kpis["cash_runway_months"]
    of = engine({"ledger_entry": "entry_id"})
    sql = of.sql(runway, FIRST, LAST)
    assert "-- cash_available\nWITH" in sql
    assert "-- gross_burn_per_month\nWITH" in sql
    with pytest.raises(
        UsageError, match=r"cash_runway_months as a query.*Ask for cash_available, gross_burn_per_month"
    ):
        of.expression(runway, FIRST, LAST)


def test_the_sql_behind_a_value_is_the_backends(engine, mister_dj) -> None:
    sql = engine(SAMPLE).sql(mister_dj.kpis["lead_to_booking_conversion"], FIRST, LAST)
    assert '"first_paid_at"' in sql
    assert "fully_refunded_at" in sql


def test_records_behind_a_value_carry_ids_and_a_link(backend, mister_dj, engine) -> None:
    plain = engine(SAMPLE)
    of = Engine(backend, plain.facts, mister_dj, now=plain.now, links={"booking": "https://crm.example/b/{booking_id}"})
    found = of.contributors(mister_dj.kpis["lead_to_booking_conversion"], date(2026, 3, 29))
    assert [(c.side, c.fact, c.ids.get("booking_id", c.ids.get("lead_id")), c.link) for c in found] == [
        ("numerator", "booking", "b1", "https://crm.example/b/b1"),
        ("denominator", "lead", "l1", None),
        ("denominator", "lead", "l2", None),
    ]
    assert found[0].fields["net_minor"] == 180_000


@pytest.mark.parametrize(
    "kpi", ["deposit_only_bookings", "nps_response_rate_delivered", "nps_post_event", "p1_open_count", "cash_available"]
)
def test_there_are_as_many_records_as_the_value_counts(engine, mister_dj, kpi: str) -> None:
    of, day = engine(SAMPLE), date(2026, 3, 28)
    (measured,) = of.measure(mister_dj.kpis[kpi], day, day)
    sides = [c.side for c in of.contributors(mister_dj.kpis[kpi], day)]
    assert sides.count("numerator" if measured.denominator is None else "denominator") == measured.n > 0


def test_an_unknown_calendar_is_refused_by_name(engine, mister_dj) -> None:
    kpi = mister_dj.kpis["lead_response_time_avg"]
    wrong = kpi.model_copy(update={"params": kpi.params.model_copy(update={"clock": "lunch"})})
    with pytest.raises(UsageError, match="has no calendar 'lunch', only lead_response, working"):
        engine(SAMPLE).measure(wrong, FIRST, LAST)


def test_values_are_exact_to_the_twelfth_decimal(engine, mister_dj) -> None:
    (measured,) = engine(SAMPLE).measure(mister_dj.kpis["cash_runway_months"], date(2026, 3, 31), date(2026, 3, 31))
    assert measured.value == Decimal("6")
    assert measured.denominator == Decimal("11666.666666666667")


def test_facts_of_a_kpi_include_those_it_refers_to(mister_dj) -> None:
    def facts(kpi: str) -> tuple[str, ...]:
        return facts_of(mister_dj.kpis[kpi], mister_dj)

    assert facts("net_revenue_per_booking") == ("booking", "booking_refund")
    assert facts("p1_resolution_time_avg") == ("issue_completion", "issue_open_interval")
    assert facts("cash_runway_months") == ("ledger_entry",)
    assert facts("website_availability") == ("monitor_interval",)


def unread_until(end: str) -> Callable[[Kpi], IsUnread]:
    """A source that was first asked for what came from this day on."""
    return lambda _: lambda _start, until: until <= instant(end)


@pytest.mark.parametrize(
    "kpi", ["deposit_only_bookings", "p1_open_oldest_age", "website_availability", "queue_backlog_max"]
)
def test_time_that_no_source_was_asked_for_has_no_value(backend, mister_dj, among, engine, kpi: str) -> None:
    """Not 0, not "none open", not 100 %: nothing is known of it."""
    of = Engine(backend, engine(SAMPLE).facts, mister_dj, now=NOW, unread=unread_until("2026-03-20 00:00"))
    for day, measured in {each.day: each for each in of.measure(mister_dj.kpis[kpi], FIRST, LAST)}.items():
        if day >= date(2026, 3, 20):
            assert measured == among[kpi][day]
        else:
            assert (measured.value, measured.numerator, measured.denominator, measured.n) == (None, None, None, 0)
            assert (measured.reason, rate(mister_dj.kpis[kpi], measured)) == ("not_loaded", "no_data")


@pytest.mark.parametrize(("until", "value"), [("2026-02-28 00:00", Decimal(6)), ("2026-03-01 00:00", None)])
def test_a_formula_has_no_value_where_a_part_of_it_was_not_loaded(
    backend, mister_dj, engine, until: str, value: Decimal | None
) -> None:
    """The runway of March is cash over what was burnt in December, January and February."""

    def unread(kpi: Kpi) -> IsUnread:
        return lambda _start, end: kpi.id == "gross_burn_per_month" and end <= instant(until)

    of, day = Engine(backend, engine(SAMPLE).facts, mister_dj, now=NOW, unread=unread), date(2026, 3, 31)
    (runway,) = of.measure(mister_dj.kpis["cash_runway_months"], day, day)
    assert runway.value == value
