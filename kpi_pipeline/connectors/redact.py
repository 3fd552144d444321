"""Takes keys, tokens and e-mail addresses out of anything that is logged or raised."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from urllib.parse import quote

_SHAPES = re.compile(
    r"""(?ix)
    \b(?:sk|rk|pk|whsec)_(?:live_|test_)?[a-z0-9*]{6,}      # Stripe
    | \bpat-[a-z0-9]+-[a-z0-9-]{8,}                         # HubSpot
    | \btfp_[a-z0-9_-]{8,}                                  # Typeform
    | \b[um]r?\d{4,}-[a-z0-9]{12,}                          # UptimeRobot
    | \blin_(?:api|oauth)_[a-z0-9]{8,}                      # Linear
    | \bgithub_pat_[a-z0-9_]{8,} | \bgh[oprsu]_[a-z0-9]{8,}  # GitHub
    | \bkey-[0-9a-f]{16,} | \b[0-9a-f]{32}-[0-9a-f]{8}-[0-9a-f]{8}\b  # Mailgun
    | \bya29\.[a-z0-9_.-]{8,}                              # Google
    | (?<=bearer\s)[^\s"',;]+ | (?<=basic\s)[a-z0-9+/=]{8,}
    | (?<=://)[^/\s:@]+:[^/\s@]+(?=@)                       # user:password@host
    | (?<=[?&])(?:api_?key|key|token|access_token|client_secret)=[^&\s"']+
    """
)
_MAIL = re.compile(r"[A-Za-z0-9._%+-]+(?:@|%40)[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


class Redactor:
    """Callable: text → the same text without secrets and e-mail addresses, at most `limit` characters."""

    def __init__(self, secrets: Iterable[str] = (), *, limit: int = 400) -> None:
        plain = {secret for secret in secrets if secret}
        written = plain | {quote(s, safe="") for s in plain} | {b64encode(s.encode()).decode() for s in plain}
        self._secrets = sorted(written, key=len, reverse=True)
        self._limit = limit

    def __call__(self, text: str) -> str:
        if len(text) > 4 * self._limit:  # the patterns need quadratic time; the word at the cut may be half a secret
            text = text[: 4 * self._limit].rpartition(" ")[0] or "…"
        for secret in self._secrets:
            text = text.replace(secret, "***")
        text = _MAIL.sub("***@***", _SHAPES.sub("***", text))
        return text if len(text) <= self._limit else text[: self._limit - 1] + "…"
