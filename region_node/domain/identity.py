"""What makes two outcomes one achievement: it is handed in, replaced or earned once; its identity says so."""

from __future__ import annotations

import hashlib

import rfc8785

from region_node.domain.outcome import Achievement
from region_node.domain.standards import CertificateStandard


def identity(account_id: str, achievement: Achievement) -> str:
    """Return what makes two submissions one achievement: 64 hex digits.

    A serial number names the paper whoever hands it in; without one, the learner, the
    achievement and its day do.
    """
    facts: list[str | None] = [achievement.kind.value, achievement.certificate, achievement.level]
    if achievement.certificate_number:
        facts += [achievement.organisation, achievement.certificate_number.strip().upper()]
    else:
        facts += [account_id, achievement.title.strip(), achievement.organisation]
        facts += [achievement.issued_on.isoformat()]
    return hashlib.sha256(rfc8785.dumps(facts)).hexdigest()


def identity_of_replaced(outcome_id: str, course: str) -> str:
    """Return the identity of the course that this outcome replaces: 64 hex digits."""
    return hashlib.sha256(rfc8785.dumps(["replaced", outcome_id, course])).hexdigest()


def identity_of_earned(account_id: str, standard: CertificateStandard) -> str:
    """Return the identity of a certificate earned by courses, once for each account: 64 hex digits."""
    return hashlib.sha256(rfc8785.dumps(["earned", account_id, standard.id])).hexdigest()
