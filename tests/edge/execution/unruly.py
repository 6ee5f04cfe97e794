"""A schema whose resolvers answer, answer late, answer nothing, answer wrongly or raise: as a seed says.

What a field does is decided by the seed and the field's path, so that two executors meet the same world.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Generator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from random import Random
from typing import Annotated, Any, Final, Generic, TypeVar, cast

import strawberry
from strawberry.permission import BasePermission

from edge.execution.together import Together

T = TypeVar("T")

TROUBLE: Final = (0.0, 0.03, 0.08, 0.16)
"""How likely a field fails, by the seed."""


@dataclass
class World:
    """`late`: may answers be awaited? Otherwise all is answered at once."""

    seed: int
    late: bool
    asked: list[str] = field(default_factory=list)

    def random(self, *place: object) -> Random:
        return Random(f"{self.seed} {place}")  # noqa: S311 # a test's choice

    def answer(self, info: strawberry.Info, good: Callable[[Random], T]) -> T:
        """What a resolver at this path comes to: awaitable or not, and not always what it should be."""
        return cast("T", self._answer(info, good))

    def _answer(self, info: strawberry.Info, good: Callable[[Random], Any]) -> Any:
        place = info.path.as_list()
        random = self.random(place)
        self.asked.append(str(place))
        value = self._plainly(random, place, good)
        if not self.late or random.random() < 0.4:
            if isinstance(value, _Raised):
                raise value.error
            return value
        return Needed(value) if random.random() < 0.5 else _awaited(value)

    def _plainly(self, random: Random, place: object, good: Callable[[Random], Any]) -> Any:
        if random.random() > TROUBLE[self.seed % len(TROUBLE)]:
            return good(random)
        return random.choice(
            (None, _Raised(ValueError(f"raised at {place}")), LookupError(f"returned at {place}"), object())
        )


@dataclass
class _Raised:
    error: Exception


async def _awaited(value: Any) -> Any:
    if isinstance(value, _Raised):
        raise value.error
    return value


class Needed(Together[Any]):
    """A value that is had together with others."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    @classmethod
    async def meet(cls, needs: Sequence[Needed]) -> list[Any]:
        return [need.value.error if isinstance(need.value, _Raised) else need.value for need in needs]

    def __await__(self) -> Generator[Any, None, Any]:
        return _awaited(self.value).__await__()


Info = strawberry.Info[World, None]


class Colour(Enum):
    RED = 1
    BLUE = 2


strawberry.enum(Colour)


@strawberry.input
class Where:
    colour: Colour | None = None
    least: int = 0
    colours: list[Colour | None] | None = None
    inner: list[Where] | None = None

    def fewest(self) -> int:
        """A number that depends on all of it, colours being members and not their names."""
        shown = [self.colour, *(self.colours or ())]
        within = sum(one.fewest() for one in self.inner or ())
        values: list[int] = [one.value for one in shown if one]
        return self.least + sum(values) + within


class Admitted(BasePermission):
    message = "not admitted"

    def has_permission(self, source: Any, info: Any, **_: Any) -> bool:
        return bool(info.context.random(info.path.as_list(), "admitted").random() < 0.9)


@strawberry.interface
class Named:
    name: str


@strawberry.type
class Box(Generic[T]):
    """A generic type, whose instances only the schema's type resolvers can tell apart."""

    content: T | None


@strawberry.type
class Leaf(Named):
    number: int
    ratio: float | None
    colour: Colour | None
    tags: list[str | None]
    grid: list[list[int]] | None
    flag: bool


@strawberry.type
class Fruit:
    name: str
    weight: float

    @strawberry.field
    def ripe(self, info: Info) -> bool:
        return info.context.answer(info, lambda random: random.random() < 0.5)

    @strawberry.field(permission_classes=[Admitted])  # type: ignore[untyped-decorator] # its overloads are
    def guarded(self) -> str | None:
        return "seen"


Thing = Annotated[
    Annotated["Leaf", strawberry.lazy("tests.edge.execution.unruly")]
    | Annotated["Fruit", strawberry.lazy("tests.edge.execution.unruly")]
    | Annotated["Branch", strawberry.lazy("tests.edge.execution.unruly")],
    strawberry.union("Thing"),
]


