"""Registers of a company between files and landing: where they are, what was taken of them, and who signed for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpi_pipeline.catalogue import Company, Kpi
from kpi_pipeline.catalogue.display import by_hand_text
from kpi_pipeline.catalogue.model import Person
from kpi_pipeline.facts import FACTS, sources
from kpi_pipeline.metrics.uses import facts_of

if TYPE_CHECKING:
    from kpi_pipeline.connectors.registers.files import Register
    from kpi_pipeline.connectors.registers.parse import Known
    from kpi_pipeline.flow.workspace import Workspace

SOURCE = "registers"
EVERY = ("week", "month", "quarter")


def folder(workspace: Workspace, company: Company) -> Path:
    """Where the registers lie that are kept beside the company's definitions."""
    return workspace.settings.companies_root / company.id / "registers"


def drop(workspace: Workspace, company: Company) -> Path:
    """Where people drop further files of the company's registers."""
    return workspace.settings.drop_root / company.id


def options(workspace: Workspace, company: Company) -> dict[str, Any]:
    """What the connector of registers needs to know beside its address."""
    return {
        "zone": company.tz,
        "drop": drop(workspace, company),
        "known": lambda name: taken(workspace, company, name),
    }


def taken(workspace: Workspace, company: Company, name: str) -> Known:
    """Key → the frozen values of the rows of a register that were taken before."""
    from kpi_pipeline.connectors.registers.formats import FORMATS
    from kpi_pipeline.schemas.base import origins

    form = FORMATS[name]
    if not form.frozen or not workspace.landing.receipts(company.id, SOURCE, name):
        return {}
    model = _model(name)
    columns = {origin.path: column for column, origin in origins(model).items()}
    rows = workspace.landing.latest(workspace.backend, company.id, model)
    read = workspace.backend.to_pyarrow(rows.select(*{columns[field] for field in (*form.key, *form.frozen)}))
    return {
        tuple(_cell(row[columns[field]]) for field in form.key): {
            field: _cell(row[columns[field]]) for field in form.frozen
        }
        for row in read.to_pylist()
    }


