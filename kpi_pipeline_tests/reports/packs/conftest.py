"""A report with every kind of section, over the small company and a history that is filled by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue import Company
from kpi_pipeline.catalogue.model import Report
from kpi_pipeline.catalogue.reporting import SECTIONS
from kpi_pipeline.history.comments import Comment
from kpi_pipeline.history.observation import Observation
from kpi_pipeline.history.store import HistoryStore
from kpi_pipeline.reports.packs.beside import Beside, Changed, Decision
from kpi_pipeline.reports.packs.build import build
from kpi_pipeline.reports.packs.document import Block, Cell, Document, Facts, Section, Table
from kpi_pipeline_tests.reports.conftest import company_of, kpi

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)  # the Monday after week 47
SUNDAY = date(2026, 11, 22)
MONDAY = date(2026, 11, 16)
NOTHING = Beside()
Built = Callable[..., Document]

EVERY_SECTION: list[dict[str, Any]] = [
    {"kind": "scorecard", "companions": True, "month": True},
    {"kind": "deviations", "count": 3},
    {"kind": "process", "kpis": ["conversie"]},
    {"kind": "process", "signals": True},
    {"kind": "trend", "kpis": ["omzet"], "by": "week", "count": 4},
    {"kind": "bridge", "level": "omzet", "movements": ["erbij", "-eraf"], "by": "week"},
    {"kind": "counter", "kpi": "omzet", "since": date(2026, 1, 1), "until": date(2026, 12, 31)},
    {"kind": "blocks", "kpi": "migratie", "planned": "migratie_plan"},
    {"kind": "targets"},
    {
        "kind": "stages",
        "stages": [
            {
                "name": {"nl": "Fase 1", "en": "Stage 1"},
                "first": date(2026, 1, 1),
                "last": date(2026, 12, 31),
                "targets": [
                    {"kpi": "omzet", "wants": ">= 1500"},
                    {"what": {"nl": "Top 5 van de markt"}, "filled_by": "bob"},
                ],
            }
        ],
    },
    {"kind": "focus", "most": 2, "filled_by": "ann"},
    {"kind": "manual", "id": "risk", "title": {"nl": "Hoofdrisico"}, "what": {"nl": "Eén risico."}, "filled_by": "bob"},
    {"kind": "actions"},
    {"kind": "decisions"},
    {"kind": "alerts"},
    {"kind": "trust"},
    {"kind": "reconciliations"},
    {"kind": "corrections"},
    {"kind": "forecast", "weeks": 8, "drawn": ["conversie"]},
]


def report_of(*sections: dict[str, Any], **changed: Any) -> Report:
    """A weekly report with these sections, for the whole company."""
    return Report.model_validate(
        {
            "id": "weekly",
            "name": {"nl": "Weekrapport", "en": "Weekly report"},
            "period": "week",
            "due": "mon 08:00",
            "audience": "iedereen",
            "owners": ["ann"],
            "origin": "Elke week een rapport",
            "sections": tuple(SECTIONS[each["kind"]].model_validate(each) for each in sections),
            **changed,
        }
    )


def acme(*sections: dict[str, Any], **changed: Any) -> Company:
    """The small company with a weekly report of these sections, by default of all kinds."""
    unlimited = {"critical": None}
    none = {"target": None, "warning": None, **unlimited}
    report = report_of(*(sections or EVERY_SECTION), **changed.pop("report", {}))
    kpis = changed.pop("kpis", None) or (
        kpi("conversie"),
        kpi("conversie_cohort", companion_of="conversie", **none),
        kpi("omzet", unit="EUR", target=">= 1850", warning="< 1700", critical="< 1500"),
        kpi("erbij", unit="EUR", **none),
        kpi("eraf", unit="EUR", **none),
        kpi("migratie", kind="latest", window="at day end", target=">= 100", warning=None, critical=None),
        kpi("migratie_plan", kind="latest", window="at day end", companion_of="migratie", **none),
        kpi("nps", unit="points", kind="nps", window="calendar month", target=">= 60", warning=None, critical=None),
        kpi(
            "wachtrij", unit="count", window="calendar day", better="lower", target="<= 25", warning="> 25", **unlimited
        ),
    )
    return company_of(*kpis, reports={report.id: report}, **changed)


def observed(name: str, day: date, value: Decimal, status: str, **changed: Any) -> Observation:
    end = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    nothing = dict.fromkeys(("text_value", "numerator", "denominator", "reason", "target", "warning", "critical"))
    fields: dict[str, Any] = {
        **nothing,
        "company": "acme",
        "kpi": name,
        "day": day,
        "segment": "",
        "value": value,
        "n": 10,
        "status": status,
        "period_start": end - timedelta(days=30),
        "period_end": end,
        "closed": True,
        "provisional": False,
        "definition_version": 1,
        "definition_hash": "d",
        "input_hash": "i",
    }
    return Observation(**{**fields, **changed})


def of_day(back: int) -> Iterator[Observation]:
    """A day of the history: a month that runs, days past a limit, a migration that goes on."""
    day = SUNDAY - timedelta(days=back)
    rate = Decimal("23.9") if back == 0 else Decimal(40) - back / Decimal(7)
    status = "critical" if rate < 24 else "ok" if rate >= 32 else "below_target"
    busy = day.isoweekday() in (2, 4)
    score = {"2026-11": 71, "2026-10": 58}.get(day.strftime("%Y-%m"), 61)
    yield observed("conversie", day, rate, status, numerator=rate * 10, denominator=Decimal(1000), n=1000)
    yield observed("conversie_cohort", day, Decimal("34.83"), "unrated", n=333)
    yield observed("omzet", day, Decimal(2000 - back), "ok", n=107)
    yield observed("migratie", day, Decimal(max(0, 70 - back)), "below_target")
    yield observed("migratie_plan", day, Decimal(90), "unrated")
    over = (day + timedelta(days=1)).day == 1
    yield observed("nps", day, Decimal(score), "below_target", n=42, closed=over)
    yield observed("wachtrij", day, Decimal(30 if busy else 12), "warning" if busy else "ok")
    if back % 7 == 0:
        yield observed("erbij", day, Decimal(100), "unrated", n=3)
        yield observed("eraf", day, Decimal(93), "unrated", n=2)


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with ten weeks of days up to week 47, each known the morning after."""
    path = tmp_path_factory.mktemp("packs") / "history.db"
    store = HistoryStore.open(f"sqlite:///{path}")
    for back in range(69, -1, -1):
        known = datetime.combine(SUNDAY - timedelta(days=back), time(23), UTC) + timedelta(hours=6)
        store.record(of_day(back), run_id="r", now=known)
    store.engine.dispose()
    return path


