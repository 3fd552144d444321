"""Every fault of alerts.yaml is told with the line it stands on, and with what was probably meant."""

from __future__ import annotations

import pytest

from kpi_pipeline.alerts import model
from kpi_pipeline.alerts.watch import OVERDUE, SUMMARY
from kpi_pipeline.catalogue.alerting import RESERVED
from kpi_pipeline_tests.catalogue.conftest import ALERTS, COMPANY, KPI, Read, changed

SECOND = changed(changed(KPI, "id: leads", "id: visits"), "{nl: Leads, en: Leads}", "{nl: Bezoek, en: Visits}")
FAULTS = [
    # what is named exists
    ("calendar: working\nman", "calendar: wroking\nman", "unknown calendar 'wroking'; did you mean 'working'?"),
    ("management: [bob]", "management: [bop]", "management: unknown owner 'bop'; did you mean 'bob'?"),
    ("data_owners: [bob]", "data_owners: [bop]", "data_owners: unknown owner 'bop'; did you mean 'bob'?"),
    ("fallback: mail", "fallback: maill", "fallback: unknown channel 'maill'; did you mean 'mail'?"),
    ("ACME_HEARTBEAT_URL", "https://ping.example/1", "`heartbeat` is the name of the variable that holds the"),
    ("to: deputy}", "to: deptuy}", "escalation: unknown owner 'deptuy'; did you mean 'deputy'?"),
    ("2 working days, to: man", "1 working day, to: man", "escalation: the step after 1 working day does not come"),
    ("2 working days, to: man", "2 periods, to: man", "escalation: after 2 periods: a step comes after working"),
    ("to: deputy}", "to: []}", "escalation: the step after 1 working day goes to nobody"),
    ("kpi: leads\n    group", "kpi: laeds\n    group", "rule few_leads: unknown KPI 'laeds'; did you mean 'leads'?"),
    ('leads, is: "< 10"', 'leafs, is: "< 10"', "rule leads_quiet: unknown KPI 'leafs'; did you mean 'leads'?"),
    ('leads, is: "< 5"', 'leafs, is: "< 5"', "rule leads_quiet: unknown KPI 'leafs'; did you mean 'leads'?"),
    (
        "inform: [duty]",
        'only_when: [{kpi: leafs, is: "> 1"}]',
        "rule few_leads: unknown KPI 'leafs'; did you mean 'leads'?",
    ),
    ("inform: [duty]", "inform: [dutty]", "rule few_leads: unknown owner 'dutty'; did you mean 'duty'?"),
    ("    calendar: work", "    calendar: word", "rule few_leads: unknown calendar 'wording'; did you mean 'working'"),
    ("owners: [ann]", "owners: [owners]", "rule leads_quiet: unknown owner 'owners'"),
    ("by: [duty]", "by: [dury]", "rule leads_quiet: unknown owner 'dury'; did you mean 'duty'?"),
    ("2 hours, to: [duty]", "2 hours, to: [eve]", "rule leads_quiet: escalation: unknown owner 'eve'"),
    # the route tree
    (
        "  routes:\n    - m",
        "  match: {kpi: leads}\n  routes:\n    - m",
        "the first route takes every alert",
        "  match: {kpi: leads}",
    ),
    ("group: sales, sev", "gruop: sales, sev", "unknown label 'gruop'; did you mean 'group'?: labels are company"),
    ("group: sales, sev", "group: sale, sev", "unknown group 'sale'; did you mean 'sales'?"),
    ("severity: critical}", "severity: high}", "unknown severity 'high'"),
    ('"~lea.*"', '"~laed.*"', "'~laed.*' matches no kpi"),
    ('"~lea.*"', '"~lea(.*"', "'~lea(.*' is no pattern (missing ), unterminated subpattern at position 3)"),
    ("owner: ann}", "owner: anne}", "unknown owner 'anne'; did you mean 'ann'?"),
    ("{rule: leads_quiet}", "{rule: leads_quit}", "unknown rule 'leads_quit'; did you mean 'leads_quiet'?"),
    ("to: [duty, management]", "to: []", "a route to nobody loses its alerts"),
    ("to: [duty, management]", "to: [dutt]", "unknown owner 'dutt'; did you mean 'duty'?"),
    ("channels: [mail]\n", "channels: [maik]\n", "unknown channel 'maik'; did you mean 'mail'?"),
    ("channels: [mail]\n", "channels: [slack]\n", "ann has none of the channels slack"),
    ("{rule: leads_quiet}", "{severity: warning}", "never taken: severity is info in the route above it (route.rou"),
    # mutes
    ("zone: Europe/Paris", "zone: Europe/Pariss", "mute nights: unknown zone 'Europe/Pariss'; did you mean 'Europe"),
    ("mon-fri, from", "mon-frii, from", "mutes.0.days: 'mon-frii': write days as 'mon-fri' or 'mon, wed'"),
    ('to: "07:00"', 'to: "25:00"', "mutes.0.to: String should match pattern"),
    ('to: "07:00"', 'to: "22:00"', "mute nights: from 22:00 to 22:00 is no span"),
    ("2026-12-24/", "2026-12-44/", "mutes.1.dates.0: day is out of range for month"),
    ("2026-12-24/2027", "2026-12-24/2025", "mutes.1.dates.0: '2026-12-24/2025-01-02' ends before it begins"),
    ("2026-12-24/2027-01-02", "christmas", "mutes.1.dates.0: 'christmas': write a day as 2026-12-25, or several"),
    ("id: holidays, dates", "id: nights, dates", "mute nights: is already declared on line 21"),
    ("id: holidays, d", "id: holidays, days: mon, d", "mute holidays: `dates` are whole days: put hours and days"),
    ("dates: [2026-12-24/2027-01-02, 2026-04-27]", "zone: Europe/Paris", "mute holidays: it never ends"),
    ("{severity: warning}}", "{severity: warnin}}", "mute nights: unknown severity 'warnin'; did you mean"),
    # what a rule fires on
    ('recovery: ">= 42"', 'recovery: ">= 39"', "recovery >= 39 holds where warning < 40 does: it would be over"),
    ('recovery: ">= 42"', 'recovery: "< 42"', "recovery < 42 holds where warning < 40 does: it would be over"),
    ('recovery: ">= 32"', 'recovery: ">= 29.9"', "critical_recovery >= 29.9 holds where critical < 30 does"),
    ('warning: "< 20"', 'warning: "> 20"', "rule own_limits: warning > 20 points the wrong way: higher is better"),
    ('critical: "<= 10"', 'critical: ">= 10"', "critical >= 10 points the wrong way: higher is better for leads"),
    ('critical: "<= 10"', 'critical: "< 21"', "rule own_limits: critical < 21 is not within warning < 20"),
    ('critical: "<= 10"', 'critical: "<= 20"', "rule own_limits: critical <= 20 is not within warning < 20"),
    (
        'critical: "<= 10"',
        'info: "> 19"',
        "rule own_limits: warning < 20 and info > 19 both hold for some values",
        'warning: "< 20"',
    ),
    ('critical: "<= 10"', 'info: "< 15"', "rule own_limits: warning < 20 is not within info < 15", 'warning: "< 20"'),
    ('critical: "<= 10"', 'critical_recovery: "> 12"', "critical_recovery > 12 is without effect: there is no crit"),
    (
        'info: ">= 100"\n',
        "for: 1 day\n",
        "rule few_leads on line 24 already speaks for the thresholds of leads",
        "    kpi: leads\n    for: 1 day",
    ),
    # keys that go together
    ("- id: review", "- id: freshness", "the id 'freshness' is taken by a rule that every company has"),
    ("    every: week", "    every: weak", "rule few_leads: every: Input should be 'day', 'week', 'fortnight'"),
    ("for: 2 periods", "for: 0 periods", "rule few_leads: `for` is at least 1"),
    ("for: 2 periods", "for: two weeks", "rule few_leads: for: 'two weeks' is not a span like '2 periods', "),
    ("for: 2 periods", "level: critical", "rule few_leads: `level` is that of `all` or `unless_all`; thresholds"),
    ("repeat: 2 working days", "repeat: 2 periods", "repeat 2 periods: a reminder comes after working days"),
    ("within: 5 working days", "within: 5 periods", "within 5 periods: a decision is due after working days"),
    ("    level: critical", '    warning: "< 1"', "rule leads_quiet: `warning` is without effect: the rule comp"),
    ("    level: critical", '    recovery: "> 1"', "rule leads_quiet: `recovery` is without effect: the rule com"),
    (
        'info: ">= 100"',
        'warning: "< 1"',
        "`by` needs what must be reached on that day: `info`, `all` or `manual`",
        "by: 2026-12-31",
    ),
    (", over: 7 days", "", "rule leads_quiet: `stat: mean` needs `over`, the days it is taken of"),
    ("stat: mean, ", "", "rule leads_quiet: `over` needs `stat`: min, max or mean"),
    ("over: 7 days", "over: 36 hours", "rule leads_quiet: `over` is a number of whole days"),
    ("is: better than last month", 'is: "> 1"', "rule leads_quiet: `by` is how much `is: better than last week`"),
    ('is: "< 10"', "is: below 10", "all.0.Term.is: 'below 10': write '> 40', '<= 1.2 x mean of 28 days' or 'be"),
    ("on: -1", "on: thursday", "rule review: on 'thursday': a day is mon … sun, or a"),
    ("on: -1", "on: 32", "rule review: on 32: there is no such day in a month"),
    ("on: -1", "on: 0", "rule review: on 0: there is no such day in a month"),
    ("    every: week", "    confidence: 0.9", "rule few_leads: confidence is that of a share, but leads is in coun"),
    # texts
    ("{nl: Stil}", "{en: Quiet}", "rule leads_quiet: name.nl is missing"),
    (
        "    name: {nl: Stil}\n",
        "",
        "rule leads_quiet: has no name: only a rule about one `kpi` is called by it",
        "  - id: leads_quiet",
    ),
    ("{nl: Wat nu?}", "{en: What now?}", "rule leads_quiet: decision.question.nl is missing"),
    ("{nl: Wat nu?}", "{}", "rule leads_quiet: decision.question.nl is missing"),
    ("{nl: [Bel rond]}", "{en: [Call]}", "rule leads_quiet: actions.nl is missing"),
    ("{nl: Stil}", "{nl: Stil, du: Still}", "rule leads_quiet: name: unknown language 'du'"),
    # the shape of the file
    ("fallback:", "falback:", "unknown key 'falback' in the alerts; did you mean 'fallback'?"),
    ("repeat:", "reapeat:", "unknown key 'reapeat' in rule few_leads; did you mean 'repeat'?"),
    (
        "    owners: [duty]",
        "    unless_all: [{kpi: leads, is: '> 1'}]",
        "rule review: a rule watches one thing: kpi, all, unless",
        "  - id: review",
    ),
]


