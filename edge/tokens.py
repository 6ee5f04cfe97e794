"""Issues tokens for demonstrations and tests: a key pair, its JWKS, and tokens signed with it.

A real installation gets its tokens from its own identity provider; a program only ever
reads the JWKS.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import orjson
from joserfc import jwt
from joserfc.jwk import OKPKey

from edge.caller import Caller

DEMO_ISSUER: Final = "https://identity.creditbank.example"
DEMO_AUDIENCE: Final = "creditbank"
DEMO_LIFETIME_S: Final = 12 * 3600


def generate_key() -> OKPKey:
    """A new Ed25519 key pair for signing; its id is its RFC 7638 thumbprint."""
    return OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519"}, auto_kid=True)


def write_key(key: OKPKey, private_file: Path, jwks_file: Path) -> None:
    """Writes the pair as a private JWK, which only its owner may read, and its public JWKS."""
    owner_only = os.open(private_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(owner_only, "wb") as file:
        file.write(orjson.dumps(key.as_dict(private=True)))
    jwks_file.write_bytes(jwks(key))


def read_key(private_file: Path) -> OKPKey:
    """The key pair that `write_key` wrote. Raises OSError or ValueError."""
    return OKPKey.import_key(orjson.loads(private_file.read_bytes()))


def jwks(*keys: OKPKey) -> bytes:
    """The public key set (RFC 7517) of these keys, as JSON text."""
    return orjson.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def issue_token(
    key: OKPKey,
    caller: Caller,
    *,
    issuer: str = DEMO_ISSUER,
    audience: str = DEMO_AUDIENCE,
    lifetime_s: int = DEMO_LIFETIME_S,
    now: Callable[[], float] = time.time,
) -> str:
    """A token that proves `caller` for `lifetime_s` seconds from now. The caller needs a subject."""
    issued_at = int(now())
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": audience,
        "sub": caller.subject,
        "iat": issued_at,
        "exp": issued_at + lifetime_s,
        "role": caller.role.value,
        "region": caller.region,
        "learner_id": caller.learner_id,
        "scope": " ".join(sorted(caller.scopes)) or None,
    }
    stated = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "Ed25519", "kid": key.kid}, stated, key, algorithms=["Ed25519"])
