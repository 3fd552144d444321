"""A channel has what its kind needs and nothing else, and its secrets are names of variables, not the secrets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from kpi_pipeline.catalogue.model import Channel, Company
from kpi_pipeline.errors import Issue

VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WHAT = {
    "url": "the variable of its address",
    "sender": "the address it comes from",
    "secret": "the variable of its token, signing key or routing key",
    "room": "the id of the chat room it writes to",
}
NEEDS: Mapping[str, tuple[str, ...]] = {
    "slack": ("url",),
    "slack_bot": ("secret", "room"),
    "teams": ("url",),
    "mail": ("url", "sender"),
    "webhook": ("url", "secret"),
    "pagerduty": ("secret",),
    "apprise": ("url",),
}
MAY = {"slack_bot": ("url",), "pagerduty": ("url",)}  # in place of the one address that these have


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
    given = {key: value for key in WHAT if (value := getattr(channel, key))}
    for key, what in WHAT.items():
        if key in NEEDS[channel.kind] and key not in given:
            yield f"{channel.kind} needs `{key}`, {what}"
        if key in given and key not in (*NEEDS[channel.kind], *MAY.get(channel.kind, ())):
            yield f"`{key}` is without effect: {channel.kind} has none"
    for key in ("url", "secret"):
        if key in given and not VARIABLE.fullmatch(given[key]):
            yield _not_a_variable(key)


def _not_a_variable(key: str) -> str:
    """Without the value, which may be the secret itself."""
    return f"`{key}` is the name of the variable that holds the address or key, such as ACME_SLACK_URL, never the value"
