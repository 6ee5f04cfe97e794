"""The public keys by which regions sign, and whether one of them signed a statement.

A signature is a detached JWS (RFC 7515, appendix F) with Ed25519 over canonical JSON; its `kid` is the
region's code, "#", and the key's thumbprint (RFC 7638).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

ALGORITHM: Final = "Ed25519"
KEYS_LIMIT_BYTES: Final = 8_388_608
"""Of a file of keys: as much as a gateway's register may have."""


@dataclass(frozen=True, slots=True)
class TrustedKey:
    """A region's public key. `region` is None where the key set does not say whose it is."""

    key: OKPKey
    region: str | None


def read_region_keys(text: bytes) -> dict[str, TrustedKey]:
    """Read a JWKS, one JWK, or a gateway's register; return the keys by thumbprint. Raises ValueError."""
    content = json.loads(text)
    if "shards" in content:
        named = [(one["publicKey"], one["code"]) for one in content["shards"] if one.get("publicKey")]
    else:
        keys = content.get("keys", [content])
        named = [(one, _region_of(str(one.get("kid", "")))) for one in keys]
    found = {}
    for plain, region in named:
        if plain.get("kty") == "OKP" and plain.get("crv") == "Ed25519":
            key = OKPKey.import_key(plain)
            found[key.thumbprint()] = TrustedKey(key, region)
    if not found:
        raise ValueError("there is no Ed25519 key in it")
    return found


def signing_key_of(token: str, keys: Mapping[str, TrustedKey]) -> TrustedKey | None:
    """Return the key that a JWS names as its own, where it is among `keys`. Raises ValueError."""
    return keys.get(key_id(token).replace("#", "/").rpartition("/")[2])


def key_id(token: str) -> str:
    """Return the `kid` of a JWS, unproved. Raises ValueError where its header cannot be read."""
    header = token.split(".", 1)[0]
    content = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))
    if not isinstance(content, dict):
        raise ValueError("the header of a JWS is an object")
    return str(content.get("kid", ""))


def holds(signature: str, key: OKPKey, statement: bytes) -> bool:
    """Did this key sign `statement` so?"""
    try:
        jws.deserialize_compact(signature, key, algorithms=[ALGORITHM], payload=statement)
    except (JoseError, ValueError):
        return False
    return True


def _region_of(kid: str) -> str | None:
    region, separator, _ = kid.partition("#")
    return region if separator else None
