"""What an operator sets about the gateway: a file, the environment above it, frozen; unknown keys refused.

`CREDITBANK_GATEWAY_PORT=8000`, `CREDITBANK_GATEWAY_LIMITS__DEPTH=12`; docs/GATEWAY.md lists them all.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from edge.configuration import (
    DELIMITER,
    FrontGroup,
    Group,
    IdentityGroup,
    Key,
    LimitsGroup,
    known_only,
    read_layered,
)
from edge.limits import Limits
from edge.registry_signature import NO_SIGNATURE_NEEDED, Trust, pinned_keys
from gateway.access import AccessGroup
from gateway.clients.settings import (
    BreakerSettings,
    BulkheadSettings,
    ClientSettings,
    DeduplicationSettings,
    EventSettings,
    HedgeSettings,
    HttpSettings,
    MembershipSettings,
    PatienceSettings,
    RetrySettings,
)
from gateway.registry import Address, RegistryError

PREFIX: Final = "CREDITBANK_GATEWAY_"
SUBGRAPHS_LIMIT: Final = 32
"""Each is a further request that a question may cost; composing takes longer with each."""


class ClientsGroup(Group):
    """The way out to the nodes; see `gateway.clients.settings`."""

    http: Annotated[HttpSettings, known_only(HttpSettings)] = HttpSettings()
    breaker: Annotated[BreakerSettings, known_only(BreakerSettings)] = BreakerSettings()
    bulkhead: Annotated[BulkheadSettings, known_only(BulkheadSettings)] = BulkheadSettings()
    retry: Annotated[RetrySettings, known_only(RetrySettings)] = RetrySettings()
    patience: Annotated[PatienceSettings, known_only(PatienceSettings)] = PatienceSettings()
    events: Annotated[EventSettings, known_only(EventSettings)] = EventSettings()
    hedge: Annotated[HedgeSettings, known_only(HedgeSettings)] = HedgeSettings()
    deduplication: Annotated[DeduplicationSettings, known_only(DeduplicationSettings)] = (
        DeduplicationSettings()
    )
    membership: Annotated[MembershipSettings, known_only(MembershipSettings)] = MembershipSettings()

    def settings(self) -> ClientSettings:
        return ClientSettings(
            self.http,
            self.breaker,
            self.bulkhead,
            self.retry,
            self.patience,
            self.hedge,
            self.events,
            self.deduplication,
            self.membership,
        )


class EngineGroup(Group):
    """The bounds of the federation engine."""

    plans_cached_limit: Annotated[int, Field(ge=1)] = 1_000
    """Plans remembered, and as many texts whose permissions are known."""
    fan_out_limit: Annotated[int, Field(ge=1)] = 64
    """Requests open at once for one step of a plan."""


class WitnessGroup(Group):
    """The gateway as witness of the regions' logs; see `gateway.witness`."""

    file: Path | None = None
    """Where heads are kept, one file for all workers; in each worker's memory alone when absent."""
    interval_ms: Annotated[int, Field(ge=1_000)] = 60_000
    """How often a region is asked how its log stands; first at the start."""


class ForeignSubgraph(Group):
    """Another team's Federation subgraph, composed with the banks' contract when the gateway starts."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")]
    url: Address
    sdl: Path
    """Its SDL, as its `_service` states it."""
    trusted_with_token: bool = False
    """Whether it is handed the caller's own token. With it, it could ask the banks in the caller's name."""


class GatewaySettings(BaseSettings):
    """The gateway's settings. Files that it follows are looked at every `reload_interval_ms`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    registry: Path
    """The register of regional nodes: code, name, address, key, standing."""
    registry_keys: Path | None = None
    """The public keys (JWKS or JWK) of those who may sign the register."""
    registry_unsigned: bool = False
    """Whether the register need not be signed: where whoever can write the file may say who is asked."""
    registry_at_least: Annotated[int, Field(ge=0)] = 0
    """The oldest version of a signed register that a gateway may start with."""
    private_addresses: bool = False
    """Whether nodes may have private or loopback addresses: on one machine, or in one data centre."""
    membership_key: Key | None = None
    """The key that nodes and gateways share to know who is where, so that only nodes which can know a
    learner are asked; without it all of them are."""
    pairings: Path
    """The published agreements."""
    catalogue: Path
    """The national catalogue bundle (`creditbank catalogue build`)."""
    contract: Path | None = None
    """The regional nodes' SDL; the one that came with the program when absent."""
    subgraphs: Annotated[tuple[ForeignSubgraph, ...], Field(max_length=SUBGRAPHS_LIMIT)] = ()
    """Other teams' subgraphs."""
    clock_at: AwareDatetime | None = None
    """The clock stands still at this instant; the system's clock when absent."""
    time_zone: str = "Asia/Shanghai"
    """What day it is, when a question names none."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    reload_interval_ms: Annotated[int, Field(ge=100)] = 2_000
    contracts_interval_ms: Annotated[int, Field(ge=1_000)] = 60_000
    """How often nodes are asked which version of the contract they run; first at the start."""
    probe_timeout_ms: Annotated[int, Field(ge=1)] = 1_500
    """How long the readiness page waits for a node."""

    identity: IdentityGroup = IdentityGroup()
    access: AccessGroup = AccessGroup()
    front: FrontGroup = FrontGroup()
    limits: LimitsGroup = Limits()
    engine: EngineGroup = EngineGroup()
    witness: WitnessGroup = WitnessGroup()
    clients: ClientsGroup = ClientsGroup()

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone of the IANA database") from error
        return name

    @model_validator(mode="after")
    def _register_is_believed_for_a_reason(self) -> Self:
        if self.registry_unsigned == (self.registry_keys is not None):
            raise ValueError(
                "say by registry_keys whose signature the register bears, or by registry_unsigned = true "
                "that it needs none"
            )
        return self

    def trust(self) -> Trust:
        """Whose register is believed. Raises OSError, `RegistryError`."""
        if self.registry_keys is None:
            return NO_SIGNATURE_NEEDED
        try:
            return Trust(pinned_keys(self.registry_keys.read_bytes()), self.registry_at_least)
        except (ValueError, KeyError, TypeError) as error:
            raise RegistryError(f"{self.registry_keys.name}: {error}") from None

    def revealed(self) -> str:
        """All of them as JSON, the key too, for a worker to read."""
        secret = self.membership_key and self.membership_key.get_secret_value()
        return json.dumps(self.model_dump(mode="json") | {"membership_key": secret})

    def now(self) -> datetime:
        """The instant, in the gateway's time zone."""
        zone = ZoneInfo(self.time_zone)
        return datetime.now(zone) if self.clock_at is None else self.clock_at.astimezone(zone)


def read_settings(file: Path | None = None, **given: object) -> GatewaySettings:
    """Read `file`, the environment above it, and what is `given` above both.

    Raises `edge.configuration.UnknownSettingError`, `SettingsFileError`, pydantic's ValidationError.
    """
    return read_layered(GatewaySettings, file, given)
