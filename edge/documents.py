"""Finds the document that an envelope names: by text, by hash (automatic persisted queries), by id.

Two stores with different trust. Trusted documents are a folder of the operator's, read
once. Persisted queries are whatever clients sent before, bounded, forgotten when the
program ends, and behind a protocol so that replicas can share a store.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from graphql import GraphQLError

from edge.envelope import Envelope
from edge.errors import HttpRefusal, coded_error
from edge.operation import Operation

HASH_PREFIX: Final = "sha256:"
DOCUMENT_ID_SHOWN_LIMIT_CHARACTERS: Final = 100


class PersistedQueries(Protocol):
    """Texts by their SHA-256 in hexadecimal. May forget anything at any time."""

    async def find(self, sha256: str) -> str | None: ...

    async def keep(self, sha256: str, text: str) -> None: ...


class MemoryPersistedQueries:
    """The texts used last, bounded in number and in bytes."""

    def __init__(self, limit: int, limit_bytes: int) -> None:
        self._limit = limit
        self._limit_bytes = limit_bytes
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._bytes = 0

    async def find(self, sha256: str) -> str | None:
        """The text with this hash, if it was kept and is not forgotten."""
        text = self._texts.get(sha256)
        if text is not None:
            self._texts.move_to_end(sha256)
        return text

    async def keep(self, sha256: str, text: str) -> None:
        """Keeps the text, and forgets those used longest ago that no longer fit."""
        if sha256 in self._texts:
            return
        self._texts[sha256] = text
        self._bytes += len(text.encode())
        while len(self._texts) > self._limit or self._bytes > self._limit_bytes:
            _, forgotten = self._texts.popitem(last=False)
            self._bytes -= len(forgotten.encode())


class TrustedDocuments:
    """Documents by SHA-256 and by name, fixed when the program starts."""

    def __init__(self, texts_by_name: Mapping[str, str]) -> None:
        self._by_hash = {sha256_of(text): text for text in texts_by_name.values()}
        self._by_name = dict(texts_by_name)

    @classmethod
    def from_folder(cls, folder: Path) -> TrustedDocuments:
        """The `*.graphql` files of a folder, named by their stems. Raises OSError, UnicodeDecodeError."""
        if not folder.is_dir():
            raise NotADirectoryError(f"the folder of trusted documents is missing: {folder}")
        return cls({file.stem: file.read_text("utf-8") for file in sorted(folder.glob("*.graphql"))})

    def find(self, document_id: str) -> str | None:
        """The document with this name, or this SHA-256 with or without the prefix `sha256:`."""
        return self._by_hash.get(document_id.removeprefix(HASH_PREFIX).lower()) or self._by_name.get(
            document_id
        )

    def holds(self, text: str) -> bool:
        """Whether this very text, to the byte, is one of them."""
        return sha256_of(text) in self._by_hash


class DocumentFinder:
    """Makes an operation of an envelope, or says in a coded error why not."""

    def __init__(
        self, persisted: PersistedQueries | None, trusted: TrustedDocuments, *, trusted_only: bool
    ) -> None:
        self._persisted = persisted
        self._trusted = trusted
        self._trusted_only = trusted_only

    async def find(self, envelope: Envelope) -> Operation | GraphQLError:
        """The operation to execute. Raises HttpRefusal 400 when the envelope names no document at all."""
        text = await self._text(envelope)
        if isinstance(text, GraphQLError):
            return text
        if self._trusted_only and not self._trusted.holds(text):
            return coded_error("DOCUMENT_NOT_TRUSTED")
        return Operation(
            text, envelope.variables, envelope.operation_name, envelope.extensions, envelope.document_id
        )

    async def _text(self, envelope: Envelope) -> str | GraphQLError:
        if envelope.document_id is not None and envelope.query is None:
            shown = envelope.document_id[:DOCUMENT_ID_SHOWN_LIMIT_CHARACTERS]
            return self._trusted.find(envelope.document_id) or coded_error(
                "DOCUMENT_UNKNOWN", document_id=shown
            )
        if "persistedQuery" in envelope.extensions:
            return await self._persisted_text(envelope.query, envelope.extensions["persistedQuery"])
        if envelope.query is None:
            raise HttpRefusal(400, "QUERY_MISSING")
        return envelope.query

    async def _persisted_text(self, query: str | None, entry: Any) -> str | GraphQLError:
        """The protocol of automatic persisted queries, version 1."""
        sha256 = entry.get("sha256Hash") if isinstance(entry, dict) and entry.get("version") == 1 else None
        if not isinstance(sha256, str):
            return coded_error("PERSISTED_QUERY_NOT_SUPPORTED")
        if query is not None:
            if sha256_of(query) != sha256.lower():
                return coded_error("PERSISTED_QUERY_HASH_MISMATCH")
            if self._persisted is not None and not self._trusted_only:
                await self._persisted.keep(sha256.lower(), query)
            return query
        trusted = self._trusted.find(sha256)
        if trusted is not None:
            return trusted
        if self._persisted is None:
            return coded_error("PERSISTED_QUERY_NOT_SUPPORTED")
        return await self._persisted.find(sha256.lower()) or coded_error("PERSISTED_QUERY_NOT_FOUND")


def sha256_of(text: str) -> str:
    """The SHA-256 of a document's UTF-8 text, in lower-case hexadecimal."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
