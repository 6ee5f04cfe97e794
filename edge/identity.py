"""Proves who is asking, from the bearer token (RFC 6750, RFC 7519) of a request.

No token is a public caller. A token that is wrong in any way refuses the request with
401: it never silently becomes public, since its sender believes to be somebody.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

import orjson
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.util import urlsafe_b64decode

from edge.caller import PUBLIC, Caller, Role
from edge.errors import HttpRefusal
from edge.keys import KeyCache, PublicKey, Source
from schema.ids import is_region_code

Algorithm = Literal["Ed25519", "EdDSA", "ES256"]
"""RFC 9864 renames EdDSA over Ed25519 to "Ed25519"; an issuer that still says EdDSA can be allowed."""

TOKEN_LIMIT_BYTES: Final = 8_192
PROVED_TOKENS_LIMIT: Final = 4_096
TEXT_CLAIM_LIMIT_CHARACTERS: Final = 200
SCOPES_LIMIT: Final = 100


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """Whose tokens are accepted. `leeway_s` forgives differing clocks; keys are trusted for `keys_ttl_s`."""

    issuer: str
    audience: str
    algorithms: tuple[Algorithm, ...] = ("Ed25519", "ES256")
    leeway_s: int = 30
    keys_ttl_s: float = 600.0
    keys_refresh_interval_s: float = 10.0


class Callers(Protocol):
    """Says who sent an Authorization header, or refuses it. `Identity` does so by tokens."""

    async def caller(self, authorization: str | None) -> Caller: ...


class Everyone:
    """Takes everybody for the public: for a program that hands tokens on to others, who judge them."""

    async def caller(self, authorization: str | None) -> Caller:
        """The public, whatever the header says."""
        return PUBLIC


class Identity:
    """Turns an Authorization header into a `Caller`; remembers a bounded number of proved tokens.

    `now` gives seconds since 1970 and judges expiry; `clock` measures how old the keys are.
    """

    def __init__(
        self,
        settings: IdentitySettings,
        keys: Source,
        *,
        now: Callable[[], float] = time.time,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._now = now
        self.keys = KeyCache(
            keys, clock, ttl_s=settings.keys_ttl_s, refresh_interval_s=settings.keys_refresh_interval_s
        )
        self._claims = jwt.JWTClaimsRegistry(
            now=lambda: int(now()),
            leeway=settings.leeway_s,
            iss={"essential": True, "value": settings.issuer},
            aud={"essential": True, "value": settings.audience},
            exp={"essential": True},
            sub={"essential": True},
        )
        self._proved: OrderedDict[bytes, tuple[Caller, float, int]] = OrderedDict()

    async def caller(self, authorization: str | None) -> Caller:
        """Who sent this header. Raises HttpRefusal 401 for a token that proves nobody, 503 without keys."""
        if authorization is None:
            return PUBLIC
        token = _bearer(authorization)
        digest = hashlib.sha256(token.encode()).digest()
        proved = self._proved.get(digest)
        if proved is not None and self._still_proved(proved):
            self._proved.move_to_end(digest)
            return proved[0]
        caller, expires_at = await self._prove(token)
        self._proved[digest] = (caller, expires_at, self.keys.generation)
        if len(self._proved) > PROVED_TOKENS_LIMIT:
            self._proved.popitem(last=False)
        return caller

    def _still_proved(self, proved: tuple[Caller, float, int]) -> bool:
        _, expires_at, generation = proved
        in_time = self._now() < expires_at + self._settings.leeway_s
        return in_time and generation == self.keys.generation and self.keys.is_fresh

    async def _prove(self, token: str) -> tuple[Caller, float]:
        key = await self.keys.find(_key_id(token))
        if key is None:
            raise _unauthorised("UNAUTHENTICATED")
        claims = self._signed_claims(token, key)
        try:
            self._claims.validate(claims)
        except ExpiredTokenError:
            raise _unauthorised("TOKEN_EXPIRED") from None
        except (InvalidClaimError, MissingClaimError) as error:
            raise _claim_refusal(error) from None
        return _caller(claims), float(claims["exp"])

    def _signed_claims(self, token: str, key: PublicKey) -> dict[str, Any]:
        try:
            return jwt.decode(token, key, algorithms=self._settings.algorithms).claims
        except (JoseError, ValueError):
            raise _unauthorised("UNAUTHENTICATED") from None


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token or len(token) > TOKEN_LIMIT_BYTES or not token.isascii():
        raise _unauthorised("UNAUTHENTICATED")
    return token


def _key_id(token: str) -> str | None:
    """The `kid` of the token's header, not trusted yet: it only picks the key that must prove it.

    A header that holds anything but texts (critical extensions, nested keys) is not one of our issuer's.
    """
    try:
        header = orjson.loads(urlsafe_b64decode(token.partition(".")[0].encode()))
    except ValueError:
        raise _unauthorised("UNAUTHENTICATED") from None
    if not isinstance(header, dict) or not all(isinstance(value, str) for value in header.values()):
        raise _unauthorised("UNAUTHENTICATED")
    return header.get("kid")


def _caller(claims: dict[str, Any]) -> Caller:
    try:
        role = Role(claims.get("role"))
    except ValueError:
        raise _unauthorised("TOKEN_CLAIM_INVALID", claim="role") from None
    region = learner_id = None
    if role in (Role.OFFICER, Role.AUDITOR):
        region = _text_claim(claims, "region")
        if not is_region_code(region):
            raise _unauthorised("TOKEN_CLAIM_INVALID", claim="region")
    if role is Role.LEARNER:
        learner_id = _text_claim(claims, "learner_id")
    return Caller(role, _text_claim(claims, "sub"), region, learner_id, _scopes(claims))


def _scopes(claims: dict[str, Any]) -> frozenset[str]:
    """The scopes of the claim `scope`, a text with spaces between them (RFC 8693, section 4.2)."""
    value = claims.get("scope", "")
    scopes = value.split() if isinstance(value, str) else None
    if scopes is None or len(scopes) > SCOPES_LIMIT:
        raise _unauthorised("TOKEN_CLAIM_INVALID", claim="scope")
    return frozenset(scopes)


def _text_claim(claims: dict[str, Any], name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= TEXT_CLAIM_LIMIT_CHARACTERS:
        raise _unauthorised("TOKEN_CLAIM_INVALID", claim=name)
    return value


def _claim_refusal(error: InvalidClaimError | MissingClaimError) -> HttpRefusal:
    if isinstance(error, InvalidClaimError):
        if error.claim in ("iss", "aud"):
            return _unauthorised("TOKEN_FOREIGN", claim=error.claim)
        if error.claim in ("nbf", "iat"):
            return _unauthorised("TOKEN_NOT_YET_VALID", claim=error.claim)
    return _unauthorised("TOKEN_CLAIM_INVALID", claim=error.claim)


def _unauthorised(code: str, **values: Any) -> HttpRefusal:
    return HttpRefusal(
        401, code, headers={"www-authenticate": 'Bearer realm="creditbank", error="invalid_token"'}, **values
    )
