"""Reports leave through the outbox: once a period, to channels and folders, tried again like alerts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from kpi_pipeline.alerts import outbox
from kpi_pipeline.alerts.channels import blocks, letter
from kpi_pipeline.alerts.channels.wire import Sender
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.outbox import Attempt, Outbox
from kpi_pipeline.errors import StoreUnavailable
from kpi_pipeline.flow import packs
from kpi_pipeline.flow.packs import Made, Sending
from kpi_pipeline.flow.tell import deliver, reader
from kpi_pipeline.flow.workspace import Workspace
from kpi_pipeline.history import archive
from kpi_pipeline.settings import Settings
from kpi_pipeline_tests.flow.reporting_company import NOW, REPORTS, declare, fill

SENDING = REPORTS.replace(
    "  formats: [html, json]\n",
    "  formats: [html, json, mail]\n"
    "  send:\n"
    "    - {channel: mail, to: [ann, bob]}\n"
    "    - {channel: slack}\n"
    "    - {folder: governance/kpi-history, formats: [html, json]}\n",
)


class Post:
    """Channels that keep what they get; a mail as it would cross the wire."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.messages: list[Message] = []

    def senders(self) -> dict[str, Sender]:
        return {"mail": Sender(self.mail), "slack": Sender(self.slack)}

    def mail(self, message: Message, recipients: tuple[str, ...]) -> None:
        self.mails.append(letter.compose(message, "kpi@acme.example", recipients))

    def slack(self, message: Message, _recipients: tuple[str, ...]) -> None:
        self.messages.append(message)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    found = declare(tmp_path, SENDING)
    fill(found)
    return found


@pytest.fixture
def space(settings: Settings) -> Iterator[Workspace]:
    with Workspace(settings, now=NOW) as opened:
        yield opened


def make(space: Workspace, sending: Sending = "once") -> list[Made]:
    company = space.company("acme")
    weekly = company.reports["weekly"]
    return packs.make(space, company, weekly, weekly.period.named("2026-W47"), sending=sending)


def flush(space: Workspace, post: Post) -> list[Attempt]:
    """Deliver to the post; folders are not its business."""
    words = reader(space, space.company("acme"))
    return outbox.deliver(Outbox(space.history, words, post.senders(), lambda: space.now, lambda: 0.5), flush=True)


def test_a_report_is_sent_once_a_period(space: Workspace) -> None:
    post = Post()
    make(space)
    make(space)
    flush(space, post)
    flush(space, post)
    assert (len(post.mails), len(post.messages)) == (1, 1)
    make(space, "again")
    flush(space, post)
    assert (len(post.mails), len(post.messages)) == (2, 2)


def test_building_a_report_sends_nothing(space: Workspace) -> None:
    post = Post()
    make(space, "no")
    assert flush(space, post) == []


def test_the_mail_is_the_archived_digest_from_the_channel(space: Workspace) -> None:
    post = Post()
    digest = next(each for each in make(space) if each.format == "mail").path.read_bytes()
    flush(space, post)
    mail = post.mails[0]
    assert mail["From"] == "kpi@acme.example"
    assert mail["To"] == "ann@acme.example, bob@acme.example"
    assert mail["Subject"].startswith("Acme · Weekrapport · Week 47 van 2026")
    assert mail["Message-ID"] != "<acme.weekly.2026-W47@kpi-pipeline.invalid>"
    assert list(mail.iter_attachments()) == []
    archived = message_from_bytes(digest, policy=default)
    place = "acme/report/weekly/2026-W47.html"
    link = str(space.settings.reports_root / place)
    for kind in ("plain", "html"):
        sent, kept = mail.get_body((kind,)), archived.get_body((kind,))
        assert sent is not None
        assert kept is not None
        assert sent.get_content().splitlines() == kept.get_content().replace(place, link).splitlines()
        assert link in sent.get_content()


