"""After runs that went well and runs that failed, no credential and no person's address is in anything we wrote."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kpi_pipeline.flow.tell import deliver
from kpi_pipeline.flow.watch import watch
from kpi_pipeline.orchestration import naming
from kpi_pipeline.sandbox import Sandbox
from kpi_pipeline_tests.e2e.installation import COMPANY, NOW, SALT, Installation

WRONG = "rk_live_canary0123456789"
VENDORS = ("uvicorn", "mail.log", "asyncio")  # loggers of the sandbox, which runs in this process too
SECRET_ENDS = ("_API_KEY", "_SLACK_WEBHOOK_URL", "_TEAMS_WEBHOOK_URL", "_BOT_TOKEN", "_ROUTING_KEY", "_WEBHOOK_SECRET")


def secrets(installation: Installation) -> set[bytes]:
    """Every credential: keys, the secret ends of webhook addresses, the salt."""
    found = {value for name, value in installation.environment.items() if name.endswith(SECRET_ENDS)}
    return {value.rsplit("/", 1)[-1].encode() for value in found} | {SALT.encode(), WRONG.encode()}


def addresses(sandbox: Sandbox) -> set[bytes]:
    """The mail addresses of everybody in the world; owners of KPIs are told by mail and are not among them."""
    world = sandbox.world(COMPANY)
    people = [*world.leads, *world.owners]
    found = {record.person.email for record in people} | {customer.email for customer in world.customers}
    assert len(found) > 1000
    return {address.encode() for address in found if address}


def written(folder: Path, seen: set[int]) -> Iterator[tuple[Path, bytes]]:
    """Every file as bytes; of Parquet files the text columns as well, because their pages are compressed.

    A file that several installations share is read once: `seen` holds the inodes.
    """
    for file in sorted(folder.rglob("*")):
        if not file.is_file() or file.stat().st_ino in seen:
            continue
        seen.add(file.stat().st_ino)
        yield file, file.read_bytes()
        if file.suffix == ".parquet":
            yield file, "\n".join(text for column in pq.read_table(file).columns for text in texts(column)).encode()


def texts(column: pa.ChunkedArray) -> set[str]:
    """What a column says in words, each once; numbers and instants say nothing."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
        return set(filter(None, column.unique().to_pylist()))
    return set(map(str, column.to_pylist())) if pa.types.is_nested(column.type) else set()


def test_no_credential_and_no_address_is_written_anywhere(
    loaded: Installation,
    sandbox: Sandbox,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    failing = loaded.copy(tmp_path / "failing", MISTER_DJ_STRIPE_API_KEY=WRONG)
    streams = ("refunds", "invoices")
    result = failing.part([naming.landing_key(COMPANY, "stripe", each) for each in streams], "2026-11", "2026-11", NOW)
    assert not result.success
    with failing.at(NOW) as (workspace, company):
        watch(workspace, company)
        assert deliver(workspace, company, flush=True)
    forbidden = secrets(loaded)
    used = {spec.api_key for spec in company.sources.values()} - {None}
    assert len(used) == 7
    assert {loaded.environment[name].encode() for name in used} < forbidden
    people = addresses(sandbox)
    printed = capfd.readouterr()
    logged = "\n".join(str(record.getMessage()) for record in caplog.records if not record.name.startswith(VENDORS))
    texts = [(Path("printed"), (printed.out + printed.err).encode()), (Path("logged"), logged.encode())]
    files, seen = 0, set[int]()
    for file, content in [*texts, *written(loaded.home, seen), *written(failing.home, seen)]:
        files += 1
        assert not [name for name in forbidden if name in content], f"a credential is in {file}"
        if b"@" in content:
            words = {word.strip(b"\"'<>,;:()[]") for word in content.replace(b"\x00", b" ").split() if b"@" in word}
            assert not words & people, f"an address is in {file}"
            assert not _inside(content, people), f"an address is in {file}"
    assert files > 200


def _inside(content: bytes, people: set[bytes]) -> bool:
    """Whether an address stands inside other bytes, as in the pages of a database."""
    domains = {address.rpartition(b"@")[2] for address in people}
    return any(b"@" + domain in content for domain in domains) and any(address in content for address in people)


def test_an_address_is_kept_as_a_salted_hash(loaded: Installation, sandbox: Sandbox) -> None:
    with loaded.at(NOW) as (workspace, company):
        table = workspace.facts(company).records("hubspot", "contacts")
        kept = {row for row in table.email_hash.to_pyarrow().to_pylist() if row is not None}
    lead = sandbox.world(COMPANY).leads[0]
    assert kept
    assert sha256(lead.person.email.encode()).hexdigest() not in kept, "a hash without salt can be looked up"
