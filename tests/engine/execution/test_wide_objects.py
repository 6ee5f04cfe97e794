"""An object with more fields than one function reads is read as any other: in order, nulls and errors."""

from __future__ import annotations

from typing import Any

from tests.engine.federation import World, world

WIDTH = 700
SHOP = """
    type Query { item: Item }
    type Item { name: String code: String! parts(count: Int): [Part!] }
    type Part { row: Int! }
"""


def shop(**values: Any) -> World:
    item = {"name": "scales", "code": "c", "parts": lambda count, **_: [{"row": count}], **values}
    return world({"shop": (SHOP, {"item": item}, None)})


def asked(last: str) -> str:
    fields = " ".join(f"a{i}: name p{i}: parts(count: {i}) {{ row }}" for i in range(WIDTH))
    return f"{{ item {{ {fields} last: {last} }} }}"


async def test_fields_stand_in_the_order_in_which_they_were_asked() -> None:
    response = await shop().ask(asked("code"))
    assert response.errors == ()
    assert response.data is not None
    item = response.data["item"]
    expected = [pair for i in range(WIDTH) for pair in ((f"a{i}", "scales"), (f"p{i}", [{"row": i}]))]
    assert list(item.items()) == [*expected, ("last", "c")]


async def test_a_null_that_may_not_be_takes_the_whole_object() -> None:
    response = await shop(code=None).ask(asked("code"))
    assert response.data == {"item": None}
    assert [error["path"] for error in response.errors] == [["item", "last"]]


async def test_what_is_null_among_many_is_null_alone() -> None:
    response = await shop(name=None).ask(asked("name"))
    assert response.data is not None
    assert response.data["item"]["last"] is None
    assert response.data["item"]["p9"] == [{"row": 9}]
