"""How pytest-xdist shares tests out between processes (of its own ways, loadgroup does nothing under pytest 9.2)."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

# Folders whose tests share what is dear to make, and the longest files, those that take longest first: a process that
# got one of them last would work on alone. The tests of other files stay together, so that what a module makes is made
# in one process only.
TOGETHER = (
    "e2e",
    "recurring",
    "sandbox/world",
    "graph",
    "timeline",
    "engines",
    "facts/test_fact_tables.py",
    "facts/test_school_facts.py",
    "reports/test_browser.py",
    "flow/test_site.py",
    "spec/datainsight_pro/test_datainsight_finance_spec.py",
)


def together(nodeid: str) -> str:
    """What a test shares with others: its folder, or else its file."""
    file = nodeid.partition("::")[0].removeprefix("kpi_pipeline_tests/")
    return next((place for place in TOGETHER if file.startswith(f"{place}/")), file)


def rank(nodeid: str) -> int:
    place = together(nodeid)
    return TOGETHER.index(place) if place in TOGETHER else len(TOGETHER)


class ByPlace(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return together(nodeid)
