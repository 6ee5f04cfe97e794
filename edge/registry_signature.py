"""The register's signature: a detached JWS (RFC 7515, appendix F) with Ed25519 over all the rest of the file,
in canonical JSON (RFC 8785), by a key that the gateway's operator pinned.

    {"version": 7, "issuedAt": "2026-06-01T02:00:00Z", "shards": […], "signature": "eyJ…..…"}

The file stays readable and can be compared line by line. Each signing raises `version`, so that an old
file, however well signed, never takes a newer one's place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785
from joserfc import jws
from joserfc.jwk import OKPKey

from edge.region_keys import ALGORITHM, TrustedKey, holds, read_region_keys, signing_key_of

SIGNATURE: Final = "signature"
VERSION: Final = "version"
ISSUED_AT: Final = "issuedAt"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whose register is believed, and from which version on. Without `keys` nobody need sign it."""

    keys: Mapping[str, TrustedKey] = field(default_factory=dict)
    at_least: int = 0


NO_SIGNATURE_NEEDED: Final = Trust()


def pinned_keys(text: bytes) -> dict[str, TrustedKey]:
    """Read a JWKS or one JWK of those who may sign a register. Raises ValueError."""
    content = json.loads(text)
    if not isinstance(content, dict) or "shards" in content:
        raise ValueError("it is no key set: a region's key, in a register, signs no register")
    return read_region_keys(text)


def sign(content: Mapping[str, Any], key: OKPKey, version: int, now: datetime) -> dict[str, Any]:
    """Return the content with this version, the instant and the signature. Raises rfc8785's errors."""
    stated = {name: value for name, value in content.items() if name != SIGNATURE}
    head: dict[str, Any] = {VERSION: version, ISSUED_AT: now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    signed = head | {name: value for name, value in stated.items() if name not in head}
    header = {"alg": ALGORITHM, "kid": key.thumbprint()}
    token = jws.serialize_compact(header, rfc8785.dumps(signed), key, algorithms=[ALGORITHM])
    return {**signed, SIGNATURE: jws.detach_content(token)}


def require_signed(content: Mapping[str, Any], trust: Trust) -> None:
    """Raises ValueError, saying what is wrong, unless a pinned key signed all of the content."""
    signature = content.get(SIGNATURE)
    if not isinstance(signature, str):
        raise ValueError("nobody signed it: creditbank registry sign")
    try:
        signer = signing_key_of(signature, trust.keys)
    except ValueError:
        raise ValueError("its signature is no JWS") from None
    if signer is None:
        raise ValueError("it is signed with a key that is not pinned here (registry_keys)")
    if not holds(signature, signer.key, statement(content)):
        raise ValueError("its signature does not fit: something was changed after it was signed")
    version = content.get(VERSION)
    if not isinstance(version, int) or version < trust.at_least:
        raise ValueError(f"it is version {version}, older than {trust.at_least}, the oldest allowed here")


def statement(content: Mapping[str, Any]) -> bytes:
    """What is signed. Raises ValueError for what has no canonical form."""
    stated = {name: value for name, value in content.items() if name != SIGNATURE}
    try:
        return rfc8785.dumps(stated)
    except rfc8785.CanonicalizationError as error:
        raise ValueError(f"it has no canonical form: {error}") from None
