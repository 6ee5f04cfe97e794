"""Regions without a network: they recognise whatever they are asked, and note who asked what."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from catalogue.names import certificate_code
from edge.caller import Caller, Role
from gateway.national.pairings import Pairings
from gateway.national.questions import CertificateAsked
from gateway.national.recognition import Asking, SilentRegionError
from gateway.national.wire import STANDING_FIELDS
from schema.agreements import Agreement, AgreementKind, AgreementStatus, AgreementTerms, ScopeItem, SkillLevel

TODAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, tzinfo=UTC)
REGIONS = ("310000", "320000", "440000", "500000", "520000", "620000")
PORTAL = Caller(Role.PORTAL, "portal")
CERTIFICATE = CertificateAsked(certificate_code("网店运营推广"), SkillLevel.INTERMEDIATE)


def agreement(one: str, other: str, accepts: str | None = None, *scope: ScopeItem, **days: date) -> Agreement:
    kind = AgreementKind.PAIRED_ASSISTANCE if accepts else AgreementKind.ALLIANCE
    first, second = sorted((one, other))
    terms = AgreementTerms(
        (first, second),
        kind,
        accepts,
        scope or (ScopeItem(),),
        days.get("first", date(2026, 1, 1)),
        days.get("last"),
    )
    return Agreement(f"P-{first}-{second}", terms, AgreementStatus.SIGNED)


PAIRINGS = Pairings(
    [
        agreement("310000", "320000"),
        agreement("320000", "520000", "520000"),
        agreement("440000", "500000"),
        agreement("500000", "620000"),
        agreement("310000", "440000", None, last=date(2026, 3, 31)),
    ]
)


@dataclass
class SimulatedRegions:
    """Regions that recognise whatever their neighbours vouch for; some are silent, some talk nonsense."""

    silent: Collection[str] = ()
    nonsense: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    """The hash of each region's own copy of any agreement; without it, nothing is said of one."""
    slips: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    heard: list[Mapping[str, Any]] = field(default_factory=list)

    async def ask(
        self, region: str, query: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]:
        root = "standings" if "standings(" in query else "assessments"
        self.asked.append((root, region))
        self.heard.extend(variables["inputs"])
        await asyncio.sleep(0)
        if region in self.silent:
            raise SilentRegionError(region, "SHARD_TIMEOUT", f"Region {region} did not answer in time.")
        if region in self.nonsense:
            return {root: self.nonsense[region]}
        answer = self._standing if root == "standings" else self._decision
        return {root: [answer(region, one) for one in variables["inputs"]]}

    async def change(
        self, region: str, mutation: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]:
        raise SilentRegionError(region, "SHARD_UNREACHABLE", f"Region {region} cannot be reached.")

    def _standing(self, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        blank = dict.fromkeys(STANDING_FIELDS)
        return {
            **blank,
            "asOf": asked["asOf"],
            "permitted": True,
            "found": True,
            "accountFrozen": False,
            "standardKnown": True,
            "outcomeId": asked["outcomeId"],
            "kind": "X_CERTIFICATE",
            "certificateCode": CERTIFICATE.code,
            "level": "INTERMEDIATE",
            "agreementHash": self.copies.get(region),
            **self.facts,
            **self.slips.get(region, {}),
        }

    def _decision(self, region: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        return {
            **dict.fromkeys(("outcomeId", "certificateCode", "level", "agreement", "rules", "signature")),
            **{key: [] for key in ("levelCandidates", "courses", "reasons", "missingForFull")},
            "inputs": self._inputs(region),
            "from": asked["from"],
            "to": region,
            "decision": "RECOGNISED",
            "creditsRecognised": "8.0",
            "creditsUnconverted": "0.0",
            "asOf": asked["asOf"],
            "knownAt": asked.get("knownAt"),
            "decidedAt": "2026-06-01T00:00:00+00:00",
        }

    def _inputs(self, region: str) -> list[dict[str, str]]:
        if region not in self.copies:
            return []
        return [{"kind": "agreement", "id": f"{region}-G-1", "version": "1", "hash": self.copies[region]}]
