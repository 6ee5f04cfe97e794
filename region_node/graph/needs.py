"""What a resolver needs of the books, said instead of awaited: all of a level's rows come by one statement.

A field that needs one row returns `need(...)`. It is typed as what it comes to, as Strawberry types an
`async` resolver: whoever executes the field awaits it, for a whole level at once where it can
(edge/execution/together.py).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from edge.execution.together import Together

if TYPE_CHECKING:
    from region_node.graph.context import Batch, Context

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R")


def need(
    context: Context, batch: Batch[K, V], key: K, *arguments: Hashable, become: Callable[[V | None], R]
) -> R:
    """What the row of `key` becomes; None where there is none."""
    return cast("R", Need(context, batch, key, arguments, become))


class Need(Together[R], Generic[K, V, R]):
    __slots__ = ("arguments", "batch", "become", "context", "key")

    def __init__(
        self,
        context: Context,
        batch: Batch[K, V],
        key: K,
        arguments: tuple[Hashable, ...],
        become: Callable[[V | None], R],
    ) -> None:
        self.context = context
        self.batch = batch
        self.key = key
        self.arguments = arguments
        self.become = become

    @classmethod
    async def meet(cls, needs: Sequence[Need[Any, Any, R]]) -> Sequence[R | Exception]:
        met: list[Any] = [None] * len(needs)
        asked: dict[Hashable, list[int]] = {}
        for place, one in enumerate(needs):
            asked.setdefault((one.batch, one.arguments), []).append(place)
        for places in asked.values():
            first = needs[places[0]]
            try:
                rows = await first.context.rows(
                    first.batch, [needs[place].key for place in places], *first.arguments
                )
            except Exception as error:
                rows = [error] * len(places)
            for place, row in zip(places, rows, strict=True):
                met[place] = row if isinstance(row, Exception) else _became(needs[place], row)
        return met

    def __await__(self) -> Generator[Any, None, R]:
        row = yield from self.context.load(self.batch, self.key, *self.arguments).__await__()
        return self.become(row)


def _became(one: Need[Any, Any, Any], row: Any) -> Any:
    try:
        return one.become(row)
    except Exception as error:
        return error
