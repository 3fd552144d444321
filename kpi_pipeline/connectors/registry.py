"""Which connector reads which source, and how one is opened. Loading this module loads no connector and no schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from importlib import import_module
from pathlib import Path
from typing import Any

from kpi_pipeline.connectors.base import Connector, Stream
from kpi_pipeline.connectors.budget import Budget
from kpi_pipeline.errors import SettingsError, UsageError


@dataclass(frozen=True, slots=True)
class Source:
    """A connector's module (it has STREAMS and connect) and the vendor's address (None: each company has its own)."""

    module: str
    base_url: str | None
    needs_key: bool = True


SOURCES: Mapping[str, Source] = {
    "stripe": Source("kpi_pipeline.connectors.stripe", "https://api.stripe.com"),
    "hubspot": Source("kpi_pipeline.connectors.hubspot", "https://api.hubapi.com"),
    "typeform": Source("kpi_pipeline.connectors.typeform", "https://api.typeform.com"),
    "uptimerobot": Source("kpi_pipeline.connectors.uptimerobot", "https://api.uptimerobot.com/v3"),
    "linear": Source("kpi_pipeline.connectors.linear", "https://api.linear.app/graphql"),
    "prometheus": Source("kpi_pipeline.connectors.prometheus", None, needs_key=False),
    "github": Source("kpi_pipeline.connectors.github", "https://api.github.com"),
    "sql": Source("kpi_pipeline.connectors.sql", None, needs_key=False),
    "mixpanel": Source("kpi_pipeline.connectors.mixpanel", "https://data.mixpanel.com/api/2.0"),
    "mailgun": Source("kpi_pipeline.connectors.mailgun", "https://api.mailgun.net"),
    "ga4": Source("kpi_pipeline.connectors.ga4", "https://analyticsdata.googleapis.com"),
    "registers": Source("kpi_pipeline.connectors.registers", None, needs_key=False),
}


def streams(source: str) -> tuple[Stream, ...]:
    """The streams of a source, without opening it and without importing pandera."""
    found: tuple[Stream, ...] = import_module(_source(source).module).STREAMS
    return found


def open_connector(
    source: str,
    *,
    company: str,
    base_url: str | None,
    key: str | None,
    key_variable: str,
    settings: Mapping[str, Any],
    budget_root: Path,
    now: Callable[[], datetime],
    **options: Any,
) -> Connector:
    """The connector of one company's account; close it after use.

    `base_url` None means the vendor's own. `settings` are the source's entries in company.yaml; a connector takes those
    it knows. `options` go to `Http` (tries, patience, sleep, jitter). The request budget is a file under `budget_root`
    named by a hash of the key, because limits hold for an account, whichever companies and processes use it.
    Raises UsageError for an unknown source, SettingsError when the key or the address is missing.
    """
    spec = _source(source)
    if spec.needs_key and not key:
        raise SettingsError(
            f"{source}: opening the connection of {company}",
            f"there is no key: {key_variable} and {key_variable}_FILE are not set",
            remedy=f"Put the key into {key_variable}, or a file with it into {key_variable}_FILE.",
        )
    address = base_url if base_url is not None else spec.base_url
    if address is None:
        raise SettingsError(
            f"{source}: opening the connection of {company}",
            "there is no address, and this source has no usual one",
            remedy=f"Set {company.upper()}_{source.upper()}_BASE_URL.",
        )
    account = sha256((key or address).encode()).hexdigest()[:12]
    connector: Connector = import_module(spec.module).connect(
        base_url=address,
        key=key,
        key_variable=key_variable,
        settings=settings,
        budget=partial(Budget, budget_root / f"{source}-{account}.sqlite"),
        now=now,
        **options,
    )
    return connector


def _source(name: str) -> Source:
    if name not in SOURCES:
        raise UsageError(
            f"looking for the connector of {name!r}",
            f"there is none; there are: {', '.join(SOURCES)}",
            remedy="Correct the name of the source.",
        )
    return SOURCES[name]