def test_the_mail_links_to_the_report_where_it_can_be_read_in_a_browser(settings: Settings) -> None:
    link = "https://kpi.acme.example/acme/report/weekly/2026-W47.html"
    reachable = replace(settings, environment={**settings.environment, "KPI_REPORTS_URL": "https://kpi.acme.example/"})
    post = Post()
    with Workspace(reachable, now=NOW) as space:
        make(space)
        flush(space, post)
    plain, html = (post.mails[0].get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert f"\n{link}\n" in plain.get_content().replace("\r", "")
    assert f'<a href="{link}">{link}</a>' in html.get_content()


def test_a_chat_channel_gets_the_first_page_and_the_place(space: Workspace) -> None:
    post = Post()
    made = make(space)
    flush(space, post)
    message = post.messages[0]
    text = message.text()
    assert text.startswith("▤ rapport: Acme · Weekrapport · Week 47 van 2026, 16 t/m 22 november 2026")
    assert "In het kort: 0 van 1 KPI's op koers, 1 mist het doel" in text
    assert "Vraagt aandacht:" in text
    assert "Leads · ◇ mist doel · 40 · ≥ 50" in text
    assert f"Pagina: {made[0].path}" in text
    assert "Leads" in str(blocks.body(message, ()))


def test_a_folder_gets_each_file_dated_with_its_checksum(space: Workspace, settings: Settings) -> None:
    made = make(space)
    deliver(space, space.company("acme"), flush=True)
    folder = settings.report_drop_root / "acme" / "governance" / "kpi-history"
    names = sorted(each.name for each in folder.iterdir() if each.suffix != ".sha256")
    assert {name.rsplit(".", 1)[-1] for name in names} == {"html", "json"}
    assert len(names) == 2
    assert all(name.startswith("weekly-2026-W47-20261123T080000Z-") for name in names)
    for name in names:
        content = (folder / name).read_bytes()
        assert content in [each.path.read_bytes() for each in made]
        digest = hashlib.sha256(content).hexdigest()
        assert (folder / f"{name}.sha256").read_text() == f"{digest}  {name}\n"


def test_a_folder_that_cannot_be_written_is_tried_again(space: Workspace, settings: Settings) -> None:
    settings.report_drop_root.parent.mkdir(parents=True, exist_ok=True)
    settings.report_drop_root.write_text("a file stands where the folder should be")
    make(space)
    company = space.company("acme")
    attempts = {each.channel: each for each in deliver(space, company, flush=True)}
    assert attempts["folder:governance/kpi-history"].outcome == "delayed"
    settings.report_drop_root.unlink()
    with Workspace(settings, now=NOW + timedelta(hours=1)) as later:
        again = {each.channel: each.outcome for each in deliver(later, company, flush=True)}
    assert again["folder:governance/kpi-history"] == "sent"


def test_a_digest_that_is_gone_is_a_dead_letter(space: Workspace) -> None:
    post = Post()
    mail = next(each for each in make(space) if each.format == "mail")
    (space.settings.reports_root / mail.entry.file).unlink()
    attempts = {each.channel: each for each in flush(space, post)}
    assert attempts["mail"].outcome == "dead"
    assert "kpi report verify" in str(attempts["mail"].error)
    assert attempts["slack"].outcome == "sent"


def test_what_is_due_is_sent_and_what_was_archived_unsent_is_caught_up(space: Workspace) -> None:
    post, company = Post(), space.company("acme")
    make(space, "no")
    packs.make_due(space, company)
    packs.make_due(space, company)
    flush(space, post)
    assert [each["Subject"].split(" · ")[1] for each in post.mails] == ["Weekrapport"]


def test_a_format_that_is_missing_is_made_when_it_is_due(space: Workspace, settings: Settings, tmp_path: Path) -> None:
    company = space.company("acme")
    packs.make_due(space, company)
    declare(tmp_path, SENDING.replace("[html, json, mail]", "[html, json, mail, xlsx]"))
    with Workspace(settings, now=NOW) as later:
        packs.make_due(later, later.company("acme"))
        kept = {entry.format for entry in archive.entries(later.history, "acme", report="weekly")}
        assert kept == {"html", "json", "eml", "xlsx"}
        post = Post()
        flush(later, post)
        assert len(post.mails) == 1


def test_one_report_that_cannot_be_made_does_not_stop_the_others(space: Workspace) -> None:
    company = space.company("acme")
    (space.settings.reports_root / "acme" / "archive").mkdir(parents=True)
    (space.settings.reports_root / "acme" / "archive" / "weekly").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="archiving"):
        packs.make_due(space, company)
    assert {entry.report for entry in archive.entries(space.history, "acme")} == {"monthly"}


def test_only_the_newest_due_period_is_sent_by_itself(space: Workspace) -> None:
    company = space.company("acme")
    weekly = company.reports["weekly"]
    expected = {"2026-W46": False, "2026-W47": True, "2026-W48": False}
    assert {
        name: packs.is_newest_due(space, company, weekly, weekly.period.named(name)) for name in expected
    } == expected
