"""The document about the catalogue says what the code says: every key, every kind, and examples that are accepted.

KPI_UPDATE_GOLDEN=1 writes the generated parts anew and keeps the examples that are there.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from itertools import starmap
from pathlib import Path
from textwrap import indent
from typing import get_args

import pytest
from pydantic import BaseModel

from kpi_pipeline.catalogue import alerting, explained, explained_alerts, explained_audit
from kpi_pipeline.catalogue import model as declared
from kpi_pipeline.catalogue.yaml_file import entry
from kpi_pipeline.metrics.kinds import KINDS
from kpi_pipeline.settings import COMPANIES
from kpi_pipeline_tests.architecture.source import ROOT
from kpi_pipeline_tests.catalogue.conftest import ALERTS, COMPANY, KPI, judge, shipped

DOCUMENT = ROOT / "kpi_pipeline" / "docs" / "catalogue.md"
EXAMPLE = re.compile(r"^### (\w+)\n.*?^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FRAME = "- id: {}\n  name: {{nl: Voorbeeld}}\n  better: higher\n  owners: [ann]\n  cadence: daily\n  origin: example\n"
NUMBER = """\
- id: {}
  name: {{nl: Ander}}
  kind: count
  of: {{fact: lead, time: created_at, count: rows}}
  window: at day end
  unit: count
  better: higher
  cadence: daily
  origin: example
"""

HEADINGS = {
    "Alerting": "The file",
    "Rule": "A rule",
    "Term": "A condition of `all` or `unless_all`",
    "AnyOf": "Conditions of which some must hold",
    "Remind": "A reminder: `remind`",
    "Ask": "A decision: `decision`",
    "Step": "A step of `escalation`",
    "Route": "A route",
    "Mute": "A mute",
}


def words_of(documented: object) -> str:
    return " ".join((documented.__doc__ or "").split())


def parts_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Models inside a model, each once, the outer ones first."""
    for field in model.model_fields.values():
        for found in (field.annotation, *get_args(field.annotation)):
            if isinstance(found, type) and issubclass(found, BaseModel):
                yield found
                yield from parts_of(found)


def keys_of(model: type[BaseModel]) -> str:
    return ", ".join(f"`{name}`" + ("" if field.is_required() else "?") for name, field in model.model_fields.items())


def section(name: str, example: str) -> str:
    kind = KINDS[name]
    summary = words_of(sys.modules[kind.params.__module__]).partition(". ")[0].rstrip(".")
    lines = [
        f"### {name}",
        "",
        f"{summary}.",
        "",
        f"Keys: {keys_of(kind.params)}. {words_of(kind.params)}".rstrip(),
        "",
    ]
    for part in dict.fromkeys(parts_of(kind.params)):
        where = ", ".join(
            f"`{key}`" for key, field in kind.params.model_fields.items()
            if part in (field.annotation, *get_args(field.annotation))
        )  # fmt: skip
        lines += [f"- {where if where else part.__name__}: {keys_of(part)}. {words_of(part)}".rstrip()]
    return "\n".join(lines).rstrip() + f"\n\n```yaml\n{example}```\n"


def table(sentences: dict[str, str]) -> str:
    rows = "".join(f"| `{key}` | {sentence} |\n" for key, sentence in sentences.items())
    return f"| key | what it is for |\n|---|---|\n{rows}"


def alerts_section(model: str, sentences: dict[str, str]) -> str:
    return f"### {HEADINGS[model]}\n\n{words_of(getattr(alerting, model))}\n\n{table(sentences)}"


def audit_section(model: str, sentences: dict[str, str]) -> str:
    return f"{words_of(getattr(declared, model))}\n\n{table(sentences)}"


def shipped_examples() -> dict[str, str]:
    """The shortest shipped entry of each kind, without the keys that every KPI has."""
    found: dict[str, str] = {}
    for company in shipped()[0].companies.values():
        for kpi in company.kpis.values():
            own = {"kind", "window", "unit", "grades", *type(kpi.params).model_fields}
            blocks = re.split(r"^(?=  \w)", entry(COMPANIES / kpi.file, kpi.line), flags=re.MULTILINE)
            kept = [block.rstrip() + "\n" for block in blocks[1:] if block.strip().partition(":")[0] in own]
            text = "".join(re.sub("^  ", "", block, flags=re.MULTILINE) for block in kept)
            if kpi.kind not in found or len(text) < len(found[kpi.kind]):
                found[kpi.kind] = text
    return found


