"""A register is believed for its signature, by a pinned key, over all of it; an old one never comes back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from catalogue.sample import load_sample
from edge.registry_signature import Trust, pinned_keys, sign
from edge.tokens import generate_key, jwks
from gateway.accepted import AcceptedRegisters
from gateway.app import Gateway
from gateway.registry import (
    LiveRegistry,
    Registry,
    RegistryError,
    open_registry,
    read_registry,
    registry_of,
)
from gateway.reloading import Reloading
from gateway.settings import GatewaySettings, read_settings
from tests.gateway.country import contract

OFFICE, STRANGER = generate_key(), generate_key()
TRUST = Trust(pinned_keys(jwks(OFFICE)))
NOW = datetime(2026, 6, 1, tzinfo=UTC)
SHARDS = [
    {"code": "north", "name": "北 North", "url": "https://north.example/graphql"},
    {"code": "south", "name": "South", "url": "https://south.example/graphql", "status": "DRAINING"},
]
SIGNED = sign({"shards": SHARDS}, OFFICE, 7, NOW)


def write(path: Path, content: Any) -> Path:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return new.replace(path)


def test_what_a_pinned_key_signed_is_read(tmp_path: Path) -> None:
    registry = read_registry(write(tmp_path / "r.json", SIGNED), "parcels", TRUST)
    assert (registry.version, list(registry.shards)) == (7, ["north", "south"])
    assert list(SIGNED) == ["version", "issuedAt", "shards", "signature"]
    assert SIGNED["issuedAt"] == "2026-06-01T00:00:00Z"


def test_how_the_file_is_laid_out_says_nothing(tmp_path: Path) -> None:
    shuffled = {name: SIGNED[name] for name in sorted(SIGNED, reverse=True)}
    (tmp_path / "r.json").write_text(json.dumps(shuffled, indent=7), encoding="utf-8")
    assert read_registry(tmp_path / "r.json", "parcels", TRUST).version == 7


def test_either_of_two_pinned_keys_may_sign_so_that_keys_can_be_changed() -> None:
    both = Trust(pinned_keys(jwks(OFFICE, STRANGER)))
    for key in (OFFICE, STRANGER):
        assert registry_of(sign({"shards": SHARDS}, key, 1, NOW), "r", "parcels", both).version == 1


Change = Callable[[dict[str, Any]], Any]
WRONG: dict[str, tuple[Change, str]] = {
    "another address": (lambda c: c["shards"][0].update(url="https://evil.example/"), "does not fit"),
    "another standing": (lambda c: c["shards"][1].pop("status"), "does not fit"),
    "a shard less": (lambda c: c["shards"].pop(), "does not fit"),
    "a shard more": (lambda c: c["shards"].append({**SHARDS[0], "code": "west"}), "does not fit"),
    "a later version": (lambda c: c.update(version=8), "does not fit"),
    "another instant": (lambda c: c.update(issuedAt="2027-01-01T00:00:00Z"), "does not fit"),
    "no signature": (lambda c: c.pop("signature"), "nobody signed it"),
    "an empty one": (lambda c: c.update(signature=""), "no JWS"),
    "no JWS": (lambda c: c.update(signature="x.y.z"), "no JWS"),
    "half of it": (lambda c: c.update(signature=c["signature"][:-20]), "does not fit"),
    "a stranger's": (lambda c: c.update(sign(c, STRANGER, 7, NOW)), "not pinned"),
}


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_not_as_it_was_signed_is_refused_whole(wrong: str) -> None:
    change, told = WRONG[wrong]
    content = json.loads(json.dumps(SIGNED))
    change(content)
    with pytest.raises(RegistryError, match=told):
        registry_of(content, "r.json", "parcels", TRUST)


@settings(max_examples=40)
@given(st.data())
def test_no_byte_of_what_was_signed_can_be_changed(data: st.DataObject) -> None:
    text = json.dumps(SIGNED, ensure_ascii=False)
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + data.draw(st.characters(codec="utf-8")) + text[at + 1 :]
    try:
        content = json.loads(changed)
    except ValueError:
        return
    if content == SIGNED or not isinstance(content, dict):
        return
    with pytest.raises(RegistryError):
        registry_of(content, "r.json", "parcels", TRUST)


def test_an_old_register_never_takes_a_newer_ones_place(tmp_path: Path) -> None:
    file = write(tmp_path / "r.json", SIGNED)
    reloading = open_registry(file, "parcels", TRUST)
    live = LiveRegistry(reloading)
    write(file, sign({"shards": SHARDS[:1]}, OFFICE, 8, NOW))
    assert reloading.refresh()
    write(file, SIGNED)
    assert not reloading.refresh()
    assert "it is version 7, and 8 was in force" in (reloading.problem or "")
    write(file, sign({"shards": SHARDS}, OFFICE, 8, NOW))
    assert not reloading.refresh()
    assert "another version 8" in (reloading.problem or "")
    assert list(live.shards) == ["north"]
    write(file, sign({"shards": SHARDS}, OFFICE, 9, NOW))
    assert reloading.refresh()
    assert (list(live.shards), reloading.problem) == (["north", "south"], None)


def test_nor_after_a_restart_where_state_is_kept(tmp_path: Path) -> None:
    """Each opening is one of a gateway's workers, or the gateway started anew."""
    state = tmp_path / "witness.sqlite"
    file = write(tmp_path / "r.json", sign({"shards": SHARDS[:1]}, OFFICE, 8, NOW))

    def start() -> Reloading[Registry]:
        return open_registry(file, "parcels", TRUST, accepted=AcceptedRegisters(state))

    first, second = start(), start()
    write(file, sign({"shards": SHARDS}, OFFICE, 9, NOW))
    assert first.refresh()
    write(file, sign({"shards": SHARDS[:1]}, OFFICE, 8, NOW))
    assert not second.refresh()
    with pytest.raises(RegistryError, match=r"8, and 9 was in force already.*creditbank registry sign"):
        start()
    write(file, sign({"shards": SHARDS[:1]}, OFFICE, 9, NOW))
    with pytest.raises(RegistryError, match="another version 9"):
        start()
    write(file, sign({"shards": SHARDS[:1]}, OFFICE, 10, NOW))
    assert start().value.version == 10
    state.write_bytes(b"no database, which is what a disk may make of it")
    with pytest.raises(sqlite3.DatabaseError):
        start()


