"""Where the files of a register are, and how several of them make one register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from kpi_pipeline.connectors.http import Http
from kpi_pipeline.connectors.registers.cells import Cell, Notation
from kpi_pipeline.connectors.registers.formats.base import Format, moved, unapproved
from kpi_pipeline.errors import Issue, RegisterError, SettingsError, SourceUnavailable

SUFFIXES = (".csv", ".xlsx")
MAX_FILE_BYTES = 100_000_000
Line = tuple[int, Mapping[str, Cell]]


@dataclass(frozen=True, slots=True)
class Register:
    """A register of a company: its format, and what its file declares differently from it."""

    form: Format
    file: str
    delimiter: str
    notation: Notation


def files(place: Http | Path, drop: Path | None, register: Register) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) of the register's own file, then of those dropped for it, in order of their names.

    A file is dropped for a register by its name: `milestones.csv`, `milestones-2026-w47.xlsx`. The register's own file
    may lie in a folder as CSV or as a workbook, and may be missing where something was dropped.
    Raises SettingsError when there is no file at all or two in its place, SourceUnavailable when one cannot be read.
    """
    dropped = [] if drop is None else _dropped(drop, register.form.name)
    if isinstance(place, Http):
        doing = f"reading the register {register.file}"
        yield register.file, place.get(f"/{register.file}", doing=doing, success=lambda _: None).body
    else:
        own = _own(place, register)
        if own is None and not dropped:
            raise SettingsError(
                f"registers: reading the register {register.file}",
                f"there is no such file in {place}",
                remedy="Put the file there, or correct the base URL or the file name of this register.",
            )
        if own is not None:
            yield own.name, _bytes(own)
    for path in dropped:
        yield path.name, _bytes(path)


def _own(folder: Path, register: Register) -> Path | None:
    stem = register.file.removesuffix(".csv")
    there = [path for path in (folder / f"{stem}{suffix}" for suffix in SUFFIXES) if path.is_file()]
    if not register.file.endswith(".csv"):
        there = [path for path in (folder / register.file,) if path.is_file()]
    if len(there) > 1:
        raise SettingsError(
            f"registers: reading the register {register.form.name}",
            f"there are {' and '.join(path.name for path in there)} in {folder}",
            remedy="Keep one of the two, or name it under sources.registers.settings.files.",
        )
    return there[0] if there else None


def _dropped(folder: Path, name: str) -> list[Path]:
    try:
        listed = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError as error:
        raise _unreadable(folder, error) from None
    return [path for path in listed if path.suffix.lower() in SUFFIXES and is_for(path.name, name)]


def is_for(file: str, name: str) -> bool:
    """Whether a file's name says that it is for a register: its name, alone or followed by a hyphen and more."""
    stem = file.rpartition(".")[0]
    return stem == name or stem.startswith(f"{name}-")


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            reason = f"{path.stat().st_size:,} bytes; a register may hold {MAX_FILE_BYTES:,}"
            issue = Issue(path.name, 1, reason, rule="register")
            raise RegisterError(
                f"registers: reading the register {path.name}", [issue], remedy="See whether it is the right file."
            )
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> SourceUnavailable:
    return SourceUnavailable(
        f"registers: reading {path.name}",
        f"{error.strerror} ({path.parent})",
        remedy="See the folder and its permissions.",
    )


class Merged:
    """The rows of several files as one register: of rows with the same key the one entered last stands."""

    def __init__(self, form: Format) -> None:
        self._form = form
        self._rows: dict[tuple[Cell, ...], tuple[str, Line]] = {}
        self._issues: list[Issue] = []

    @property
    def records(self) -> list[Mapping[str, Cell]]:
        return [record for _, (_, record) in self._rows.values()]

    def add(self, file: str, rows: Sequence[Line]) -> None:
        """Rows of one more file; its own keys are known to be distinct."""
        for line, record in rows:
            key = tuple(record[name] for name in self._form.key)
            standing = self._rows.get(key)
            if standing is None:
                self._rows[key] = (file, (line, record))
            elif standing[1][1] != record:
                self._replace(key, standing, (file, (line, record)))

    def _replace(self, key: tuple[Cell, ...], one: tuple[str, Line], other: tuple[str, Line]) -> None:
        entered = [_entered(row) for _, (_, row) in (one, other)]
        if entered[0] is None or entered[1] is None or entered[0] == entered[1]:
            names = "`, `".join(self._form.key)
            reason = f"column `{names}`: another row has this key ({one[0]}:{one[1][0]}), entered no earlier or later"
            self._issues.append(Issue(other[0], other[1][0], reason, rule="register"))
            return
        old, new = (one, other) if entered[0] < entered[1] else (other, one)
        for field in moved(self._form.frozen, old[1][1], new[1][1]):
            reason = f"column `{self._form.header_of(field)}`: {unapproved(old[1][1][field])} in {old[0]}"
            self._issues.append(Issue(new[0], new[1][0], reason, rule="register"))
        self._rows[key] = new

    def raise_any(self, further: Sequence[Issue]) -> None:
        """Raises RegisterError with these issues and our own, if there is one: a register is taken whole or not."""
        issues = [*further, *self._issues]
        if issues:
            raise RegisterError(
                f"registers: reading the register {self._form.name}",
                issues,
                remedy="Correct the files and load them again; the figures stay as they were until then.",
            )


def _entered(record: Mapping[str, Cell]) -> datetime | None:
    at = record.get("entered_at")
    return None if at is None else datetime.fromisoformat(str(at))
