"""Signing in at Google: a service account's key is exchanged for an access token that holds for an hour."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping

from kpi_pipeline.errors import SettingsError, SourceRefused, SourceUnavailable

SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
_DOING = "ga4: signing in at Google"


def headers(key: str, key_variable: str) -> Mapping[str, str] | Callable[[], Mapping[str, str]]:
    """What carries the key: of a service account's JSON key a token that is renewed in time; anything else is a token.

    Raises SettingsError for JSON that is no service account's key. The result raises SourceRefused when Google does not
    accept the key, SourceUnavailable when it cannot be asked.
    """
    if not key.lstrip().startswith("{"):
        return {"Authorization": f"Bearer {key}"}
    # a third of a second to import, and only needed here
    from google.auth import exceptions
    from google.auth.transport.requests import Request
    from google.oauth2 import service_account

    try:
        account = json.loads(key)
        credentials = service_account.Credentials.from_service_account_info(account, scopes=[SCOPE])  # type: ignore[no-untyped-call]
    except (ValueError, KeyError, exceptions.MalformedError):
        raise SettingsError(
            _DOING,
            f"{key_variable} begins like JSON but does not hold the key of a service account",
            remedy=f"Put the whole JSON key file into {key_variable}, or its path into {key_variable}_FILE.",
        ) from None
    ask, one_at_a_time = Request(), threading.Lock()

    def renewed() -> Mapping[str, str]:
        with one_at_a_time:
            if not credentials.valid:
                try:
                    credentials.refresh(ask)
                except exceptions.TransportError as error:
                    raise SourceUnavailable(
                        _DOING, f"{type(error).__name__}", remedy="The next run signs in again."
                    ) from None
                except exceptions.RefreshError as error:
                    raise _refused(error, key_variable) from None
        return {"Authorization": f"Bearer {credentials.token}"}

    return renewed


def _refused(error: Exception, key_variable: str) -> SourceRefused | SourceUnavailable:
    """Google's own words, without the body of its answer; `retryable` is what google-auth makes of it."""
    words = f"{error.args[0] if error.args else type(error).__name__}"[:200]
    if getattr(error, "retryable", False):
        return SourceUnavailable(_DOING, words, remedy="The next run signs in again.")
    remedy = f"See that the key in {key_variable} is not revoked, and that this machine's clock is right."
    return SourceRefused(_DOING, f"{words} (key from {key_variable})", remedy=remedy)
