"""The history of every KPI: append-only in what was known when, idempotent in what is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, and_, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from kpi_pipeline.history import ledger
from kpi_pipeline.history.database import answering, connect, writing
from kpi_pipeline.history.ledger import TICK
from kpi_pipeline.history.observation import Change, Observation, Recorded, cause_of, same
from kpi_pipeline.history.tables import definition, observation

Within = Callable[[Connection, Sequence[Change]], None]
COLUMNS = tuple(field.name for field in fields(Recorded))


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many observations were new, replaced an earlier value, or said nothing new."""

    written: int
    revised: int
    unchanged: int


class HistoryStore:
    """Reads and writes observations. Safe for several processes at once; every write is one transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @classmethod
    def open(cls, url: str) -> HistoryStore:
        """The store at a SQLAlchemy URL (sqlite:///file or postgresql://…), on the newest schema."""
        return cls(connect(url))

    def record(
        self, observations: Iterable[Observation], *, run_id: str, now: datetime, within: Within | None = None
    ) -> Outcome:
        """Write what is new; an equal value writes nothing, a different one supersedes the old row and says why.

        `within` runs in the same transaction with the changes in order of KPI and day (rules are evaluated there, so
        that a state change and its observation are saved together or not at all). Raises StoreUnavailable.
        """
        batch = list(observations)
        changes: list[Change] = []
        for company in sorted({item.company for item in batch}):
            mine = [item for item in batch if item.company == company]
            with writing(self.engine, f"recording {len(mine)} observations of {company}", company) as connection:
                at = ledger.recording_moment(connection, company, run_id, now)
                found = self._changes(connection, company, mine, run_id, at)
                ledger.write(connection, company, found, run_id, at)
                if within is not None:
                    within(connection, found)
                changes.extend(found)
        revised = sum(change.before is not None for change in changes)
        return Outcome(written=len(changes) - revised, revised=revised, unchanged=len(batch) - len(changes))

    def _changes(
        self, connection: Connection, company: str, batch: Sequence[Observation], run_id: str, now: datetime
    ) -> list[Change]:
        if not batch:
            return []
        days = [item.day for item in batch]
        current = select(observation).where(
            observation.c.company == company,
            observation.c.kpi.in_({item.kpi for item in batch}),
            observation.c.day.between(min(days), max(days)),
            observation.c.superseded_at.is_(None),
        )
        known = {(row.kpi, row.segment, row.day): recorded(row) for row in connection.execute(current)}
        changes = []
        for item in sorted(batch, key=lambda item: (item.kpi, item.segment, item.day)):
            before = known.get((item.kpi, item.segment, item.day))
            if before is not None and same(before, item):
                continue
            # A clock that was set back must not make two values current at one instant.
            recorded_at = now if before is None else max(now, before.recorded_at + TICK)
            content = {field.name: getattr(item, field.name) for field in fields(Observation)}
            after = Recorded(
                **content,
                run_id=run_id,
                recorded_at=recorded_at,
                superseded_at=None,
                cause=cause_of(before, item),
            )
            changes.append(Change(before, after))
        return changes

    def known_until(self, company: str, now: datetime) -> datetime:
        """The moment at which everything recorded of a company is known: `now`, or later where clocks disagree."""
        with answering(self.engine, f"reading the newest batch of {company}"), self.engine.connect() as connection:
            return max(now, ledger.recorded_until(connection, company, now))

    def value(
        self, company: str, kpi: str, day: date, *, segment: str = "", known_at: datetime | None = None
    ) -> Recorded | None:
        """The observation of one day as known now, or as it was known at an instant; None when it was not known."""
        found = self.series(company, kpi, day, day, segment=segment, known_at=known_at)
        return found[0] if found else None

    def series(
        self,
        company: str,
        kpi: str,
        first: date,
        last: date,
        *,
        segment: str = "",
        known_at: datetime | None = None,
    ) -> list[Recorded]:
        """Observations of [first, last] in order of day, one a day, as known now or at an instant."""
        query = (
            select(observation)
            .where(
                observation.c.company == company,
                observation.c.kpi == kpi,
                observation.c.segment == segment,
                observation.c.day.between(first, last),
                _known(known_at),
            )
            .order_by(observation.c.day)
        )
        return self._read(query, f"reading {company}/{kpi}")

    def newest(
        self, company: str, kpi: str, *, until: date | None = None, known_at: datetime | None = None
    ) -> Recorded | None:
        """The observation of the newest day (up to `until`) of a KPI, as known now or at an instant; None: none."""
        found = self._read(_newest(company, kpi, until, known_at), f"reading the newest value of {company}/{kpi}")
        return found[0] if found else None

    def latest(
        self, company: str, *, until: date | None = None, known_at: datetime | None = None
    ) -> dict[str, Recorded]:
        """The newest day (up to `until`) of every KPI of a company (segment ""), by KPI id."""
        with answering(self.engine, f"reading the newest values of {company}"), self.engine.connect() as connection:
            rows = [
                recorded(row)
                for kpi in connection.execute(_kpis(company)).scalars()
                for row in connection.execute(_newest(company, kpi, until, known_at))
            ]
        return {row.kpi: row for row in rows}

    def revisions(
        self, company: str, kpi: str, day: date, last: date | None = None, *, segment: str = ""
    ) -> list[Recorded]:
        """Every value that a day, or each day up to `last`, ever had; in order of day, the oldest first."""
        query = (
            select(observation)
            .where(
                observation.c.company == company,
                observation.c.kpi == kpi,
                observation.c.segment == segment,
                observation.c.day.between(day, day if last is None else last),
            )
            .order_by(observation.c.day, observation.c.recorded_at)
        )
        return self._read(query, f"reading revisions of {company}/{kpi}")

    def known(self, company: str, kpis: Sequence[str], first: date, last: date) -> dict[str, list[Recorded]]:
        """Every value that any segment of these KPIs ever had for the days [first, last], by KPI, in order of day."""
        query = (
            select(observation)
            .where(
                observation.c.company == company,
                observation.c.kpi.in_(kpis),
                observation.c.day.between(first, last),
            )
            .order_by(observation.c.kpi, observation.c.segment, observation.c.day, observation.c.recorded_at)
        )
        found: dict[str, list[Recorded]] = {kpi: [] for kpi in kpis}
        for row in self._read(query, f"reading what was known of {company}"):
            found[row.kpi].append(row)
        return found

    def save_definition(
        self, company: str, kpi: str, definition_hash: str, version: int, content: Mapping[str, Any], now: datetime
    ) -> None:
        """Keep what a KPI meant, once per fingerprint, so that an old number can still be explained."""
        row = {
            "company": company,
            "kpi": kpi,
            "definition_hash": definition_hash,
            "version": version,
            "content": dict(content),
            "first_used_at": now,
        }
        with writing(self.engine, f"saving the definition of {company}/{kpi}", company) as connection:
            connection.execute(self._insert(definition).values(row).on_conflict_do_nothing())

    def _insert(self, table: Any) -> Any:
        dialect = postgresql if self.engine.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)

    def _read(self, query: Select[Any], doing: str) -> list[Recorded]:
        with answering(self.engine, doing), self.engine.connect() as connection:
            return [recorded(row) for row in connection.execute(query).all()]