@pytest.fixture
def store(filled: Path, tmp_path: Path) -> Iterator[HistoryStore]:
    """A copy of it that a test may change."""
    copy = tmp_path / "history.db"
    shutil.copy(filled, copy)
    found = HistoryStore.open(f"sqlite:///{copy}")
    yield found
    found.engine.dispose()


@pytest.fixture
def built(store: HistoryStore) -> Built:
    """Builds the weekly report of a company for a week, as known at an instant."""

    def make(
        company: Company, name: str = "2026-W47", beside: Beside | None = None, known_at: datetime = NOW
    ) -> Document:
        report = company.reports["weekly"]
        said = Beside() if beside is None else beside
        return build(company, store, report, report.period.named(name), said, known_at=known_at)

    return make


def decision(**changed: Any) -> Decision:
    opened = datetime(2026, 11, 19, 9, tzinfo=UTC)
    asked = Decision("d1", "conversie", "low", "Wat doen we?", ("ann",), opened, opened + timedelta(days=5))
    return replace(asked, **changed)


def said(text: str, section: str, **changed: Any) -> Comment:
    at = datetime(2026, 11, 23, 7, tzinfo=UTC)
    return replace(Comment("acme", "weekly", "2026-W47", section, "ann", text, at, number=1), **changed)


def changed(subject: str, level: str, at: datetime) -> Changed:
    return Changed(subject, at, at.date(), level)


def section(document: Document, name: str) -> Section:
    return next(each for each in document.all_sections if each.id.startswith(name))


def table(document: Document, name: str) -> Table:
    return next(block for block in section(document, name).blocks if isinstance(block, Table))


def texts(cells: tuple[Cell, ...]) -> list[str]:
    return [cell.number.text if hasattr(cell, "number") else cell.words for cell in cells]


def words(blocks: tuple[Block, ...]) -> str:
    """Everything that blocks say, in one text."""
    said_ = []
    for block in blocks:
        if isinstance(block, Table):
            for row in block.rows:
                for cell in row.cells:
                    said_ += [*texts((cell,)), str(getattr(cell, "more", getattr(cell, "quiet", "")))]
        elif isinstance(block, Facts):
            for label, cell in block.items:
                said_ += [label.words, *texts((cell,)), str(getattr(cell, "quiet", ""))]
        elif hasattr(block, "text"):
            said_ += [block.text, block.by]
    return "\n".join(said_)
