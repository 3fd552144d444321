"""Sizes, docstrings, comments, and what neither package nor repository may hold."""

from __future__ import annotations

import ast
import re
from statistics import median

from kpi_pipeline_tests.architecture.source import PACKAGE, ROOT, TESTS, dotted, modules, tracked

LONGEST, MEDIAN = 400, 120
BANNER = re.compile(r"^\s*#\s*(?:[-=#*~_]{3,}|.*[-=#*~]{4,}\s*$)", re.MULTILINE)


def sizes() -> dict[str, int]:
    return {str(module): module.text.count("\n") for module in modules()}


def test_modules_stay_small() -> None:
    assert {name: size for name, size in sizes().items() if size > LONGEST} == {}
    assert median(sizes().values()) <= MEDIAN


def test_every_module_says_what_it_is() -> None:
    assert [str(module) for module in modules() if not ast.get_docstring(module.tree)] == []


def test_no_banner_comments() -> None:
    found = [
        f"{module}: {match[0].strip()}"
        for folder in (PACKAGE, TESTS)
        for module in modules(folder)
        for match in BANNER.finditer(module.text)
    ]
    assert found == []


def test_no_module_is_named_after_nothing() -> None:
    vague = re.compile(r"(^|[._])(helpers?|utils?|managers?|misc|common)($|[._])")
    assert [str(module) for folder in (PACKAGE, TESTS) for module in modules(folder) if vague.search(module.name)] == []


def test_no_error_is_swallowed() -> None:
    found = []
    for module in modules():
        for node in ast.walk(module.tree):
            if not isinstance(node, ast.ExceptHandler):
                continue
            caught = {dotted(each) for each in ast.walk(node.type)} if node.type is not None else {"everything"}
            raises = any(isinstance(each, ast.Raise) for each in ast.walk(node))
            handed_on = any(isinstance(each, ast.Name) and each.id == node.name for each in ast.walk(node))
            if caught & {"everything", "Exception", "BaseException"} and not (raises or handed_on):
                found.append(f"{module}:{node.lineno}")
    # Whatever a fault handler does to itself must not become a fault of the sandbox's server: it answers 500.
    assert [place for place in found if "kpi_pipeline/sandbox/" not in place] == []


def test_tests_do_not_patch_our_code() -> None:
    found = []
    for module in modules(TESTS):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom | ast.Import):
                names = [alias.name for alias in node.names] + [getattr(node, "module", None) or ""]
                if any("mock" in name for name in names):
                    found.append(f"{module}:{node.lineno}")
            if isinstance(node, ast.Attribute) and dotted(node) == "monkeypatch.setattr":
                found.append(f"{module}:{node.lineno}")
    assert found == []


def test_every_expected_error_says_which() -> None:
    allowed = {"KeyboardInterrupt"}  # it has no words
    found = []
    for module in modules(TESTS):
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Call) and dotted(node.func) == "pytest.raises"):
                continue
            kind = dotted(node.args[0]) if node.args else ""
            if kind not in allowed and "match" not in {keyword.arg for keyword in node.keywords}:
                found.append(f"{module}:{node.lineno}")
    assert found == []


def test_the_lock_names_no_index() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert (
        re.findall(r"https?://\S+|^\s*-{1,2}(?:i|index-url|extra-index-url|find-links|trusted-host)\b.*", lock, re.M)
        == []
    )
    pins = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    assert [line for line in pins if not re.match(r"[\w.\[\]-]+==\S+", line)] == []


def test_no_file_names_a_machine() -> None:
    machine = re.compile(r"(?<![\w.:/}])/(?:work|home|Users|root|mnt|private/var)/[\w.-]+")
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in machine.finditer(text)]
    assert found == []


def test_no_file_is_large() -> None:
    assert {
        str(path.relative_to(ROOT)): path.stat().st_size for path in tracked() if path.stat().st_size > 500_000
    } == {}
