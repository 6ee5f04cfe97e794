"""Versions of policy, frameworks and framework maps (service/recognition_ports.py)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import orjson
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.domain.frameworks import Framework, FrameworkMap
from region_node.domain.moment import Moment
from region_node.domain.policy import Policy, policy_on
from region_node.domain.published_forms import policy_from_plain
from region_node.storage.published import Published
from region_node.storage.seals import sealed
from region_node.storage.tables import table_of
from region_node.storage.tables_recognition import FrameworkMapRow, FrameworkRow, PolicyRow
from schema.agreements import SkillLevel

_POLICIES = table_of(PolicyRow)
_FRAMEWORKS = table_of(FrameworkRow)
_MAPS = table_of(FrameworkMapRow)


class SqlPolicies:
    def __init__(self, connection: AsyncConnection, published: Published) -> None:
        self._connection = connection
        self._published = published

    async def versions(self) -> tuple[Policy, ...]:
        return await self._published.whole("policies", self._versions)

    async def _versions(self) -> tuple[Policy, ...]:
        select = sa.select(_POLICIES.c.body, _POLICIES.c.recorded_at).order_by(_POLICIES.c.version)
        rows = await self._connection.execute(select)
        return tuple(
            replace(policy_from_plain(orjson.loads(row.body)), recorded_at=row.recorded_at) for row in rows
        )

    async def in_force(self, day: date) -> Policy:
        return policy_on(await self.versions(), day)

    async def add(self, policy: Policy, moment: Moment) -> None:
        await self._connection.execute(
            sa.insert(_POLICIES).values(
                sealed(
                    {
                        "version": policy.version,
                        "valid_from": policy.valid_from,
                        "body": orjson.dumps(policy.plain()).decode(),
                        "recorded_at": moment.at,
                        "actor": moment.by,
                    }
                )
            )
        )


class SqlFrameworks:
    def __init__(self, connection: AsyncConnection, published: Published) -> None:
        self._connection = connection
        self._published = published

    async def versions(self) -> tuple[Framework, ...]:
        return await self._published.whole("frameworks", self._versions)

    async def _versions(self) -> tuple[Framework, ...]:
        rows = await self._connection.execute(sa.select(_FRAMEWORKS).order_by(_FRAMEWORKS.c.version))
        return tuple(
            Framework(
                code=row.code,
                levels=tuple(orjson.loads(row.levels)),
                of_skill={SkillLevel(skill): level for skill, level in orjson.loads(row.of_skill).items()},
                version=row.version,
                valid_from=row.valid_from,
                recorded_at=row.recorded_at,
            )
            for row in rows
        )

    async def add(self, framework: Framework, moment: Moment) -> None:
        await self._connection.execute(
            sa.insert(_FRAMEWORKS).values(
                sealed(
                    {
                        "version": framework.version,
                        "code": framework.code,
                        "valid_from": framework.valid_from,
                        "levels": orjson.dumps(framework.levels).decode(),
                        "of_skill": orjson.dumps(
                            {skill.value: level for skill, level in framework.of_skill.items()}
                        ).decode(),
                        "recorded_at": moment.at,
                        "actor": moment.by,
                    }
                )
            )
        )

    async def maps(self) -> tuple[FrameworkMap, ...]:
        return await self._published.whole("framework maps", self._maps)

    async def _maps(self) -> tuple[FrameworkMap, ...]:
        select = sa.select(_MAPS).order_by(_MAPS.c.from_framework, _MAPS.c.version)
        return tuple(
            FrameworkMap(
                id=row.id,
                version=row.version,
                from_framework=row.from_framework,
                to_framework=row.to_framework,
                valid_from=row.valid_from,
                levels={level: tuple(targets) for level, targets in orjson.loads(row.levels).items()},
                recorded_at=row.recorded_at,
            )
            for row in await self._connection.execute(select)
        )

    async def add_map(self, new: FrameworkMap, moment: Moment) -> None:
        await self._connection.execute(
            sa.insert(_MAPS).values(
                sealed(
                    {
                        "from_framework": new.from_framework,
                        "version": new.version,
                        "to_framework": new.to_framework,
                        "id": new.id,
                        "valid_from": new.valid_from,
                        "levels": orjson.dumps(dict(new.levels)).decode(),
                        "recorded_at": moment.at,
                        "actor": moment.by,
                    }
                )
            )
        )
