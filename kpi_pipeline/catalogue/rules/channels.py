"""A channel has what its kind needs and nothing else, and its secrets are names of variables, not the secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kpi_pipeline.catalogue.model import Channel, Company
from kpi_pipeline.errors import Issue

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WHAT = {
    "sender": "the address it comes from",
    "secret": "the variable of its token or signing key",
    "room": "the id of the chat room it writes to",
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "slack": (),
    "slack_bot": ("secret", "room"),
    "teams": (),
    "mail": ("sender",),
    "webhook": ("secret",),
    "pagerduty": (),
    "apprise": (),
}
MAY: Mapping[str, tuple[str, ...]] = {"pagerduty": ("secret",)}


def channels_have_what_they_need(company: Company) -> Iterable[Issue]:
    for name, channel in company.channels.items():
        for message in _faults(channel):
            line = company.line_of(f"channels.{name}")
            yield Issue(company.file, line, f"channel {name}: {message}", rule="channel")
    heartbeat = company.alerts.heartbeat
    if heartbeat is not None and not VARIABLE.fullmatch(heartbeat):
        line = company.alerts.line_of("heartbeat")
        yield Issue(company.alerts.file, line, _not_a_variable("heartbeat"), rule="channel")


def _faults(channel: Channel) -> Iterable[str]:
    for key, what in WHAT.items():
        given = getattr(channel, key) is not None
        if key in NEEDS[channel.kind] and not given:
            yield f"{channel.kind} needs `{key}`, {what}"
        if given and key not in (*NEEDS[channel.kind], *MAY.get(channel.kind, ())):
            yield f"`{key}` is without effect: {channel.kind} has none"
    for key in ("url", "secret"):
        if (value := getattr(channel, key)) is not None and not VARIABLE.fullmatch(value):
            yield _not_a_variable(key)


def _not_a_variable(key: str) -> str:
    """Without the value, which may be the secret itself."""
    return f"`{key}` is the name of the variable that holds the address or key, such as ACME_SLACK_URL, never the value"
