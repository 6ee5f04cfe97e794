"""What happened in the acceptance tests' country until 2026-06-01, and what its regions agreed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from catalogue.names import certificate_code
from catalogue.sample import load_sample

if TYPE_CHECKING:
    from tests.acceptance.world import World

MAJOR = "530701"
SHOPS = certificate_code("网店运营推广")
ANALYSIS = certificate_code("电子商务数据分析")
BORDERS = certificate_code("跨境电商B2B数据运营")
LIVE = certificate_code("直播电商")
VERSION = "2020年1.0版"


def _agreement(one: str, other: str, **terms: Any) -> dict[str, Any]:
    scope = terms.pop("scope", [{}])
    plain = {"parties": [one, other], "kind": "ALLIANCE", "firstDay": "2025-01-10", "scope": scope, **terms}
    return {"id": f"P-{one}-{other}", "status": "SIGNED", "terms": plain}


CORE_ONLY = {"certificate": BORDERS, "flexible": False}
PAIRINGS = [
    _agreement("310000", "320000", scope=[CORE_ONLY, {}]),
    _agreement("320000", "520000", kind="PAIRED_ASSISTANCE", accepts="520000"),
    _agreement("440000", "500000"),
    _agreement("500000", "620000"),
    _agreement("330000", "340000", lastDay="2026-03-31"),
]

FULL = {"网店运营": "4.0", "网络营销": "4.0"}
RULES: Mapping[str, Sequence[tuple[str, str, Mapping[str, str]]]] = {
    "320000": (
        (SHOPS, "INTERMEDIATE", {"网店运营": "4.0", "网络营销": "2.0"}),
        (ANALYSIS, "INTERMEDIATE", {"数据化运营": "4.0", "社群运营": "4.0"}),
        (BORDERS, "INTERMEDIATE", {"视觉营销设计": "4.0", "互联网销售": "4.0"}),
        (LIVE, "INTERMEDIATE", {"零售门店O2O运营": "4.0", "互联网产品开发": "4.0"}),
        (LIVE, "ADVANCED", {"零售门店O2O运营": "4.0", "互联网产品开发": "4.0"}),
    ),
    **dict.fromkeys(("340000", "520000", "440000", "500000"), ((SHOPS, "INTERMEDIATE", FULL),)),
}
STANDARDS: Sequence[tuple[str, str, str, str | None]] = (
    *((region, SHOPS, "INTERMEDIATE", None) for region in ("310000", "320000", "330000", "520000", "620000")),
    ("440000", SHOPS, "INTERMEDIATE", "5"),
    ("440000", SHOPS, "ELEMENTARY", "1"),
    ("500000", SHOPS, "INTERMEDIATE", "4"),
    ("310000", ANALYSIS, "INTERMEDIATE", None),
    ("310000", BORDERS, "INTERMEDIATE", None),
    ("310000", LIVE, "INTERMEDIATE", None),
    ("310000", LIVE, "ADVANCED", None),
)


def begin(world: World) -> None:
    """What the banks agreed and set in January 2025, and what happened to them since."""
    for region, code, levels in (("440000", "GD", 7), ("500000", "CQ", 4)):
        framework = {
            "code": code,
            "levels": [str(level) for level in range(1, levels + 1)],
            "validFrom": "2025-01-10",
        }
        world.done(region, "setFramework", region=("ID!", region), framework=("FrameworkInput!", framework))
    _map_levels(world, "500000", "GD", {"5": ["4"], "6": ["4"], "7": ["4"]})
    _map_levels(world, "440000", "CQ", {"4": ["5", "6", "7"]})
    for region, certificate, level, place in STANDARDS:
        standard = {
            "certificate": certificate,
            "level": level,
            "version": VERSION,
            "credits": "8.0",
            "activeFrom": "2020-01-01",
            "organisation": None if load_sample().certificate(certificate).organisation else "甲组织",  # type: ignore[union-attr]
            "frameworkLevel": place,
        }
        world.done(
            region, "registerStandard", region=("ID!", region), standard=("RegisterStandardInput!", standard)
        )
    for pairing in PAIRINGS:
        _agree(world, pairing["terms"])
    for region, rules in RULES.items():
        _publish(world, region, rules)
    world.done(
        "320000",
        "setPolicy",
        region=("ID!", "320000"),
        policy=("PolicyInput!", {"validFrom": "2025-01-10", "yearlyCeiling": "16.0", "reviewWindowDays": 30}),
    )
    world.clock.go_to(date(2026, 2, 1))
    world.done(
        "310000",
        "retireStandard",
        region=("ID!", "310000"),
        certificate=("ID!", LIVE),
        level=("SkillLevel!", "ADVANCED"),
        version=("String!", VERSION),
        **{"from": ("Date!", "2026-02-01")},
    )
    world.clock.go_to(date(2026, 5, 1))
    organisation = load_sample().certificate(ANALYSIS).organisation  # type: ignore[union-attr]
    found = world.ask("query($r: ID!) { organisations(region: $r) { code name } }", r="310000")
    [code] = [one["code"] for one in found["organisations"] if one["name"] == organisation]
    world.done(
        "310000",
        "vetoOrganisation",
        region=("ID!", "310000"),
        organisation=("ID!", code),
        **{"from": ("Date!", "2026-05-01")},
    )


def _map_levels(world: World, region: str, framework: str, levels: Mapping[str, list[str]]) -> None:
    given = [{"level": level, "targets": targets} for level, targets in levels.items()]
    world.done(
        region,
        "setFrameworkMap",
        region=("ID!", region),
        levels=("[LevelMappingInput!]!", given),
        validFrom=("Date!", "2025-01-10"),
        **{"from": ("String!", framework)},
    )


def _agree(world: World, terms: Mapping[str, Any]) -> None:
    """Each side proposes the terms to itself and signs its own copy."""
    for region in terms["parties"]:
        [partner] = [party for party in terms["parties"] if party != region]
        own = {name: value for name, value in terms.items() if name != "parties"}
        proposed = world.done(
            region,
            "proposeAgreement",
            "... on AgreementChanged { agreement { id } }",
            region=("ID!", region),
            terms=("AgreementTermsInput!", {**own, "with": partner}),
        )
        world.done(region, "signAgreement", id=("ID!", proposed["agreement"]["id"]))


def _publish(world: World, region: str, rules: Sequence[tuple[str, str, Mapping[str, str]]]) -> None:
    given = [
        {"certificate": certificate, "level": level, "major": MAJOR, "course": course, "credits": amount}
        for certificate, level, courses in rules
        for course, amount in courses.items()
    ]
    world.done(
        region,
        "publishRules",
        region=("ID!", region),
        rules=("[ConversionRuleInput!]!", given),
        validFrom=("Date!", "2025-01-10"),
    )
