"""Changed targets are approved before they hold, and targets that come from others move with them."""

from __future__ import annotations

import pytest

from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, Read, changed

BOTH = "approved_by: [{by: ann, on: 2026-05-20}, {by: bob, on: 2026-06-01}]"


def with_target(target: str) -> str:
    entry = changed(changed(KPI, '  warning: "< 40"\n', ""), '  critical: "< 30"\n', "")
    return changed(entry, '">= 50"', target)


@pytest.mark.parametrize(
    ("target", "messages"),
    [
        ("\">= 50\"", []),
        ("[{is: '>= 50'}, {is: '>= 35', since: 2026-06-01, " + BOTH + "}]", []),
        (
            "[{is: '>= 50'}, {is: '>= 35', since: 2026-06-01, approved_by: [{by: ann, on: 2026-05-20}]}]",
            ["target >= 35 since 2026-06-01 lacks the approval of bob (Finance); write approved_by: [{by, on}]"],
        ),
        (
            "[{is: '>= 35', since: 2026-06-01}]",
            ["target >= 35 since 2026-06-01 lacks the approval of ann (Sales), bob (Finance); "
             "write approved_by: [{by, on}]"],
        ),
        (
            "[{is: '>= 50'}, {is: '>= 35', since: 2026-05-31, " + BOTH + "}]",
            ["target >= 35 since 2026-05-31 was approved by bob on 2026-06-01, when it was in force already"],
        ),
    ],
)  # fmt: skip
def test_a_dated_target_is_approved_by_everyone_in_time(read: Read, target: str, messages: list[str]) -> None:
    _, issues = read(with_target(target))
    assert [(issue.severity, issue.line, issue.message) for issue in issues] == [
        ("error", 8, f"KPI leads: {message}") for message in messages
    ]


def test_warning_and_critical_are_approved_too(read: Read) -> None:
    entry = changed(KPI, '"< 40"', "[{is: '< 40'}, {is: '< 45', since: 2026-06-01}]")
    _, issues = read(changed(entry, '"< 30"', "[{is: '< 30'}, {is: '< 35', since: 2026-06-01}]"))
    assert [(issue.line, issue.rule) for issue in issues] == [(9, "approval"), (10, "approval")]


def test_a_company_without_approvers_asks_for_none(read: Read) -> None:
    target = with_target("[{is: '>= 50'}, {is: '>= 35', since: 2026-06-01}]")
    _, issues = read(target, changed(COMPANY, "approvers: [ann, bob]\n", ""))
    assert issues == []


FOLLOWER = changed(KPI, "id: leads", "id: leads_a_year")
FREE = changed(COMPANY, "approvers: [ann, bob]\n", "")


def follower(target: str, follows: str) -> str:
    entry = changed(changed(FOLLOWER, '  warning: "< 40"\n', ""), '  critical: "< 30"\n', "")
    return changed(entry, '">= 50"', f"{target}\n  target_follows: {follows}")


@pytest.mark.parametrize(
    ("leads", "target", "follows", "messages"),
    [
        ('">= 50"', '">= 600"', '"12 * leads"', []),
        ('">= 50"', '">= 600"', '["12 * leads", ">= 2 * leads"]', []),
        ('">= 50"', '">= 46"', '"100 * (1 - (1 - leads / 1000) ^ 12)"', []),
        (
            '">= 55"',
            '">= 600"',
            '"12 * leads"',
            ["the target >= 600 is not 12 * leads = 660 (targets: leads >= 55)"],
        ),
        (
            "[{is: '>= 50'}, {is: '>= 60', since: 2026-06-01}]",
            '">= 600"',
            '"12 * leads"',
            ["from 2026-06-01 on the target >= 600 is not 12 * leads = 720 (targets: leads >= 60)"],
        ),
        (
            "[{is: '>= 50'}, {is: '>= 60', since: 2026-06-01}]",
            "[{is: '>= 600'}, {is: '>= 720', since: 2026-07-01}]",
            '"12 * leads"',
            ["from 2026-06-01 on the target >= 600 is not 12 * leads = 720 (targets: leads >= 60)"],
        ),
        ("[{is: '>= 60', since: 2026-06-01}]", '">= 720"', '"12 * leads"', []),
        (
            '">= 50"',
            '">= 120"',
            '">= 3 * leads"',
            ["the target >= 120 is not >= 3 * leads = 150 (targets: leads >= 50)"],
        ),
        ('">= 50"', '">= 1"', '"1 / (leads - 50)"', ["the target >= 1 is not 1 / (leads - 50) = no number"]),
    ],
)
def test_a_derived_target_moves_with_its_parts(
    read: Read, leads: str, target: str, follows: str, messages: list[str]
) -> None:
    _, issues = read(with_target(leads) + follower(target, follows), FREE)
    assert [(issue.severity, issue.line) for issue in issues] == [("contradiction", 20)] * len(messages)
    for issue, message in zip(issues, messages, strict=True):
        assert issue.message.startswith(f"KPI leads_a_year: {message}")


@pytest.mark.parametrize(
    ("follows", "message"),
    [
        ('"12 * laeds"', "target_follows names no KPI: 'laeds'; did you mean 'leads'?"),
        ('"12 x leads"', "target_follows: formula '12 x leads' is not understood from 'x leads' on"),
        ('"leads@1 month"', "target_follows: the target of leads has no earlier periods and no mean"),
        ('"leads ^ 0.5"', "target_follows: formula 'leads ^ 0.5': a power is a whole number, as in x ^ 12"),
    ],
)
def test_a_derivation_that_cannot_be_checked_is_a_fault(read: Read, follows: str, message: str) -> None:
    _, issues = read(with_target('">= 50"') + follower('">= 600"', follows), FREE)
    assert [(issue.severity, issue.line, issue.message) for issue in issues] == [
        ("error", 20, f"KPI leads_a_year: {message}")
    ]


def test_targets_that_are_missing_are_named(read: Read) -> None:
    nothing = changed(with_target('">= 50"'), '  target: ">= 50"\n', "")
    _, issues = read(nothing + follower('">= 600"', '"12 * leads"'), FREE)
    assert [issue.message for issue in issues] == ["KPI leads_a_year: target_follows names leads, which has no target"]
    own = changed(follower('">= 600"', '"12 * leads"'), '  target: ">= 600"\n', "")
    _, issues = read(with_target('">= 50"') + own, FREE)
    assert [issue.message for issue in issues] == ["KPI leads_a_year: target_follows, but there is no target"]