def test_good_alerts_have_no_issue(read: Read) -> None:
    catalogue, issues = read(alerts=ALERTS)
    assert issues == []
    alerts = catalogue.companies["acme"].alerts
    assert [rule.id for rule in alerts.rules] == ["few_leads", "leads_quiet", "review", "hundred_leads", "own_limits"]
    assert alerts.line_of("route.routes.2.routes.0.to") == 19
    assert alerts.rules[1].line_of("all.1.any.2.kpi") == 41
    assert alerts.rules[1].line_of("all.1.any.2.stat") == 41, "the nearest that is written"
    assert alerts.rules[1].line_of("recovery") == 34


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[2] for fault in FAULTS])
def test_a_fault_of_the_alerts_is_told_on_its_line(read: Read, fault: tuple[str, ...]) -> None:
    old, new, message, *at = fault
    text = changed(ALERTS, old, new)
    line = text.count("\n", 0, text.index(at[0]) if at else ALERTS.index(old)) + 1
    _, issues = read(alerts=text)
    assert [(issue.file, issue.line, issue.severity) for issue in issues if message in issue.message] == [
        ("acme/alerts.yaml", line, "error")
    ], issues


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("on: -1", "on: thu, at: '09:00'"),
        ("remind: {every: month, on: -1}", "kpi: leads\n    remind: {every: month}"),
    ],
)
def test_what_is_unusual_is_not_a_fault(read: Read, old: str, new: str) -> None:
    assert read(alerts=changed(ALERTS, old, new))[1] == []


