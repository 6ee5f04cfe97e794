"""What a region publishes, as tests make it happen: agreements, rules, standards, policy in few words."""

from __future__ import annotations

from typing import Any, Final

from gateway.national.wire import ASSESSMENTS, STANDINGS
from tests.node.bank import REFUSAL, new_key
from tests.node.conftest import Asker
from tests.node.databases import REGION

SHANGHAI: Final = "310000"
VERSION: Final = "2020年1.0版"
AGREEMENT: Final = f"""__typename {REFUSAL} ... on AgreementChanged {{ agreement {{
  id with kind accepts status firstDay lastDay suspendedOn endedOn version noticeDays termsHash signature
  scope {{ certificate levels kinds flexible ratePercent }} }} }}"""
RULES: Final = f"""__typename {REFUSAL} ... on RulesPublished {{ ruleSet {{ id version validFrom hash
  rules {{ id course courseName courseKind credits }} }} }}"""
STANDARD: Final = f"""__typename {REFUSAL} ... on StandardChanged {{ standard {{
  certificate level version organisation credits coreCredits flexibleCredits
  activeFrom retiredFrom hash }} }}"""
VETOED: Final = f"__typename {REFUSAL} ... on OrganisationVetoed {{ organisation {{ code name vetoedOn }} }}"
POLICY: Final = f"__typename {REFUSAL} ... on PolicySet {{ policy {{ version yearlyCeiling hash }} }}"
FRAMEWORK: Final = f"__typename {REFUSAL} ... on FrameworkSet {{ framework {{ code version levels }} }}"
MAP: Final = f"__typename {REFUSAL} ... on FrameworkMapSet {{ map {{ id version from to hash }} }}"


async def mutate(asker: Asker, field: str, types: dict[str, str], shown: str, **given: Any) -> dict[str, Any]:
    """Run one mutation of this region; `types` are those of the arguments in `given`."""
    given.setdefault("idempotencyKey", new_key())
    if "id" not in given:
        given["region"] = asker.region
    types = {"region": "ID!", "id": "ID!", "idempotencyKey": "String!", **types}
    declared = ", ".join(f"${name}: {types[name]}" for name in given)
    passed = ", ".join(f"{name}: ${name}" for name in given)
    answer = await asker.ask(f"mutation({declared}) {{ {field}({passed}) {{ {shown} }} }}", **given)
    result: dict[str, Any] = answer[field]
    return result


async def propose(asker: Asker, partner: str = SHANGHAI, **terms: Any) -> dict[str, Any]:
    given = {"with": partner, "kind": "ALLIANCE", "firstDay": "2026-01-01", **terms}
    return await mutate(asker, "proposeAgreement", {"terms": "AgreementTermsInput!"}, AGREEMENT, terms=given)


async def sign(asker: Asker, agreement: str, **rest: Any) -> dict[str, Any]:
    return await mutate(asker, "signAgreement", {}, AGREEMENT, id=agreement, **rest)


async def suspend(asker: Asker, agreement: str, **rest: Any) -> dict[str, Any]:
    types = {"from": "Date", "reason": "String!"}
    return await mutate(asker, "suspendAgreement", types, AGREEMENT, id=agreement, **rest)


async def end(asker: Asker, agreement: str, last_day: str, **rest: Any) -> dict[str, Any]:
    types = {"lastDay": "Date!", "reason": "String!"}
    return await mutate(asker, "endAgreement", types, AGREEMENT, id=agreement, lastDay=last_day, **rest)


async def agree(asker: Asker, partner: str = SHANGHAI, **terms: Any) -> str:
    """Propose and sign; return the copy's ID."""
    proposed = await propose(asker, partner, **terms)
    identifier: str = proposed["agreement"]["id"]
    assert (await sign(asker, identifier))["agreement"]["status"] == "SIGNED"
    return identifier


def rule(certificate: str, course: str, amount: str, **rest: Any) -> dict[str, Any]:
    return {
        "certificate": certificate,
        "level": "INTERMEDIATE",
        "major": "530701",
        "course": course,
        "credits": amount,
        **rest,
    }


async def publish(
    asker: Asker, *rules: dict[str, Any], valid_from: str = "2026-01-01", **rest: Any
) -> dict[str, Any]:
    types = {"rules": "[ConversionRuleInput!]!", "validFrom": "Date!", "votes": "Int!"}
    return await mutate(asker, "publishRules", types, RULES, rules=rules, validFrom=valid_from, **rest)


async def register(asker: Asker, code: str, **standard: Any) -> dict[str, Any]:
    given = {
        "certificate": code,
        "level": "INTERMEDIATE",
        "version": VERSION,
        "credits": "8.0",
        "activeFrom": "2020-01-01",
        **standard,
    }
    types = {"standard": "RegisterStandardInput!"}
    return await mutate(asker, "registerStandard", types, STANDARD, standard=given)


async def retire(asker: Asker, certificate: str, first_day: str, **rest: Any) -> dict[str, Any]:
    types = {"certificate": "ID!", "level": "SkillLevel!", "version": "String!", "from": "Date!"}
    given = {"level": "INTERMEDIATE", "version": VERSION, **rest}
    return await mutate(
        asker, "retireStandard", types, STANDARD, certificate=certificate, **{"from": first_day}, **given
    )


async def veto(asker: Asker, organisation: str, first_day: str, **rest: Any) -> dict[str, Any]:
    types = {"organisation": "ID!", "from": "Date!", "reason": "String!"}
    return await mutate(
        asker, "vetoOrganisation", types, VETOED, organisation=organisation, **{"from": first_day}, **rest
    )


async def set_policy(asker: Asker, **policy: Any) -> dict[str, Any]:
    given = {"validFrom": "2026-01-01", **policy}
    return await mutate(asker, "setPolicy", {"policy": "PolicyInput!"}, POLICY, policy=given)


async def set_framework(asker: Asker, **framework: Any) -> dict[str, Any]:
    given = {"code": "GD", "levels": list("1234567"), "validFrom": "2026-01-01", **framework}
    return await mutate(asker, "setFramework", {"framework": "FrameworkInput!"}, FRAMEWORK, framework=given)


async def set_map(asker: Asker, levels: dict[str, list[str]], **rest: Any) -> dict[str, Any]:
    types = {"from": "String!", "levels": "[LevelMappingInput!]!", "validFrom": "Date!"}
    mapped = [{"level": level, "targets": targets} for level, targets in levels.items()]
    given = {"from": "CQ", "validFrom": "2026-01-01", **rest}
    return await mutate(asker, "setFrameworkMap", types, MAP, levels=mapped, **given)


async def standings(asker: Asker, *inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask this region as the gateway asks it."""
    answer = await asker.ask(STANDINGS, region=REGION, inputs=[{"to": SHANGHAI, **one} for one in inputs])
    found: list[dict[str, Any]] = answer["standings"]
    return found


async def assessments(asker: Asker, *inputs: dict[str, Any]) -> list[dict[str, Any]]:
    """Ask this region as the gateway asks it."""
    answer = await asker.ask(ASSESSMENTS, region=REGION, inputs=[{"from": SHANGHAI, **one} for one in inputs])
    found: list[dict[str, Any]] = answer["assessments"]
    return found


async def recognise(asker: Asker, *, major: str | None = "530701", **asked: Any) -> dict[str, Any]:
    """Ask one question of both waves. This node plays both regions: both copies are its one copy."""
    (standing,) = await standings(asker, asked)
    (decision,) = await assessments(asker, {**asked, "major": major, "standing": standing})
    return decision


def codes(decision: dict[str, Any]) -> list[str]:
    return [one["code"] for one in decision["reasons"]]