def test_a_gateway_keeps_it_beside_the_heads(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "registry": write(tmp_path / "r.json", sign({"shards": SHARDS}, OFFICE, 2, NOW)),
        "registry_keys": tmp_path / "office.jwks",
        "pairings": write(tmp_path / "pairings.json", {"agreements": []}),
        "witness": {"file": tmp_path / "witness.sqlite"},
    }
    (tmp_path / "office.jwks").write_bytes(jwks(OFFICE))
    Gateway(gateway_settings(**settings), bundle=load_sample(), supergraph_sdl=contract())
    write(settings["registry"], sign({"shards": SHARDS}, OFFICE, 1, NOW))
    with pytest.raises(RegistryError, match="2 was in force already"):
        Gateway(gateway_settings(**settings), bundle=load_sample(), supergraph_sdl=contract())


def test_a_gateway_can_be_told_where_to_begin() -> None:
    with pytest.raises(RegistryError, match="version 7, older than 8"):
        registry_of(SIGNED, "r.json", "parcels", Trust(TRUST.keys, 8))


@pytest.mark.parametrize("text", [b"{}", b"[]", b"", b'{"keys": []}', json.dumps(SIGNED).encode()])
def test_what_is_no_key_set_pins_no_key(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"key|Expecting"):
        pinned_keys(text)


def gateway_settings(**given: Any) -> GatewaySettings:
    return read_settings(**{"registry": "r", "pairings": "p", "catalogue": "c", **given})


@pytest.mark.parametrize(
    "given", [{}, {"registry_unsigned": True, "registry_keys": "keys.jwks"}, {"registry_unsigned": False}]
)
def test_a_gateway_is_told_whom_to_believe_or_that_it_need_not(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="registry_keys"):
        gateway_settings(**given)


def test_a_key_file_that_holds_none_is_named(tmp_path: Path) -> None:
    (tmp_path / "keys.jwks").write_text("{}")
    with pytest.raises(RegistryError, match=r"keys\.jwks"):
        gateway_settings(registry_keys=tmp_path / "keys.jwks").trust()
