"""A database is brought to the program's schema as a whole, and the schema is what the program thinks."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from joserfc.jwk import OKPKey

from catalogue.sample import load_sample
from region_node import app
from region_node.app import Node
from region_node.storage import migrations as versions
from region_node.storage.database import Database, DatabaseUrlError
from region_node.storage.metadata import METADATA
from region_node.storage.migrate import OtherRegionError, current_state, migrate, newest_revision
from schema import merkle
from tests.node.conftest import node_settings, serving
from tests.node.databases import BEGAN, REGION, Engine


async def test_the_migrated_schema_is_what_the_tables_say(engine: Engine) -> None:
    database = Database(engine.fresh())

    def differences(connection: sa.Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), METADATA))

    async with database.write() as connection:
        assert await connection.run_sync(differences) == []
    await database.close()


async def test_migrating_again_changes_nothing_and_another_region_is_refused(engine: Engine) -> None:
    database = Database(engine.empty())
    assert await current_state(database) == (None, None)
    await migrate(database, REGION, BEGAN)
    await migrate(database, REGION, BEGAN)
    assert await current_state(database) == (newest_revision(), REGION)
    with pytest.raises(OtherRegionError, match="region 320000, not of 310000"):
        await migrate(database, "310000", BEGAN)
    assert await current_state(database) == (newest_revision(), REGION)
    await database.close()


async def test_a_node_says_what_it_is_not_ready_for(
    engine: Engine, keys_file: Path, token_key: OKPKey
) -> None:
    settings = node_settings(engine.empty(), keys_file)
    node = Node(settings, bundle=load_sample())
    transport = httpx.ASGITransport(node.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://node") as client:
        before = await client.get("/health/ready")
        assert before.status_code == 503
        checks = {check["name"]: check for check in before.json()["checks"]}
        assert checks["database"]["ready"] is True
        assert "creditbank node migrate" in checks["migrations"]["reason"]
        answer = await client.post("/graphql", json={"query": "{ statistics { accounts } }"})
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "DATABASE_NOT_MIGRATED"

        assert await app.migrate(settings) == newest_revision()
        after = await client.get("/health/ready")
        assert after.status_code == 200, after.text
        assert any(load_sample().hash[:12] in check["name"] for check in after.json()["checks"])
        answer = await client.post("/graphql", json={"query": "{ statistics { accounts } }"})
        assert answer.json() == {"data": {"statistics": {"accounts": 0}}}
    await node.database.close()


async def test_migrating_makes_the_folder_of_a_sqlite_file(tmp_path: Path, keys_file: Path) -> None:
    settings = node_settings(f"sqlite:///{tmp_path}/deep/below/node.sqlite", keys_file)
    await app.migrate(settings)
    assert (tmp_path / "deep" / "below" / "node.sqlite").is_file()


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://h/n", "sqlite://", "sqlite:///:memory:"])
def test_a_url_that_names_no_database_of_ours_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlError):
        Database(url)


async def test_what_was_posted_before_the_log_was_kept_is_sealed_too(
    engine: Engine, keys_file: Path, token_key: OKPKey
) -> None:
    url = engine.empty()
    database = Database(url)

    def to_revision(connection: sa.Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(versions.__file__).parent))
        config.attributes["connection"] = connection
        command.upgrade(config, "0002")

    async with database.write() as connection:
        await connection.run_sync(to_revision)
        for table, rows in (("accounts", old_accounts()), ("ledger_entries", old_entries())):
            await connection.execute(sa.insert(METADATA.tables[table]), rows)
    await migrate(database, REGION, BEGAN)
    await database.close()
    async with serving(url, keys_file, token_key) as served:
        head = (await served.public.ask(f'{{ treeHead(region: "{REGION}") {{ size root }} }}'))["treeHead"]
        assert head["size"] == len(old_entries())
        for entry in old_entries():
            asked = f'{{ inclusionProof(entry: "{entry["id"]}") {{ position leafHash hashes root }} }}'
            proof = (await served.public.ask(asked))["inclusionProof"]
            hashes = [bytes.fromhex(one) for one in proof["hashes"]]
            leaf, root = bytes.fromhex(proof["leafHash"]), bytes.fromhex(head["root"])
            merkle.verify_inclusion(proof["position"], head["size"], leaf, hashes, root)


def old_accounts() -> list[dict[str, object]]:
    return [
        {
            "id": f"{REGION}-A-OLD{number}",
            "learner_id": f"L-{number}",
            "citizen_sealed": b"sealed",
            "citizen_index": f"index {number}",
            "learner_group": "IN_WORK",
            "status": "OPEN",
            "opened_on": BEGAN.date(),
        }
        for number in range(3)
    ]


def old_entries() -> list[dict[str, object]]:
    return [
        {
            "account_id": f"{REGION}-A-OLD{account}",
            "number": number,
            "id": f"{REGION}-E-OLD{account}_{number}",
            "kind": "DEPOSIT",
            "credits": 10,
            "posted_on": BEGAN.date(),
            "posted_at": BEGAN,
            "balance_after": 10 * number,
            "memo": "旧账",
        }
        for account in range(3)
        for number in range(1, 6)
    ]
