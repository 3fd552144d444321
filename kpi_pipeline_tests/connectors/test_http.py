"""One call to a vendor: what is retried, what is refused, what is said, and what is never said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kpi_pipeline.connectors.classify import Reply, has
from kpi_pipeline.connectors.http import Http, RecordGone
from kpi_pipeline.errors import (
    ContractError,
    KpiError,
    SettingsError,
    SourceRefused,
    SourceUnavailable,
    Throttled,
)
from kpi_pipeline_tests.connectors.scripted import KEY, NOW, Answer, Scripted, client, paths, vendor

FINE = Answer()
BROKEN = Answer(500, b'{"error": "boom"}')


class Asking:
    """A scripted vendor and a connection to it."""

    def __init__(self, running: Scripted, http: Http, slept: list[float]) -> None:
        self.vendor, self.http, self.slept = running, http, slept

    def ask(self, path: str = "/things", **options: Any) -> Reply:
        return self.http.get(path, doing="listing things", **({"success": has("ok")} | options))


@contextmanager
def asking(folder: Path, *script: Answer, **options: Any) -> Iterator[Asking]:
    slept: list[float] = []
    with vendor(*script) as running:
        http = client(running.url, folder, slept, **options)
        try:
            yield Asking(running, http, slept)
        finally:
            http.close()


def test_an_answer_keeps_its_bytes_and_is_parsed_once(tmp_path: Path) -> None:
    with asking(tmp_path, FINE) as it:
        reply = it.ask(params=[("a", "1"), ("types[]", "x"), ("types[]", "y")])
        assert (reply.body, reply.data) == (b'{"ok": true}', {"ok": True})
        assert paths(it.vendor.asked) == ["/things?a=1&types%5B%5D=x&types%5B%5D=y"]
        assert it.vendor.asked[0][2]["Authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize(
    "trouble",
    [
        BROKEN,
        Answer(503),
        Answer(408),
        Answer(409),
        Answer(cut=True),
        Answer(body=b'{"ok": tr', promise=400),
        Answer(body=b'{"ok": tr'),
        Answer(body=b"<html>Bad gateway</html>", headers={"Content-Type": "text/html"}),
        Answer(429),
    ],
    ids=["500", "503", "408", "409", "reset", "reset mid-body", "truncated", "html", "429"],
)
def test_what_can_pass_is_asked_again_with_growing_waits(tmp_path: Path, trouble: Answer) -> None:
    with asking(tmp_path, trouble, trouble, trouble, FINE) as it:
        assert it.ask().data == {"ok": True}
        assert it.slept == [1.0, 2.0, 4.0]


def test_a_vendor_that_stays_broken_is_unavailable_after_the_last_try(tmp_path: Path) -> None:
    with asking(tmp_path, BROKEN, tries=4) as it:
        with pytest.raises(SourceUnavailable, match=r"stripe: listing things: HTTP 500 from GET /things, 4 times\."):
            it.ask()
        assert len(it.vendor.asked) == 4


def test_a_body_that_never_parses_says_what_came_instead(tmp_path: Path) -> None:
    html = Answer(body=b"<html></html>", headers={"Content-Type": "text/html"})
    with (
        asking(tmp_path, html, tries=2) as it,
        pytest.raises(SourceUnavailable, match=r"text/html, 13 bytes, not JSON"),
    ):
        it.ask()


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("7", 7.0), ("0", 0.25), ("Sun, 22 Nov 2026 12:00:09 GMT", 9.0), ("soon", 1.0)],
)
def test_retry_after_is_obeyed_and_never_less_than_a_moment(tmp_path: Path, header: str, seconds: float) -> None:
    headers = {"Retry-After": header, "Date": "Sun, 22 Nov 2026 12:00:00 GMT"}
    with asking(tmp_path, Answer(429, headers=headers), FINE) as it:
        it.ask()
        assert it.slept == [pytest.approx(seconds)]


def test_a_date_to_wait_for_is_read_on_the_vendors_clock(tmp_path: Path) -> None:
    skewed = {"Retry-After": "Sun, 22 Nov 2026 09:00:05 GMT", "Date": "Sun, 22 Nov 2026 09:00:00 GMT"}
    with asking(tmp_path, Answer(503, headers=skewed), FINE) as it:
        it.ask()
        assert it.slept == [5.0]


def test_a_wait_beyond_our_patience_is_told_instead_of_waited(tmp_path: Path) -> None:
    with asking(tmp_path, Answer(429, headers={"Retry-After": "900"})) as it:
        with pytest.raises(Throttled, match="Trying again helps after 2026-11-22T12:15:00") as told:
            it.ask()
        assert told.value.until == NOW + timedelta(seconds=900)
        assert it.slept == []


def test_after_a_429_no_thread_asks_before_its_time(tmp_path: Path) -> None:
    with asking(tmp_path, Answer(429, headers={"Retry-After": "900"}), FINE) as it:
        with pytest.raises(Throttled, match="HTTP 429"):
            it.ask()
        with pytest.raises(Throttled, match="was not sent"):
            it.ask()
        assert len(it.vendor.asked) == 1


def test_waits_in_all_are_bounded(tmp_path: Path) -> None:
    busy = Answer(429, headers={"Retry-After": "25"})
    with asking(tmp_path, busy, patience=60.0) as it:
        with pytest.raises(Throttled, match="HTTP 429"):
            it.ask()
        assert sum(it.slept) <= 60.0
        assert len(it.vendor.asked) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 405, 422])
def test_a_refusal_is_final_and_names_the_variable(tmp_path: Path, status: int) -> None:
    with asking(tmp_path, Answer(status)) as it:
        with pytest.raises(SourceRefused, match=rf"HTTP {status} from GET /things \(key from ACME_STRIPE_API_KEY\)"):
            it.ask()
        assert len(it.vendor.asked) == 1


def test_a_record_that_is_not_there_is_told_apart(tmp_path: Path) -> None:
    with asking(tmp_path, Answer(404)) as it, pytest.raises(RecordGone, match="HTTP 404"):
        it.ask()


def test_a_success_without_what_we_read_is_asked_once_more_and_then_a_broken_contract(tmp_path: Path) -> None:
    with asking(tmp_path, Answer(body=b'{"error": "no"}')) as it:
        with pytest.raises(ContractError, match="HTTP 200, but the body has no ok"):
            it.ask()
        assert len(it.vendor.asked) == 2


def test_a_list_where_an_object_should_be_is_a_broken_contract(tmp_path: Path) -> None:
    with asking(tmp_path, Answer(body=b"[]")) as it, pytest.raises(ContractError, match="list, not an object"):
        it.ask()


def test_redirects_are_refused_not_followed(tmp_path: Path) -> None:
    away = Answer(302, headers={"Location": "http://203.0.113.9/"})
    with asking(tmp_path, away) as it, pytest.raises(SourceRefused, match="HTTP 302: redirects are refused"):
        it.ask()


@pytest.mark.parametrize(
    "link",
    ["http://203.0.113.9/next", "https://127.0.0.1/next", "//203.0.113.9/next", "http://127.0.0.1:1/next"],
)
def test_the_key_goes_to_no_other_origin(tmp_path: Path, link: str) -> None:
    with asking(tmp_path, FINE) as it:
        with pytest.raises(SourceRefused, match="the next page is at another address"):
            it.ask(link)
        assert it.vendor.asked == []


def test_user_names_in_a_link_do_not_hide_its_origin(tmp_path: Path) -> None:
    with asking(tmp_path, FINE) as it:
        port = it.vendor.url.rpartition(":")[2]
        with pytest.raises(SourceRefused, match="another address"):
            it.ask(f"http://someone@127.0.0.1:{port}/next")


def test_a_full_link_of_the_same_origin_is_followed(tmp_path: Path) -> None:
    with asking(tmp_path, FINE) as it:
        it.ask(f"{it.vendor.url}/next?cursor=2")
        assert paths(it.vendor.asked) == ["/next?cursor=2"]


def test_no_secret_and_no_address_gets_into_an_error(tmp_path: Path) -> None:
    def leak(reply: Reply) -> Any:
        from kpi_pipeline.connectors.classify import Verdict

        return Verdict("settings", f"bad key {KEY} of ann@example.org: {reply.get('said')}")

    with (
        asking(tmp_path, Answer(401, b'{"said": "Bearer rk_live_other123456"}'), classify=leak) as it,
        pytest.raises(SourceRefused, match="bad key") as told,
    ):
        it.ask()
    said = f"{told.value!s} {told.value!r} {told.value.__cause__!r}"
    assert KEY not in said
    assert "ann@example.org" not in said
    assert "rk_live_other123456" not in said


def test_what_the_transport_says_is_redacted_too(tmp_path: Path) -> None:
    with (
        asking(tmp_path, Answer(cut=True), tries=2) as it,
        pytest.raises(SourceUnavailable, match="ConnectionError") as told,
    ):
        it.ask(params={"api_key": "verysecret"})
    assert "verysecret" not in str(told.value)
    assert told.value.__context__ is None or "verysecret" not in repr(told.value.__context__)


def test_a_key_with_a_line_break_is_named_by_its_variable_only(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="the key in ACME_STRIPE_API_KEY holds a blank") as told:
        client("http://127.0.0.1:1", tmp_path, [], auth={"Authorization": f"Bearer {KEY}\n"})
    assert KEY not in str(told.value)


@pytest.mark.parametrize("address", ["ftp://x", "nowhere", "http://u:p@host"])
def test_an_address_that_is_none_is_a_setting_to_correct(tmp_path: Path, address: str) -> None:
    with pytest.raises(SettingsError, match=r"base URL is not http\(s\)"):
        client(address, tmp_path, [])


def test_a_netrc_entry_does_not_replace_the_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with asking(tmp_path, FINE) as it:
        it.ask()
        assert it.vendor.asked[0][2]["Authorization"] == f"Bearer {KEY}"


def test_everybody_up_to_the_command_line_learns_whether_to_try_again(tmp_path: Path) -> None:
    with asking(tmp_path, BROKEN, tries=1) as it, pytest.raises(KpiError, match="Trying again may help") as told:
        it.ask()
    assert (told.value.exit_code, told.value.retryable) == (20, True)
