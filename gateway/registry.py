"""The register of shards: who there is, where, and how each stands. No other address is ever called.

    {"shards": [{"code": "310000", "name": "Shanghai", "url": "https://bank.example/graphql",
                 "publicKey": {"kty": "OKP", "crv": "Ed25519", "x": "…"}, "status": "ACTIVE",
                 "replica": "https://bank-2.example/graphql"}]}

`publicKey` (a JWK) and `replica` may be left out. The file is a whole: one fault refuses all of it,
and a gateway that already runs keeps the register it has.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import import_key
from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from gateway.federation.sharding.shards import Standing
from gateway.reloading import Reloading

REGISTRY_LIMIT_BYTES: Final = 8_388_608
SHARDS_LIMIT: Final = 10_000
_URL: Final = TypeAdapter(AnyHttpUrl)


class RegistryError(ValueError):
    """A register that cannot be used; the message names every fault and its place."""


def _address(text: str) -> str:
    try:
        url = _URL.validate_python(text)
    except ValidationError as error:
        raise ValueError(error.errors()[0]["msg"]) from None
    if url.username or url.password:
        raise ValueError("an address holds no user or password")
    if url.query or url.fragment:
        raise ValueError("an address ends with its path: no '?' and no '#'")
    return text


def _public_key(key: dict[str, Any]) -> dict[str, Any]:
    try:
        is_private = bool(import_key(key).is_private)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"it is no JSON Web Key: {error}") from None
    if is_private:
        raise ValueError("it is a private key; remove it from this file and replace it everywhere")
    return key


Address = Annotated[str, AfterValidator(_address)]


class Shard(BaseModel):
    """One entry. `code` is the shard's name in requests."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    code: Annotated[str, Field(pattern=r"^[A-Za-z0-9_]{1,64}$")]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    url: Address
    public_key: Annotated[dict[str, Any] | None, Field(alias="publicKey")] = None
    status: Standing = "ACTIVE"
    replica: Address | None = None

    def signing_key(self) -> dict[str, Any] | None:
        """The key that this shard's answers are signed with, once checked; None when it has none."""
        return None if self.public_key is None else _public_key(self.public_key)


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    shards: Annotated[list[Shard], Field(max_length=SHARDS_LIMIT)]


class Registry:
    """One state of the register, never changed. It lists the shards of one subgraph."""

    def __init__(self, subgraph: str, shards: Mapping[str, Shard]) -> None:
        self.subgraph = subgraph
        self.shards: Mapping[str, Shard] = MappingProxyType(dict(sorted(shards.items())))
        self._standings: Mapping[str, Standing] = MappingProxyType(
            {code: shard.status for code, shard in self.shards.items()}
        )

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        """Each shard's standing, in shard order; empty for another subgraph."""
        return self._standings if subgraph == self.subgraph else {}

    def url(self, subgraph: str, shard: str) -> str | None:
        """Where a shard is; None for one that is not listed."""
        found = self._found(subgraph, shard)
        return None if found is None else found.url

    def replica(self, subgraph: str, shard: str) -> str | None:
        """Where a shard's replica is; None when it has none."""
        found = self._found(subgraph, shard)
        return None if found is None else found.replica

    def _found(self, subgraph: str, shard: str) -> Shard | None:
        return self.shards.get(shard) if subgraph == self.subgraph else None


class LiveRegistry:
    """The newest good state of a register file, asked afresh for every request."""

    def __init__(self, file: Reloading[Registry]) -> None:
        self._file = file

    @property
    def shards(self) -> Mapping[str, Shard]:
        return self._file.value.shards

    def of(self, subgraph: str) -> Mapping[str, Standing]:
        return self._file.value.of(subgraph)

    def url(self, subgraph: str, shard: str) -> str | None:
        return self._file.value.url(subgraph, shard)

    def replica(self, subgraph: str, shard: str) -> str | None:
        return self._file.value.replica(subgraph, shard)


class ReplicaAddresses:
    """Where the replicas of a live register's shards are (`gateway.clients.http.Addresses`)."""

    def __init__(self, registry: LiveRegistry) -> None:
        self._registry = registry

    def url(self, subgraph: str, shard: str) -> str | None:
        return self._registry.replica(subgraph, shard)


def open_registry(path: Path, subgraph: str, *, allow_private: bool = False) -> Reloading[Registry]:
    """The register at `path`, to be followed. Raises `RegistryError` or `OSError` when it is bad now."""
    return Reloading(lambda file: read_registry(file, subgraph, allow_private=allow_private), path)


def read_registry(path: Path, subgraph: str, *, allow_private: bool = False) -> Registry:
    """Read and check a register file. `allow_private` lets addresses lie in private or loopback ranges."""
    if path.stat().st_size > REGISTRY_LIMIT_BYTES:
        raise RegistryError(f"{path.name}: it has more than {REGISTRY_LIMIT_BYTES} bytes")
    try:
        file = _File.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise RegistryError(_told(path, error)) from None
    faults = [fault for shard in file.shards for fault in _faults(shard, allow_private)]
    codes = [shard.code for shard in file.shards]
    faults += [
        f"{code}: it is listed more than once" for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if faults:
        raise RegistryError("\n".join(f"{path.name}: {fault}" for fault in faults))
    return Registry(subgraph, {shard.code: shard for shard in file.shards})


def _faults(shard: Shard, allow_private: bool) -> list[str]:
    faults = []
    try:
        shard.signing_key()
    except ValueError as error:
        faults.append(f"{shard.code}: publicKey: {error}")
    for name, address in (("url", shard.url), ("replica", shard.replica)):
        if address is not None and not allow_private and _is_private(address):
            faults.append(f"{shard.code}: {name}: {address} is a private address, which is not allowed here")
    return faults


def _is_private(address: str) -> bool:
    host = (_URL.validate_python(address).host or "").strip("[]")
    try:
        return not ipaddress.ip_address(host).is_global
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _told(path: Path, error: ValidationError) -> str:
    places = (
        (".".join(str(step) for step in each["loc"]) or "the file", each["msg"]) for each in error.errors()
    )
    return "\n".join(f"{path.name}: {place}: {message}" for place, message in places)
