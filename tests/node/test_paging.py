"""Pages of any size, in any order, forwards and backwards, are slices of the one sorted list."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from region_node.domain.outcome import OutcomeStatus
from region_node.graph.cursors import decode_cursor, encode_cursor
from region_node.graph.enums import OutcomeOrder
from region_node.graph.outcome import OUTCOME_ORDERS
from region_node.service.bank_ports import OutcomeFilter
from region_node.service.paging import PageRequest
from tests.node.bank import deposited, open_account
from tests.node.conftest import Served
from tests.node.databases import Engine
from tests.node.paging_bank import PagingBank

PAGE = """query($first: Int, $after: String, $last: Int, $before: String, $order: AccountOrder!) {
  accounts(region: "320000", first: $first, after: $after, last: $last, before: $before, orderBy: $order) {
    totalCount
    edges { cursor node { id openedOn } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  } }"""


async def five_accounts(served: Served) -> list[str]:
    """Opened on three days, so that days tie; in the ascending order of (day, id)."""
    opened = []
    for order, day in enumerate((3, 1, 2, 1, 3)):
        served.clock.go_to(date(2026, 6, day))
        account = (await open_account(served.officer, order))["account"]
        opened.append((account["openedOn"], account["id"]))
    return [identifier for _, identifier in sorted(opened)]


def ids(page: dict[str, Any]) -> list[str]:
    return [edge["node"]["id"] for edge in page["edges"]]


async def test_pages_forwards_and_backwards_meet(served: Served) -> None:
    everything = await five_accounts(served)
    forwards: list[str] = []
    after = None
    for _ in range(4):
        page = (await served.officer.ask(PAGE, first=2, after=after, order="OPENED_ON_ASC"))["accounts"]
        assert page["totalCount"] == 5
        assert page["pageInfo"]["hasPreviousPage"] is bool(forwards)
        forwards += ids(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert forwards == everything
    backwards: list[str] = []
    before = None
    for _ in range(4):
        page = (await served.officer.ask(PAGE, last=2, before=before, order="OPENED_ON_DESC"))["accounts"]
        assert page["pageInfo"]["hasNextPage"] is bool(backwards)
        backwards = ids(page) + backwards
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break
    assert backwards == everything[::-1]


async def test_rows_inserted_meanwhile_repeat_and_lose_nothing(served: Served) -> None:
    everything = await five_accounts(served)
    page = (await served.officer.ask(PAGE, first=3, order="OPENED_ON_ASC"))["accounts"]
    served.clock.go_to(date(2026, 6, 1))
    await open_account(served.officer, 90)
    rest = await served.officer.ask(PAGE, first=3, after=page["pageInfo"]["endCursor"], order="OPENED_ON_ASC")
    seen = ids(page) + ids(rest["accounts"])
    assert [one for one in seen if one in everything] == everything
    assert len(seen) == len(set(seen))


async def test_any_nodes_cursor_of_the_order_is_understood(served: Served) -> None:
    everything = await five_accounts(served)
    foreign = json.dumps({"k": [["2026-06-02", "A"], ["000000-A-X", "A"]]}, separators=(",", ":")).encode()
    after = urlsafe_b64encode(foreign).decode().rstrip("=")
    page = (await served.officer.ask(PAGE, first=10, after=after, order="OPENED_ON_ASC"))["accounts"]
    assert ids(page) == everything[2:]
    assert page["pageInfo"]["hasPreviousPage"] is True


async def test_a_cursor_says_what_it_stands_for(served: Served) -> None:
    everything = await five_accounts(served)
    page = (await served.officer.ask(PAGE, first=1, order="OPENED_ON_ASC"))["accounts"]
    cursor = page["edges"][0]["cursor"]
    assert json.loads(urlsafe_b64decode(cursor + "==")) == {"k": [["2026-06-01", "A"], [everything[0], "A"]]}


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "not a cursor",
        "e30",
        urlsafe_b64encode(b'{"k":[["2026-06-01","D"],["x","D"]]}').decode().rstrip("="),
        urlsafe_b64encode(b'{"k":[["2026-99-01","A"],["x","A"]]}').decode().rstrip("="),
        urlsafe_b64encode(b'{"k":[[1,"A"],["x","A"]]}').decode().rstrip("="),
        urlsafe_b64encode(b'{"k":[["2026-06-01","A"]]}').decode().rstrip("="),
        urlsafe_b64encode(b"[1,2]").decode().rstrip("="),
        "A" * 2000,
    ],
)
async def test_a_cursor_that_is_none_is_a_clear_error(sqlite_served: Served, cursor: str) -> None:
    (error,) = await sqlite_served.officer.refused(PAGE, first=1, after=cursor, order="OPENED_ON_ASC")
    assert error["extensions"]["code"] == "INVALID_CURSOR"
    assert error["path"] == ["accounts"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 1, "last": 1}, "PAGE_ARGUMENTS_EXCLUSIVE"),
        ({"first": -1}, "PAGE_SIZE_NEGATIVE"),
        ({"first": 201}, "LIMIT_PAGE_SIZE"),
        ({"last": 201}, "LIMIT_PAGE_SIZE"),
    ],
)
async def test_page_sizes_have_limits(sqlite_served: Served, arguments: dict[str, int], code: str) -> None:
    (error,) = await sqlite_served.officer.refused(PAGE, order="OPENED_ON_ASC", **arguments)
    assert error["extensions"]["code"] == code


async def test_an_empty_page_tells_the_truth(served: Served) -> None:
    await five_accounts(served)
    end = (await served.officer.ask(PAGE, last=1, order="OPENED_ON_ASC"))["accounts"]["pageInfo"]["endCursor"]
    page = (await served.officer.ask(PAGE, first=2, after=end, order="OPENED_ON_ASC"))["accounts"]
    assert page["edges"] == []
    assert page["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": True,
        "startCursor": None,
        "endCursor": None,
    }
    none = (await served.officer.ask(PAGE, first=0, order="OPENED_ON_ASC"))["accounts"]
    assert (none["edges"], none["pageInfo"]["hasNextPage"]) == ([], True)


async def test_filters_narrow_and_orders_sort(served: Served) -> None:
    account = (await open_account(served.officer))["account"]["id"]
    for number, issued in enumerate(("2026-03-01", "2026-01-01", "2026-02-01")):
        await deposited(
            served.officer, account, title=f"t{number}", credits=f"{number + 1}.5", issuedOn=issued
        )
    query = """query($f: OutcomeFilter, $o: OutcomeOrder!) {
      outcomes(filter: $f, orderBy: $o) { totalCount edges { node { credits } } } }"""

    async def amounts(order: str, **where: Any) -> list[str]:
        page = (await served.officer.ask(query, f=where, o=order))["outcomes"]
        assert page["totalCount"] == len(page["edges"])
        return [edge["node"]["credits"] for edge in page["edges"]]

    assert await amounts("ISSUED_ON_ASC") == ["2.5", "3.5", "1.5"]
    assert await amounts("CREDITS_DESC") == ["3.5", "2.5", "1.5"]
    assert await amounts("ISSUED_ON_DESC", issuedFrom="2026-02-01") == ["1.5", "3.5"]
    assert await amounts("ISSUED_ON_ASC", issuedTo="2026-01-31", status="VERIFIED", kind="COURSE") == ["2.5"]
    assert await amounts("ISSUED_ON_ASC", kind="MOOC") == []


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def paging_bank(request: pytest.FixtureRequest, database_engines: dict[str, Engine]) -> Iterator[PagingBank]:
    bank = PagingBank(database_engines[request.param].fresh())
    yield bank
    bank.close()


Sizes = st.integers(min_value=0, max_value=6)


@settings(max_examples=60)
@given(
    days=st.lists(st.integers(min_value=0, max_value=3), max_size=8),
    order_name=st.sampled_from(list(OutcomeOrder)),
    size=Sizes,
    backward=st.booleans(),
    bounds=st.tuples(st.none() | Sizes, st.none() | Sizes),
)
def test_a_page_is_a_slice_of_the_sorted_list(
    paging_bank: PagingBank,
    days: list[int],
    order_name: OutcomeOrder,
    size: int,
    backward: bool,
    bounds: tuple[int | None, int | None],
) -> None:
    """The oracle sorts in Python. `bounds` pick rows whose cursors are `after` and `before`."""
    order = OUTCOME_ORDERS[order_name]
    account, rows = paging_bank.fill(days)

    def place(row: Any) -> tuple[Any, ...]:
        return tuple(getattr(row, key.name) for key in order)

    ordered = sorted(rows, key=place, reverse=order[0].descending)
    keys = [
        None
        if bound is None or bound >= len(ordered)
        else decode_cursor(encode_cursor(ordered[bound], order), order)
        for bound in bounds
    ]
    low = 0 if keys[0] is None else [place(row) for row in ordered].index(keys[0]) + 1
    high = len(ordered) if keys[1] is None else [place(row) for row in ordered].index(keys[1])
    between = ordered[low : max(low, high)]
    request = PageRequest(order, size, backward, keys[0], keys[1], with_total=True, with_neighbours=True)
    expected = between[len(between) - min(size, len(between)) :] if backward else between[:size]
    for page in paging_bank.pages(account, OutcomeFilter(status=OutcomeStatus.SUBMITTED), request):
        assert list(page.rows) == expected
        assert page.total == len(ordered)
        overflow = len(between) > size
        assert page.has_next is ((not backward and overflow) or keys[1] is not None)
        assert page.has_previous is ((backward and overflow) or keys[0] is not None)
