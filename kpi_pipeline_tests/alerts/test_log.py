"""What rules decided, read back: changes of state only, newest first, nothing of after the instant asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from kpi_pipeline.alerts.log import Event, changes
from kpi_pipeline.alerts.tables import alert_event
from kpi_pipeline.history.store import HistoryStore

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


def test_changes_of_state_are_read_and_nothing_else(tmp_path: Path) -> None:
    store = HistoryStore.open(f"sqlite:///{tmp_path / 'history.db'}")
    said = [
        ("acme", "nps", "ok_to_warning", "warning", -3),
        ("acme", "nps", "still_warning", "warning", -2),
        ("acme", "nps", "warning_to_ok", "ok", -1),
        ("acme", "nps", "ok_to_critical", "critical", 1),
        ("other", "nps", "ok_to_critical", "critical", -1),
    ]
    rows = [
        {
            "company": company,
            "subject": subject,
            "rule": "threshold",
            "segment": "",
            "day": date(2026, 11, 21),
            "level": level,
            "why": why,
            "at": NOW + timedelta(hours=hours),
        }
        for company, subject, why, level, hours in said
    ]
    with store.engine.begin() as connection:
        connection.execute(insert(alert_event), rows)
    day = date(2026, 11, 21)
    assert changes(store.engine, "acme", known_at=NOW) == {
        "nps": [
            Event("nps", NOW - timedelta(hours=1), day, "ok"),
            Event("nps", NOW - timedelta(hours=3), day, "warning"),
        ]
    }
    store.engine.dispose()
