"""Credentials that leave the bank, as plain JSON values, before anybody signs them.

A certificate is an Open Badges 3.0 AchievementCredential, an archive a CLR 2.0 ClrCredential, both in
the W3C Verifiable Credentials Data Model 2.0; what was revoked is told by a Bitstring Status List 1.0.
None holds a name or a citizen number: the subject is the learner's pseudonym.
"""

from __future__ import annotations

import gzip
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from region_node.domain.outcome import Outcome
from schema.agreements import OutcomeKind, SkillLevel

VC_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
OB_CONTEXT: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
CLR_CONTEXT: Final = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
STATUS_LIST_BITS: Final = 131_072
"""The least that the specification allows, so that a list tells little of whose bit is asked for."""

LEVEL_NAMES: Final = {
    SkillLevel.ELEMENTARY: "初级 elementary",
    SkillLevel.INTERMEDIATE: "中级 intermediate",
    SkillLevel.ADVANCED: "高级 advanced",
}
_TYPES: Final = {
    OutcomeKind.COURSE: "Course",
    OutcomeKind.X_CERTIFICATE: "Certificate",
    OutcomeKind.MOOC: "Course",
    OutcomeKind.TRAINING: "Course",
    OutcomeKind.COMPETITION: "Award",
    OutcomeKind.WORK_EXPERIENCE: "ext:WorkExperience",
}
_LANGUAGE: Final = "zh-CN"


@dataclass(frozen=True, slots=True)
class Issuer:
    """The bank as the world knows it: `base` is its public address without a slash at the end."""

    region: str
    name: str
    base: str

    @property
    def id(self) -> str:
        return f"{self.base}/issuer"

    def profile(self) -> dict[str, Any]:
        return {"id": self.id, "type": ["Profile"], "name": self.name, "url": self.base}

    def status_list(self, number: int) -> str:
        return f"{self.base}/status/{number}"


@dataclass(frozen=True, slots=True)
class Certified:
    """A verified outcome, when it was verified, and the place of its credits in the region's log."""

    outcome: Outcome
    verified_at: datetime
    position: int


def achievement_credential(issuer: Issuer, certified: Certified) -> dict[str, Any]:
    """Return the outcome as an Open Badges 3.0 credential."""
    outcome = certified.outcome
    subject = {
        "id": subject_id(outcome.learner_id),
        "type": ["AchievementSubject"],
        "activityEndDate": _instant_of_day(outcome),
        "creditsEarned": outcome.credits / 10,
        "achievement": _achievement(outcome),
    }
    return {
        "@context": [VC_CONTEXT, OB_CONTEXT],
        "id": f"{issuer.base}/credentials/{outcome.id}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": outcome.title,
        "issuer": issuer.profile(),
        "validFrom": instant(certified.verified_at),
        "credentialSubject": subject,
        "credentialStatus": _status(issuer, certified.position),
    }


def archive_credential(
    issuer: Issuer, account_id: str, learner_id: str, certified: Sequence[Certified], at: datetime
) -> dict[str, Any]:
    """Return all of an account's standing achievements as one CLR 2.0 credential."""
    return {
        "@context": [VC_CONTEXT, CLR_CONTEXT, OB_CONTEXT],
        "id": f"{issuer.base}/archives/{account_id}",
        "type": ["VerifiableCredential", "ClrCredential"],
        "name": "学分银行学习档案 Credit bank archive",
        "issuer": issuer.profile(),
        "validFrom": instant(at),
        "credentialSubject": {
            "id": subject_id(learner_id),
            "type": ["ClrSubject"],
            "verifiableCredential": [achievement_credential(issuer, one) for one in certified],
        },
    }


def status_list_credential(
    issuer: Issuer, number: int, revoked: Collection[int], at: datetime
) -> dict[str, Any]:
    """Return list `number`; `revoked` are the bits to be set, counted within the list."""
    address = issuer.status_list(number)
    return {
        "@context": [VC_CONTEXT],
        "id": address,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.id,
        "validFrom": instant(at),
        "credentialSubject": {
            "id": f"{address}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encode_bits(revoked),
        },
    }


def encode_bits(bits: Collection[int]) -> str:
    """Multibase base64url of the gzipped bitstring, in which bit 0 is the leftmost."""
    content = bytearray(STATUS_LIST_BITS // 8)
    for bit in bits:
        content[bit // 8] |= 0x80 >> bit % 8
    return "u" + urlsafe_b64encode(gzip.compress(bytes(content), mtime=0)).decode().rstrip("=")


def claims(credential: Mapping[str, Any], issued_at: datetime) -> dict[str, Any]:
    """Return the claims of a credential's JWT: the credential itself, and what every JWT reader knows."""
    issuer = credential["issuer"]
    return {
        **credential,
        "iss": issuer if isinstance(issuer, str) else issuer["id"],
        "jti": credential["id"],
        "sub": credential["credentialSubject"]["id"],
        "iat": int(issued_at.timestamp()),
        "nbf": int(datetime.fromisoformat(credential["validFrom"]).timestamp()),
    }


def subject_id(learner_id: str) -> str:
    return f"urn:creditbank:learner:{learner_id}"


def instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _achievement(outcome: Outcome) -> dict[str, Any]:
    level = LEVEL_NAMES[outcome.level] if outcome.level else ""
    told = " ".join(part for part in (outcome.title, level, outcome.standard_version) if part)
    achievement: dict[str, Any] = {
        "id": _achievement_id(outcome),
        "type": ["Achievement"],
        "achievementType": _TYPES[outcome.kind],
        "name": outcome.title,
        "description": told,
        "inLanguage": _LANGUAGE,
        "creditsAvailable": outcome.credits / 10,
        "criteria": {"narrative": f"经学分银行核验 Verified by the credit bank: {told}"},
    }
    if outcome.level:
        achievement["tag"] = [outcome.level.value]
    if outcome.organisation:
        achievement["creator"] = {
            "id": f"{_achievement_id(outcome)}:organisation",
            "type": ["Profile"],
            "name": outcome.organisation,
        }
    return achievement


def _achievement_id(outcome: Outcome) -> str:
    if outcome.certificate and outcome.level:
        return f"urn:creditbank:certificate:{outcome.certificate}:{outcome.level.value}"
    return f"urn:creditbank:outcome:{outcome.id}"


def _status(issuer: Issuer, position: int) -> dict[str, str]:
    number, bit = divmod(position, STATUS_LIST_BITS)
    address = issuer.status_list(number)
    return {
        "id": f"{address}#{bit}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": str(bit),
        "statusListCredential": address,
    }


def _instant_of_day(outcome: Outcome) -> str:
    return f"{outcome.issued_on.isoformat()}T00:00:00Z"
