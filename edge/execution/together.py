"""Awaitables that are had together: a resolver says what it needs, and a level's needs are met at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Sequence
from typing import Any, Generic, Self, TypeVar

T = TypeVar("T")


class Together(Generic[T]):
    """What a resolver returns instead of awaiting it itself, as any executor may await it.

    A subclass says how many of it are had by one call; `__await__` has one of them alone.
    """

    __slots__ = ()

    @classmethod
    @abstractmethod
    async def meet(cls, needs: Sequence[Self]) -> Sequence[T | Exception]:
        """Return what each of `needs` comes to, in their order; an exception fails its place only."""

    @abstractmethod
    def __await__(self) -> Generator[Any, None, T]: ...
