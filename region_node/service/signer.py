"""The region's signature: a detached JWS (RFC 7515, appendix F) with Ed25519 over canonical JSON.

A decision is signed only for callers this region trusts to have carried the home region's facts
unchanged: whoever brings facts of their own gets an answer, but not the region's word on it.
"""

from __future__ import annotations

from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey

from edge.caller import Caller, Role
from edge.region_keys import ALGORITHM, holds


class Signer:
    """Signs in one region's name. `seed` is the private key, 32 bytes."""

    def __init__(self, seed: bytes, region: str) -> None:
        self._key = OKPKey.import_key(Ed25519PrivateKey.from_private_bytes(seed))
        self._header = {"alg": ALGORITHM, "kid": f"{region}#{self._key.thumbprint()}"}

    def sign(self, statement: bytes) -> str:
        """Return the JWS without its payload: header, two dots, signature."""
        return jws.detach_content(
            jws.serialize_compact(self._header, statement, self._key, algorithms=[ALGORITHM])
        )

    def token(self, claims: dict[str, Any], base: str) -> str:
        """Return the claims as a JWT. Its `kid` is the address of the public key under `base`."""
        header = {"alg": ALGORITHM, "typ": "JWT", "kid": f"{base}/issuer/keys/{self.thumbprint}"}
        return jws.serialize_compact(header, orjson.dumps(claims), self._key, algorithms=[ALGORITHM])

    @property
    def thumbprint(self) -> str:
        return self._key.thumbprint()

    @property
    def key(self) -> str:
        """Name of the key: the region and the key's thumbprint (RFC 7638)."""
        return self._header["kid"]

    def holds(self, statement: bytes, signature: str) -> bool:
        """Did this key sign `statement` so?"""
        return holds(signature, self._key, statement)

    def public_key(self) -> dict[str, str | list[str]]:
        """Return the public key as a JWK (RFC 7517, RFC 8037)."""
        return self._key.as_dict(private=False)


def vouches_for(caller: Caller, region: str) -> bool:
    """May a decision made on facts that this caller brought bear the region's signature?"""
    return caller.role is Role.PORTAL or caller.acts_for_region(region)
