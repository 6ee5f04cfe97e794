"""What a node tells gateways of who is in it, so that they need not ask it about anybody else.

A member is known by a tag, which means nothing without the key that nodes and gateways share. Tags
travel in order of joining, a page at a time, sealed and bound to the one question they answer: what
was damaged, belongs to another shard or was answered before cannot be opened (docs/SHARDING.md, 10).
"""

from __future__ import annotations

import hmac
import secrets
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Final

import orjson
import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

LEASE_MS: Final = 2_000
"""How long an answer holds, from before it was asked for."""
ANNOUNCED_MS: Final = 2_100
"""How long before anything of a member can be seen its tag is told: the lease, and what clocks differ."""
TAG_BYTES: Final = 8
KEY_BYTES: Final = 32
PAGE_MEMBERS: Final = 10_000
"""Most members of one answer: 140 KB, and some 20 ms of a node."""
_NONCE_BYTES: Final = 12

QUESTION: Final = (
    "query($type: String!, $after: String, $challenge: String!)"
    " { _service { membership(type: $type, after: $after, challenge: $challenge) } }"
)


class MembershipError(ValueError):
    """An answer that is none to the question that was asked, or was damaged on its way."""


@dataclass(frozen=True, slots=True)
class Question:
    """Who has joined `shard` since the version `after`; "" asks for all. `challenge` makes it unique."""

    shard: str
    type_name: str
    after: str
    challenge: str = field(default_factory=lambda: secrets.token_hex(8))

    def bound(self) -> bytes:
        return rfc8785.dumps([self.shard, self.type_name, self.after, self.challenge])


@dataclass(frozen=True, slots=True)
class Joined:
    """The tags after a version, one after another, up to `version`.

    `restarts`: they begin with the first member, and what was told before is void. `is_whole`: there are
    no more. `members` is how many there are in all.
    """

    version: str
    members: int
    tags: bytes = b""
    restarts: bool = False
    is_whole: bool = True


class MembershipKey:
    """The key that nodes and gateways share for this alone."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a membership key has {KEY_BYTES} bytes")
        self._tags = hmac.digest(secret, b"tags", "sha256")
        self._seal = AESGCM(hmac.digest(secret, b"seal", "sha256"))

    def tag(self, type_name: str, key: str) -> bytes:
        """What the entity of this type and key is known by."""
        return hmac.digest(self._tags, f"{type_name}\0{key}".encode(), "sha256")[:TAG_BYTES]

    def seal(self, joined: Joined, question: Question) -> str:
        content = orjson.dumps(
            {
                "version": joined.version,
                "members": joined.members,
                "restarts": joined.restarts,
                "isWhole": joined.is_whole,
                "tags": b64encode(joined.tags).decode(),
            }
        )
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._seal.encrypt(nonce, content, question.bound())
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, text: str, question: Question) -> Joined:
        """Raises `MembershipError`."""
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            content = orjson.loads(self._seal.decrypt(nonce, ciphertext, question.bound()))
            tags = b64decode(content["tags"], validate=True)
            joined = Joined(
                content["version"], content["members"], tags, content["restarts"], content["isWhole"]
            )
        except (InvalidTag, ValueError, KeyError, TypeError):
            raise MembershipError("it is no answer to this question, or was damaged") from None
        if len(tags) % TAG_BYTES:
            raise MembershipError("its tags are not whole")
        return joined