@strawberry.type
class Branch(Named):
    @strawberry.field
    def child(self, info: Info) -> Thing:
        return info.context.answer(info, make_thing)

    @strawberry.field
    def maybe(self, info: Info, x: int = 1) -> Thing | None:
        return info.context.answer(info, lambda random: make_thing(random) if x else None)

    @strawberry.field
    def children(self, info: Info, first: int = 3, where: Where | None = None) -> list[Thing]:
        least = where.fewest() if where else 0
        return info.context.answer(info, lambda random: _list(random, least, first, make_thing))

    @strawberry.field
    def perhaps(self, info: Info) -> list[Thing | None] | None:
        return info.context.answer(
            info, lambda random: cast("list[Any]", tuple(_list(random, 0, 3, _thing_or_hole)))
        )

    @strawberry.field
    def rows(self, info: Info) -> list[list[Named] | None]:
        return info.context.answer(
            info, lambda random: _list(random, 0, 2, lambda one: _list(one, 0, 2, make_named))
        )

    @strawberry.field
    def named(self, info: Info) -> Named | None:
        return info.context.answer(info, make_named)

    @strawberry.field
    def boxed(self, info: Info, colour: Colour = Colour.RED) -> Box[int] | None:
        return info.context.answer(
            info, lambda random: Box[int](content=cast("Any", _hole(random)) or colour.value)
        )

    @strawberry.field
    async def awaited(self, info: Info) -> list[Fruit | None]:
        if not info.context.late:
            return []
        value: Any = info.context.answer(info, lambda random: _list(random, 0, 3, make_fruit))
        return cast("list[Fruit | None]", await value if hasattr(value, "__await__") else value)

    @strawberry.field
    def streamed(self, info: Info) -> list[int] | None:
        if not info.context.late:
            return [1]
        return info.context.answer(info, lambda random: cast("list[int]", _stream(random.randint(0, 3))))


@strawberry.type
class Query:
    @strawberry.field
    def branch(self, info: Info) -> Branch | None:
        return info.context.answer(info, lambda _: Branch(name="root"))

    @strawberry.field
    def sure(self, info: Info) -> Branch:
        return info.context.answer(info, lambda _: Branch(name="sure"))

    @strawberry.field
    def things(self, info: Info, first: int = 3, where: Where | None = None) -> list[Thing]:
        least = where.fewest() if where else 0
        return info.context.answer(info, lambda random: _list(random, least, first, make_thing))


SCHEMA = strawberry.Schema(Query, types=[Leaf, Fruit, Branch])


def make_thing(random: Random) -> Leaf | Fruit | Branch:
    makers: tuple[Callable[[Random], Leaf | Fruit | Branch], ...] = (make_leaf, make_fruit, make_branch)
    return random.choice((*makers, make_branch))(random)


def make_named(random: Random) -> Named:
    makers: tuple[Callable[[Random], Named], ...] = (make_leaf, make_branch)
    return random.choice(makers)(random)


def make_branch(random: Random) -> Branch:
    return Branch(name=_odd(random, "a branch"))


def make_fruit(random: Random) -> Fruit:
    fruit = Fruit(name=_odd(random, "a fruit"), weight=_odd(random, 1.5))
    if random.random() < 0.03:
        del fruit.name
    return fruit


def make_leaf(random: Random) -> Leaf:
    return Leaf(
        name=_odd(random, "a leaf"),
        number=_odd(random, random.choice((1, 2**31, True, "3"))),
        ratio=_odd(random, random.choice((None, 0.5, 2, float("inf")))),
        colour=_odd(random, random.choice((None, Colour.RED, Colour.BLUE))),
        tags=_odd(random, ["one", None, _odd(random, "two")]),
        grid=_odd(random, [[1, 2], [], [_odd(random, 3)]]),
        flag=_odd(random, True),
    )


def _odd(random: Random, good: Any) -> Any:
    """A value as it should be, mostly."""
    chance = random.random()
    if chance < 0.94:
        return good
    return None if chance < 0.96 else ValueError("stored") if chance < 0.98 else object()


def _hole(random: Random) -> Exception | None:
    return ValueError("an item") if random.random() < 0.05 else None


def _thing_or_hole(random: Random) -> Any:
    return _hole(random) or make_thing(random)


def _list(random: Random, least: int, most: int, make: Callable[[Random], Any]) -> list[Any]:
    return [make(random) for _ in range(random.randint(min(least, most), max(least, most)))]


async def _stream(length: int) -> AsyncIterator[int]:
    for number in range(length):
        yield number
