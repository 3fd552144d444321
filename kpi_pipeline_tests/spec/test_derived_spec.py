"""Kinds that read other KPIs (formula, growth, enum) and the mean of daily counts, on numbers small enough to check."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.arithmetic import Call, Name, Number, Operation, parse
from kpi_pipeline.metrics.kinds import PARAMS

# Cash: 100.00 on 31 August, 120.00 on 30 September, 90.00 on 31 October, nothing since; costs 30.00 and one-off 10.00.
LEDGER = """
entry_id | day        | account | kind    | amount_minor | one_off | restricted
b1       | 2026-08-31 | main    | balance | 10000        | no      | no
b2       | 2026-09-30 | main    | balance | 12000        | no      | no
b3       | 2026-10-31 | main    | balance | 9000         | no      | no
c1       | 2026-10-05 | main    | outflow | 3000         | no      | no
c2       | 2026-11-02 | main    | outflow | 1000         | yes     | no
"""
CASH = {
    "kind": "snapshot",
    "window": "at day end",
    "of": {
        "fact": "ledger_entry",
        "where": "kind = 'balance'",
        "per": "account",
        "on": "day",
        "entry": "entry_id",
        "sum": "amount_minor",
    },
}
COSTS = {
    "kind": "sum",
    "window": "calendar month",
    "of": {"fact": "ledger_entry", "where": "kind = 'outflow'", "time": "day", "sum": "amount_minor"},
}


COMMON = {"unit": "EUR", "better": "higher", "cadence": "daily", "origin": "by hand", "file": "", "line": 1}


@pytest.fixture
def recounted(recount: Callable[..., None], mister_dj: Company) -> Callable[..., None]:
    """Recounts a KPI of these parameters that stands beside `cash` and `costs` in one company."""

    def declare(name: str, params: dict[str, Any]) -> Kpi:
        own = PARAMS[params["kind"]]
        given = {key: value for key, value in params.items() if key in own.model_fields or key == "rules"}
        common = {key: value for key, value in params.items() if key not in given and key != "kind"}
        return Kpi(
            id=name,
            company="mister_dj",
            name={"nl": name, "en": name},
            kind=params["kind"],
            params=own.model_validate(given),
            **{
                "unit": "EUR",
                "better": "higher",
                "cadence": "daily",
                "origin": "by hand",
                "file": "",
                "line": 1,
                **common,
            },
        )

    def check(expected: str, **params: Any) -> None:
        kpis = {"cash": declare("cash", CASH), "costs": declare("costs", COSTS), "it": declare("it", params)}
        recount("it", {"ledger_entry": LEDGER}, expected, company=mister_dj.model_copy(update={"kpis": kpis}))

    return check


def test_a_formula_divides_two_kpis_of_the_same_day(recounted) -> None:
    recounted(
        """
        day        | value | numerator | denominator | n
        2026-09-30 | -     | 120       | 0           | 0
        2026-10-05 | 4     | 120       | 30          | 1
        2026-10-31 | 3     | 90        | 30          | 1
        2026-11-02 | 9     | 90        | 10          | 1
        """,
        kind="formula",
        expression="cash / costs",
        window="at day end",
        unit="ratio",
    )


def test_a_formula_looks_back_to_the_end_of_an_earlier_month(recounted) -> None:
    """On any day of October 'one month before' is 30 September; nothing is known of 31 July."""
    recounted(
        """
        day        | value | numerator | denominator
        2026-08-31 | -     | -         | -
        2026-09-15 | 0     | -         | -
        2026-10-01 | 0     | -         | -
        2026-10-31 | -30   | -         | -
        2026-11-20 | 0     | -         | -
        """,
        kind="formula",
        expression="cash - cash@1 month",
        window="at day end",
    )


def test_the_mean_of_months_is_of_their_last_days_and_unknown_when_one_is(recounted) -> None:
    recounted(
        """
        day        | value
        2026-10-20 | 110
        2026-11-20 | 105
        2026-09-20 | -
        """,
        kind="formula",
        expression="mean_of_months(cash, 2)",
        window="at day end",
    )


def test_only_the_last_division_gives_the_sides_and_percent_is_a_hundredfold(recounted) -> None:
    """(90 − 120) ÷ 120 = −25 %."""
    recounted(
        """
        day        | value | numerator | denominator
        2026-10-31 | -25   | -30       | 120
        """,
        kind="formula",
        expression="(cash - cash@1 month) / cash@1 month",
        window="at day end",
        unit="percent",
    )


def test_a_formula_of_past_months_does_not_move_with_the_running_one(recounted) -> None:
    """On 5 November the costs of October, 30, are final; those of November, 10, are not."""
    recounted(
        """
        day        | value | status
        2026-11-05 | 30    | unrated
        """,
        kind="formula",
        expression="costs@1 month",
        window="last 1 complete months",
    )
    recounted(
        """
        day        | value | status
        2026-11-05 | 20    | provisional
        """,
        kind="formula",
        expression="costs@1 month - costs",
        window="last 1 complete months",
    )


def test_growth_is_held_against_the_end_of_the_period_before(recounted) -> None:
    recounted(
        """
        day        | value | numerator | denominator | n
        2026-08-31 | -     | -         | -           | 0
        2026-09-30 | 20    | 20        | 100         | 1
        2026-10-31 | -25   | -30       | 120         | 1
        2026-11-20 | 0     | 0         | 90          | 1
        """,
        kind="growth",
        of="cash",
        over="1 month",
        window="calendar month",
        unit="percent",
    )


def test_nothing_grows_from_zero(recounted) -> None:
    recounted(
        """
        day        | value | numerator | denominator
        2026-10-31 | -     | 30        | 0
        2026-11-02 | -200/3| -20       | 30
        """,
        kind="growth",
        of="costs",
        over="1 month",
        window="calendar month",
        unit="percent",
    )


def test_a_grade_follows_from_other_kpis(recounted) -> None:
    """Both limits are strict: exactly 90 of cash is not more than 90. Costs of a running month still move the grade."""
    recounted(
        """
        day        | value | text     | status
        2026-08-30 | -     | -        | no_data
        2026-08-31 | 2     | Healthy  | ok
        2026-10-05 | 1     | At risk  | provisional
        2026-10-31 | 0     | Ill      | critical
        """,
        kind="enum",
        rules=[{"when": "cash > 90 and costs < 30", "is": "Healthy"}, {"when": "cash > 90", "is": "At risk"}],
        otherwise="Ill",
        window="at day end",
        unit="grade",
        grades=["Ill", "At risk", "Healthy"],
        target=">= Healthy",
        critical="<= Ill",
    )


BOOKINGS = """
booking_id | lead_id | first_paid_at
b1         | l1      | 2026-10-05 09:00
b2         | l1      | 2026-10-05 23:59:59
b3         | l2      | 2026-10-06 00:00
b4         | l3      | 2026-10-06 12:00
b5         | l4      | 2026-10-10 12:00
"""


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (
            "mon-sun",
            """
            day        | value | numerator | denominator
            2026-10-04 | 0     | 0         | 3
            2026-10-05 | 1/3   | 1         | 3
            2026-10-06 | 1     | 3         | 3
            2026-10-07 | 1     | 3         | 3
            2026-10-08 | 2/3   | 2         | 3
            2026-10-10 | 1/3   | 1         | 3
            """,
        ),
        (
            "mon-fri",
            """
            day        | value | numerator | denominator
            2026-10-04 | 0     | 0         | 1
            2026-10-05 | 1     | 1         | 1
            2026-10-10 | 0     | 0         | 2
            2026-10-11 | 0     | 0         | 1
            """,
        ),
    ],
)
def test_the_mean_of_days_counts_each_day_by_itself(recount, mister_dj, days: str, expected: str) -> None:
    """l1 pays twice on Monday 5 October and counts once; Saturday 10 October is left out of working days."""
    params = PARAMS["daily_mean"].model_validate(
        {"of": {"fact": "booking", "time": "first_paid_at", "count": "distinct lead_id"}, "days": days}
    )
    kpi = mister_dj.kpis["unattributed_bookings"].model_copy(
        update={
            "id": "it",
            "kind": "daily_mean",
            "params": params,
            "window": "rolling 3 days",
        }
    )
    company = mister_dj.model_copy(update={"kpis": {"it": kpi}})
    recount("it", {"booking": BOOKINGS}, expected, company=company)


def test_arithmetic_binds_as_in_school() -> None:
    assert parse("a + b * 2") == Operation("+", Name("a"), Operation("*", Name("b"), Number(Decimal(2))))
    assert parse("(a - b) / c@12 months") == Operation(
        "/", Call(Operation("-", Name("a"), Name("b"))), Name("c", 12, "month")
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a +", "ends too early"),
        ("a b", "not understood from 'b' on"),
        ("(a", r"'\)' expected at 'its end'"),
        ("a % b", "not understood from '% b' on"),
        ("mean_of_months(a)", "',' expected"),
        ("mean_of_months(a + b, 6)", "',' expected"),
        ("mean_of_months(a, b)", r"write mean_of_months\(kpi, 6\)"),
        ("a@2 days", "not understood"),
    ],
)
def test_what_is_no_formula_is_refused_where_it_goes_wrong(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(text)
