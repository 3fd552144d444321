"""The facts of one company on one engine, built once per run."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol, cast

from kpi_pipeline.errors import SettingsError, UsageError
from kpi_pipeline.facts.spec import FACTS, FactSpec, SourceSettings, StreamId, filled_by, sources

if TYPE_CHECKING:
    from ibis.expr.types import Table, Value

    from kpi_pipeline.facts.kept import KeptFacts
    from kpi_pipeline.schemas.base import StreamModel


class Company(Protocol):
    """What facts need of a company; the catalogue's Company fits."""

    @property
    def id(self) -> str: ...
    @property
    def zone(self) -> str: ...
    @property
    def currency(self) -> str: ...
    @property
    def sources(self) -> Mapping[str, SourceSettings]: ...


class LandingTables(Protocol):
    """What facts need of landing: the newest version of each record, and all versions."""

    def latest(self, backend: Any, company: str, model: type[StreamModel]) -> Table: ...
    def versions(self, backend: Any, company: str, model: type[StreamModel]) -> Table: ...


class FactTables(Mapping[str, "Table"]):
    """`table(name)` gives a fact as an expression; `materialise(names)` computes facts once for many KPIs.

    A mapping of fact names to tables, for the engine of KPIs. A context manager: leaving it drops temporary tables.
    """

    def __init__(
        self, landing: LandingTables, company: Company, backend: Any, *, kept: KeptFacts | None = None
    ) -> None:
        self.landing = landing
        self.kept = kept if backend.name == "duckdb" else None
        self.company = company
        self.backend = backend
        self._tables: dict[str, Table] = {}
        self._records: dict[StreamId, Table] = {}
        self._shared: dict[Callable[[FactTables], Table], Table] = {}
        self._materialised: set[str] = set()
        self._from_before: dict[str, Table] = {}
        self._computed: list[Any] = []
        self._inline: list[Table] = []

    def __enter__(self) -> FactTables:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()

    def __getitem__(self, name: str) -> Table:
        if name not in FACTS:
            raise KeyError(name)
        return self.table(name)

    def __iter__(self) -> Iterator[str]:
        return iter(FACTS)

    def __len__(self) -> int:
        return len(FACTS)

    def table(self, name: str) -> Table:
        """A fact with exactly the columns and types of its FactSpec.

        Raises UsageError for an unknown fact, SettingsError when the company lacks a source or setting it needs, and
        FactError when a record lacks what the fact cannot do without (a missing exchange rate).
        """
        if name not in FACTS:
            raise UsageError(
                f"reading the fact {name}", "there is no such fact", remedy=f"Use one of {', '.join(FACTS)}"
            )
        if name not in self._tables:
            self._tables[name] = _typed(FACTS[name], FACTS[name].build(self))
        return self._tables[name]

    def materialise(self, names: Iterable[str]) -> None:
        """Compute these facts, and those they build on, into temporary tables of the engine; again is free.

        A fact that was kept, with the ones it builds on, is read and not computed.
        """
        for name in names:
            if name in self._materialised:
                continue
            before = None if self.kept is None else self.kept.read(self.backend, name)
            if before is None:
                self.materialise(FACTS[name].uses)
                self._tables[name] = self.computed(self.table(name))
            else:
                self._tables[name] = self._from_before[name] = before
            self._materialised.add(name)

    def passed_before(self, name: str) -> bool:
        """Whether the rows of a materialised fact were kept by an earlier run, which had checked every one of them."""
        return name in self._from_before

    def keep(self, name: str) -> None:
        """Keep a materialised fact, every row of which was checked, for later runs."""
        if self.kept is not None:
            self.kept.keep(self.backend, name, self._tables[name])

    def release(self) -> None:
        """Drop the temporary tables; facts asked for later are built anew."""
        for table in self._computed:
            table.release()
        for before in self._from_before.values():
            self.backend.drop_table(before.get_name(), force=True)
        self._computed.clear()
        self._from_before.clear()
        self._inline.clear()
        self._materialised.clear()
        self._tables.clear()
        self._records.clear()
        self._shared.clear()

    def sources(self, name: str) -> tuple[StreamId, ...]:
        """The (source, stream) pairs a fact is computed from."""
        return sources([name], self.company.sources)

    def filled_by(self, name: str) -> str:
        """The source that fills a fact with alternatives, "sql" or "mixpanel"; SettingsError when it is unclear."""
        return filled_by(name, self.company.sources)

    def records(self, source: str, stream: str) -> Table:
        """The newest version of each record of a stream, deleted ones left out."""
        self._source(source)
        if (source, stream) not in self._records:
            self._records[source, stream] = self.landing.latest(self.backend, self.company.id, _model(source, stream))
        return self._records[source, stream]

    def versions(self, source: str, stream: str) -> Table:
        """All versions of a stream's records with `_observed_at` and `_deleted`."""
        self._source(source)
        return self.landing.versions(self.backend, self.company.id, _model(source, stream))

    def setting(self, source: str, name: str) -> Any:
        """How the company maps a vendor's words to the business, e.g. ("hubspot", "qualified_stage")."""
        settings = self._source(source).settings
        if name not in settings:
            raise SettingsError(
                f"building facts of {self.company.id}",
                f"sources.{source}.settings has no {name}",
                remedy=f"Add {name} to companies/{self.company.id}/company.yaml",
            )
        return settings[name]

    def named_column(self, rows: Table, source: str, setting: str, pattern: str = "{}") -> Value:
        """The column of `rows` that a setting names, by a pattern such as "hidden_{}" for Typeform's hidden fields.

        Raises SettingsError when landing does not keep such a column.
        """
        wanted = str(self.setting(source, setting))
        column = pattern.format(wanted)
        if column not in rows.columns:
            before, after = pattern.split("{}")
            known = [
                name.removeprefix(before).removesuffix(after) for name in rows.columns if _fits(name, before, after)
            ]
            raise SettingsError(
                f"building facts of {self.company.id}",
                f"sources.{source}.settings.{setting} is {wanted!r}, which landing does not keep",
                remedy=f"Use one of {', '.join(known)}, or add the column to schemas/{source}.py",
            )
        return rows[column]

    def chosen_column(self, rows: Table, source: str, setting: str, type_: str, pattern: str = "{}") -> Value:
        """As `named_column`, cast to `type_`; null where the company says by `null` that it has no such column."""
        import ibis

        if self.setting(source, setting) is None:
            return ibis.null(type_)
        return self.named_column(rows, source, setting, pattern).cast(type_)

    def once(self, build: Callable[[FactTables], Table]) -> Table:
        """A step that several facts share, computed once."""
        if build not in self._shared:
            self._shared[build] = self.computed(build(self))
        return self._shared[build]

    def computed(self, rows: Table) -> Table:
        """`rows` as a temporary table of the engine, dropped by `release`.

        For steps that are used more than once: as one expression the steps of a booking repeat each other until
        rendering the SQL takes seconds.
        """
        # rows.cache() would ask Ibis's default engine to hold rows of streams that were never loaded, not ours.
        # On Spark the cache does not register tables made in Python, as a query that is run would.
        self.backend._run_pre_execute_hooks(rows)
        self._computed.append(self.backend._cached_table(rows))
        return self._computed[-1]

    def inline(self, rows: Any) -> Table:
        """A small Arrow table made in Python, kept until `release`.

        Ibis drops it with its last reference, but Spark reads it only when what was built on it is asked for.
        """
        import ibis  # a second that reading specs does not need

        self._inline.append(ibis.memtable(rows))
        return self._inline[-1]

    def _source(self, source: str) -> SourceSettings:
        if source not in self.company.sources:
            raise SettingsError(
                f"building facts of {self.company.id}",
                f"the company has no source {source}",
                remedy=f"Add {source} to companies/{self.company.id}/company.yaml, or drop the KPIs that need it",
            )
        return self.company.sources[source]


def _model(source: str, stream: str) -> type[StreamModel]:
    """The pandera model of a stream; imported late, because pandera takes seconds."""
    from kpi_pipeline.schemas.base import StreamModel, stream_key

    module = importlib.import_module(f"kpi_pipeline.schemas.{source}")
    for candidate in vars(module).values():
        is_model = isinstance(candidate, type) and issubclass(candidate, StreamModel) and candidate is not StreamModel
        if is_model and stream_key(candidate) == (source, stream):
            return cast("type[StreamModel]", candidate)
    raise LookupError(f"kpi_pipeline.schemas.{source} has no model named {source}.{stream}")


def _fits(name: str, before: str, after: str) -> bool:
    return name.startswith(before) and name.endswith(after) and not name.startswith("_")


def _typed(spec: FactSpec, table: Table) -> Table:
    """The columns of the spec in its order and types; sums come back wider than 64 bits on some engines."""
    return table.select(**{name: table[name].cast(column.type) for name, column in spec.columns.items()})
