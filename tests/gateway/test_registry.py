"""The register of shards: checked as a whole, followed while it changes, and the only source of addresses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from edge.registry_signature import NO_SIGNATURE_NEEDED
from gateway.registry import LiveRegistry, RegistryError, ReplicaAddresses, open_registry, read_registry

NORTH = {"code": "north", "name": "North depot", "url": "https://north.example/graphql"}
KEY = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}


def write(path: Path, *shards: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"shards": list(shards)}))
    return path


def test_a_register_lists_its_shards_in_order_and_no_others(tmp_path: Path) -> None:
    south = {**NORTH, "code": "south", "status": "DRAINING", "publicKey": KEY, "replica": NORTH["url"]}
    registry = read_registry(write(tmp_path / "r.json", south, NORTH), "parcels", NO_SIGNATURE_NEEDED)
    assert list(registry.of("parcels").items()) == [("north", "ACTIVE"), ("south", "DRAINING")]
    assert registry.url("parcels", "north") == "https://north.example/graphql"
    assert registry.url("parcels", "west") is None
    assert registry.url("others", "north") is None
    assert registry.of("others") == {}
    assert registry.shards["south"].signing_key() == KEY


@pytest.mark.parametrize(
    ("shard", "told"),
    [
        ({"code": "no-rth"}, "shards.0.code"),
        ({"code": ""}, "shards.0.code"),
        ({"name": ""}, "shards.0.name"),
        ({"url": "ftp://north.example"}, "shards.0.url"),
        ({"url": "north.example/graphql"}, "shards.0.url"),
        ({"url": "https://user:secret@north.example/"}, "no user or password"),
        ({"url": "https://north.example/?next=1"}, "no '?' and no '#'"),
        ({"url": "http://127.0.0.1:8101/graphql"}, "private address"),
        ({"url": "http://10.0.0.7/graphql"}, "private address"),
        ({"url": "http://[::1]/graphql"}, "private address"),
        ({"replica": "http://localhost:9/"}, "replica: http://localhost:9/ is a private address"),
        ({"status": "GONE"}, "shards.0.status"),
        ({"publicKey": {"kty": "?"}}, "no JSON Web Key"),
        ({"publicKey": {**KEY, "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}}, "private key"),
        ({"colour": "red"}, "shards.0.colour"),
    ],
)
def test_a_bad_entry_is_refused_with_its_place(tmp_path: Path, shard: dict[str, Any], told: str) -> None:
    with pytest.raises(RegistryError) as refused:
        read_registry(write(tmp_path / "r.json", {**NORTH, **shard}), "parcels", NO_SIGNATURE_NEEDED)
    assert told in str(refused.value)
    assert "r.json" in str(refused.value)


def test_private_addresses_are_for_those_who_allow_them(tmp_path: Path) -> None:
    file = write(tmp_path / "r.json", {**NORTH, "url": "http://127.0.0.1:8101/graphql"})
    assert read_registry(file, "parcels", NO_SIGNATURE_NEEDED, allow_private=True).url("parcels", "north")


def test_a_shard_listed_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RegistryError, match="north: it is listed more than once"):
        read_registry(write(tmp_path / "r.json", NORTH, NORTH), "parcels", NO_SIGNATURE_NEEDED)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"shards": {}}', '{"shards": [], "more": 1}'])
def test_a_file_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.json"
    file.write_text(text)
    with pytest.raises(RegistryError):
        read_registry(file, "parcels", NO_SIGNATURE_NEEDED)


def test_a_change_takes_effect_without_a_restart_and_a_bad_one_does_not(tmp_path: Path) -> None:
    file = write(tmp_path / "r.json", NORTH)
    reloading = open_registry(file, "parcels", NO_SIGNATURE_NEEDED)
    live = LiveRegistry(reloading)
    replicas = ReplicaAddresses(live)
    assert replicas.url("parcels", "north") is None
    moved = {**NORTH, "url": "https://elsewhere.example/graphql", "status": "SUSPENDED"}
    moved["replica"] = "https://second.example/graphql"
    write(file, moved, {**NORTH, "code": "west"})
    assert reloading.refresh()
    assert live.of("parcels") == {"north": "SUSPENDED", "west": "ACTIVE"}
    assert live.url("parcels", "north") == "https://elsewhere.example/graphql"
    assert replicas.url("parcels", "north") == "https://second.example/graphql"
    assert replicas.url("others", "north") is None
    file.write_text("{ half a fi")
    assert not reloading.refresh()
    assert reloading.problem
    assert live.of("parcels") == {"north": "SUSPENDED", "west": "ACTIVE"}
    assert list(live.shards) == ["north", "west"]
    write(file, NORTH)
    assert reloading.refresh()
    assert live.of("parcels") == {"north": "ACTIVE"}