def test_at_11_severity_is_monotone_or_refused_with_file_and_line(read: Read) -> None:
    """Whatever is critical is a warning too: of a rule's own thresholds, and of those of a KPI."""
    _, issues = read(alerts=changed(ALERTS, 'critical: "<= 10"', 'critical: "< 21"'))
    line = ALERTS.splitlines().index('    critical: "<= 10"') + 1
    assert [str(issue) for issue in issues] == [
        f"acme/alerts.yaml:{line}: error: rule own_limits: critical < 21 is not within warning < 20"
    ]
    _, issues = read(kpis=changed(KPI, 'critical: "< 30"', 'critical: "< 45"'))
    assert any("kpis.yaml:" in str(issue) and "critical" in str(issue) for issue in issues), issues


def test_a_route_that_an_earlier_one_shadows_is_told(read: Read) -> None:
    shadow = '    - match: {kpi: "~.*"}\n    - match: {group: sales, severity: critical}\n'
    text = changed(ALERTS, "    - match: {group: sales, severity: critical}\n", shadow)
    _, issues = read(alerts=text)
    assert [str(issue) for issue in issues] == [
        f"acme/alerts.yaml:{line}: error: never taken: the route on line 11 takes all it matches; put it first, "
        "or `continue`"
        for line in (12, 15, 17)
    ]
    assert read(alerts=changed(text, '{kpi: "~.*"}\n', '{kpi: "~.*"}\n      continue: true\n'))[1] == []


