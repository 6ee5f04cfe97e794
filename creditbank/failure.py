"""A command that cannot go on says why and what to do, without a traceback."""

from __future__ import annotations


class Failure(Exception):
    """Ends the command with `status`; the message is for the person at the terminal."""

    def __init__(self, message: str, *, status: int = 1) -> None:
        super().__init__(message)
        self.status = status
