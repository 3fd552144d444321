"""What a YAML file says: the scalars of YAML 1.2, and the line of every key."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.catalogue import yaml_file
from kpi_pipeline.catalogue.yaml_file import YamlFile
from kpi_pipeline.errors import Issue


def read(folder: Path, text: str) -> YamlFile:
    issues: list[Issue] = []
    (folder / "x.yaml").write_text(text, encoding="utf-8")
    file = yaml_file.read(folder / "x.yaml", folder, issues)
    assert file is not None, issues
    return file


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("NO", "NO"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("FALSE", False),
        ("tRue", "tRue"),
        ("", None),
        ("~", None),
        ("null", None),
        ("nil", "nil"),
        ("10", 10),
        ("-7", -7),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("1_850", 1850),
        ("1:30", "1:30"),
        ("12:00:00", "12:00:00"),
        ("0.1", 0.1),
        ("+.5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", float("-inf")),
        ("1.850,00", "1.850,00"),
        ("1.2.3", "1.2.3"),
        ("2026-01-31", date(2026, 1, 31)),
        ("2026-1-31", "2026-1-31"),
        ("'2026-01-31'", "2026-01-31"),
        ("= 5", "= 5"),
        ("<", "<"),
        ("a b", "a b"),
    ],
)
def test_a_scalar_is_what_yaml_1_2_makes_of_it(tmp_path: Path, text: str, value: object) -> None:
    found: Any = read(tmp_path, f"key: {text}\n").data["key"]
    assert (found, type(found)) == (value, type(value))


def test_every_key_and_every_entry_has_its_line(tmp_path: Path) -> None:
    text = "a: 1\nb:\n  - x\n\n  - {y: 2,\n     z: 3}\n2026-01-31: last\n"
    file = read(tmp_path, text)
    assert file.lines((), 9) == {"a": 1, "b": 2, "b.0": 3, "b.1": 5, "b.1.y": 5, "b.1.z": 6, "2026-01-31": 7}
    assert file.lines(("b", 1)) == {"y": 5, "z": 6}
    assert file.line(("b", 1, "missing", "deeper")) == 5


def test_what_an_anchor_names_stands_where_it_is_written(tmp_path: Path) -> None:
    file = read(tmp_path, "a: &own\n  x: 1\nb: *own\nc:\n  <<: *own\n  x: 2\n  y: 3\nd:\n  <<: *own\n")
    assert file.data == {"a": {"x": 1}, "b": {"x": 1}, "c": {"x": 2, "y": 3}, "d": {"x": 1}}
    assert file.lines(("b",)) == {"x": 2}
    assert file.lines(("c",)) == {"x": 6, "y": 7}
    assert file.lines(("d",)) == {"x": 2}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, "the key 'a' is on line 1 already"),
        ("a: 1\n? [b]\n: 2\n", 2, "a key must be a word"),
        ("a: 1\nb: !!python/name:os.system\n", 2, "could not determine a constructor for the tag"),
        ("a: 1\nb: *nowhere\n", 2, "found undefined alias"),
        ("a: 1\n---\nb: 2\n", 2, "but found another document"),
    ],
)
def test_what_is_not_sound_is_told_with_its_line(tmp_path: Path, text: str, line: int, message: str) -> None:
    issues: list[Issue] = []
    (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
    assert yaml_file.read(tmp_path / "x.yaml", tmp_path, issues) is None
    assert [(issue.line, message in issue.message) for issue in issues] == [(line, True)], issues
