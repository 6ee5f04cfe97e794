"""Few people are not told of in public: neither by themselves, nor by what remains when others are known."""

from __future__ import annotations

from typing import Any

import pytest

from region_node.domain.cohort import Funnel, may_be_shown
from tests.node.bank import open_account
from tests.node.conftest import Asker, Served
from tests.node.test_cohorts import record

WITHHELD = {"registered": None, "trained": None, "sat": None, "passed": None, "withheld": 1}


async def funnel(asker: Asker, **given: str) -> dict[str, Any]:
    passed = "".join(f"{name}: {value}, " for name, value in given.items())
    shown = "{ registered trained sat passed withheld }"
    data = await asker.ask(f'{{ cohortFunnel({passed}regions: ["320000"]) {shown} }}')
    found: dict[str, Any] = data["cohortFunnel"]
    return found


@pytest.mark.parametrize(
    ("steps", "wider", "shown"),
    [
        ((104, 104, 43, 31), (), True),
        ((0, 0, 0, 0), (), True),
        ((10, 10, 10, 10), (), True),
        ((9, 0, 0, 0), (), False),
        ((40, 30, 20, 9), (), False),
        # One of 31 failed: whoever knows the others knows who.
        ((31, 31, 31, 30), (), False),
        # Without these forty, three are left of all: the same three, told by subtraction.
        ((40, 40, 40, 40), ((43, 43, 43, 43),), False),
        ((40, 40, 40, 40), ((80, 80, 40, 40),), True),
        # Of the others one failed.
        ((40, 40, 40, 40), ((80, 80, 80, 79),), False),
    ],
)
def test_who_can_be_told_from_a_number(
    steps: tuple[int, ...], wider: tuple[tuple[int, ...], ...], shown: bool
) -> None:
    assert may_be_shown(Funnel(*steps), [Funnel(*one) for one in wider]) is shown


async def test_a_group_that_few_are_outside_of(served: Served, certificate: str) -> None:
    """Eleven in school and one veteran: neither may be shown, for twelve are."""
    accounts = [
        (await open_account(served.officer, number, group="VETERAN" if number == 1 else "IN_SCHOOL"))
        for number in range(1, 13)
    ]
    await record(served, certificate, "REGISTERED", [one["account"]["id"] for one in accounts])
    for asker in (served.public, served.portal):
        assert await funnel(asker) == {"registered": 12, "trained": 0, "sat": 0, "passed": 0, "withheld": 0}
        assert await funnel(asker, group="VETERAN") == WITHHELD
        assert await funnel(asker, group="IN_SCHOOL") == WITHHELD
        assert await funnel(asker, level="ADVANCED") == {
            "registered": 0, "trained": 0, "sat": 0, "passed": 0, "withheld": 0
        }  # fmt: skip
    assert (await funnel(served.officer, group="VETERAN"))["registered"] == 1
