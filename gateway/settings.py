"""What an operator sets about the gateway: a file, the environment above it, frozen; unknown keys refused.

The environment's names are `CREDITBANK_GATEWAY_` and the field's, with `__` between a group and its
member: `CREDITBANK_GATEWAY_PORT=8000`, `CREDITBANK_GATEWAY_LIMITS__DEPTH=12`. The file is TOML or
JSON with the same names.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from edge.identity import Algorithm
from edge.limits import Limits

PREFIX: Final = "CREDITBANK_GATEWAY_"
DELIMITER: Final = "__"
SETTINGS_LIMIT_BYTES: Final = 1_048_576


class UnknownSettingError(ValueError):
    """A setting was given that does not exist: a misspelt limit would silently not hold."""


class SettingsFileError(ValueError):
    """A settings file that cannot be read."""


def _known_only(kind: type) -> BeforeValidator:
    """Refuse members that the frozen value `kind` does not have; pydantic lets them pass for these."""

    def check(value: Any) -> Any:
        if isinstance(value, Mapping):
            known = {field.name for field in fields(kind)}
            unknown = sorted(set(value) - known)
            if unknown:
                raise ValueError(
                    f"no such setting: {', '.join(unknown)}; there are {', '.join(sorted(known))}"
                )
        return value

    return BeforeValidator(check)


class _Group(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class IdentityGroup(_Group):
    """Whose tokens are accepted. Without keys every caller is public."""

    keys_file: Path | None = None
    """A JWKS in a file."""
    keys_url: str | None = None
    """A JWKS at an address (https)."""
    issuer: str = "https://identity.creditbank.example"
    audience: str = "creditbank"
    algorithms: tuple[Algorithm, ...] = ("Ed25519", "ES256")
    leeway_s: Annotated[int, Field(ge=0, le=300)] = 30

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.keys_file is not None and self.keys_url is not None:
            raise ValueError("give keys_file or keys_url, not both")
        return self


class FrontGroup(_Group):
    """The HTTP front; see `edge.settings`."""

    persisted_queries: bool = True
    trusted_documents: Path | None = None
    trusted_documents_only: bool = False
    strict_csrf: bool = False
    allowed_origins: tuple[str, ...] = ()
    explorer: bool = True


class EngineGroup(_Group):
    """The bounds of the federation engine's caches and plans."""

    documents_cached_limit: Annotated[int, Field(ge=1)] = 1_000
    plans_cached_limit: Annotated[int, Field(ge=1)] = 1_000


class GatewaySettings(BaseSettings):
    """The gateway's settings. Files are looked at again every `reload_interval_ms`."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    registry: Path
    """The register of regional nodes: code, name, address, key, standing."""
    pairings: Path
    """The published agreements."""
    catalogue: Path
    """The national catalogue bundle (`creditbank catalogue build`)."""
    clock_at: AwareDatetime | None = None
    """The clock stands still at this instant; the system's clock when absent."""
    time_zone: str = "Asia/Shanghai"
    """What day it is, when a question names none."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    reload_interval_ms: Annotated[int, Field(ge=100)] = 2_000

    identity: IdentityGroup = IdentityGroup()
    front: FrontGroup = FrontGroup()
    engine: EngineGroup = EngineGroup()
    limits: Annotated[Limits, _known_only(Limits)] = Limits()

    @field_validator("time_zone")
    @classmethod
    def _time_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError("not a time zone of the IANA database") from error
        return name

    def now(self) -> datetime:
        """The instant, in the gateway's time zone."""
        zone = ZoneInfo(self.time_zone)
        return datetime.now(zone) if self.clock_at is None else self.clock_at.astimezone(zone)


def read_settings(file: Path | None = None, **given: object) -> GatewaySettings:
    """Read `file`, the environment above it, and what is `given` above both.

    Raises `UnknownSettingError`, `SettingsFileError`, or pydantic's ValidationError, which names each place.
    """
    refuse_unknown()
    stated = read_file(file) if file else {}

    class Layered(GatewaySettings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=stated)

    return Layered(**given)  # type: ignore[arg-type] # pydantic checks them


def refuse_unknown(environment: Mapping[str, str] = os.environ) -> None:
    """Raise `UnknownSettingError` for a variable with our prefix that names no setting."""
    known = {name.upper() for name in GatewaySettings.model_fields}
    unknown = sorted(
        name
        for name in environment
        if name.upper().startswith(PREFIX)
        and name.upper().removeprefix(PREFIX).partition(DELIMITER)[0] not in known
    )
    if unknown:
        raise UnknownSettingError(f"no such setting: {', '.join(unknown)}")


def read_file(file: Path) -> dict[str, Any]:
    """Return what a TOML or JSON file states. Raises `SettingsFileError`."""
    try:
        if file.stat().st_size > SETTINGS_LIMIT_BYTES:
            raise ValueError(f"it has more than {SETTINGS_LIMIT_BYTES} bytes")
        text = file.read_text(encoding="utf-8")
        stated = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise SettingsFileError(f"settings file {file} cannot be read: {error}") from None
    if not isinstance(stated, dict):
        raise SettingsFileError(f"settings file {file} is no object of settings")
    return stated
