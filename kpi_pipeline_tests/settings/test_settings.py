"""Where settings come from, and that a credential never shows."""

from __future__ import annotations

import json
import logging
import traceback
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import pytest

from kpi_pipeline.cli.output import plain
from kpi_pipeline.errors import SettingsError
from kpi_pipeline.settings import COMPANIES, Secret, Settings

CANARY = "sk_live_canary"


def settings(**variables: str) -> Settings:
    return Settings.from_environment(variables)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    path.write_text(f"  {CANARY}\n")
    return path


def test_a_value_comes_from_the_variable_or_from_its_file(file: Path) -> None:
    assert settings(KEY="direct").get("KEY") == "direct"
    assert settings(KEY=f"{CANARY}\n").get("KEY") == CANARY
    assert settings(KEY_FILE=str(file)).get("KEY") == CANARY
    assert settings().get("KEY") is None
    assert settings().text("KEY", "default") == "default"
    assert settings(KEY="0").text("KEY", "default") == "0"


def test_both_at_once_are_refused_without_guessing(file: Path) -> None:
    with pytest.raises(SettingsError, match="both KEY and KEY_FILE are set"):
        settings(KEY="x", KEY_FILE=str(file)).get("KEY")
    with pytest.raises(SettingsError, match="both KEY and KEY_FILE are set"):
        settings(KEY="", KEY_FILE=str(file)).get("KEY")


@pytest.mark.parametrize("blank", ["", " ", "\n"])
def test_blank_is_not_a_value(blank: str, tmp_path: Path) -> None:
    (tmp_path / "blank").write_text(blank)
    with pytest.raises(SettingsError, match="KEY: it is set but blank"):
        settings(KEY=blank).get("KEY")
    with pytest.raises(SettingsError, match="KEY: it is set but blank"):
        settings(KEY_FILE=str(tmp_path / "blank")).text("KEY", "default")


@pytest.mark.parametrize(
    ("name", "why"), [("missing", "No such file or directory"), ("folder", "Is a directory"), ("bytes", "not UTF-8")]
)
def test_a_file_that_cannot_be_read_says_why_and_not_what(name: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "bytes").write_bytes(CANARY.encode() + b"\xff\xfe")
    with pytest.raises(SettingsError, match=rf"KEY_FILE names a file that cannot be read \({why}\)") as caught:
        settings(KEY_FILE=str(tmp_path / name)).get("KEY")
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert caught.value.exit_code == 10


def test_everything_that_is_missing_or_wrong_is_told_at_once(file: Path) -> None:
    found = settings(B=CANARY, C=" ", D="x", D_FILE=str(file))
    with pytest.raises(SettingsError, match="collecting credentials") as caught:
        found.secrets(("A", "B", "C", "D", "E"))
    assert caught.value.came_back == (
        "2 not found; looked in the environment for A or A_FILE, E or E_FILE; "
        "C: it is set but blank; D: both D and D_FILE are set"
    )
    assert CANARY not in str(caught.value)


def test_a_secret_gives_its_value_only_when_asked(file: Path) -> None:
    found = settings(KEY_FILE=str(file)).secrets(("KEY",))["KEY"]
    assert (found.reveal(), found.variable) == (CANARY, "KEY")
    assert settings(KPI_HASH_SALT="grain").hash_salt.reveal() == "grain"


@dataclass
class Holder:
    """Something that keeps a secret, as a client would."""

    secret: Secret
    others: list[Secret]


def test_a_secret_never_prints(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret("KEY", CANARY)
    holder = Holder(secret, [secret])
    with caplog.at_level(logging.DEBUG):
        logging.getLogger("kpi").warning("key %s %r", secret, secret, extra={"secret": secret})
        try:
            raise ValueError(secret)
        except ValueError:
            logging.getLogger("kpi").exception("failed with %s", holder)
    shown = [
        repr(secret),
        str(secret),
        f"{secret}",
        f"{secret!r} {secret!s} {secret:}",
        format(secret),
        "%s" % secret,  # noqa: UP031
        repr({"a": [secret]}),
        repr(holder),
        caplog.text,
        "".join(str(vars(record)) for record in caplog.records),
        json.dumps({"a": secret}, default=str),
        orjson.dumps({"a": secret}, default=str).decode(),
        str(plain(holder)),
        str(asdict(holder)),
    ]
    assert not [text for text in shown if CANARY in text]
    assert str(secret) == "Secret(KEY=***)"
    with pytest.raises(TypeError, match="unsupported format string"):
        format(secret, ">40")


def test_settings_do_not_print_the_environment() -> None:
    found = settings(KEY=CANARY, KPI_HOME="somewhere")
    assert CANARY not in f"{found} {found!r}"
    assert "somewhere" in repr(found)


def test_the_environment_is_only_copied_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPI_CANARY", "here")
    assert Settings.from_environment().get("KPI_CANARY") == "here"
    assert settings().get("KPI_CANARY") is None


def test_defaults_lie_below_home_and_each_can_be_moved(tmp_path: Path) -> None:
    found = settings(KPI_HOME=str(tmp_path))
    assert found.landing_root == str(tmp_path / "landing")
    assert found.history_url == f"sqlite:///{tmp_path / 'history.db'}"
    assert (found.reports_root, found.budget_root) == (tmp_path / "reports", tmp_path / "budgets")
    assert (found.engine, found.companies_root) == ("duckdb", COMPANIES)
    assert settings().home == Path(".kpi").resolve()
    moved = settings(
        KPI_LANDING_ROOT="s3://bucket/kpi",
        KPI_HISTORY_URL="postgresql://db/kpi",
        KPI_REPORTS_ROOT="/srv/reports",
        KPI_ENGINE="postgres",
        KPI_COMPANIES=str(tmp_path),
    )
    assert (moved.landing_root, moved.history_url) == ("s3://bucket/kpi", "postgresql://db/kpi")
    assert (moved.reports_root, moved.engine, moved.companies_root) == (Path("/srv/reports"), "postgres", tmp_path)
