"""Folders that reports are copied to: each file once, dated, with its checksum beside it; never overwritten."""

from __future__ import annotations

from pathlib import Path

from kpi_pipeline.alerts.channels import Sender
from kpi_pipeline.alerts.message import Message
from kpi_pipeline.alerts.periodic import FOLDER
from kpi_pipeline.catalogue import Company
from kpi_pipeline.errors import DeliveryDelayed, DeliveryRefused, StoreUnavailable
from kpi_pipeline.history.chain import sha256
from kpi_pipeline.reports.render import write_bytes
from kpi_pipeline.settings import Settings


def folders(settings: Settings, company: Company) -> dict[str, Sender]:
    """A sender for each folder of a company's reports, by the name of its channel."""
    named = sorted({send.folder for report in company.reports.values() for send in report.send if send.folder})
    return {f"{FOLDER}{folder}": _sender(settings, company, folder) for folder in named}


def archived(root: Path, below: str) -> bytes:
    """The bytes of an archived file. Raises DeliveryRefused when it is gone."""
    try:
        return (root / below).read_bytes()
    except OSError as error:
        raise DeliveryRefused(
            f"reading the archived {below}",
            f"{error.strerror}",
            remedy="`kpi report verify` says what is missing; restore it, then replay",
        ) from None


def _sender(settings: Settings, company: Company, folder: str) -> Sender:
    def send(message: Message, _recipients: tuple[str, ...]) -> None:
        for line in message.lines:
            for below in line.told.content["folders"].get(folder, ()):
                _copy(settings, settings.report_drop_root / company.id / folder, below)

    return Sender(send)


def _copy(settings: Settings, folder: Path, below: str) -> None:
    """A file under the archive's own name, which has report, period, instant and hash in it."""
    content = archived(settings.reports_root, below)
    *_, report, period, name = below.split("/")
    target = folder / f"{report}-{period}-{name}"
    try:
        write_bytes(content, target)
        write_bytes(f"{sha256(content)}  {target.name}\n".encode(), target.with_name(f"{target.name}.sha256"))
    except StoreUnavailable as error:
        doing = f"copying {below} into {folder}"
        raise DeliveryDelayed(doing, error.came_back, remedy=error.remedy, unanswered=True) from None
