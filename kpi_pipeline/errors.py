"""Every public exception, grouped by what the caller should do.

A message always says, in this order: what we were doing, what came back, whether trying again helps, what to do.
`UserError`: the person who started us must change something. `TransientError`: the same call may succeed later.
`PermanentError`: the same call will never succeed. `ContractError`: a vendor or a file no longer has the shape we read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


class KpiError(Exception):
    """Base of all errors of this package; `exit_code` is what the command line returns."""

    exit_code: ClassVar[int] = 1
    retryable: ClassVar[bool] = False
    verdict: ClassVar[str] = "Trying again cannot help"

    def __init__(self, doing: str, came_back: str, *, remedy: str) -> None:
        self.doing = doing
        self.came_back = came_back
        self.remedy = remedy
        super().__init__(f"{doing}: {came_back}. {self.verdict}. {remedy}")


class UserError(KpiError):
    """The person who started us must change something; shown without a traceback."""


class UsageError(UserError):
    """A command was called with words that do not fit."""

    exit_code = 2


class SettingsError(UserError):
    """A setting or a credential is missing or does not parse."""

    exit_code = 10


@dataclass(frozen=True, slots=True)
class Issue:
    """One fault of a file: where it is, how bad it is, what is wrong and what would be right."""

    file: str
    line: int
    message: str
    severity: str = "error"
    rule: str = "schema"

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.severity}: {self.message}"


class CatalogueError(UserError):
    """Files under companies/ are wrong; holds every issue of every file, not only the first."""

    exit_code = 11

    def __init__(self, doing: str, issues: Sequence[Issue], *, remedy: str) -> None:
        self.issues = tuple(issues)
        lines = "\n".join(f"  {issue}" for issue in self.issues)
        super().__init__(doing, f"{len(self.issues)} issue(s)\n{lines}\n", remedy=remedy)


class TransientError(KpiError):
    """The same call may succeed later."""

    exit_code = 20
    retryable = True
    verdict = "Trying again may help"


class SourceUnavailable(TransientError):
    """A source did not answer, or answered that it is broken."""


class Throttled(TransientError):
    """A source will not answer before `until`; trying earlier only makes it worse."""

    def __init__(self, doing: str, came_back: str, *, until: datetime, remedy: str) -> None:
        self.until = until
        super().__init__(doing, came_back, remedy=remedy)

    @property
    def verdict(self) -> str:  # type: ignore[override]
        return f"Trying again helps after {self.until.isoformat()}"


class IncompleteLoad(TransientError):
    """A window could not be proved complete: records moved while we read, or the vendor sent fewer than it promised."""


class StoreUnavailable(TransientError):
    """The history database or the landing storage is locked, full or away."""


class DeliveryDelayed(TransientError):
    """A channel did not take a notice now; `after_s` is how long it asked us to wait, None when it did not say.

    `unanswered`: nobody was there at all, so nothing else would be taken there now either. `reached` are the recipients
    who have it all the same.
    """

    def __init__(
        self,
        doing: str,
        came_back: str,
        *,
        remedy: str,
        after_s: float | None = None,
        unanswered: bool = False,
        reached: Sequence[str] = (),
    ) -> None:
        self.after_s = after_s
        self.unanswered = unanswered
        self.reached = tuple(reached)
        super().__init__(doing, came_back, remedy=remedy)


class PermanentError(KpiError):
    """The same call will never succeed."""

    exit_code = 21


class SourceRefused(PermanentError):
    """A source refused us: wrong key, missing permission, or a request it calls malformed."""


class DeliveryRefused(PermanentError):
    """A channel refused a notice for good; `reached` are the recipients who have it all the same."""

    def __init__(self, doing: str, came_back: str, *, remedy: str, reached: Sequence[str] = ()) -> None:
        self.reached = tuple(reached)
        super().__init__(doing, came_back, remedy=remedy)


class ContractError(PermanentError):
    """The shape of what we read has changed; numbers would be wrong, so nothing was written."""


class RegisterError(ContractError):
    """A register file is wrong; holds every fault of the file (line, column, reason), and nothing of it was taken."""

    def __init__(self, doing: str, issues: Sequence[Issue], *, remedy: str) -> None:
        self.issues = tuple(issues)
        lines = "\n".join(f"  {issue}" for issue in self.issues)
        super().__init__(doing, f"{len(self.issues)} fault(s), nothing of the file was taken\n{lines}\n", remedy=remedy)


class FactError(PermanentError):
    """A record lacks what a number cannot do without (an exchange rate), so no number was computed from any of them."""
