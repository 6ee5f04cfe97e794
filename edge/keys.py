"""The keys that prove tokens: a JWKS (RFC 7517) from a file or an address, kept for a bounded time.

A key set is read when it is first needed, again when it has grown old, and again when a
token names a key that is not in it (keys rotate), but never more often than a named
interval, so that forged key ids cause no traffic. Only public Ed25519 and P-256 keys are
taken up; anything else in the set is passed over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from edge.errors import HttpRefusal

PublicKey = ECKey | OKPKey
Source = Callable[[], Awaitable[bytes]]
"""Gives the JWKS as JSON text; raises OSError or ValueError when it cannot be had."""

JWKS_LIMIT_BYTES: Final = 262_144
KEYS_LIMIT: Final = 64


def file_source(path: Path) -> Source:
    """A JWKS in a file, read without blocking the loop."""

    def read() -> bytes:
        with path.open("rb") as file:
            return file.read(JWKS_LIMIT_BYTES + 1)

    async def source() -> bytes:
        return await asyncio.to_thread(read)

    return source


def url_source(url: str, fetch: Callable[[str], Awaitable[bytes]]) -> Source:
    """A JWKS at an address; `fetch` is the program's own client, with its time limit.

    `fetch` raises OSError or ValueError (TimeoutError is an OSError) for anything but a good answer.
    """

    async def source() -> bytes:
        return await fetch(url)

    return source


class KeyCache:
    """The current key set. `clock` gives seconds and never goes back (`time.monotonic`)."""

    def __init__(
        self, source: Source, clock: Callable[[], float], *, ttl_s: float, refresh_interval_s: float
    ) -> None:
        self._source = source
        self._clock = clock
        self._ttl_s = ttl_s
        self._refresh_interval_s = refresh_interval_s
        self._keys: dict[str, PublicKey] = {}
        self._read_at = float("-inf")
        self._tried_at = float("-inf")
        self._reading = asyncio.Lock()
        self.generation = 0
        """Grows with each key set read: what was proved by an older set can be told apart."""

    async def find(self, kid: str | None) -> PublicKey | None:
        """The key with this id (without an id, the only key there is), or None.

        Raises HttpRefusal KEYS_UNAVAILABLE when there is no key set young enough to trust.
        """
        if not self._can_tell(kid):
            async with self._reading:
                if not self._can_tell(kid):  # another request may have read it meanwhile
                    await self._read_again()
        if not self.is_fresh:
            raise HttpRefusal(503, "KEYS_UNAVAILABLE")
        return self._known(kid)

    @property
    def is_fresh(self) -> bool:
        """True while the set in hand is young enough to be trusted."""
        return self._clock() - self._read_at < self._ttl_s

    async def ready(self) -> str | None:
        """None when tokens can be proved now, otherwise why not, for the readiness page."""
        if not self.is_fresh:
            async with self._reading:
                await self._read_again()
        if not self.is_fresh:
            return "the key set cannot be read"
        return None if self._keys else "the key set holds no usable key"

    def _can_tell(self, kid: str | None) -> bool:
        return self.is_fresh and self._known(kid) is not None

    def _known(self, kid: str | None) -> PublicKey | None:
        if kid is None:
            return next(iter(self._keys.values())) if len(self._keys) == 1 else None
        return self._keys.get(kid)

    async def _read_again(self) -> None:
        """Reads the set unless that was just tried; on failure the old set stays until it is too old."""
        now = self._clock()
        if now - self._tried_at < self._refresh_interval_s:
            return
        self._tried_at = now
        try:
            keys = read_jwks(await self._source())
        except (OSError, ValueError):
            return
        self._keys, self._read_at = keys, now
        self.generation += 1


async def no_keys() -> bytes:
    """The source where none is set. Nobody can prove who they are: every caller is public."""
    return b'{"keys": []}'


def read_jwks(text: bytes) -> dict[str, PublicKey]:
    """The usable public keys of a JWKS by key id, at most `KEYS_LIMIT`. Raises ValueError otherwise."""
    if len(text) > JWKS_LIMIT_BYTES:
        raise ValueError(f"a JWKS of more than {JWKS_LIMIT_BYTES} bytes is not read")
    found = orjson.loads(text)
    entries = found.get("keys") if isinstance(found, dict) else None
    if not isinstance(entries, list):
        raise ValueError("a JWKS is an object with a list 'keys'")
    keys: dict[str, PublicKey] = {}
    for entry in entries[:KEYS_LIMIT]:
        key = _public_key(entry)
        if key is not None:
            keys[key.kid or key.thumbprint()] = key
    return keys


def _public_key(entry: object) -> PublicKey | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in entry.items() if name != "d"}
    try:
        if entry.get("kty") == "OKP" and entry.get("crv") == "Ed25519":
            return OKPKey.import_key(public)
        if entry.get("kty") == "EC" and entry.get("crv") == "P-256":
            return ECKey.import_key(public)
    except (JoseError, ValueError, TypeError):
        return None
    return None
