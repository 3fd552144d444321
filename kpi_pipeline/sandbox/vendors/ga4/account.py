"""The service account that reads the property, and Google's check of what it signed (RFC 7523)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import exceptions, jwt

from kpi_pipeline.sandbox.context import VendorContext

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
AUDIENCE = "https://oauth2.googleapis.com/token"  # google-auth writes this one, whatever address the key file names
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"


def key_file(context: VendorContext, token_uri: str) -> str:
    """The JSON that Google hands out for a new key; the key is made when it is first asked for."""
    secret = _private_key(context).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return json.dumps(
        {
            "type": "service_account",
            "project_id": f"{context.company}-kpi",
            "private_key_id": _key_id(context),
            "private_key": secret.decode(),
            "client_email": _email(context),
            "token_uri": token_uri,
        }
    )


def refusal(context: VendorContext, form: Mapping[str, Sequence[str]]) -> str | None:
    """Why no token is given for this assertion, or None. Its times are those of the machine that signed it."""
    if form.get("grant_type") != [GRANT]:
        return "Invalid grant_type"
    public = _private_key(context).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    try:
        assertion = form["assertion"][0]
        claims = jwt.decode(assertion, certs={_key_id(context): pem}, audience=AUDIENCE)  # type: ignore[no-untyped-call]
    except (KeyError, ValueError, exceptions.GoogleAuthError) as bad:
        return f"Invalid JWT: {bad}"
    if claims.get("iss") != _email(context):
        return "Invalid grant: account not found"
    return None if SCOPE in str(claims.get("scope")).split() else "Invalid OAuth scope or ID token audience provided."


def _private_key(context: VendorContext) -> rsa.RSAPrivateKey:
    if "private_key" not in context.memo:
        context.memo["private_key"] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    key: rsa.RSAPrivateKey = context.memo["private_key"]
    return key


def _key_id(context: VendorContext) -> str:
    return context.key.removeprefix("ya29.")[::-1]


def _email(context: VendorContext) -> str:
    return f"kpi@{context.company}-kpi.iam.gserviceaccount.com"
