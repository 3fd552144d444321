"""The faults of one register file, collected so that all of them are told at once."""

from __future__ import annotations

from collections.abc import Callable

from kpi_pipeline.errors import Issue, RegisterError

_REMEDY = "Correct the file and load it again; the figures stay as they were until then."


class Faults:
    """Faults found so far; a file with very many is not read to its end."""

    LIMIT = 200

    def __init__(self, file: str) -> None:
        self.file = file
        self.sheet = ""
        self.column_name: Callable[[int], str] = str
        self.issues: list[Issue] = []

    def add(self, line: int, reason: str) -> None:
        place = f"{self.file}[{self.sheet}]" if self.sheet else self.file
        self.issues.append(Issue(place, line, reason, rule="register"))

    def add_cell(self, line: int, place: int, header: str, reason: str) -> None:
        """A fault of one cell; `place` counts columns from 1, a sheet's are shown as letters."""
        self.add(line, f"column {self.column_name(place)} `{header}`: {reason}")

    @property
    def full(self) -> bool:
        return len(self.issues) >= self.LIMIT

    def raise_any(self) -> None:
        """Raises RegisterError with every fault, if there is one."""
        if self.issues:
            if self.full:
                self.add(self.issues[-1].line, f"more than {self.LIMIT} faults: the rest of the file was not looked at")
            raise RegisterError(f"registers: reading the register {self.file}", self.issues, remedy=_REMEDY)
