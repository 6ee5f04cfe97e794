"""What storage may fail with, as the caller is told it: a stable code, and nothing is lost.

StorageFailure    the database cannot serve now; the change was not made
Conflict          two changes met; the whole use case may be run again
"""

from __future__ import annotations

from enum import StrEnum


class StorageCode(StrEnum):
    BUSY = "DATABASE_BUSY"
    FULL = "DATABASE_FULL"
    READ_ONLY = "DATABASE_READ_ONLY"
    UNREACHABLE = "DATABASE_UNREACHABLE"
    DAMAGED = "DATABASE_DAMAGED"
    NOT_MIGRATED = "DATABASE_NOT_MIGRATED"


class StorageFailure(Exception):  # noqa: N818 - named for what happened
    """The database cannot serve now. Whatever was being written was rolled back whole."""

    def __init__(self, code: StorageCode) -> None:
        super().__init__(code.value)
        self.code = code

    @property
    def extensions(self) -> dict[str, str]:
        """How the error is told in a GraphQL response: graphql-core copies these."""
        return {"code": self.code.value}


class Conflict(Exception):  # noqa: N818 - two changes met; it is no error of either
    """Another change got there first; everything of this one was rolled back."""
