"""What an operator sets about a node: a file, the environment above it (`CREDITBANK_NODE_…`), frozen."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from edge.configuration import DELIMITER, FrontGroup, IdentityGroup, Key, LimitsGroup, read_layered
from edge.limits import Limits
from region_node.service.announcer import Announcer
from region_node.service.signer import Signer
from region_node.service.vault import Vault
from schema.ids import is_region_code
from schema.membership import MembershipKey

PREFIX: Final = "CREDITBANK_NODE_"


class NodeSettings(BaseSettings):
    """One node's settings. `encryption_key` and `index_key` are its own, `pseudonym_key` is national."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    region: str
    """GB/T 2260 code of the region whose books these are."""
    database_url: str = "sqlite:///var/node.sqlite"
    """sqlite:///FILE or postgresql://USER@HOST/NAME."""
    catalogue: Path
    """The national catalogue bundle (`creditbank catalogue build`)."""
    encryption_key: Key
    index_key: Key
    pseudonym_key: Key
    membership_key: Key | None = None
    """By it gateways learn which learners this region knows, and ask it about no others; the same in all
    nodes and gateways, and used for nothing else. Without it they ask about everybody."""
    signing_key: Key | None = None
    """Ed25519 private key by which this region signs its decisions; without it they are not signed."""
    partner_keys: Path | None = None
    registry_keys: Path | None = None
    """Public keys (JWKS) of those one of whom signed the register that `partner_keys` names."""
    registry_unsigned: bool = False
    """Such a register needs no signature."""
    """The public keys of the other regions, for transfers: a JWKS whose `kid`s begin with the region and
    "#", or a gateway's register. Read again when it changes."""
    public_url: Annotated[str, Field(pattern=r"^https?://[^\s/?#]+(/[^\s?#]*)?$")] | None = None
    """Where the world reaches this node, such as https://bank.example: credentials name it as issuer."""
    clock_at: AwareDatetime | None = None
    """The clock stands still at this instant; the system's clock when absent."""
    time_zone: str = "Asia/Shanghai"

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8101
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    readers_limit: Annotated[int, Field(ge=1, le=256)] = 16
    writers_limit: Annotated[int, Field(ge=1, le=256)] = 8
    """Transactions open at once; SQLite has one writer whatever is set here."""
    waiting_limit: Annotated[int, Field(ge=0)] = 512
    """Transactions that wait for one of these; one more is told DATABASE_BUSY at once."""
    busy_timeout_ms: Annotated[int, Field(ge=1)] = 3_000
    """How long a transaction waits for a lock or a connection before DATABASE_BUSY."""

    identity: IdentityGroup = IdentityGroup()
    front: FrontGroup = FrontGroup()
    limits: LimitsGroup = Limits()

    @field_validator("region")
    @classmethod
    def _region(cls, region: str) -> str:
        if not is_region_code(region):
            raise ValueError("write the six digits of GB/T 2260, such as 440000")
        return region

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone of the IANA database") from error
        return name

    @model_validator(mode="after")
    def _keys_differ(self) -> Self:
        given = (
            self.encryption_key,
            self.index_key,
            self.pseudonym_key,
            self.membership_key,
            self.signing_key,
        )
        keys = [key for key in given if key is not None]
        if len({key.get_secret_value().lower() for key in keys}) != len(keys):
            raise ValueError("the keys must differ from each other: each protects something else")
        return self

    def vault(self) -> Vault:
        return Vault(
            encryption_key=bytes.fromhex(self.encryption_key.get_secret_value()),
            index_key=bytes.fromhex(self.index_key.get_secret_value()),
            pseudonym_key=bytes.fromhex(self.pseudonym_key.get_secret_value()),
        )

    def announcer(self, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep) -> Announcer | None:
        """Who tells gateways of members. One that does not `sleep` is for books that no gateway has asked
        about yet."""
        if self.membership_key is None:
            return None
        key = MembershipKey(bytes.fromhex(self.membership_key.get_secret_value()))
        return Announcer(key, sleep=sleep)

    def signer(self) -> Signer | None:
        if self.signing_key is None:
            return None
        return Signer(bytes.fromhex(self.signing_key.get_secret_value()), self.region)


class SettingsClock:
    """The system's clock, or the setting `clock_at`."""

    def __init__(self, settings: NodeSettings) -> None:
        self._stands_at = settings.clock_at
        self._time_zone = ZoneInfo(settings.time_zone)

    def now(self) -> datetime:
        return self._stands_at or datetime.now(self._time_zone)


def read_settings(file: Path | None = None, **given: object) -> NodeSettings:
    """Read `file`, the environment above it, and what is `given` above both.

    Raises `edge.configuration.UnknownSettingError`, `SettingsFileError`, pydantic's ValidationError.
    """
    return read_layered(NodeSettings, file, given)
