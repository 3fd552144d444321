"""Pings an address that raises the alarm elsewhere when the pings stop: nothing else can tell that nothing tells."""

from __future__ import annotations

import requests

from kpi_pipeline.alerts.channels.post import Target, said_by
from kpi_pipeline.alerts.channels.wire import TIMEOUT_S
from kpi_pipeline.errors import DeliveryDelayed


def ping(url: str, variable: str) -> None:
    """One GET; raises DeliveryDelayed, which never carries the address, when it was not answered with 2xx."""
    doing = f"pinging the heartbeat (address from {variable})"
    remedy = "The next pass pings again; check the address when this goes on"
    try:
        answer = requests.get(url, timeout=TIMEOUT_S, allow_redirects=False)
    except requests.RequestException as error:
        # `from None`: the exception's own text carries the address, which is a secret.
        raise DeliveryDelayed(doing, f"no answer ({type(error).__name__})", remedy=remedy) from None
    if not answer.ok or answer.is_redirect:
        said = f"HTTP {answer.status_code}: {said_by(answer, Target(url, 'the heartbeat', variable))!r}"
        raise DeliveryDelayed(doing, said, remedy=remedy)
