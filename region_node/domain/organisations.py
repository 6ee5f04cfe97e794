"""Evaluation organisations (培训评价组织): one veto (一票否决) outweighs all approvals.

Exams on or after the veto's day are refused, exams within the review window before it are
referred to a person, older ones stand (DOMAIN.md, Organisations).
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from catalogue.names import name_key
from region_node.domain.moment import is_known
from schema.codes import ReasonCode


@dataclass(frozen=True, slots=True)
class EvaluationOrganisation:
    """One organisation as this region sees it. `vetoed_on` is the first veto's day."""

    code: str
    name: str
    vetoed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Veto:
    """A veto from a day on, and when the bank came to know of it."""

    on: date
    recorded_at: datetime


def first_veto(vetoes: Sequence[Veto], known_at: datetime | None = None) -> date | None:
    """Return the first veto's day, of those known at `known_at`."""
    return min((veto.on for veto in vetoes if is_known(veto.recorded_at, known_at)), default=None)


def organisation_code(name: str) -> str:
    """Return "V" and ten hex digits of the SHA-256 of the name's key: the same in every region."""
    return "V" + hashlib.sha256(name_key(name).encode()).hexdigest()[:10]


def issuer_objection(vetoed_on: date | None, examined_on: date, window_days: int) -> ReasonCode | None:
    """Return what a veto of the issuer says against an exam. The window's first day is in it."""
    if vetoed_on is None or examined_on < vetoed_on - timedelta(days=window_days):
        return None
    return ReasonCode.ISSUER_VETOED if examined_on >= vetoed_on else ReasonCode.ISSUER_UNDER_REVIEW
