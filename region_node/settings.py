"""What an operator sets about a node: environment (`CREDITBANK_NODE_…`), frozen, unknown keys refused."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, AwareDatetime, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from region_node.service.vault import KEY_BYTES, Vault
from schema.ids import is_region_code

PREFIX: Final = "CREDITBANK_NODE_"


class UnknownSettingError(ValueError):
    """A setting was given that does not exist: a misspelt limit would silently not hold."""


def _key(secret: SecretStr) -> SecretStr:
    try:
        right = len(bytes.fromhex(secret.get_secret_value())) == KEY_BYTES
    except ValueError:
        right = False
    if not right:
        raise ValueError(f"write {KEY_BYTES} bytes as {2 * KEY_BYTES} hex digits")
    return secret


Key = Annotated[SecretStr, AfterValidator(_key)]


class NodeSettings(BaseSettings):
    """One node's settings. `encryption_key` and `index_key` are its own, `pseudonym_key` is national."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    region: str
    """GB/T 2260 code of the region whose books these are."""
    database_url: str = "sqlite:///var/node.sqlite"
    """sqlite:///FILE or postgresql://USER@HOST/NAME."""
    catalogue: Path
    """The national catalogue bundle (`creditbank catalogue build`)."""
    encryption_key: Key
    index_key: Key
    pseudonym_key: Key
    clock_at: AwareDatetime | None = None
    """The clock stands still at this instant; the system's clock when absent."""
    time_zone: str = "Asia/Shanghai"

    host: str = "127.0.0.1"
    port: int = 8101

    readers_limit: int = 16
    writers_limit: int = 8
    busy_timeout_ms: int = 3_000

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
        keys = [self.encryption_key, self.index_key, self.pseudonym_key]
        if len({key.get_secret_value().lower() for key in keys}) != len(keys):
            raise ValueError("encryption_key, index_key and pseudonym_key must differ from each other")
        return self

    def vault(self) -> Vault:
        return Vault(
            encryption_key=bytes.fromhex(self.encryption_key.get_secret_value()),
            index_key=bytes.fromhex(self.index_key.get_secret_value()),
            pseudonym_key=bytes.fromhex(self.pseudonym_key.get_secret_value()),
        )


def refuse_unknown(environment: Mapping[str, str] = os.environ) -> None:
    """Raise `UnknownSettingError` for a variable with our prefix that names no setting."""
    known = {f"{PREFIX}{name}".upper() for name in NodeSettings.model_fields}
    unknown = sorted(
        name for name in environment if name.upper().startswith(PREFIX) and name.upper() not in known
    )
    if unknown:
        raise UnknownSettingError(f"no such setting: {', '.join(unknown)}")


def read_settings(**given: object) -> NodeSettings:
    """Read the environment; what is `given` wins over it. Raises `UnknownSettingError`, ValidationError."""
    refuse_unknown()
    return NodeSettings(**given)  # type: ignore[arg-type] # pydantic checks them


class SystemClock:
    def __init__(self, time_zone: ZoneInfo) -> None:
        self._time_zone = time_zone

    def now(self) -> datetime:
        return datetime.now(self._time_zone)


class StandingClock:
    """A clock that stands still: demos and tests live on one day."""

    def __init__(self, at: datetime) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at
