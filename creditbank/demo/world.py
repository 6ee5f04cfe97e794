"""What the demo stands on: a folder with keys, the catalogue, the register, settings and eight filled banks.

Everything in it is made anew at every start. The keys are random, so an account has another ID each
time; what the sample calls a learner or an outcome is found by its name (`World.ids`).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from catalogue.bundle import write_whole
from catalogue.sample import load_sample, sample_bundle
from creditbank.failure import Failure
from edge.caller import Caller, Role
from edge.registry_signature import sign
from edge.tokens import generate_key, issue_token, read_key, write_key
from region_node import app as node
from region_node.seed import Step, load_seed, read_seed
from region_node.service.signer import Signer
from region_node.service.vault import KEY_BYTES
from region_node.settings import read_settings

NOW: Final = "2026-06-01T10:00:00+08:00"
"""The day on which the sample's story is told."""
REGIONS: Final = {
    "310000": ("Shanghai", "上海"),
    "320000": ("Jiangsu", "江苏"),
    "330000": ("Zhejiang", "浙江"),
    "340000": ("Anhui", "安徽"),
    "440000": ("Guangdong", "广东"),
    "500000": ("Chongqing", "重庆"),
    "520000": ("Guizhou", "贵州"),
    "620000": ("Gansu", "甘肃"),
}
MOOC: Final = "MOOC platform 慕课平台"
MARK: Final = ".creditbank-demo"
SAMPLE: Final = files("creditbank.demo") / "sample"
PLATFORM: Final = files("creditbank.demo.mooc")


@dataclass(frozen=True, slots=True)
class Ports:
    """The gateway's port and the first bank's; the other banks and the platform have those that follow."""

    gateway: int = 8000
    first_node: int = 8101

    def node(self, region: str) -> int:
        return self.first_node + list(REGIONS).index(region)

    @property
    def mooc(self) -> int:
        return self.first_node + len(REGIONS)

    def named(self) -> dict[str, int]:
        return {
            "the gateway": self.gateway,
            **{name_of(region): self.node(region) for region in REGIONS},
            MOOC: self.mooc,
        }


@dataclass(slots=True)
class World:
    """The folder once it is laid out. `ids` holds what each region's sample gives a name to."""

    folder: Path
    ports: Ports
    ids: dict[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def gateway_config(self) -> Path:
        return self.folder / "gateway.json"

    def node_config(self, region: str) -> Path:
        return self.folder / f"node-{region}.json"

    @property
    def mooc_sdl(self) -> Path:
        return self.folder / "mooc.graphql"

    @property
    def mooc_courses(self) -> Path:
        return self.folder / "mooc-courses.json"

    @property
    def key(self) -> Path:
        return self.folder / "identity.json"

    def token(self, role: Role, *, region: str | None = None, learner: str | None = None) -> str:
        """Return a bearer token that gateway and banks accept for twelve hours."""
        return issue_token(read_key(self.key), Caller(role, f"demo-{role.value}", region, learner))


def name_of(region: str) -> str:
    """Return how a region is shown: code, English and Chinese name."""
    english, chinese = REGIONS[region]
    return f"{region} {english} {chinese}"


def lay_out(folder: Path, ports: Ports) -> World:
    """Empty the folder and write into it all that the programs read, short of the databases.

    Raises `Failure` where the folder holds anything that no demo put there, or cannot be written.
    """
    folder = folder.absolute()
    try:
        _empty(folder)
        world = World(folder, ports)
        write_key(generate_key(), world.key, _public_key(world))
        write_whole(folder / "catalogue.bundle", sample_bundle())
        (folder / "agreements.json").write_text(_sample("agreements"), encoding="utf-8")
        seeds = {region: secrets.token_bytes(KEY_BYTES) for region in REGIONS}
        shards = [_shard(region, ports, Signer(seeds[region], region)) for region in REGIONS]
        office = generate_key()
        write_key(office, folder / "registry-key.json", folder / "registry-key.json.jwks")
        _write(folder / "registry.json", sign({"shards": shards}, office, 1, datetime.now(UTC)))
        for name, copy in (("schema.graphql", world.mooc_sdl), ("courses.json", world.mooc_courses)):
            copy.write_text((PLATFORM / name).read_text(encoding="utf-8"), encoding="utf-8")
        shared = {"membership_key": secrets.token_hex(32)}
        _write(world.gateway_config, _gateway(world) | shared)
        shared["pseudonym_key"] = secrets.token_hex(32)
        for region in REGIONS:
            _write(world.node_config(region), _node(world, region, seeds[region]) | shared)
    except OSError as error:
        raise Failure(f"the demo's folder {folder} cannot be written: {error.strerror or error}") from None
    return world


async def fill(world: World, region: str) -> None:
    """Make one bank's database and do the sample's steps in it. Raises `SeedError`, `StorageFailure`."""
    settings = read_settings(world.node_config(region))
    await node.migrate(settings)
    # Nobody has asked an unserved bank who is in it, so nobody need be waited for.
    bank = node.Node(settings, bundle=load_sample(), announcer=settings.announcer(_at_once))
    try:
        steps = tuple(_with_foreign_ids(step, world) for step in _steps(region))
        world.ids[region] = await load_seed(bank.bank, steps)
    finally:
        await bank.database.close()


async def _at_once(_: float) -> None:
    """Do not wait."""


def _empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise Failure(f"{folder} holds files that are not the demo's: give another, --folder DIR")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / MARK).touch()


