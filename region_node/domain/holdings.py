"""What the deciding region held when it decided, as plain JSON, and the way back.

Published documents are named by the SHA-256 of their canonical form; only what is published nowhere
stands here itself: how the copy of the agreement stood, a veto, what the learner has used.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from region_node.domain.agreements import terms_hash
from region_node.domain.frameworks import FrameworkMap, LevelMatch
from region_node.domain.published_forms import (
    framework_from_plain,
    map_from_plain,
    policy_from_plain,
    rule_set_from_plain,
    standard_from_plain,
)
from region_node.domain.recognition_facts import Host, LearnerUse
from schema.agreements import Agreement, AgreementStatus, terms_from_plain
from schema.credits import format_credits, parse_credits

Holdings = Mapping[str, Any]
Documents = Mapping[str, Any]
"""Published documents, as plain JSON, by the SHA-256 of their canonical form."""

DOCUMENTS: Final = ("policy", "framework", "rules", "standard")


def plain_holdings(host: Host, agreement: Agreement | None, match: LevelMatch) -> dict[str, Any]:
    """Return what of `host` decides; of several agreements and maps, those that were chosen."""
    learner = host.learner
    return {
        "regionKnown": host.region_known,
        "certificateKnown": host.certificate_known,
        "agreement": None if agreement is None else _plain_agreement(agreement),
        "frameworkMap": None if match.map is None else {"id": match.map.id, "hash": match.map.hash},
        "framework": host.framework.hash,
        "policy": host.policy.hash,
        "rules": None if host.rule_set is None else host.rule_set.hash,
        "standard": None if host.own_standard is None else host.own_standard.hash,
        "vetoedOn": _day(host.own_veto),
        "learner": None
        if learner is None
        else {"thisYear": format_credits(learner.this_year), "replaced": sorted(learner.replaced)},
    }


def documents_of(holdings: Holdings) -> dict[str, str]:
    """Return the hashes of the documents that are needed to decide again, by what they are."""
    named = {name: holdings[name] for name in DOCUMENTS}
    named |= {name: (holdings[name] or {}).get("hash") for name in ("agreement", "frameworkMap")}
    return {name: hash_ for name, hash_ in named.items() if hash_ is not None}


def read_host(holdings: Holdings, documents: Documents) -> Host:
    """Build the holdings again. Raises KeyError where a document is not among `documents`, ValueError."""
    held = {name: documents[hash_] for name, hash_ in documents_of(holdings).items()}
    agreement, learner, vetoed_on = holdings["agreement"], holdings["learner"], holdings["vetoedOn"]
    return Host(
        region_known=holdings["regionKnown"],
        certificate_known=holdings["certificateKnown"],
        agreements=() if agreement is None else (_agreement(agreement, held["agreement"]),),
        framework=framework_from_plain(held["framework"]),
        maps=_maps(holdings, held),
        rule_set=rule_set_from_plain(held["rules"]) if "rules" in held else None,
        policy=policy_from_plain(held["policy"]),
        own_standard=standard_from_plain(held["standard"]) if "standard" in held else None,
        own_veto=None if vetoed_on is None else date.fromisoformat(vetoed_on),
        learner=None
        if learner is None
        else LearnerUse(parse_credits(learner["thisYear"]), dict.fromkeys(learner["replaced"], "")),
    )


def _maps(holdings: Holdings, held: Mapping[str, Any]) -> tuple[FrameworkMap, ...]:
    return (
        (map_from_plain(held["frameworkMap"], holdings["frameworkMap"]["id"]),)
        if "frameworkMap" in held
        else ()
    )


def _plain_agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "id": agreement.id,
        "hash": terms_hash(agreement.terms),
        "status": agreement.status.value,
        "suspendedOn": _day(agreement.suspended_on),
        "endedOn": _day(agreement.ended_on),
    }


def _agreement(plain: Mapping[str, Any], terms: dict[str, Any]) -> Agreement:
    suspended, ended = plain["suspendedOn"], plain["endedOn"]
    return Agreement(
        id=plain["id"],
        terms=terms_from_plain(terms),
        status=AgreementStatus(plain["status"]),
        suspended_on=None if suspended is None else date.fromisoformat(suspended),
        ended_on=None if ended is None else date.fromisoformat(ended),
    )


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
