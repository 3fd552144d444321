"""Surveys sent, the cash ledger, exchange rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from kpi_pipeline.sandbox.vendors.registers.table import Register, Row, columns, dutch, flag, past
from kpi_pipeline.sandbox.vendors.wire import iso_seconds
from kpi_pipeline.sandbox.world.model import World


def _invitations(world: World, now: datetime) -> Iterable[Row]:
    for row in world.invitations:
        delivered, bounced = past(row.delivered_at, now), past(row.bounced_at, now)
        cells = (row.id, row.booking_id, row.form_id, iso_seconds(row.sent_at), delivered, bounced)
        yield row.entered_at, (*cells, flag(row.is_reminder), iso_seconds(row.entered_at))


def _ledger(world: World, _now: datetime) -> Iterable[Row]:
    for row in world.ledger:
        cells = (row.id, row.day.isoformat(), row.account, row.kind, row.category, dutch(row.amount), row.currency)
        rest = (flag(row.one_off), flag(row.restricted), row.entered_by, iso_seconds(row.entered_at))
        yield row.entered_at, (*cells, *rest)


def _fx_rates(world: World, _now: datetime) -> Iterable[Row]:
    zone = ZoneInfo(world.zone)
    for row in world.fx_rates:
        published = row.published_at or datetime.combine(row.day, time(), zone).astimezone(UTC)
        yield published, (row.day.isoformat(), row.currency, str(row.rate))


REGISTERS = {
    "survey_invitations": Register(
        "Survey invitations sent after an event",
        columns("invitation_id booking_id form_id sent_at delivered_at bounced_at is_reminder"),
        _invitations,
    ),
    "ledger": Register(
        "Cash balances and flows from the books",
        columns("entry_id day account kind category amount currency one_off restricted", by_hand=True),
        _ledger,
    ),
    "fx_rates": Register("ECB euro reference rates", ("day", "currency", "rate"), _fx_rates),
}
