"""Use cases of what a region sets for itself: rules, policy, its framework and the maps to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from region_node.domain.frameworks import Framework, FrameworkMap, check_framework, check_map, framework_on
from region_node.domain.moment import Moment
from region_node.domain.policy import Policy, check_policy
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.rule_checks import RULES_LIMIT, DraftRule, check_rules, complete, refuse_rules
from region_node.domain.rules import RuleSet
from region_node.service.perform import UseCase
from region_node.service.ports import Bank, Unit
from schema.agreements import SkillLevel
from schema.codes import RefusalCode
from schema.details import DetailCode, detail
from schema.ids import make_id


@dataclass(frozen=True, slots=True)
class PublishRules:
    """A whole rule set, which replaces the one before it from `valid_from`."""

    rules: tuple[DraftRule, ...]
    valid_from: date
    votes: int = 0


@dataclass(frozen=True, slots=True)
class RulesPublished:
    rule_set_id: str
    version: int


@dataclass(frozen=True, slots=True)
class SetPolicy:
    """A new version; its number is given when it is set."""

    policy: Policy


@dataclass(frozen=True, slots=True)
class SetFramework:
    code: str
    levels: tuple[str, ...]
    of_skill: Mapping[SkillLevel, str]
    valid_from: date


@dataclass(frozen=True, slots=True)
class SetFrameworkMap:
    from_framework: str
    levels: Mapping[str, tuple[str, ...]]
    valid_from: date


async def publish_rules(
    bank: Bank, unit: Unit, moment: Moment, command: PublishRules
) -> RulesPublished | Refusal:
    if len(command.rules) > RULES_LIMIT:
        too_many = detail(DetailCode.TOO_MANY_RULES, found=len(command.rules), limit=RULES_LIMIT)
        return refuse(RefusalCode.RULES_INVALID, detail=too_many)
    newest = await unit.rules.newest()
    if newest is not None and command.valid_from < newest[1]:
        early = detail(DetailCode.BEFORE_ANOTHER_SET, day=newest[1])
        return refuse(RefusalCode.RULES_INVALID, detail=early)
    version = newest[0] + 1 if newest else 1
    identifier = make_id(bank.region, "R", str(version))
    rules = complete(command.rules, bank.catalogue, identifier)
    policy = await unit.policies.in_force(command.valid_from)
    findings = check_rules(rules, command.votes, policy, bank.catalogue)
    if findings:
        return refuse_rules(findings)
    rule_set = RuleSet(identifier, version, command.valid_from, moment.at, rules, command.votes)
    await unit.rules.add(rule_set, moment.by)
    return RulesPublished(identifier, version)


async def set_policy(_: Bank, unit: Unit, moment: Moment, command: SetPolicy) -> Policy | Refusal:
    versions = await unit.policies.versions()
    problem = check_policy(command.policy, versions)
    if problem is not None:
        return problem
    policy = replace(command.policy, version=len(versions) + 1)
    await unit.policies.add(policy, moment)
    return policy


async def set_framework(_: Bank, unit: Unit, moment: Moment, command: SetFramework) -> Framework | Refusal:
    versions = await unit.frameworks.versions()
    framework = Framework(
        code=command.code.strip(),
        levels=command.levels,
        of_skill=command.of_skill,
        version=len(versions) + 1,
        valid_from=command.valid_from,
    )
    problem = check_framework(framework, versions)
    if problem is not None:
        return problem
    await unit.frameworks.add(framework, moment)
    return framework


async def set_framework_map(
    bank: Bank, unit: Unit, moment: Moment, command: SetFrameworkMap
) -> FrameworkMap | Refusal:
    own = framework_on(await unit.frameworks.versions(), command.valid_from)
    maps = await unit.frameworks.maps()
    version = sum(1 for one in maps if one.from_framework == command.from_framework) + 1
    number = len(maps) + 1
    new = FrameworkMap(
        id=make_id(bank.region, "M", str(number)),
        version=version,
        from_framework=command.from_framework,
        to_framework=own.code,
        valid_from=command.valid_from,
        levels=command.levels,
    )
    problem = check_map(new, own, maps)
    if problem is not None:
        return problem
    await unit.frameworks.add_map(new, moment)
    return new


PUBLISH_RULES = UseCase("publishRules", PublishRules, RulesPublished, publish_rules)
SET_POLICY = UseCase("setPolicy", SetPolicy, Policy, set_policy)
SET_FRAMEWORK = UseCase("setFramework", SetFramework, Framework, set_framework)
SET_FRAMEWORK_MAP = UseCase("setFrameworkMap", SetFrameworkMap, FrameworkMap, set_framework_map)
