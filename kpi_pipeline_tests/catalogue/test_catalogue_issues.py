"""Every fault of a company's files is told with the line it stands on, and with what was probably meant."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from kpi_pipeline.catalogue import load
from kpi_pipeline.catalogue.display import kpi_text
from kpi_pipeline.errors import CatalogueError
from kpi_pipeline_tests.catalogue.conftest import COMPANY, KPI, Read, changed, judge, shipped

SECOND = KPI.replace("id: leads", "id: more_leads")


def test_a_good_company_has_no_issue(read: Read) -> None:
    catalogue, issues = read()
    assert issues == []
    kpi = catalogue.kpi("acme", "leads")
    assert (kpi.file, kpi.line, kpi.line_of("critical"), kpi.line_of("group")) == ("acme/kpis.yaml", 1, 10, 1)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("  unit", "\tunit", 6, r"not valid YAML: found a tab character that violates indentation"),
        ("origin: row 1", "origin: 'row", 14, "not valid YAML: found unexpected end of stream"),
        ("unit: count", "unit: count\n  unit: ms", 7, "not valid YAML: the key 'unit' is on line 6 already"),
        ("row 1", '"\x07"', 13, "not valid YAML: unacceptable character #x0007"),
        ('">= 50"', "[{is: '>= 50', since: 2026-02-30}]", 8, "not valid YAML: day is out of range for month"),
        ("critical:", "critcal:", 10, "unknown key 'critcal' in KPI leads; did you mean 'critical'?"),
        ("critical:", "7:", 10, "unknown key 7 in KPI leads"),
        ("count: rows", "count: rows, were: qualified", 4, "KPI leads: of.0.were: unknown key 'were'"),
        ("kind: count", "kind: cuont", 3, "KPI leads: unknown kind 'cuont'; did you mean 'count'?"),
        ("kind: count", "sort: count", 1, "KPI leads must be a mapping with at least id and kind"),
        ("unit: count", "unit: procent", 6, "KPI leads: unknown unit 'procent'; did you mean 'percent'?"),
        ("unit: count", "unit: xyz", 6, "KPI leads: unknown unit 'xyz'; known are percent, points"),
        ("[ann, duty]", "[anne, duty]", 11, "KPI leads: unknown owner 'anne'; did you mean 'ann'?"),
        ("[ann, duty]", "[]", 1, "KPI leads: has thresholds but nobody owns it"),
        ("[ann, duty]", "ann", 11, "KPI leads: owners: Input should be a list"),
        ("fact: lead", "fact: laed", 4, "KPI leads: of.0.fact: there is no fact 'laed'; did you mean 'lead'?"),
        ("fact: lead", "fact: xyzzy", 4, "KPI leads: of.0.fact: there is no fact 'xyzzy'; facts are account, "),
        ("created_at", "createdat", 4, "fact 'lead' has no column 'createdat'; did you mean 'created_at'?"),
        ("count: rows", "count: all", 4, "KPI leads: of.0: count 'all': write `rows` or `distinct <column>`"),
        ("rolling 30 days", "roling 30 days", 5, "KPI leads: window 'roling 30 days' is none of 'rolling 30 days'"),
        ('">= 50"', '"<= 50"', 8, "KPI leads: target <= 50 points the wrong way: higher is better"),
        ('"< 40"', '"> 40"', 9, "KPI leads: warning > 40 points the wrong way: higher is better"),
        ('"< 40"', '"< 60"', 9, "KPI leads: warning < 60 is on the good side of target >= 50"),
        ('"< 30"', '"< 45"', 10, "KPI leads: critical < 45 is on the good side of warning < 40"),
        ('"< 30"', "30", 10, "KPI leads: critical: write it as printed, for example '>= 32'"),
        ('"< 30"', '"below 30"', 10, "KPI leads: critical: 'below 30': write a comparison as printed"),
        ('"< 30"', "[30]", 10, "KPI leads: critical: 30: write each of several thresholds as {since, is, approved_by}"),
        (
            '"< 30"',
            "[{is: '< 30', since: 2026-01-01}, {is: '< 20', since: 2026-01-01}]",
            10,
            "KPI leads: critical: `since` dates must rise, each once: two thresholds cannot be in force on one day",
        ),
        (
            '"< 30"',
            "[{is: '< 30', since: 2026-02-01}, {is: '< 20', since: 2026-01-01}]",
            10,
            "KPI leads: critical: `since` dates must rise, each once",
        ),
        (
            '"< 30"',
            "[{is: '< 30', since: 2026-01-01}, {is: '< 20'}]",
            10,
            "KPI leads: critical: only the first of several thresholds may lack `since`",
        ),
        ('"< 30"', "[{is: '< 30', since: soon}]", 10, "KPI leads: critical: `since` is a date such as 2026-01-01"),
        (
            '"< 30"',
            "[{is: '< 30', since: 2026-01-01, approved_by: [{by: eve, on: 2025-12-01}]}]",
            10,
            "KPI leads: critical is approved by 'eve', who is unknown",
        ),
        ("{nl: Leads, en: Leads}", "{en: Leads}", 2, "KPI leads: name.nl is missing"),
        ("{nl: Leads, en: Leads}", "Leads", 2, "KPI leads: name: Input should be a mapping"),
        ("id: leads", "id: Leads", 1, "KPI Leads: id: String should match pattern"),
        ("  better: higher\n", "", 1, "KPI leads: better: Field required"),
        ("row 1", "row 1\n  companion_of: lead", 14, "KPI leads: companion_of names no KPI: 'lead'"),
        ("row 1", "row 1\n  companion_of: leads", 14, "KPI leads: leads is itself a companion of leads"),
        ("row 1", "row 1\n  settles_after: soon", 14, "KPI leads: settles_after: 'soon' is not a span like '14 days'"),
    ],
)
def test_a_fault_of_a_kpi_is_told_on_its_line(read: Read, old: str, new: str, line: int, message: str) -> None:
    _, issues = read(changed(KPI, old, new))
    errors = [issue for issue in issues if issue.severity == "error" and message in issue.message]
    assert [(issue.file, issue.line) for issue in errors] == [("acme/kpis.yaml", line)], issues


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("id: acme", "id: acne", 1, "id 'acne' differs from its folder 'acme'"),
        ("Europe/Amsterdam", "Europe/Amsterdm", 3, "unknown zone 'Europe/Amsterdm'; did you mean 'Europe/Amsterdam'?"),
        ("currency: EUR", "currency: EURO", 4, "unknown currency 'EURO'; known are EUR, USD"),
        ("language: nl", "language: de", 5, "the company: language: Input should be 'nl' or 'en'"),
        ("language:", "langauge:", 5, "unknown key 'langauge' in the company; did you mean 'language'?"),
        ("mon-fri", "mon-frid", 7, "write days as 'mon-fri' or 'mon, wed'"),
        ('"17:00"', '"09:00"', 7, "calendar working: opens at 09:00, which is not before 09:00"),
        ("holidays: NL", "holidays: XX", 7, "calendar working: no holidays known for 'XX'"),
        ("hubspot:", "hubsport:", 9, "unknown source 'hubsport'; did you mean 'hubspot'?"),
        ("owner: ann", "owner: anne", 9, "source hubspot: unknown owner 'anne'; did you mean 'ann'?"),
        ("deputy: bob", "deputy: bop", 11, "ann: unknown deputy 'bop'; did you mean 'bob'?"),
        ("[mail, slack]", "[mail, slak]", 12, "bob: unknown channel 'slak'; did you mean 'slack'?"),
        ("[mail, slack]", "[]", 12, "bob: has no channel, so no alert would reach Bob"),
        ("email: bob@acme.example, ", "", 12, "bob: has the channel 'mail' but no email"),
        ("bob@acme.example", "'bob@acme.example, eve@x.example'", 12, "is not one mail address"),
        ("bob@acme.example", '"bob@acme.example\\nBcc: eve@x.example"', 12, "is not one mail address"),
        ("members: [ann, bob]", "members: [ann, bop]", 14, "rota duty: unknown member 'bop'; did you mean 'bob'?"),
        ("turn: 7 days", "turn: 7 hours", 14, "rota duty: a turn is at least 1 day"),
        (", sender: kpi@acme.example", "", 16, "channel mail: mail needs `sender`, the address it comes from"),
        (
            "kind: slack",
            "kind: slak",
            17,
            "channels.slack.kind: Input should be 'slack', 'slack_bot', 'teams', 'mail', ",
        ),
        ("kind: slack", "kind: slack_bot", 17, "channel slack: slack_bot needs `secret`, the variable of its token"),
        ("kind: slack", "kind: slack_bot", 17, "channel slack: slack_bot needs `room`, the id of the chat room"),
        ("kind: slack", "kind: webhook", 17, "channel slack: webhook needs `secret`, the variable of its token, "),
        (
            "{kind: slack, url: ACME_SLACK_WEBHOOK_URL}",
            "{kind: slack}",
            17,
            "channel slack: slack needs `url`, the vari",
        ),
        ("kind: slack, url", "kind: pagerduty, url", 17, "channel slack: pagerduty needs `secret`, the variable of i"),
        ("kind: slack", "kind: slack, room: C1", 17, "channel slack: `room` is without effect: slack has none"),
        ("kind: slack", "kind: apprise, secret: KEY", 17, "`secret` is without effect: apprise has none"),
        ("ACME_SLACK_WEBHOOK_URL", "https://hooks.example/T0/B0/XYZ", 17, "channel slack: `url` is the name of the "),
        ("deputy: bob", "deputy: bob, away: [2026-13-01/2026-13-02]", 11, "people.ann.away.0: month must be in 1..12"),
        ("deputy: bob", "deputy: bob, away: [soon]", 11, "people.ann.away.0: 'soon': write a day as 2026-12-25, or"),
        ("approvers: [ann", "approvers: [anne", 18, "unknown approver 'anne'; did you mean 'ann'?"),
    ],
)
def test_a_fault_of_the_company_is_told_on_its_line(read: Read, old: str, new: str, line: int, message: str) -> None:
    _, issues = read(company=changed(COMPANY, old, new))
    assert [(issue.file, issue.line) for issue in issues if message in issue.message] == [("acme/company.yaml", line)]


@pytest.mark.parametrize(
    "channel",
    [
        "{kind: slack_bot, url: ACME_SLACK, secret: ACME_SLACK_TOKEN, room: C0123}",
        "{kind: webhook, url: ACME_HOOK, secret: ACME_HOOK_KEY}",
        "{kind: pagerduty, url: ACME_PAGER, secret: ACME_PAGER_KEY}",
        "{kind: pagerduty, secret: ACME_PAGER_KEY}",
        "{kind: slack_bot, secret: ACME_SLACK_TOKEN, room: C0123}",
        "{kind: apprise, url: ACME_APPRISE}",
        "{kind: teams, url: ACME_TEAMS}",
    ],
)
def test_a_channel_of_any_kind_may_be_declared(read: Read, channel: str) -> None:
    assert read(company=changed(COMPANY, "{kind: slack, url: ACME_SLACK_WEBHOOK_URL}", channel))[1] == []


def test_an_address_that_stands_where_its_variable_should_is_not_repeated(read: Read) -> None:
    _, issues = read(company=changed(COMPANY, "ACME_SLACK_WEBHOOK_URL", "https://hooks.example/T0/B0/XYZ"))
    assert len(issues) == 1
    assert "XYZ" not in str(issues[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "file is missing"),
        ("", "must be a mapping with at least id, name and zone"),
        ("- a\n", "must be a mapping with at least id, name and zone"),
        (b"name: Caf\xe9\n", "not UTF-8 (byte 9): save the file as UTF-8"),
    ],
)
def test_a_company_that_cannot_be_read_is_not_passed_over(
    read: Read, content: str | bytes | None, message: str
) -> None:
    catalogue, issues = read(company=content)
    assert catalogue.companies == {}
    assert [str(issue) for issue in issues] == [f"acme/company.yaml:1: error: {message}"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "file is missing"),
        ("", "must be a list of KPIs, each starting with `- id:`"),
        ("id: leads\n", "must be a list of KPIs, each starting with `- id:`"),
        ("- &own [*own]\n", "not valid YAML: an anchor refers to itself"),
        ("- leads\n", "entry 1 must be a mapping with at least id and kind"),
        (KPI.encode("utf-16"), "not UTF-8 (byte 0): save the file as UTF-8"),
    ],
)
def test_kpis_that_cannot_be_read_are_not_passed_over(read: Read, content: str | bytes | None, message: str) -> None:
    _, issues = read(content)
    assert [str(issue) for issue in issues] == [f"acme/kpis.yaml:1: error: {message}"]


def test_a_byte_order_mark_does_no_harm(read: Read) -> None:
    catalogue, issues = read(KPI.encode("utf-8-sig"))
    assert (list(catalogue.companies["acme"].kpis), issues) == (["leads"], [])


def test_one_id_twice_names_the_first_line(read: Read) -> None:
    _, issues = read(KPI + KPI)
    assert [str(issue) for issue in issues] == ["acme/kpis.yaml:14: error: KPI 'leads' is already declared on line 1"]


def test_a_formula_that_goes_in_a_circle_is_told_at_each_of_its_kpis(read: Read) -> None:
    side = "  of: {fact: lead, time: created_at, count: rows}\n"
    formula = changed(KPI, "kind: count", "kind: formula")
    first = changed(formula, side, "  expression: more_leads / more_leads\n")
    second = changed(SECOND, "kind: count", "kind: formula")
    second = changed(second, side, "  expression: leads + gone\n")
    _, issues = read(first + second)
    assert [str(issue).removeprefix("acme/kpis.yaml:") for issue in issues] == [
        "3: error: KPI leads: formula goes in a circle: leads → more_leads → leads",
        "16: error: KPI more_leads: formula names no KPI: 'gone'",
        "16: error: KPI more_leads: formula goes in a circle: more_leads → leads → more_leads",
    ]


def test_a_missing_second_language_is_only_a_warning_and_only_where_others_have_it(read: Read) -> None:
    one_language = changed(KPI, ", en: Leads", "")
    catalogue, issues = read(one_language)
    assert issues == []
    assert catalogue.kpi("acme", "leads").title("en") == "Leads"
    _, issues = read(one_language + changed(KPI, "id: leads", "id: more_leads"))
    assert [(issue.severity, issue.line) for issue in issues] == [("warning", 2)]


def test_thresholds_are_ordered_on_every_day_they_are_in_force(read: Read) -> None:
    agreed = "approved_by: [{by: ann, on: 2026-05-20}, {by: bob, on: 2026-05-21}]"
    dated = f"[{{is: '>= 50'}}, {{is: '>= 35', since: 2026-06-01, {agreed}}}]"
    _, issues = read(changed(KPI, '">= 50"', dated))
    assert [str(issue) for issue in issues] == [
        "acme/kpis.yaml:9: error: KPI leads: warning < 40 is on the good side of target >= 35"
    ]
    falling = f"[{{is: '< 40'}}, {{is: '< 34', since: 2026-06-01, {agreed}}}]"
    _, issues = read(changed(changed(KPI, '">= 50"', dated), '"< 40"', falling))
    assert issues == []


def test_an_unknown_clock_is_told_on_its_line(read: Read) -> None:
    duration = changed(
        changed(KPI, "kind: count", "kind: duration"),
        "  of: {fact: lead, time: created_at, count: rows}\n",
        "  of: {fact: lead, start: created_at, end: first_contact_at, select: start}\n"
        "  statistic: mean\n  clock: workin\n",
    )
    _, issues = read(changed(duration, "unit: count", "unit: hours"))
    assert [str(issue) for issue in issues] == [
        "acme/kpis.yaml:6: error: KPI leads: unknown calendar 'workin'; did you mean 'working'?"
    ]


def test_all_issues_of_all_files_come_in_one_run(tmp_path: Path) -> None:
    for name in ("acme", "bolt", "core"):
        (tmp_path / name).mkdir()
    (tmp_path / "__pycache__").mkdir()
    (tmp_path / "acme/company.yaml").write_text(COMPANY.replace("owner: ann", "owner: eve"))
    (tmp_path / "acme/kpis.yaml").write_text(KPI.replace("unit: count", "unit: xyz") + SECOND.replace("[ann,", "[zed,"))
    (tmp_path / "bolt/company.yaml").write_text("id: [")
    (tmp_path / "bolt/kpis.yaml").write_bytes(b"\xff")
    (tmp_path / "core/company.yaml").write_text(COMPANY)
    catalogue, issues = judge(tmp_path)
    assert [f"{issue.file}:{issue.line}:{issue.rule}" for issue in issues] == [
        "acme/company.yaml:9:owner",
        "acme/kpis.yaml:6:unit",
        "acme/kpis.yaml:24:owner",
        "bolt/company.yaml:1:syntax",
        "bolt/kpis.yaml:1:encoding",
        "core/company.yaml:1:schema",
        "core/kpis.yaml:1:missing-file",
    ]
    with pytest.raises(CatalogueError, match=r"reading the companies in .*: 7 issue\(s\)") as caught:
        load(tmp_path, *_what_exists())
    assert caught.value.issues == tuple(issues)
    assert list(catalogue.companies) == ["acme"]


@pytest.mark.parametrize("name", ["absent", "empty"])
def test_a_folder_without_companies_is_a_fault(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(CatalogueError, match="there is no company here"):
        load(tmp_path / name, *_what_exists())


def _what_exists():  # type: ignore[no-untyped-def]
    from kpi_pipeline import facts
    from kpi_pipeline.connectors.registry import SOURCES
    from kpi_pipeline.metrics import kinds, windows

    return kinds.PARAMS, facts.columns(), windows.parse, SOURCES


def test_a_contradiction_of_the_framework_is_a_finding_but_no_fault(read: Read) -> None:
    catalogue, issues = read(changed(KPI, "row 1", "row 1\n  contradiction: 35K / 6.8K is 5.15, printed 3.8"))
    assert [str(issue) for issue in issues] == [
        "acme/kpis.yaml:14: contradiction: KPI leads: 35K / 6.8K is 5.15, printed 3.8"
    ]
    assert catalogue.kpi("acme", "leads").contradiction == ("35K / 6.8K is 5.15, printed 3.8",)


@pytest.mark.parametrize(
    ("unit", "target", "message"),
    [
        ("grade\n  grades: [C, B, A]", ">= A", None),
        ("grade\n  grades: [C, B, A]", ">= E", "target: '>= E': write a comparison with one of the grades C, B, A"),
        ("grade", ">= 1", "`grades`, worst first, go with unit grade, and that needs them"),
        ("count\n  grades: [C, B, A]", ">= A", "`grades`, worst first, go with unit grade, and that needs them"),
    ],
)
def test_a_value_that_is_a_word_has_its_grades(read: Read, unit: str, target: str, message: str | None) -> None:
    entry = changed(KPI, "unit: count", f"unit: {unit}")
    for old in ('  warning: "< 40"\n', '  critical: "< 30"\n'):
        entry = changed(entry, old, "")
    catalogue, issues = read(changed(entry, ">= 50", target))
    assert [issue.message for issue in issues if issue.severity == "error"][:1] == (
        [] if message is None else [f"KPI leads: {message}"]
    )
    if message is None:
        target_ = catalogue.kpi("acme", "leads").target[0]
        assert (target_.value, str(target_)) == (2, ">= A")


def test_a_reading_is_said_in_the_language_of_the_reader(read: Read) -> None:
    entry = changed(KPI, "origin: row 1", "origin: row 1\n  reading: Once each\n  reading_in: {nl: Elk één keer}")
    kpi = read(entry)[0].kpi("acme", "leads")
    assert [kpi.read_as(language) for language in ("nl", "en")] == ["Elk één keer", "Once each"]


def test_the_companies_that_speak_dutch_read_their_framework_in_dutch() -> None:
    companies = shipped()[0].companies.values()
    dutch = [kpi for company in companies if company.language == "nl" for kpi in company.kpis.values() if kpi.reading]
    assert len(dutch) > 100
    assert [kpi.id for kpi in dutch if kpi.read_as("nl") == kpi.reading] == []
    puzzling = [kpi for kpi in dutch if kpi.contradiction]
    assert [kpi.id for kpi in puzzling if kpi.contradictions("nl") == kpi.contradiction] == []
    assert [kpi.id for kpi in puzzling if len(kpi.contradictions("nl")) != len(kpi.contradiction)] == []


def test_grades_are_said_in_the_language_of_the_reader(read: Read) -> None:
    graded = changed(KPI, "unit: count", "unit: grade\n  grades: [poor, fine]\n  grade_names: {nl: [slecht, goed]}")
    for old in ('  target: ">= 50"\n', '  warning: "< 40"\n', '  critical: "< 30"\n'):
        graded = changed(graded, old, "")
    kpi = read(graded)[0].kpi("acme", "leads")
    assert [kpi_text(kpi, Decimal(1), language) for language in ("nl", "en")] == ["goed", "fine"]
    short = changed(graded, "[slecht, goed]", "[slecht]")
    assert [issue.message for issue in read(short)[1] if issue.severity == "error"] == [
        "KPI leads: 1 names of grades in 'nl' for 2 grades"
    ]


def test_a_long_framework_may_be_split_over_files(read: Read, tmp_path: Path) -> None:
    read()
    folder = tmp_path / "companies" / "acme"
    (folder / "kpis").mkdir()
    (folder / "kpis.yaml").rename(folder / "kpis" / "2-sales.yaml")
    (folder / "kpis" / "1-marketing.yaml").write_text(SECOND, encoding="utf-8")
    catalogue, issues = judge(tmp_path / "companies")
    assert (list(catalogue.companies["acme"].kpis), issues) == (["more_leads", "leads"], [])
    (folder / "kpis.yaml").write_text(KPI, encoding="utf-8")
    _, issues = judge(tmp_path / "companies")
    assert [str(issue) for issue in issues] == [
        "acme/kpis.yaml:1: error: there is a folder kpis/ too; keep one of the two"
    ]
