"""Every page of the companies' sites in a real browser, the reports among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from kpi_pipeline_tests.e2e.installation import COMPANIES, COMPANY, NOW, Installation
from kpi_pipeline_tests.reports.in_browser import look_at, opened

pytestmark = [pytest.mark.xdist_group("e2e"), pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize("name", COMPANIES)
def test_every_page_fits_stays_silent_and_can_be_read(request: pytest.FixtureRequest, name: str) -> None:
    installation: Installation = request.getfixturevalue("loaded" if name == COMPANY else "others")
    with installation.at(NOW, name) as (workspace, company), opened() as browser:
        root: Path = workspace.settings.reports_root / company.id
        pages = sorted(path for path in root.rglob("*.html") if "archive" not in path.relative_to(root).parts)
        assert len(pages) > len(company.kpis)
        wrong = {}
        for path in pages:
            try:
                look_at(browser, path)
            except AssertionError as fault:
                wrong[path.relative_to(root).as_posix()] = str(fault)[:600]
        assert wrong == {}
