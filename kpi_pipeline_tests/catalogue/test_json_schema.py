"""The schema that editors get is the one of the models, accepts what ships and refuses what the catalogue refuses."""

from __future__ import annotations

import json
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from typer.testing import CliRunner

from kpi_pipeline.analytics import TABLES
from kpi_pipeline.catalogue import alerting, explained, explained_alerts, explained_audit, yaml_file
from kpi_pipeline.catalogue.json_schema import schemas
from kpi_pipeline.catalogue.load import COMPANY_KEYS, NO_COMPANY
from kpi_pipeline.catalogue.load_alerts import written_keys
from kpi_pipeline.catalogue.load_audit import EXPLANATION_KEYS, RULE_KEYS
from kpi_pipeline.catalogue.load_kpis import KPI_KEYS
from kpi_pipeline.catalogue.model import Audit
from kpi_pipeline.cli.app import app
from kpi_pipeline.errors import Issue
from kpi_pipeline.facts import FACTS, columns
from kpi_pipeline.metrics.kinds import PARAMS
from kpi_pipeline.settings import COMPANIES
from kpi_pipeline_tests.catalogue.conftest import ALERTS, COMPANY, KPI, changed

OWN = ("company", "alerts", "audit", "dashboards", "reports")  # files with a schema of their own
FILES = sorted(COMPANIES.glob("[!_]*/**/*.yaml"))


@cache
def generated() -> dict[str, Any]:
    return schemas(PARAMS, columns(), TABLES)


def as_json(value: Any) -> Any:
    """Dates as the language server sees them: text."""
    if isinstance(value, dict):
        return {key: as_json(each) for key, each in value.items()}
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


def faults(path: Path) -> list[str]:
    issues: list[Issue] = []
    file = yaml_file.read(path, path.parent, issues)
    assert (issues, file is None) == ([], False)
    assert file is not None
    name = f"{path.stem}.json" if path.parent.name != "kpis" and path.stem in OWN else "kpis.json"
    found = Draft7Validator(generated()[name]).iter_errors(as_json(file.data))
    return [f"{list(each.absolute_path)}: {each.message[:200]}" for each in found]


@pytest.mark.parametrize(
    "name", [f"{name}.json" for name in ("company", "kpis", "alerts", "audit", "dashboards", "reports")]
)
def test_the_shipped_schema_is_the_one_of_the_models(name: str) -> None:
    Draft7Validator.check_schema(generated()[name])
    shipped = json.loads((COMPANIES / NO_COMPANY / name).read_text(encoding="utf-8"))
    assert shipped == generated()[name], "`kpi catalogue schema --write` writes it anew"


