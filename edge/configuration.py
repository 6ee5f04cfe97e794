"""How both programs read what an operator sets: a file, the environment above it; unknown keys refused.

The environment's names are the program's prefix and the field's, with `__` between a group and
its member (`CREDITBANK_NODE_LIMITS__DEPTH=12`). The file is TOML or JSON with the same names.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, Final, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource

from edge.identity import Algorithm, IdentitySettings
from edge.limits import Limits
from edge.settings import EdgeSettings

DELIMITER: Final = "__"
SETTINGS_LIMIT_BYTES: Final = 1_048_576

S = TypeVar("S", bound=BaseSettings)


class UnknownSettingError(ValueError):
    """A setting was given that does not exist: a misspelt limit would silently not hold."""


class SettingsFileError(ValueError):
    """A settings file that cannot be read."""


def known_only(kind: type) -> BeforeValidator:
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


def _key(secret: SecretStr) -> SecretStr:
    try:
        right = len(bytes.fromhex(secret.get_secret_value())) == KEY_BYTES
    except ValueError:
        right = False
    if not right:
        raise ValueError(f"write {KEY_BYTES} bytes as {2 * KEY_BYTES} hex digits")
    return secret


KEY_BYTES: Final = 32
Key = Annotated[SecretStr, AfterValidator(_key)]
"""A secret key, written in hex."""

LimitsGroup = Annotated[Limits, known_only(Limits)]


class Group(BaseModel):
    """Settings that belong together; unknown members are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class IdentityGroup(Group):
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

    def settings(self) -> IdentitySettings:
        return IdentitySettings(
            issuer=self.issuer,
            audience=self.audience,
            algorithms=self.algorithms,
            leeway_s=self.leeway_s,
        )


class FrontGroup(Group):
    """The HTTP front; see `edge.settings`."""

    persisted_queries: bool = True
    trusted_documents: Path | None = None
    trusted_documents_only: bool = False
    strict_csrf: bool = False
    allowed_origins: tuple[str, ...] = ()
    explorer: bool = True

    def settings(self, program: str, limits: Limits) -> EdgeSettings:
        return EdgeSettings(program=program, limits=limits, **self.model_dump())


def read_layered(kind: type[S], file: Path | None, given: Mapping[str, object]) -> S:
    """Read `file`, the environment above it, and what is `given` above both.

    Raises `UnknownSettingError`, `SettingsFileError`, or pydantic's ValidationError, which names each place.
    """
    refuse_unknown(kind, os.environ)
    stated = read_file(file) if file else {}

    class Layered(kind):  # type: ignore[valid-type, misc] # the class is the argument
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

    read: S = Layered(**given)
    return read


def refuse_unknown(kind: type[BaseSettings], environment: Mapping[str, str]) -> None:
    """Raise `UnknownSettingError` for a variable with the prefix of `kind` that names no setting."""
    prefix = str(kind.model_config.get("env_prefix", ""))
    known = {name.upper() for name in kind.model_fields}
    unknown = sorted(
        name
        for name in environment
        if name.upper().startswith(prefix)
        and name.upper().removeprefix(prefix).partition(DELIMITER)[0] not in known
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
