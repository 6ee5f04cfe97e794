"""The policy in force on a day, as every use case asks for it."""

from __future__ import annotations

from datetime import date

from region_node.domain.policy import Policy
from region_node.service.ports import Unit


async def policy_in_force(unit: Unit, day: date) -> Policy:
    return await unit.policies.in_force(day)
