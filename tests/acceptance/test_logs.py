"""A region's log, checked through the gateway: each question goes to the one region whose log it is."""

from __future__ import annotations

from typing import Any

from schema import merkle
from tests.acceptance.world import World

HEAD = "query($r: ID!) { treeHead(region: $r) { region size root } }"
INCLUSION = """query($e: ID!) { inclusionProof(entry: $e) { position treeSize leafHash hashes root salt } }"""
CONSISTENCY = (
    "query($r: ID!, $a: Int!, $b: Int!) { consistencyProof(region: $r, from: $a, to: $b) { hashes } }"
)


def test_an_entry_and_the_growth_of_its_log_are_proved_through_the_gateway(world: World) -> None:
    account, _ = world.open_account("320000", world.new_person())
    world.deposited(account)
    before = world.ask(HEAD, r="320000")["treeHead"]
    world.deposited(account, title="another course")
    after = asked_of_one(world, HEAD, r="320000")["treeHead"]
    proof = asked_of_one(world, INCLUSION, e=f"{account.replace('-A-', '-E-')}_1")["inclusionProof"]
    sizes = {"a": before["size"], "b": after["size"]}
    grown = asked_of_one(world, CONSISTENCY, r="320000", **sizes)["consistencyProof"]
    assert after["size"] == before["size"] + 1
    root = bytes.fromhex(after["root"])
    merkle.verify_consistency(
        before["size"],
        after["size"],
        bytes.fromhex(before["root"]),
        root,
        [bytes.fromhex(one) for one in grown["hashes"]],
    )
    leaf, hashes = bytes.fromhex(proof["leafHash"]), [bytes.fromhex(one) for one in proof["hashes"]]
    merkle.verify_inclusion(proof["position"], proof["treeSize"], leaf, hashes, root)
    assert proof["salt"] is None


def asked_of_one(world: World, query: str, **variables: Any) -> Any:
    """Ask, and hold the gateway to asking one region."""
    answer = world.post(query, variables)
    assert answer["extensions"]["coverage"] == {"asked": 1, "answered": 1, "missing": []}
    return answer["data"]
