"""What a region says its log was: the head of its Merkle tree, which it signs and a witness keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import rfc8785


@dataclass(frozen=True, slots=True)
class TreeHead:
    """So many leaves, under this root, at this instant.

    `key` names the key of `signature`; both are None where the region has none.
    """

    region: str
    size: int
    root: bytes
    signed_at: datetime
    key: str | None = None
    signature: str | None = None

    def statement(self) -> bytes:
        """Return what is signed: canonical JSON (RFC 8785)."""
        return rfc8785.dumps(
            {
                "region": self.region,
                "root": self.root.hex(),
                "signedAt": self.signed_at.astimezone(UTC).isoformat(),
                "size": self.size,
            }
        )