def _write(file: Path, content: object) -> None:
    """Write JSON that only its owner may read: settings hold keys."""
    owner_only = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(owner_only, "w", encoding="utf-8") as opened:
        json.dump(content, opened, ensure_ascii=False, indent=2)


def _public_key(world: World) -> Path:
    return world.folder / "identity.json.jwks"


def _shard(region: str, ports: Ports, signer: Signer) -> dict[str, Any]:
    english, chinese = REGIONS[region]
    return {
        "code": region,
        "name": f"{english} {chinese}",
        "url": f"http://127.0.0.1:{ports.node(region)}/graphql",
        "publicKey": signer.public_key(),
    }


def _gateway(world: World) -> dict[str, Any]:
    return {
        "registry": str(world.folder / "registry.json"),
        "registry_keys": str(world.folder / "registry-key.json.jwks"),
        "private_addresses": True,
        "pairings": str(world.folder / "agreements.json"),
        "catalogue": str(world.folder / "catalogue.bundle"),
        "clock_at": NOW,
        "port": world.ports.gateway,
        "subgraphs": [
            {
                "name": "mooc",
                "url": f"http://127.0.0.1:{world.ports.mooc}/graphql",
                "sdl": str(world.mooc_sdl),
            }
        ],
        "identity": {"keys_file": str(_public_key(world))},
    }


def _node(world: World, region: str, signing_seed: bytes) -> dict[str, Any]:
    return {
        "region": region,
        "database_url": f"sqlite:///{world.folder / region}.sqlite",
        "catalogue": str(world.folder / "catalogue.bundle"),
        "encryption_key": secrets.token_hex(32),
        "index_key": secrets.token_hex(32),
        "signing_key": signing_seed.hex(),
        "partner_keys": str(world.folder / "registry.json"),
        "registry_keys": str(world.folder / "registry-key.json.jwks"),
        "clock_at": NOW,
        "port": world.ports.node(region),
        "identity": {"keys_file": str(_public_key(world))},
    }


def _sample(name: str) -> str:
    return (SAMPLE / f"{name}.json").read_text(encoding="utf-8")


def _steps(region: str) -> tuple[Step, ...]:
    return read_seed(Path(str(SAMPLE / f"{region}.json")), region)


def _with_foreign_ids(step: Step, world: World) -> Step:
    """Fill in what the sample calls "@310000.name": an outcome in a bank that was filled before."""
    return replace(step, arguments=dict(_filled(step.arguments, world)))


def _filled(arguments: Mapping[str, Any], world: World) -> Iterator[tuple[str, Any]]:
    for name, value in arguments.items():
        if isinstance(value, str) and value.startswith("@"):
            region, _, called = value[1:].partition(".")
            yield name, world.ids[region][called]
        else:
            yield name, value
