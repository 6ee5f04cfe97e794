"""Qualification frameworks (资历框架) and the dated maps between two of them.

Levels are names in a framework's own order, lowest first. A map may have holes (a level with
no counterpart) and one-to-many entries; what a map leaves open is never closed by guessing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any, Final

from region_node.domain.canonical import hash_of
from region_node.domain.moment import EVER, is_known
from region_node.domain.refusal import Refusal, refuse
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.details import DetailCode, detail


@dataclass(frozen=True)
class Framework:
    """One version of a region's framework. `of_skill` is the level of a certificate at a skill level,
    where the standard itself states none.
    """

    code: str
    levels: tuple[str, ...]
    of_skill: Mapping[SkillLevel, str]
    version: int = 0
    valid_from: date = date.min
    recorded_at: datetime = field(default=EVER, compare=False)

    def level_of(self, skill: SkillLevel | None, stated: str | None) -> str | None:
        """Return the framework level of an achievement: what its standard states, else by skill level."""
        return stated or (self.of_skill.get(skill) if skill is not None else None)

    def plain(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "levels": list(self.levels),
            "ofSkill": {skill.value: level for skill, level in sorted(self.of_skill.items())},
            "version": self.version,
            "validFrom": self.valid_from.isoformat(),
        }

    @cached_property
    def hash(self) -> str:
        return hash_of(self.plain())


ONE_PLUS_X: Final = Framework(
    code="1+X",
    levels=tuple(level.value for level in SkillLevel),
    of_skill={level: level.value for level in SkillLevel},
)
"""The framework of regions that have none of their own: its levels are the skill levels."""


@dataclass(frozen=True)
class FrameworkMap:
    """One version of the map that the deciding region keeps from another framework to its own."""

    id: str
    version: int
    from_framework: str
    to_framework: str
    valid_from: date
    levels: Mapping[str, tuple[str, ...]]
    recorded_at: datetime = field(default=EVER, compare=False)

    def plain(self) -> dict[str, Any]:
        return {
            "from": self.from_framework,
            "to": self.to_framework,
            "version": self.version,
            "validFrom": self.valid_from.isoformat(),
            "levels": {level: list(targets) for level, targets in sorted(self.levels.items())},
        }

    @cached_property
    def hash(self) -> str:
        return hash_of(self.plain())


@dataclass(frozen=True, slots=True)
class LevelMatch:
    """What a level may be in the other framework: none, one or several levels, and by which map.

    `map` is None where both frameworks are the same, or where there is no map.
    """

    candidates: tuple[str, ...]
    map: FrameworkMap | None


def framework_on(versions: Sequence[Framework], day: date, known_at: datetime | None = None) -> Framework:
    """Return the region's framework on `day`, as known at `known_at`; the skill levels' where it had set
    none.
    """
    begun = [one for one in versions if one.valid_from <= day and is_known(one.recorded_at, known_at)]
    return max(begun, key=lambda framework: (framework.valid_from, framework.version), default=ONE_PLUS_X)


def map_level(
    from_framework: str, level: str, to: Framework, maps: Sequence[FrameworkMap], day: date
) -> LevelMatch:
    """Return what `level` of `from_framework` is in `to` on `day`, in the order of `to`'s levels."""
    if from_framework == to.code:
        return LevelMatch((level,) if level in to.levels else (), None)
    begun = [
        one
        for one in maps
        if (one.from_framework, one.to_framework) == (from_framework, to.code) and one.valid_from <= day
    ]
    newest = max(begun, key=lambda one: (one.valid_from, one.version), default=None)
    if newest is None:
        return LevelMatch((), None)
    targets = frozenset(newest.levels.get(level, ()))
    return LevelMatch(tuple(target for target in to.levels if target in targets), newest)


def check_framework(framework: Framework, versions: Sequence[Framework]) -> Refusal | None:
    """Return why this framework may not be set."""
    newest = max((earlier.valid_from for earlier in versions), default=None)
    strange = sorted(set(framework.of_skill.values()) - set(framework.levels))
    if not framework.code or not framework.levels or len(set(framework.levels)) < len(framework.levels):
        wrong = detail(DetailCode.FRAMEWORK_INCOMPLETE)
    elif strange:
        wrong = detail(DetailCode.NOT_LEVELS_OF_FRAMEWORK, levels=", ".join(strange))
    elif newest is not None and framework.valid_from < newest:
        wrong = detail(DetailCode.BEFORE_ANOTHER_VERSION, day=newest)
    else:
        return None
    return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)


def check_map(new: FrameworkMap, own: Framework, maps: Sequence[FrameworkMap]) -> Refusal | None:
    """Return why this map may not be set: it leads to the own framework, and onwards in time."""
    newest = max(
        (earlier.valid_from for earlier in maps if earlier.from_framework == new.from_framework), default=None
    )
    strange = sorted({target for targets in new.levels.values() for target in targets} - set(own.levels))
    if new.to_framework != own.code:
        wrong = detail(DetailCode.MAP_TO_OTHER_FRAMEWORK, framework=own.code)
    elif new.from_framework == new.to_framework:
        wrong = detail(DetailCode.MAP_TO_ITSELF)
    elif strange:
        wrong = detail(DetailCode.NO_SUCH_LEVEL, framework=own.code, levels=", ".join(strange))
    elif newest is not None and new.valid_from < newest:
        wrong = detail(DetailCode.BEFORE_ANOTHER_VERSION, day=newest)
    else:
        return None
    return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)
