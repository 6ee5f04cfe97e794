"""The keys of the bank: citizen numbers are sealed, found by a blind index, and never leave it.

AES-256-GCM seals; HMAC-SHA256 under a second key makes the index, so that equal numbers are
found without opening any; HMAC-SHA256 under the national key makes the pseudonym `learnerId`,
which is the same in every region.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import b32decode, b32encode
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV

KEY_BYTES = 32
CODE_LIMIT_CHARACTERS = 200
_NONCE_BYTES = 12
_PSEUDONYM_CHARACTERS = 26
_ACCOUNT_CHARACTERS = 16


@dataclass(frozen=True, slots=True)
class Vault:
    """Three keys of 32 bytes each. The first two are the node's own, `pseudonym_key` is national."""

    encryption_key: bytes = field(repr=False)
    index_key: bytes = field(repr=False)
    pseudonym_key: bytes = field(repr=False)

    def seal(self, text: str, *, owner: str) -> bytes:
        """Return nonce and ciphertext, bound to `owner` (the row's ID): it opens in no other row."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(self.encryption_key).encrypt(nonce, text.encode(), owner.encode())

    def open(self, sealed: bytes, *, owner: str) -> str:
        """Return what was sealed. Raises `cryptography.exceptions.InvalidTag` for another row or key."""
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        return AESGCM(self.encryption_key).decrypt(nonce, ciphertext, owner.encode()).decode()

    def blind_index(self, text: str) -> str:
        """Return what a sealed value is found by: 64 hex digits, meaningless without the key."""
        return hmac.new(self.index_key, text.encode(), hashlib.sha256).hexdigest()

    def learner_id(self, citizen_number: str) -> str:
        """Return the national pseudonym: "L-" and 26 characters of base32."""
        digest = hmac.new(self.pseudonym_key, citizen_number.encode(), hashlib.sha256).digest()
        return "L-" + b32encode(digest).decode()[:_PSEUDONYM_CHARACTERS]

    def account_unique(self, citizen_number: str, closed_before: int) -> str:
        """Return the unique part of an account's ID: it tells nothing of the learner without the key."""
        told = f"account\0{citizen_number}\0{closed_before}".encode()
        digest = hmac.new(self.index_key, told, hashlib.sha256).digest()
        return b32encode(digest).decode()[:_ACCOUNT_CHARACTERS]

    def fingerprint(self, canonical: bytes) -> str:
        """Return a keyed hash: a request that holds a citizen number must not be guessed from it."""
        return hmac.new(self.index_key, b"request\0" + canonical, hashlib.sha256).hexdigest()

    def seal_code(self, content: bytes) -> str:
        """Return a code that people can pass on: deterministic, and nobody can make or alter one."""
        return b32encode(self._codes().encrypt(content, None)).decode().rstrip("=")

    def open_code(self, code: str) -> bytes | None:
        """Return what the code holds; None where it is not one of ours. Case, spaces and hyphens are free."""
        text = "".join(code.split()).replace("-", "").upper()
        if len(text) > CODE_LIMIT_CHARACTERS:
            return None
        try:
            return self._codes().decrypt(b32decode(text + "=" * (-len(text) % 8)), None)
        except (InvalidTag, ValueError):
            return None

    def _codes(self) -> AESSIV:
        return AESSIV(hmac.new(self.encryption_key, b"verification codes", hashlib.sha512).digest())