@pytest.mark.parametrize("path", FILES, ids=[path.relative_to(COMPANIES).as_posix() for path in FILES])
def test_the_shipped_files_fit(path: Path) -> None:
    assert faults(path) == []


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("critical:", "critcal:", "[0]"),
        ("kind: count", "kind: cuont", "[0, 'kind']"),
        ("unit: count", "unit: procent", "[0, 'unit']"),
        ("better: higher", "better: up", "[0, 'better']"),
        ("fact: lead", "fact: laed", "[0, 'of']"),
        ("count: rows", "count: rows, were: qualified", "[0, 'of']"),
        ('">= 50"', '"about 50"', "[0, 'target']"),
        ('">= 50"', "[{is: '>= 50', sinds: 2026-01-01}]", "[0, 'target']"),
        ("row 1", "row 1\n  settles_after: soon", "[0, 'settles_after']"),
        ("  cadence: daily\n", "", "[0]"),
        ("window: rolling 30 days\n", "window: rolling 30 days\n  expression: a / b\n", "[0]"),
    ],
)
def test_what_the_catalogue_refuses_an_editor_marks(tmp_path: Path, old: str, new: str, where: str) -> None:
    path = tmp_path / "kpis.yaml"
    path.write_text(KPI, encoding="utf-8")
    assert faults(path) == []
    path.write_text(changed(KPI, old, new), encoding="utf-8")
    assert [each.partition(": ")[0] for each in faults(path)][:1] == [where]


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("langauge", "language", ""),
        ("language: nl", "language: de", "['language']"),
        ("zone:", "zona:", "[]"),
        ("turn: 7 days", "turn: a week", "['rotas', 'duty', 'turn']"),
        ("kind: slack", "kind: slak", "['channels', 'slack', 'kind']"),
    ],
)
def test_what_the_company_may_not_say(tmp_path: Path, old: str, new: str, where: str) -> None:
    path = tmp_path / "company.yaml"
    path.write_text(COMPANY.replace(old, new), encoding="utf-8")
    assert [each.partition(": ")[0] for each in faults(path)][:1] == ([where] if where else [])


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ("fallback:", "falback:", "[]"),
        ("repeat:", "reapeat:", "['rules', 0]"),
        ("for: 2 periods", "for: two weeks", "['rules', 0, 'for']"),
        ("every: week", "every: weak", "['rules', 0, 'every']"),
        ('recovery: ">= 42"', "recovery: about 42", "['rules', 0, 'recovery']"),
        ("stat: mean", "stat: median", "['rules', 1, 'all', 1]"),
        ("{nl: [Bel rond]}", "{nl: Bel rond}", "['rules', 1, 'actions', 'nl']"),
        ("within: 5 working days", "within: soon", "['rules', 1, 'decision']"),
        ('to: "07:00"', 'to: "25:00"', "['mutes', 0, 'to']"),
        ("2026-12-24/2027-01-02", "christmas", "['mutes', 1, 'dates', 0]"),
        ("{group: sales, ", "{gruop: sales, ", "['route', 'routes', 0, 'match']"),
        ("to: deputy", "too: deputy", "['escalation', 0]"),
    ],
)
def test_what_alerts_may_not_say(tmp_path: Path, old: str, new: str, where: str) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(ALERTS, encoding="utf-8")
    assert faults(path) == []
    path.write_text(changed(ALERTS, old, new), encoding="utf-8")
    assert [each.partition(": ")[0] for each in faults(path)][:1] == [where]


def test_every_key_of_alerts_is_explained() -> None:
    for name, sentences in explained_alerts.MODELS.items():
        assert set(sentences) == written_keys(getattr(alerting, name)), name


def test_every_key_of_an_audit_is_explained() -> None:
    assert set(explained_audit.AUDIT) == set(Audit.model_fields)
    assert set(explained_audit.RECONCILIATION) == RULE_KEYS
    assert set(explained_audit.EXPLANATION) == EXPLANATION_KEYS


def test_every_key_is_explained() -> None:
    assert set(explained.COMPANY) == COMPANY_KEYS
    assert set(explained.KPI) == KPI_KEYS
    kinds = generated()["kpis.json"]["definitions"]
    assert {f"kind_{name}" for name in PARAMS} == {name for name in kinds if name.startswith("kind_")}
    for name, params in PARAMS.items():
        assert set(kinds[f"kind_{name}"]["properties"]) == KPI_KEYS | set(params.model_fields)
    assert set(kinds["Side"]["properties"]["fact"]["enum"]) == set(FACTS)


def test_the_command_writes_the_files_and_prints_them(tmp_path: Path) -> None:
    env = {"KPI_COMPANIES": str(tmp_path)}
    assert json.loads(CliRunner().invoke(app, ["catalogue", "schema"], env=env).stdout) == generated()
    done = CliRunner().invoke(app, ["catalogue", "schema", "--write", "--json"], env=env)
    assert json.loads(done.stdout) == {"folder": str(tmp_path / "schema"), "files": [*generated()]}
    assert json.loads((tmp_path / "schema" / "kpis.json").read_text(encoding="utf-8")) == generated()["kpis.json"]
    assert "there is no company here" in CliRunner().invoke(app, ["catalogue", "check"], env=env).stdout