@pytest.mark.parametrize(
    ("wide", "narrow", "is_shadowed"),
    [
        ("{}", "{kpi: leads}", True),
        ("{kpi: leads}", "{kpi: leads, severity: critical}", True),
        ("{kpi: leads, severity: critical}", "{kpi: leads}", False),
        ('{kpi: "~(leads|visits)"}', "{kpi: leads}", True),
        ('{kpi: "~visits"}', "{kpi: leads}", False),
        ("{owner: ann}", "{owner: bob}", False),
        ('{segment: "~noord.*"}', '{segment: "~noord.*", kpi: leads}', True),
        ('{segment: "~noord.*"}', '{segment: "~noord-oost.*"}', False),
    ],
)
def test_when_one_route_takes_all_that_another_matches(read: Read, wide: str, narrow: str, is_shadowed: bool) -> None:
    routes = f"route:\n  routes:\n    - match: {wide}\n    - match: {narrow}\n"
    _, issues = read(KPI + SECOND, alerts=f"management: [bob]\n{routes}")
    assert [issue.line for issue in issues] == ([5] if is_shadowed else [])


def test_management_has_to_be_somebody_before_anything_goes_there(read: Read) -> None:
    _, issues = read(alerts=changed(ALERTS, "management: [bob]\n", ""))
    assert [(issue.line, issue.message.partition(":")[0]) for issue in issues] == [
        (7, "escalation"),
        (11, "goes to management, but nobody is named there"),
    ]
    _, issues = read(alerts="rules: []\n")
    assert [(issue.severity, issue.message.partition(":")[0]) for issue in issues] == [
        ("warning", "critical alerts that nobody acknowledges go to the owners again")
    ]


def test_a_rule_without_kpi_needs_owners_because_it_has_none_to_borrow(read: Read) -> None:
    _, issues = read(alerts=changed(ALERTS, "    owners: [ann]\n", ""))
    assert [str(issue) for issue in issues] == [
        "acme/alerts.yaml:34: error: rule leads_quiet: nobody owns it, so nobody would be told: write `owners`"
    ]


def test_a_rule_that_can_never_fire_is_told(read: Read) -> None:
    bare = changed(changed(KPI, '  warning: "< 40"\n', ""), '  critical: "< 30"\n', "")
    _, issues = read(bare, alerts="management: [bob]\nrules:\n  - {id: few_leads, kpi: leads}\n")
    assert [str(issue) for issue in issues] == [
        "acme/alerts.yaml:3: error: rule few_leads: leads has no warning or critical, so it can never fire: give the "
        "rule thresholds of its own"
    ]


@pytest.mark.parametrize(
    ("window", "every", "period"),
    [
        ("calendar month", "week", "month"),
        ("calendar month", "month", None),
        ("calendar month", "quarter", None),
        ("calendar week", "day", "week"),
        ("last 3 complete months", "week", "month"),
        ("rolling 30 days", "day", None),
    ],
)
def test_a_rule_is_not_judged_more_often_than_its_window_is_over(
    read: Read, window: str, every: str, period: str | None
) -> None:
    text = changed(ALERTS, "    every: week", f"    every: {every}")
    _, issues = read(changed(KPI, "rolling 30 days", window), alerts=text)
    told = [f"every {every} is finer than the window of leads, which is over once a {period}"] if period else []
    assert [issue.message.removeprefix("rule few_leads: ") for issue in issues if issue.rule == "alerts"] == told


