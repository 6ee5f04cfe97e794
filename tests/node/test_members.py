"""A node tells gateways who joined, in order and sealed, before any of it can be seen."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from joserfc.jwk import OKPKey

from region_node.domain.account import LearnerGroup
from region_node.seed import load_seed, read_seed
from region_node.service.account_cases import OPEN_ACCOUNT, OpenAccount
from region_node.service.announcer import Announcer
from region_node.service.perform import answered
from region_node.storage import migrations as versions
from region_node.storage.database import Database
from region_node.storage.members import SqlMembers
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import MemberRow
from schema import membership
from schema.membership import ANNOUNCED_MS, Joined, MembershipError, MembershipKey, Question
from tests.node.bank import open_account
from tests.node.conftest import Served, citizen_number, serving
from tests.node.databases import REGION, Engine
from tests.node.test_sheet_import import COURSE, course, run, write_csv

KEY = MembershipKey(bytes.fromhex("77" * 32))
HEX = "77" * 32


class Time:
    """Passes when a test says so; `slept` are the waits that were begun."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []
        self.waited = asyncio.Event()
        self.passes = asyncio.Event()
        self.passes.set()

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.waited.set()
        await self.passes.wait()
        self.now_s += seconds

    def announcer(self) -> Announcer:
        return Announcer(KEY, clock=lambda: self.now_s, sleep=self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def telling(engine: Engine, keys_file: Path, token_key: OKPKey, time: Time) -> AsyncIterator[Served]:
    """A node with empty books that tells gateways of its members."""
    async with serving(
        engine.fresh(), keys_file, token_key, announcer=time.announcer(), membership_key=HEX
    ) as one:
        yield one


async def joined(node: Served, after: str = "") -> Joined:
    question = Question(REGION, "Learner", after)
    data = await node.public.ask(
        membership.QUESTION, type="Learner", after=after or None, challenge=question.challenge
    )
    return KEY.open(data["_service"]["membership"], question)


def tag(node: Served, order: int) -> bytes:
    return KEY.tag("Learner", node.node.bank.vault.learner_id(citizen_number(order)))


async def test_what_joined_since_a_version_is_told_in_order(telling: Served) -> None:
    empty = await joined(telling)
    assert (empty.members, empty.tags, empty.restarts, empty.is_whole) == (0, b"", True, True)
    for order in (1, 2):
        await open_account(telling.officer, order)
    two = await joined(telling, empty.version)
    assert (two.members, two.restarts) == (2, False)
    assert two.tags == tag(telling, 1) + tag(telling, 2)
    await open_account(telling.officer, 3)
    assert (await joined(telling, two.version)).tags == tag(telling, 3)
    again = await joined(telling, "7-of another list")
    assert (again.restarts, len(again.tags)) == (True, 3 * membership.TAG_BYTES)


async def test_many_members_are_told_page_by_page(telling: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("region_node.service.members.PAGE_MEMBERS", 2)
    async with telling.node.bank.units.write() as unit:
        await unit.members.add([f"L-{number}" for number in range(5)])
    pages = [await joined(telling)]
    while not pages[-1].is_whole:
        pages.append(await joined(telling, pages[-1].version))
    assert b"".join(page.tags for page in pages) == b"".join(KEY.tag("Learner", f"L-{n}") for n in range(5))
    assert [(page.members, page.restarts) for page in pages] == [(5, True), (5, False), (5, False)]


async def test_an_answer_is_for_one_question_and_for_who_has_the_key(telling: Served) -> None:
    question = Question(REGION, "Learner", "")
    data = await telling.public.ask(membership.QUESTION, type="Learner", challenge=question.challenge)
    answer: str = data["_service"]["membership"]
    assert KEY.open(answer, question).members == 0
    wrong = [
        (KEY, answer, Question(REGION, "Learner", "")),
        (KEY, answer, Question("310000", "Learner", "", question.challenge)),
        (KEY, answer, Question(REGION, "Learner", "1-00", question.challenge)),
        (KEY, answer[:-2] + ("A" if answer[-2] != "A" else "B") + answer[-1], question),
        (KEY, answer[:20], question),
        (MembershipKey(b"k" * 32), answer, question),
    ]
    for key, text, asked in wrong:
        with pytest.raises(MembershipError):
            key.open(text, asked)


async def test_of_another_type_and_without_a_key_nothing_is_told(
    telling: Served, sqlite_served: Served
) -> None:
    for node, type_name in ((telling, "Region"), (sqlite_served, "Learner")):
        data = await node.public.ask(membership.QUESTION, type=type_name, challenge="x")
        assert data == {"_service": {"membership": None}}


async def test_a_member_is_told_of_before_anybody_can_see_the_account(telling: Served, time: Time) -> None:
    time.passes.clear()
    opening = asyncio.create_task(open_account(telling.officer))
    await time.waited.wait()
    assert (await joined(telling)).tags == tag(telling, 1)
    assert await telling.officer.ask("{ statistics { accounts } }") == {"statistics": {"accounts": 0}}
    time.passes.set()
    assert (await opening)["account"]["status"] == "OPEN"
    assert time.slept == [ANNOUNCED_MS / 1000]


async def test_a_repeat_and_who_has_an_account_wait_for_nothing(telling: Served, time: Time) -> None:
    first = await open_account(telling.officer, key="k")
    assert await open_account(telling.officer, key="k") == first
    assert (await open_account(telling.officer))["code"] == "ACCOUNT_EXISTS"
    assert (await open_account(telling.officer, citizenNumber="12"))["__typename"] == "Refusal"
    assert time.slept == [ANNOUNCED_MS / 1000]


async def test_what_another_process_announced_is_waited_for_in_full(
    telling: Served, time: Time, keys_file: Path, token_key: OKPKey
) -> None:
    other_time = Time()
    url = telling.node.settings.database_url
    async with serving(
        url, keys_file, token_key, announcer=other_time.announcer(), membership_key=HEX
    ) as other:
        async with other.node.bank.units.write() as unit:
            await unit.members.add([other.node.bank.vault.learner_id(citizen_number(1))])
        version = (await joined(other)).version
        await open_account(telling.officer)
        assert time.slept == [ANNOUNCED_MS / 1000]
        assert (await joined(other, version)).tags == b""
        await open_account(telling.officer, 2)
        assert (await joined(other, version)).tags == tag(telling, 2)


async def test_no_account_is_opened_that_was_not_announced(telling: Served) -> None:
    bank = telling.node.bank
    command_ = OpenAccount(citizen_number(1), LearnerGroup.IN_SCHOOL)
    with pytest.raises(RuntimeError, match="not told of"):
        async with bank.units.write() as unit:
            await answered(bank, unit, OPEN_ACCOUNT, command_, key="k", moment=bank.moment("x"))
    assert (await joined(telling)).members == 0


async def test_a_member_whose_transaction_commits_late_is_not_passed_over(
    database_engines: dict[str, Engine],
) -> None:
    database = Database(database_engines["postgresql"].fresh())
    async with database.write() as slow:
        await SqlMembers(slow).add(["L-slow"])

        async def join_too() -> None:
            async with database.write() as quick:
                await SqlMembers(quick).add(["L-quick"])

        joining = asyncio.create_task(join_too())
        async with database.read() as reader:
            assert [one.number for one in await SqlMembers(reader).since(0, 9)] == [0]
    await joining
    async with database.read() as reader:
        told = await SqlMembers(reader).since(0, 9)
    assert [(one.number, one.learner_id) for one in told] == [(0, ""), (1, "L-slow"), (2, "L-quick")]
    await database.close()


async def test_a_list_restored_from_an_older_copy_is_told_anew(telling: Served) -> None:
    await open_account(telling.officer, 1)
    older = (await joined(telling)).version
    async with telling.node.database.write() as connection:
        late = {"number": 2, "learner_id": "L-late", "link": b"another history!"}
        await connection.execute(sa.insert(table_of(MemberRow)), [late])
    newer = (await joined(telling)).version
    assert (await joined(telling, older)).restarts is False
    assert (await joined(telling, newer.replace("61", "62", 1))).restarts is True
    assert (await joined(telling, "3" + newer[1:])).restarts is True


async def test_who_had_an_account_before_there_was_a_list_is_in_it(
    engine: Engine, keys_file: Path, token_key: OKPKey
) -> None:
    url = engine.empty()
    database = Database(url)

    def to(connection: sa.Connection, revision: str) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(versions.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)

    accounts = sa.text(
        "INSERT INTO accounts"
        " (id, learner_id, citizen_sealed, citizen_index, learner_group, status, opened_on)"
        " VALUES (:id, :learner, :sealed, :id, 'IN_SCHOOL', 'CLOSED', '2026-01-01')"
    )
    rows = [{"id": str(n), "learner": f"L-{n // 2}", "sealed": b"x"} for n in range(6)]
    async with database.write() as connection:
        await connection.run_sync(to, "0010")
        await connection.execute(accounts, rows)
    await database.close()
    database = Database(url)
    async with database.write() as connection:
        await connection.run_sync(to, "head")
    async with database.read() as connection:
        told = await SqlMembers(connection).since(1, 9)
    assert [(one.number, one.learner_id) for one in told] == [(1, "L-0"), (2, "L-1"), (3, "L-2")]
    await database.close()


async def test_files_of_many_are_announced_at_once(telling: Served, time: Time, tmp_path: Path) -> None:
    bank, people = telling.node.bank, [citizen_number(order) for order in range(4)]
    opening = {"on": "2026-01-05", "do": "openAccount"}
    steps = [{**opening, "with": {"input": {"citizenNumber": one, "group": "IN_SCHOOL"}}} for one in people]
    file = tmp_path / "seed.json"
    file.write_text(json.dumps({"region": REGION, "steps": steps[:2]}), encoding="utf-8")
    await load_seed(bank, read_seed(file, REGION))
    sheet = write_csv(tmp_path, [COURSE, *(course(order) for order in range(4))])
    report = await run(telling, sheet, open_as=LearnerGroup.IN_SCHOOL)
    assert (report.submitted, report.accounts_opened) == (4, 2)
    waited = [seconds for seconds in time.slept if seconds]
    assert waited == [ANNOUNCED_MS / 1000] * 2
