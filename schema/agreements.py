"""Agreements (互认协议): the terms that two regions sign, and whether they hold on a day.

Both sides keep their own copy. The gateway keeps the published terms, so that it can
refuse a lookup that no agreement covers without asking anybody (DOMAIN.md, Recognition 1–2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Protocol

import rfc8785

from schema.codes import ReasonCode

ANY = "*"


class AgreementKind(StrEnum):
    ALLIANCE = "ALLIANCE"
    PAIRED_ASSISTANCE = "PAIRED_ASSISTANCE"


class AgreementStatus(StrEnum):
    PROPOSED = "PROPOSED"
    SIGNED = "SIGNED"
    SUSPENDED = "SUSPENDED"
    ENDED = "ENDED"


class SkillLevel(StrEnum):
    ELEMENTARY = "ELEMENTARY"
    INTERMEDIATE = "INTERMEDIATE"
    ADVANCED = "ADVANCED"


class OutcomeKind(StrEnum):
    COURSE = "COURSE"
    X_CERTIFICATE = "X_CERTIFICATE"
    MOOC = "MOOC"
    TRAINING = "TRAINING"
    COMPETITION = "COMPETITION"
    WORK_EXPERIENCE = "WORK_EXPERIENCE"


@dataclass(frozen=True, slots=True)
class ScopeItem:
    """What one line of an agreement covers. Empty tuples and ANY cover everything of their sort.

    `rate_percent` scales credits; `flexible` says whether flexible credits are covered too.
    """

    certificate: str = ANY
    levels: tuple[SkillLevel, ...] = ()
    kinds: tuple[OutcomeKind, ...] = ()
    flexible: bool = True
    rate_percent: int = 100

    def covers(self, certificate: str | None, level: SkillLevel | None, kind: OutcomeKind) -> bool:
        return (
            self.certificate in (ANY, certificate)
            and (not self.levels or level in self.levels)
            and (not self.kinds or kind in self.kinds)
        )


@dataclass(frozen=True, slots=True)
class AgreementTerms:
    """The canonical terms, the same bytes on both sides.

    `parties` is sorted. For PAIRED_ASSISTANCE `accepts` is the one party that accepts;
    for ALLIANCE it is None. `last_day` is included; None means no end is set. `notice_days` is how long
    before a side stops relying on the agreement, or ends it, it must say so.
    """

    parties: tuple[str, str]
    kind: AgreementKind
    accepts: str | None
    scope: tuple[ScopeItem, ...]
    first_day: date
    last_day: date | None
    version: int = 1
    notice_days: int = 0

    def canonical(self) -> bytes:
        """Return the RFC 8785 form: what is hashed and signed."""
        return rfc8785.dumps(terms_to_plain(self))

    def hash(self) -> str:
        """Return the SHA-256 of the canonical form, in hex: equal where the copies agree."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def accepts_from(self, issuer: str, accepter: str) -> bool:
        if set(self.parties) != {issuer, accepter}:
            return False
        return self.kind is AgreementKind.ALLIANCE or self.accepts == accepter

    def covering(
        self, certificate: str | None, level: SkillLevel | None, kind: OutcomeKind
    ) -> ScopeItem | None:
        """Return the first line that covers the outcome: the order of the lines is part of the terms."""
        return next((item for item in self.scope if item.covers(certificate, level, kind)), None)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One side's copy of an agreement: the terms and how they stand with that side.

    `suspended_on` and `ended_on` are the first days on which the copy is no longer in force.
    """

    id: str
    terms: AgreementTerms
    status: AgreementStatus
    suspended_on: date | None = None
    ended_on: date | None = None


class Step(Protocol):
    """One step of a copy's life: its status from the day `on`, recorded at an instant."""

    @property
    def status(self) -> AgreementStatus: ...
    @property
    def on(self) -> date: ...
    @property
    def recorded_at(self) -> datetime: ...


def as_known(agreement: Agreement, steps: Sequence[Step], known_at: datetime) -> Agreement | None:
    """Return the copy as its steps recorded by `known_at` left it; None before its proposal.

    `steps` are all of them, in their order.
    """
    taken = [step for step in steps if step.recorded_at <= known_at]
    if not taken:
        return None
    first_days = {step.status: step.on for step in taken}
    return replace(
        agreement,
        status=taken[-1].status,
        suspended_on=first_days.get(AgreementStatus.SUSPENDED),
        ended_on=first_days.get(AgreementStatus.ENDED),
    )