def written(text: str, examples: dict[str, str]) -> str:
    parts = {
        "keys of a KPI": table(explained.KPI),
        "keys of a company": table(explained.COMPANY),
        "keys of alerts": "\n".join(starmap(alerts_section, explained_alerts.MODELS.items())),
        "keys of an audit": "\n".join(starmap(audit_section, explained_audit.MODELS.items())),
        "kinds": "\n".join(section(name, examples[name]) for name in KINDS if name in examples),
    }
    for name, content in parts.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- end -->)"
        text = re.sub(pattern, lambda match, new=content: f"{match[1]}\n{new}\n{match[2]}", text, flags=re.DOTALL)
    return text


@pytest.fixture(scope="module")
def document() -> str:
    text = DOCUMENT.read_text(encoding="utf-8")
    if os.environ.get("KPI_UPDATE_GOLDEN") == "1":
        examples = dict(EXAMPLE.findall(text))
        text = written(text, {**shipped_examples(), **examples})
        DOCUMENT.write_text(text, encoding="utf-8")
    return text


def test_every_key_and_kind_is_explained(document: str) -> None:
    examples = dict(EXAMPLE.findall(document))
    assert list(examples) == list(KINDS)
    assert document == written(document, examples), "KPI_UPDATE_GOLDEN=1 writes it anew; look at the difference first"


def test_every_example_is_accepted(document: str, tmp_path: Path) -> None:
    examples = dict(EXAMPLE.findall(document))
    folder = tmp_path / "acme"
    folder.mkdir()
    calendar = '  office: {days: mon-fri, opens: "09:00", closes: "17:00"}\n'
    (folder / "company.yaml").write_text(COMPANY.replace("calendars:\n", f"calendars:\n{calendar}"), encoding="utf-8")
    entries = {name: FRAME.format(f"of_{name}") + indent(text, "  ") for name, text in examples.items()}
    named = {word for name in ("formula", "growth", "enum") for word in re.findall(r"[a-z_]+", examples[name])}
    others = "".join(NUMBER.format(name) for name in sorted(named - {"kind", "of", "and", "or"}))
    (folder / "kpis.yaml").write_text("".join(entries.values()) + others, encoding="utf-8")
    catalogue, issues = judge(tmp_path)
    assert [str(issue) for issue in issues if issue.severity == "error"] == []
    assert {kpi.kind for kpi in catalogue.companies["acme"].kpis.values()} == set(KINDS)


def test_the_first_entry_is_accepted(document: str, tmp_path: Path) -> None:
    first = re.findall(r"^```yaml\n(- id.*?)^```$", document, re.MULTILINE | re.DOTALL)[0]
    (tmp_path / "acme").mkdir()
    people = re.sub(r"\bbob\b", "rico_jansen", re.sub(r"\bann\b", "leonie_van_dam", COMPANY))
    (tmp_path / "acme" / "company.yaml").write_text(people, encoding="utf-8")
    (tmp_path / "acme" / "kpis.yaml").write_text(first, encoding="utf-8")
    assert judge(tmp_path)[1] == []


def test_the_example_of_an_audit_is_accepted(document: str, tmp_path: Path) -> None:
    part = document[document.index("## Audits") : document.index("<!-- keys of an audit -->")]
    (example,) = re.findall(r"^```yaml\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "kpis.yaml").write_text(NUMBER.format("mrr"), encoding="utf-8")
    (folder / "audit.yaml").write_text(example, encoding="utf-8")
    assert [str(issue) for issue in judge(tmp_path)[1] if issue.severity == "error"] == []


def test_the_examples_of_alerts_are_accepted(document: str, tmp_path: Path) -> None:
    part = document[document.index("## Alerts") : document.index("<!-- keys of alerts -->")]
    examples = re.findall(r"^```yaml\n(.*?)^```$", part, re.MULTILINE | re.DOTALL)
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "company.yaml").write_text(COMPANY, encoding="utf-8")
    (folder / "kpis.yaml").write_text(KPI, encoding="utf-8")
    assert len(examples) >= 2
    for text in (*examples, ALERTS):
        (folder / "alerts.yaml").write_text(text, encoding="utf-8")
        assert [str(issue) for issue in judge(tmp_path)[1]] == []
