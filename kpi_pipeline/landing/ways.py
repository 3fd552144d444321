"""Where the values of a model are in the pages of a stream: which record makes a row, and the way to each column."""

from __future__ import annotations

from dataclasses import dataclass, field

from kpi_pipeline.landing import places
from kpi_pipeline.landing.places import Place
from kpi_pipeline.schemas.base import Origin, StreamModel, origins


@dataclass(slots=True)
class Ways:
    """`record` makes a row; where rows are nested ("data[].items"), `holder` is the record that holds it.

    `of` has the places on the way to each column, the last one is its value (or the list whose elements are wanted);
    none for a constant of the page.
    """

    rows: str
    record: Place = field(default_factory=lambda: Place("r"))
    holder: Place = field(default_factory=lambda: Place("o"))
    of: dict[str, list[Place]] = field(default_factory=dict)

    @classmethod
    def through(cls, model: type[StreamModel], rows: str) -> Ways:
        found = cls(rows)
        for name, origin in origins(model).items():
            start = found.holder if origin.path.startswith("^.") else found.record
            found.of[name] = start.grow(_steps(origin))
        return found

    @property
    def outer(self) -> str:
        return self.rows.partition("[].")[0]

    @property
    def inner(self) -> str:
        return self.rows.partition("[].")[2]

    @property
    def sequence(self) -> str:
        """The place of a row in the load: later ones win."""
        return "(_page << 40) + " + ("(o_number << 20) + r_number" if self.inner else "r_number")

    def nest(self) -> list[Place]:
        """The places from the holder to the array of records, which is the last; none where rows are not nested."""
        return self.holder.grow(places.steps(self.inner)) if self.inner else []

    def layers(self) -> list[str]:
        """Projections of `pages` that give one row a record and every place its column."""
        if self.inner:
            array = self.nest()[-1]
            layers = [*places.listed(self.outer, self.holder), *places.descended(self.holder)]
            layers += places.nested(array, self.record)
        else:
            layers = places.listed(self.outer, self.record)
        return layers + places.descended(self.record)

    def found(self, name: str, origin: Origin) -> str | None:
        """The column that holds a value, None for one of a holder in pages whose records have none."""
        if origin.path.startswith("@"):
            return f"c_{origin.path[1:]}"
        return None if origin.path.startswith("^.") and not self.inner else self.of[name][-1].alias

    def above(self, name: str, origin: Origin) -> list[Place]:
        """The objects and lists on the way to a value, whose shape has to be looked at."""
        lost = origin.path.startswith("^.") and not self.inner
        return [] if lost else [place for place in self.of[name][:-1] if not place.at_once]


def _steps(origin: Origin) -> list[str]:
    return [] if origin.path.startswith("@") else places.steps(origin.path.removeprefix("^.").partition("[]")[0])