def standing(agreement: Agreement, issuer: str, accepter: str, day: date) -> ReasonCode | None:
    """Return why `agreement` does not carry `issuer`'s outcomes to `accepter` on `day`, if so."""
    terms = agreement.terms
    if agreement.status is AgreementStatus.PROPOSED or day < terms.first_day:
        return ReasonCode.AGREEMENT_NOT_YET_IN_FORCE
    if (terms.last_day is not None and day > terms.last_day) or (
        agreement.ended_on is not None and day >= agreement.ended_on
    ):
        return ReasonCode.AGREEMENT_EXPIRED
    if agreement.suspended_on is not None and day >= agreement.suspended_on:
        return ReasonCode.AGREEMENT_SUSPENDED
    if not terms.accepts_from(issuer, accepter):
        return ReasonCode.WRONG_DIRECTION
    return None


def choose(
    agreements: Sequence[Agreement], issuer: str, accepter: str, day: date
) -> tuple[Agreement | None, ReasonCode | None]:
    """Return the agreement that decides between the two regions on `day`, and what speaks against it.

    One in force wins; without one, the newest explains why (or NO_AGREEMENT when there is none). A version
    that was succeeded by `day` is in force no more, however its successor stands.
    """
    all_between = [a for a in agreements if set(a.terms.parties) == {issuer, accepter}]
    between = [a for a in all_between if not any(_succeeds(b, a, day) for b in all_between)]
    if not between:
        return None, ReasonCode.NO_AGREEMENT
    newest_first = sorted(between, key=_newness, reverse=True)
    for agreement in newest_first:
        if standing(agreement, issuer, accepter, day) is None:
            return agreement, None
    return newest_first[0], standing(newest_first[0], issuer, accepter, day)


def _newness(agreement: Agreement) -> tuple[bool, date, int, str]:
    """A mere proposal explains nothing where something was signed."""
    terms = agreement.terms
    is_signed = agreement.status is not AgreementStatus.PROPOSED
    return is_signed, terms.first_day, terms.version, agreement.id


def _succeeds(later: Agreement, earlier: Agreement, day: date) -> bool:
    """Has a signed version with a higher number begun by `day`?"""
    return (
        later.terms.version > earlier.terms.version
        and later.status is not AgreementStatus.PROPOSED
        and later.terms.first_day <= day
    )


def terms_from_plain(plain: dict[str, Any]) -> AgreementTerms:
    """Read terms from their JSON form. Raises ValueError or KeyError where the form is wrong."""
    one, other = sorted(plain["parties"])
    return AgreementTerms(
        parties=(one, other),
        kind=AgreementKind(plain["kind"]),
        accepts=plain.get("accepts"),
        scope=tuple(
            ScopeItem(
                certificate=item.get("certificate", ANY),
                levels=tuple(SkillLevel(level) for level in item.get("levels", ())),
                kinds=tuple(OutcomeKind(kind) for kind in item.get("kinds", ())),
                flexible=item.get("flexible", True),
                rate_percent=item.get("ratePercent", 100),
            )
            for item in plain["scope"]
        ),
        first_day=date.fromisoformat(plain["firstDay"]),
        last_day=date.fromisoformat(plain["lastDay"]) if plain.get("lastDay") else None,
        version=plain.get("version", 1),
        notice_days=plain.get("noticeDays", 0),
    )


def terms_to_plain(terms: AgreementTerms) -> dict[str, Any]:
    """Return the JSON form that `terms_from_plain` reads; without notice, the form it always had."""
    plain: dict[str, Any] = {
        "parties": list(terms.parties),
        "kind": terms.kind.value,
        "accepts": terms.accepts,
        "scope": [
            {
                "certificate": item.certificate,
                "levels": [level.value for level in item.levels],
                "kinds": [kind.value for kind in item.kinds],
                "flexible": item.flexible,
                "ratePercent": item.rate_percent,
            }
            for item in terms.scope
        ],
        "firstDay": terms.first_day.isoformat(),
        "lastDay": terms.last_day.isoformat() if terms.last_day else None,
        "version": terms.version,
    }
    return plain | ({"noticeDays": terms.notice_days} if terms.notice_days else {})
