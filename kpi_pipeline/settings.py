"""Settings from the environment: each variable `X` may instead be `X_FILE`, a file that holds the value.

Nothing else in the package touches the environment. Names of credentials come from the company files; values are
wrapped in `Secret`, which prints as `***`, so that no log line, error or screen shows them by accident.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from kpi_pipeline.errors import SettingsError

COMPANIES = Path(__file__).parent / "companies"


class Secret:
    """A credential and the variable it came from; `reveal()` is called only where it leaves for the vendor.

    Not a dataclass: whatever turns those into text or JSON walks their fields and would find the value.
    """

    __slots__ = ("_value", "variable")

    def __init__(self, variable: str, value: str) -> None:
        self.variable = variable
        self._value = value

    def reveal(self) -> str:
        return self._value

    def __repr__(self) -> str:
        return f"Secret({self.variable}=***)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True)
class Settings:
    """What this installation is told by its environment. `home` holds everything we write unless told otherwise."""

    environment: Mapping[str, str] = field(repr=False)  # holds credentials
    home: Path

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings of this process, or of a given mapping of variables (tests, the demo)."""
        variables = dict(os.environ) if environment is None else dict(environment)
        return cls(variables, Path(variables.get("KPI_HOME", ".kpi")).resolve())

    def get(self, variable: str) -> str | None:
        """The value of a variable or of the file that `<variable>_FILE` names, without spaces around it; None when
        neither is set.

        Raises SettingsError when both are set, when the file cannot be read, or when the value is blank.
        """
        direct, file = self.environment.get(variable), self.environment.get(f"{variable}_FILE")
        if direct is not None and file is not None:
            raise SettingsError(
                f"reading the setting {variable}",
                f"both {variable} and {variable}_FILE are set",
                remedy="Keep one of the two; we do not guess which is meant",
            )
        if file is not None:
            try:
                direct = Path(file).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                why = error.strerror if isinstance(error, OSError) else "not UTF-8"
                raise SettingsError(
                    f"reading the setting {variable}",
                    f"{variable}_FILE names a file that cannot be read ({why})",
                    remedy="Correct the path or its permissions",
                ) from None
        if direct is None:
            return None
        if not direct.strip():
            raise SettingsError(
                f"reading the setting {variable}", "it is set but blank", remedy="Give it a value or unset it"
            )
        return direct.strip()

    def text(self, variable: str, default: str) -> str:
        value = self.get(variable)
        return default if value is None else value

    def secrets(self, variables: tuple[str, ...]) -> dict[str, Secret]:
        """The credentials of these variables; raises SettingsError naming all that are missing or wrong at once."""
        found: dict[str, Secret] = {}
        missing: list[str] = []
        wrong: list[str] = []
        for variable in variables:
            try:
                value = self.get(variable)
            except SettingsError as error:
                wrong.append(f"{variable}: {error.came_back}")
                continue
            if value is None:
                missing.append(variable)
            else:
                found[variable] = Secret(variable, value)
        if missing:
            places = ", ".join(f"{name} or {name}_FILE" for name in missing)
            wrong.insert(0, f"{len(missing)} not found; looked in the environment for {places}")
        if wrong:
            raise SettingsError(
                "collecting credentials",
                "; ".join(wrong),
                remedy="Set each one, or the _FILE variant with the path of a file that holds it",
            )
        return found

    @property
    def landing_root(self) -> str:
        return self.text("KPI_LANDING_ROOT", str(self.home / "landing"))

    @property
    def history_url(self) -> str:
        return self.text("KPI_HISTORY_URL", f"sqlite:///{self.home / 'history.db'}")

    @property
    def reports_root(self) -> Path:
        return Path(self.text("KPI_REPORTS_ROOT", str(self.home / "reports")))

    @property
    def reports_url(self) -> str | None:
        """Where the reports folder can be read in a browser; None when it is only a folder."""
        return self.get("KPI_REPORTS_URL")

    @property
    def facts_root(self) -> Path:
        return self.home / "facts"

    @property
    def budget_root(self) -> Path:
        return self.home / "budgets"

    @property
    def drop_root(self) -> Path:
        return Path(self.text("KPI_DROP_ROOT", str(self.home / "drop")))

    @property
    def report_drop_root(self) -> Path:
        """Below which the folders are that reports are copied to."""
        return Path(self.text("KPI_DROP_REPORTS", str(self.reports_root / "drop")))

    @property
    def engine(self) -> str:
        return self.text("KPI_ENGINE", "duckdb")

    @property
    def companies_root(self) -> Path:
        return Path(self.text("KPI_COMPANIES", str(COMPANIES)))

    @property
    def hash_salt(self) -> Secret:
        return self.secrets(("KPI_HASH_SALT",))["KPI_HASH_SALT"]


def prefer(variable: str, value: str) -> None:
    """Tell a library that reads the environment of its process, unless somebody has told it already."""
    os.environ.setdefault(variable, value)
