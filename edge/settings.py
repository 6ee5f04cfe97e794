"""What an operator may set about the HTTP front, the same for both programs.

The programs read these from the environment or a file into this frozen value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from edge.limits import Limits


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """Settings of one program's front. `program` names it in logs and on the explorer's page."""

    program: str
    limits: Limits = field(default_factory=Limits)
    persisted_queries: bool = True
    """Automatic persisted queries: a client may send a document's hash once its text was sent."""
    persisted_queries_limit: int = 2_000
    persisted_queries_limit_bytes: int = 16 * 1_048_576
    trusted_documents: Path | None = None
    """A folder of `*.graphql` files that clients may name by file stem or by SHA-256."""
    trusted_documents_only: bool = False
    """Accept nothing but documents of that folder."""
    strict_csrf: bool = False
    """Ask every GET for a header that makes browsers send a preflight, even where no browser sent it."""
    allowed_origins: tuple[str, ...] = ()
    """Origins of web pages that may call this program from a browser (CORS)."""
    explorer: bool = True
