"""The vendors that the sandbox speaks for; see `sandbox.context` for what a vendor module offers."""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

NAMES = (
    "stripe",
    "hubspot",
    "typeform",
    "uptimerobot",
    "linear",
    "prometheus",
    "registers",
    "github",
    "mailgun",
    "sql",
    "mixpanel",
    "ga4",
    "slack",
    "slack_bot",
    "teams",
    "mail",
    "webhook",
    "pagerduty",
)


def load(name: str) -> ModuleType:
    """The module of one vendor. Raises KeyError for a name that is not in NAMES."""
    if name not in NAMES:
        raise KeyError(f"no vendor {name!r} in the sandbox; there are: {', '.join(NAMES)}")
    return import_module(f"{__name__}.{name}")
