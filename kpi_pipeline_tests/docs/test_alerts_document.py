"""The examples of the document on alert rules: rules are read as part of their company, timelines are played."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue import Catalogue, Company, yaml_file
from kpi_pipeline.catalogue.amend import amended
from kpi_pipeline.flow.timelines.script import read_timelines
from kpi_pipeline.flow.timelines.verdict import judge
from kpi_pipeline_tests.architecture.source import PACKAGE
from kpi_pipeline_tests.catalogue.conftest import shipped

BLOCKS = re.findall(r"^```yaml\n(.*?)^```$", (PACKAGE / "docs" / "alerts.md").read_text("utf-8"), re.M | re.S)
RULES = [block for block in BLOCKS if block.startswith("# ")]
PROPOSALS = [block for block in BLOCKS if block.startswith("kpis:")]
STORIES = [block for block in BLOCKS if block.startswith("company:")]


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return shipped()[0]


def test_every_block_is_one_or_the_other() -> None:
    assert (len(RULES), len(STORIES), len(PROPOSALS), len(BLOCKS)) == (7, 1, 1, 9)


@pytest.mark.parametrize("block", RULES)
def test_a_rule_is_accepted_by_the_company_that_it_names(catalogue: Catalogue, block: str, tmp_path: Path) -> None:
    company = without_rules(catalogue.companies[block.splitlines()[0].removeprefix("# ")])
    rules = read(block, tmp_path)
    found = amended(company, {"rules": rules}, "docs/alerts.md")
    assert [rule.id for rule in found.alerts.rules] == [rule["id"] for rule in rules]


def read(block: str, folder: Path) -> Any:
    (folder / "block.yaml").write_text(block, encoding="utf-8")
    file = yaml_file.read(folder / "block.yaml", folder, [])
    assert file is not None
    return file.data


def without_rules(company: Company) -> Company:
    """Those that ship speak for the same thresholds."""
    return company.model_copy(update={"alerts": company.alerts.model_copy(update={"rules": ()})})


@pytest.mark.parametrize("block", PROPOSALS)
def test_a_proposal_fits_the_company_of_the_examples(catalogue: Catalogue, block: str, tmp_path: Path) -> None:
    company = catalogue.companies["mister_dj"]
    found = amended(company, read(block, tmp_path), "docs/alerts.md")
    assert str(found.kpis["website_availability"].warning[0]) == "< 99.8"
    assert {rule.id for rule in company.alerts.rules} - {rule.id for rule in found.alerts.rules} == {"nps_respons"}


@pytest.mark.parametrize("block", STORIES)
def test_a_timeline_holds(catalogue: Catalogue, block: str, tmp_path: Path) -> None:
    path = tmp_path / "story.yaml"
    path.write_text(block, encoding="utf-8")
    assert [verdict.differences for verdict in judge(read_timelines([path], catalogue), catalogue)] == [()]


def test_every_runbook_is_there(catalogue: Catalogue) -> None:
    named = {rule.runbook for company in catalogue.companies.values() for rule in company.alerts.rules if rule.runbook}
    pages = {path.relative_to(PACKAGE.parent).as_posix() for path in (PACKAGE / "docs" / "runbooks").glob("*.md")}
    assert named == {page for page in pages if not page.endswith("README.md")}
