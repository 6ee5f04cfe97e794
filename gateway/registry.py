"""The register of shards: who there is, where, and how each stands. No other address is ever called.

    {"version": 7, "issuedAt": "2026-06-01T02:00:00Z",
     "shards": [{"code": "310000", "name": "Shanghai", "url": "https://bank.example/graphql",
                 "publicKey": {"kty": "OKP", "crv": "Ed25519", "x": "…"}, "status": "ACTIVE",
                 "replica": "https://bank-2.example/graphql"}],
     "signature": "eyJ…..…"}

`publicKey` (a JWK) and `replica` may be left out; an unsigned register has `shards` alone. The file is a
whole: one fault refuses all of it, as do a wrong signature and a version older than one that was read, and
a gateway that already runs keeps the register it has.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from joserfc.errors import JoseError
from joserfc.jwk import import_key
from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from edge.registry_signature import Trust, require_signed, statement
from gateway.accepted import Accepted, AcceptedRegisters
from gateway.clients.reachable import is_public
from gateway.federation.sharding.shards import Standing
from gateway.reloading import Reloading

REGISTRY_LIMIT_BYTES: Final = 8_388_608
SHARDS_LIMIT: Final = 10_000
VERSION_LIMIT: Final = 2**53 - 1
"""JSON has no greater integer that everybody reads alike."""
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
    version: Annotated[int | None, Field(ge=1, le=VERSION_LIMIT)] = None
    issued_at: Annotated[str | None, Field(alias="issuedAt", max_length=40)] = None
    signature: Annotated[str | None, Field(max_length=1_000)] = None


class Registry:
    """One state of the register, never changed. It lists the shards of one subgraph.

    `version` is None where nobody signed it; `digest` tells two states of one version apart.
    """

    def __init__(
        self, subgraph: str, shards: Mapping[str, Shard], version: int | None = None, digest: bytes = b""
    ) -> None:
        self.subgraph = subgraph
        self.version = version
        self.digest = digest
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

    def elsewhere(self, before: Registry) -> list[str]:
        """The shards of an earlier state that are now at another address, or gone."""
        return [
            code
            for code, shard in before.shards.items()
            if (now := self.shards.get(code)) is None or (now.url, now.replica) != (shard.url, shard.replica)
        ]

    def _found(self, subgraph: str, shard: str) -> Shard | None:
        return self.shards.get(shard) if subgraph == self.subgraph else None


class LiveRegistry:
    """The newest good state of a register file, asked afresh for every request."""

    def __init__(self, file: Reloading[Registry]) -> None:
        self._file = file

    @property
    def now(self) -> Registry:
        """The state that is in force at this instant."""
        return self._file.value

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


def open_registry(
    path: Path,
    subgraph: str,
    trust: Trust,
    *,
    allow_private: bool = False,
    accepted: AcceptedRegisters | None = None,
) -> Reloading[Registry]:
    """The register at `path`, to be followed; what was `accepted` before counts.

    Raises `RegistryError` or `OSError` when it is bad now.
    """
    known = accepted or AcceptedRegisters()

    def read(file: Path) -> Registry:
        registry = read_registry(file, subgraph, trust, allow_private=allow_private)
        if registry.version is not None:
            _require_newest(file.name, subgraph, Accepted(registry.version, registry.digest), known)
        return registry

    return Reloading(read, path)


def _require_newest(name: str, subgraph: str, register: Accepted, known: AcceptedRegisters) -> None:
    try:
        newest = known.newest(subgraph, register)
    except sqlite3.Error as error:
        raise RegistryError(f"{name}: that it was taken up cannot be kept in witness.file: {error}") from None
    if register.version < newest.version:
        raise RegistryError(
            f"{name}: it is version {register.version}, and {newest.version} was in force already: an old "
            f"register never takes a newer one's place; sign it as a newer one (creditbank registry sign)"
        )
    if register != newest:
        raise RegistryError(
            f"{name}: it is another version {newest.version} than the one that was in force: sign it as a "
            "newer one (creditbank registry sign)"
        )


def read_registry(path: Path, subgraph: str, trust: Trust, *, allow_private: bool = False) -> Registry:
    """Read and check a register file. `allow_private` lets addresses lie in private or loopback ranges.

    Raises `RegistryError`, OSError.
    """
    return registry_of(read_content(path), path.name, subgraph, trust, allow_private=allow_private)


def registry_of(
    content: Mapping[str, Any], name: str, subgraph: str, trust: Trust, *, allow_private: bool = False
) -> Registry:
    """Check a register's content. Raises `RegistryError`, which calls it by `name`."""
    try:
        if trust.keys:
            require_signed(content, trust)
        digest = hashlib.sha256(statement(content)).digest()
    except ValueError as error:
        raise RegistryError(f"{name}: {error}") from None
    try:
        file = _File.model_validate(content)
    except ValidationError as error:
        raise RegistryError(_told(name, error)) from None
    faults = [fault for shard in file.shards for fault in _faults(shard, allow_private)]
    codes = [shard.code for shard in file.shards]
    faults += [
        f"{code}: it is listed more than once" for code in sorted({c for c in codes if codes.count(c) > 1})
    ]
    if faults:
        raise RegistryError("\n".join(f"{name}: {fault}" for fault in faults))
    return Registry(
        subgraph,
        {shard.code: shard for shard in file.shards},
        file.version if trust.keys else None,
        digest,
    )


def read_content(path: Path) -> dict[str, Any]:
    """Read a register's JSON, unchecked. Raises `RegistryError`, OSError."""
    if path.stat().st_size > REGISTRY_LIMIT_BYTES:
        raise RegistryError(f"{path.name}: it has more than {REGISTRY_LIMIT_BYTES} bytes")
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise RegistryError(f"{path.name}: it is no JSON: {error}") from None
    if not isinstance(content, dict):
        raise RegistryError(f"{path.name}: it is no JSON object")
    return content


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
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _told(name: str, error: ValidationError) -> str:
    places = (
        (".".join(str(step) for step in each["loc"]) or "the file", each["msg"]) for each in error.errors()
    )
    return "\n".join(f"{name}: {place}: {message}" for place, message in places)
