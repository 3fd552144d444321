"""What the documents tell the reader to type exists, runs or at least parses, and what they link to is there."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from kpi_pipeline.cli.app import app
from kpi_pipeline.errors import KpiError
from kpi_pipeline_tests.architecture.source import ROOT, tracked

DOCUMENTS = sorted(path for path in tracked() if path.suffix == ".md")
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)
# Commands that only read the files of the companies: they are run. The others need accounts, data or a free port.
RUN = (("catalogue",), ("connector", "list"))
ELSEWHERE = {"git", "cd", "export", "docker", "uv", "pip", "curl", "ls", "cp", "mkdir"}


def commands_in(document: Path) -> Iterator[tuple[str, list[str]]]:
    """Each command line of the document's ```sh blocks as words, without what is set before it."""
    for block in BLOCK.findall(document.read_text(encoding="utf-8")):
        for line in block.replace("\\\n", " ").splitlines():
            for part in re.split(r"\s(?:&&|\|)\s", line):
                words = shlex.split(part.removeprefix("$ "), comments=True)
                while words and re.fullmatch(r"[A-Z][A-Z0-9_]*=.*", words[0]):
                    words.pop(0)
                if words:
                    yield f"{document.relative_to(ROOT)}: {line.strip()}", words


COMMANDS = [found for document in DOCUMENTS for found in commands_in(document)]


def walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, each in getattr(command, "commands", {}).items():
        yield from walk(each, (*path, name))
    if not getattr(command, "commands", {}):
        yield path, command


KPI_COMMANDS = dict(walk(get_command(app)))


def resolve(words: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """The command that `kpi <words>` names, and what is left for it."""
    for length in range(len(words), 0, -1):
        if tuple(words[:length]) in KPI_COMMANDS:
            return tuple(words[:length]), words[length:]
    raise AssertionError(f"there is no command `kpi {' '.join(words)}`")


def judge(words: list[str]) -> None:
    """AssertionError unless the command exists; it is run when it needs nothing but this repository."""
    program = words[0].removeprefix(".venv/bin/")
    if program == "make":
        targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
        assert {word for word in words[1:] if "=" not in word} <= targets
    elif program == "kpi":
        path, rest = resolve(words[1:])
        if any(path[: len(start)] == start for start in RUN):
            done = CliRunner().invoke(app, words[1:])
            assert not isinstance(done.exception, KpiError), str(done.exception)
            assert done.exit_code == 0, done.output
        else:
            KPI_COMMANDS[path].make_context(" ".join(path), rest)
    elif program in ("python", "python3") and words[1:2] == ["-m"]:
        assert find_spec(words[2]) is not None
    elif program in ("pytest", "ruff", "mypy", "dagster", "dg"):
        assert find_spec(program) is not None or program == "dg"
    else:
        assert program in ELSEWHERE, f"{program!r} is neither ours nor known here"


@pytest.mark.parametrize(("where", "words"), COMMANDS, ids=[where for where, _ in COMMANDS])
def test_a_command_of_a_document_exists(where: str, words: list[str]) -> None:
    judge(words)


@pytest.mark.parametrize(
    "good", ["make demo", "make demo PYTHON=python3.12", "kpi catalogue check", ".venv/bin/kpi ui", "kpi demo --json"]
)
def test_the_judge_knows_what_is_right(good: str) -> None:
    judge(good.split())


@pytest.mark.parametrize(
    ("bad", "error", "said"),
    [
        ("make tea", AssertionError, "tea"),
        ("kpi brew", AssertionError, "there is no command `kpi brew`"),
        ("kpi catalogue brew", AssertionError, "there is no command `kpi catalogue brew`"),
        ("brew install kpi", AssertionError, "'brew' is neither ours nor known here"),
        ("python -m kpi_pipeline.tea", AssertionError, "None"),
        ("kpi catalogue show mister_dj nothing", AssertionError, "there is no such KPI"),
        ("kpi demo --tea", Exception, "No such option"),
    ],
)
def test_the_judge_knows_what_is_wrong(bad: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        judge(bad.split())


def test_the_documents_are_there() -> None:
    assert ROOT / "README.md" in DOCUMENTS


@pytest.mark.parametrize("document", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_links_lead_somewhere(document: Path) -> None:
    text = FENCE.sub("", document.read_text(encoding="utf-8"))
    broken = []
    for link in (first or second for first, second in LINK.findall(text)):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (document.parent / name).resolve() if name else document
        if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
            broken.append(link)
    assert broken == []


def anchors(document: Path) -> set[str]:
    """What GitHub makes of headings: lower case, without punctuation, dashes for spaces."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", sorted(KPI_COMMANDS), ids=[" ".join(path) for path in sorted(KPI_COMMANDS)])
def test_every_command_explains_itself(path: tuple[str, ...]) -> None:
    command = KPI_COMMANDS[path]
    assert command.help
    assert len(command.help.strip()) > 20
    shown = CliRunner().invoke(app, [*path, "--help"])
    assert (shown.exit_code, shown.output.count("Usage: ")) == (0, 1)
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{' '.join(path)}: {parameter.name} has no help"


def test_every_command_that_tells_something_can_tell_it_to_a_machine() -> None:
    silent = {("ui",), ("sandbox", "serve")}  # they serve until they are stopped
    without = {
        path for path, command in KPI_COMMANDS.items() if "as_json" not in {each.name for each in command.params}
    }
    assert without <= silent