def test_graded_thresholds_stand_with_the_kpi(read: Read) -> None:
    grades = "unit: grade\n  grades: [C, B, A]"
    graded = changed(KPI, "unit: count", grades).replace('">= 50"', '">= B"').replace('"< 40"', '"< B"')
    graded = changed(graded, '  critical: "< 30"\n', "")
    _, issues = read(graded, alerts='management: [bob]\nrules:\n  - {id: poor, kpi: leads, warning: "< 1"}\n')
    assert [issue.message for issue in issues] == [
        "rule poor: the thresholds of leads are grades (C, B, A): write them in its own entry"
    ]


def test_a_change_of_a_rules_threshold_needs_the_same_approval_as_one_of_the_kpi(read: Read) -> None:
    dated = '[{is: "< 20"}, {is: "< 22", since: 2026-06-01, approved_by: [{by: ann, on: 2026-05-20}]}]'
    _, issues = read(alerts=changed(ALERTS, '    warning: "< 20"', f"    warning: {dated}"))
    assert [issue.message for issue in issues] == [
        "rule own_limits: warning < 22 since 2026-06-01 lacks the approval of bob (Finance); "
        "write approved_by: [{by, on}]"
    ]
    _, issues = read(
        alerts=changed(ALERTS, '    warning: "< 20"', f"    warning: {dated.replace('by: ann', 'by: eve')}")
    )
    assert "rule own_limits: warning is approved by 'eve', who is unknown" in [issue.message for issue in issues]


def test_thresholds_of_a_rule_are_ordered_on_every_day_they_are_in_force(read: Read) -> None:
    agreed = "approved_by: [{by: ann, on: 2026-05-20}, {by: bob, on: 2026-05-20}]"
    dated = f'[{{is: "< 20"}}, {{is: "< 9", since: 2026-06-01, {agreed}}}]'
    _, issues = read(alerts=changed(ALERTS, '    warning: "< 20"', f"    warning: {dated}"))
    assert [issue.message for issue in issues] == ["rule own_limits: critical <= 10 is not within warning < 9"]


def test_one_rule_that_cannot_be_read_hides_no_other(read: Read) -> None:
    text = changed(changed(ALERTS, "for: 2 periods", "for: soon"), "owners: [ann]", "owners: [eve]")
    _, issues = read(alerts=changed(text, "fallback: mail", "fallback: fax"))
    assert [(issue.line, issue.message.partition(":")[0]) for issue in issues] == [
        (4, "fallback"),
        (11, "unknown group 'sales'"),
        (27, "rule few_leads"),
        (43, "rule leads_quiet"),
    ]


def test_one_rule_twice_names_the_first_line(read: Read) -> None:
    _, issues = read(alerts=changed(ALERTS, "id: own_limits", "id: few_leads"))
    assert "acme/alerts.yaml:56: error: rule 'few_leads' is already declared on line 24" in map(str, issues)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("- a\n", "must be a mapping, for example with `rules:`"),
        ("rules: {}\n", "rules must be a list, each starting with `- id:`"),
        ("rules: [few]\n", "a rule must be a mapping with at least an id"),
        ("rules: [\n", "not valid YAML"),
    ],
)
def test_alerts_that_cannot_be_read_are_not_passed_over(read: Read, content: str, message: str) -> None:
    catalogue, issues = read(alerts=content)
    assert [message in issue.message for issue in issues if issue.severity == "error"] == [True]
    assert list(catalogue.companies) == ["acme"]


def test_an_empty_file_is_as_good_as_none(read: Read) -> None:
    assert read(alerts="")[1] == []


def test_an_owner_without_a_channel_is_an_error_at_29(read: Read) -> None:
    _, issues = read(company=changed(COMPANY, "channels: [mail], deputy: bob", "deputy: bob"), alerts=ALERTS)
    assert "acme/company.yaml:11: error: ann: has no channel, so no alert would reach Ann" in map(str, issues)


def test_the_reserved_ids_are_those_of_the_rules_every_company_has() -> None:
    built_in = {model.THRESHOLD, model.DATA, model.FRESHNESS, model.LOAD_FAILURE, model.RUN_FAILURE, SUMMARY, OVERDUE}
    assert built_in | {"register"} == set(RESERVED)