def _known(known_at: datetime | None) -> Any:
    if known_at is None:
        return observation.c.superseded_at.is_(None)
    return and_(
        observation.c.recorded_at <= known_at,
        or_(observation.c.superseded_at.is_(None), observation.c.superseded_at > known_at),
    )


def _newest(company: str, kpi: str, until: date | None, known_at: datetime | None) -> Select[Any]:
    query = select(observation).where(
        observation.c.company == company,
        observation.c.kpi == kpi,
        observation.c.segment == "",
        _known(known_at),
    )
    if until is not None:
        query = query.where(observation.c.day <= until)
    return query.order_by(observation.c.day.desc()).limit(1)


def _kpis(company: str) -> Select[Any]:
    """Ids of the KPIs of a company, one step along the index each: a plain `distinct` would read every row."""
    first = select(func.min(observation.c.kpi).label("kpi")).where(observation.c.company == company)
    found = first.cte("found", recursive=True)
    after = (
        select(func.min(observation.c.kpi))
        .where(observation.c.company == company, observation.c.kpi > found.c.kpi)
        .scalar_subquery()
    )
    found = found.union_all(select(after).where(found.c.kpi.is_not(None)))
    return select(found.c.kpi).where(found.c.kpi.is_not(None))


def recorded(row: Row[Any]) -> Recorded:
    """A row of the table as an observation."""
    return Recorded(*row[1 : 1 + len(COLUMNS)])
