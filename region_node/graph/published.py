"""What a region publishes, as fields of the region itself: agreements, rules, issuers, policy, levels."""

from __future__ import annotations

import orjson
import strawberry

from region_node.graph.agreements import Agreement, agreements_of
from region_node.graph.arguments import AsOf, KnownAt
from region_node.graph.context import Info
from region_node.graph.frameworks import QualificationFramework, framework_of
from region_node.graph.organisations import EvaluationOrganisation, organisations_of
from region_node.graph.policy import Policy, policy_of
from region_node.graph.rules import OnlyCertificate, OnlyMajor, RuleSet, rule_sets_of


@strawberry.type
class PublishedByRegion:
    @strawberry.field(description="Its copies of its agreements (互认协议)")
    async def agreements(self, info: Info) -> list[Agreement] | None:
        return await agreements_of(info.context)

    @strawberry.field(description="Its rule sets, newest first; of one day the one in force then (规则集)")
    async def rule_sets(
        self,
        info: Info,
        certificate: OnlyCertificate = None,
        major: OnlyMajor = None,
        as_of: AsOf = None,
        known_at: KnownAt = None,
    ) -> list[RuleSet] | None:
        return await rule_sets_of(info.context, certificate, major, as_of, known_at)

    @strawberry.field(description="Evaluation organisations as it sees them (培训评价组织)")
    async def organisations(self, info: Info) -> list[EvaluationOrganisation] | None:
        return await organisations_of(info.context)

    @strawberry.field(description="Its policy on a day (政策)")
    async def policy(self, info: Info, as_of: AsOf = None, known_at: KnownAt = None) -> Policy | None:
        return await policy_of(info.context, as_of, known_at)

    @strawberry.field(
        description="Its public key for decisions, a JSON Web Key; null where it signs none (签名公钥)"
    )
    def signing_key(self, info: Info) -> str | None:
        signer = info.context.bank.signer
        return None if signer is None else orjson.dumps(signer.public_key()).decode()

    @strawberry.field(description="Its qualification framework on a day (资历框架)")
    async def framework(
        self, info: Info, as_of: AsOf = None, known_at: KnownAt = None
    ) -> QualificationFramework | None:
        return await framework_of(info.context, as_of, known_at)