def _cell(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _model(name: str) -> Any:
    from kpi_pipeline.connectors.registers import STREAMS

    return next(stream for stream in STREAMS if stream.name == name).model


@dataclass(frozen=True, slots=True)
class Signature:
    """Who entered a row and when: `initials` and `role` of one of the company's people, or of somebody not among them,
    then both are empty."""

    initials: str
    role: str
    at: datetime


def signature(company: Company, salt: str, entered_by: str | None, at: datetime) -> Signature:
    """The person behind a hash of landing. People sign by e-mail address, id or name."""
    for key, person in company.people.items():
        if entered_by is not None and entered_by in {_hash(salt, word) for word in _signs(key, person)}:
            return Signature(initials(person.name), person.role, at)
    return Signature("", "", at)


def initials(name: str) -> str:
    """'Leonie van Dam' → 'LvD'."""
    return "".join(word[0] for word in name.split())


def _signs(key: str, person: Person) -> list[str]:
    return [key, person.name] if person.email is None else [key, person.name, person.email]


def _hash(salt: str, word: str) -> str:
    """As landing hashes personal data: SHA-256 of the salt and the text without spaces around it, in lower case."""
    return sha256((salt + word.strip().lower()).encode()).hexdigest()


def by_hand(workspace: Workspace, company: Company, kpi: Kpi, day: date) -> Signature | None:
    """Who filled in the newest of what a KPI's value of a day was computed from, and when; None if nobody did.

    Facts that say who signed tell it of exactly the rows behind the value; for a register that only other facts read,
    it is the newest entry of that register.
    """
    from kpi_pipeline.connectors.registers.formats import FORMATS

    names = facts_of(kpi, company)
    streams = sources(names, company.sources)
    registers = {name for source, name in streams if source == SOURCE and FORMATS[name].by_hand}
    if not registers:
        return None
    salt = workspace.settings.hash_salt.reveal()
    signed = workspace.engine(company).signed(kpi, day)
    found = [] if signed is None else [signature(company, salt, signed.entered_by, signed.entered_at)]
    told = {name for fact in names if "entered_by" in FACTS[fact].columns for _, name in FACTS[fact].reads}
    for name in sorted(registers - told):
        _, last = _taken_so_far(workspace, company, name, by_hand=True)
        found += [] if last is None else [last]
    return max(found, key=lambda each: each.at, default=None)


def note(company: Company, signed: Signature) -> str:
    """A signature as people read it beside a value."""
    return by_hand_text(signed.initials, signed.role, signed.at.astimezone(company.tz).date(), company.language)


def notes(workspace: Workspace, company: Company, day: date) -> dict[str, str]:
    """KPI → who filled in by hand what its value of a day was computed from; the others are left out."""
    found = {kpi.id: by_hand(workspace, company, kpi, day) for kpi in company.kpis.values()}
    return {name: note(company, signed) for name, signed in found.items() if signed is not None}


@dataclass(frozen=True, slots=True)
class Kept:
    """One register as far as it was taken: its owner, its rows, the last entry, and the day the next one is due."""

    name: str
    title: str
    file: str
    by_hand: bool
    owner: str
    rows: int
    last_entry: Signature | None
    due: date | None
    late: bool


def kept(workspace: Workspace, company: Company) -> list[Kept]:
    """Every register of the company, in the order of its settings; none for a company without registers."""
    from kpi_pipeline.connectors.registers import declared

    if SOURCE not in company.sources:
        return []
    settings = company.sources[SOURCE].settings
    said = {entry["name"]: entry for entry in settings.get("files", ()) if isinstance(entry, Mapping)}
    return [_kept(workspace, company, register, said.get(name, {})) for name, register in declared(settings).items()]


def keepers(company: Company) -> dict[str, str]:
    """The registers that people fill in by hand, by name, with who keeps each."""
    from kpi_pipeline.connectors.registers import declared

    if SOURCE not in company.sources:
        return {}
    source = company.sources[SOURCE]
    said = {each["name"]: each for each in source.settings.get("files", ()) if isinstance(each, Mapping)}
    return {
        name: str(said.get(name, {}).get("owner", source.owner))
        for name, register in declared(source.settings).items()
        if register.form.by_hand
    }


def _kept(workspace: Workspace, company: Company, register: Register, said: Mapping[str, Any]) -> Kept:
    form = register.form
    rows, last = _taken_so_far(workspace, company, form.name, by_hand=form.by_hand)
    every = said.get("every")
    due = None if last is None or every is None else due_day(last.at.astimezone(company.tz).date(), str(every))
    today = workspace.now.astimezone(company.tz).date()
    return Kept(
        name=form.name,
        title=form.title,
        file=register.file,
        by_hand=form.by_hand,
        owner=str(said.get("owner", company.sources[SOURCE].owner)),
        rows=rows,
        last_entry=last,
        due=due,
        # A file that a program writes may be empty, and need not say when a row was entered.
        late=(form.by_hand and rows == 0) or (due is not None and due < today),
    )


def due_day(entered: date, every: str) -> date:
    """The last day of the period after the one of the last entry: entered this week, the next is due next week."""
    from kpi_pipeline.metrics.windows import next_period_start

    return next_period_start(next_period_start(entered, every), every) - timedelta(days=1)


def _taken_so_far(workspace: Workspace, company: Company, name: str, *, by_hand: bool) -> tuple[int, Signature | None]:
    if not workspace.landing.receipts(company.id, SOURCE, name):
        return 0, None
    rows = workspace.landing.latest(workspace.backend, company.id, _model(name))
    if "entered_at" not in rows.columns:
        return int(workspace.backend.to_pyarrow(rows.count()).as_py()), None
    newest = rows.order_by(rows.entered_at.desc(nulls_first=False)).limit(1)
    found = workspace.backend.to_pyarrow(newest.select(*(["entered_by"] if by_hand else []), "entered_at")).to_pylist()
    count = int(workspace.backend.to_pyarrow(rows.count()).as_py())
    if not found or found[0]["entered_at"] is None:
        return count, None
    salt = workspace.settings.hash_salt.reveal()
    return count, signature(company, salt, found[0].get("entered_by"), found[0]["entered_at"])
