"""The handshake of an agreement: proposed, signed, and never changed but by a new version.

Each side keeps its own copy and moves it by itself: one proposes the terms, the other takes the same
into its books, and both sign the same bytes, so that both copies say the same is seen by comparing
the hash of their terms, and that both meant it by their signatures. Suspending or ending has a first
day, after the notice that the terms give, so that the past stays as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from schema.agreements import ANY, Agreement, AgreementKind, AgreementStatus, AgreementTerms
from schema.codes import RefusalCode
from schema.ids import make_id

SCOPE_LIMIT: Final = 1_000
NOTICE_LIMIT_DAYS: Final = 1_000
REASON_LIMIT_CHARACTERS: Final = 1_000
TERMS_HASHED_LIMIT: Final = 1_024
_ID_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class AgreementEvent:
    """One step of a copy's life: its status from `on`. `number` counts from 1 within the agreement.

    `signature` is this region's over the canonical terms, of the step that signs; None without a key.
    """

    agreement_id: str
    number: int
    status: AgreementStatus
    on: date
    recorded_at: datetime
    by: str
    reason: str = ""
    signature: str | None = None


@dataclass(frozen=True, slots=True)
class AgreementChange:
    """The copy after a step, and the event that tells of it. The repository numbers the event."""

    agreement: Agreement
    event: AgreementEvent


@lru_cache(TERMS_HASHED_LIMIT)
def terms_hash(terms: AgreementTerms) -> str:
    """Return `terms.hash()`, made once for terms that many questions rest on."""
    return terms.hash()


def partner_of(agreement: Agreement, region: str) -> str:
    one, other = agreement.terms.parties
    return other if one == region else one


def check_terms(
    terms: AgreementTerms,
    region: str,
    *,
    region_known: Callable[[str], bool],
    certificate_known: Callable[[str], bool],
) -> str | None:
    """Return what is wrong with the terms by themselves, in words, or None."""
    strange = [party for party in terms.parties if not region_known(party)]
    unknown = [
        item.certificate
        for item in terms.scope
        if item.certificate != ANY and not certificate_known(item.certificate)
    ]
    problems = (
        (bool(strange), f"no region {', '.join(strange)}"),
        (terms.parties[0] == terms.parties[1], "both parties are the same region"),
        (region not in terms.parties, f"region {region} is not a party"),
        (
            terms.kind is AgreementKind.ALLIANCE and terms.accepts is not None,
            "in an ALLIANCE both sides accept: leave accepts out",
        ),
        (
            terms.kind is AgreementKind.PAIRED_ASSISTANCE and terms.accepts not in terms.parties,
            "PAIRED_ASSISTANCE needs accepts to be one of the parties",
        ),
        (
            terms.last_day is not None and terms.last_day < terms.first_day,
            "lastDay is before firstDay",
        ),
        (not 0 < len(terms.scope) <= SCOPE_LIMIT, f"scope must have 1 to {SCOPE_LIMIT} lines"),
        (any(not 0 < item.rate_percent <= 100 for item in terms.scope), "ratePercent must be 1 to 100"),
        (bool(unknown), f"no certificate {', '.join(unknown)}"),
        (terms.version < 1, "version must be 1 or more"),
        (
            not 0 <= terms.notice_days <= NOTICE_LIMIT_DAYS,
            f"noticeDays must be 0 to {NOTICE_LIMIT_DAYS}",
        ),
    )
    return next((problem for present, problem in problems if present), None)


def propose(
    terms: AgreementTerms, region: str, existing: Sequence[Agreement], moment: Moment
) -> AgreementChange | Refusal:
    """Take checked terms into the books, unsigned. `existing` are the copies with the same partner.

    A new version follows a signed one with the number before it, and begins no earlier.
    """
    agreement = Agreement(make_id(region, "G", terms.hash()[:_ID_DIGITS]), terms, AgreementStatus.PROPOSED)
    detail = _out_of_line(terms, existing)
    if any(other.id == agreement.id for other in existing):
        detail = f"the same terms are here already as {agreement.id}"
    if detail is not None:
        return refuse(RefusalCode.AGREEMENT_INVALID, detail=detail)
    return _change(agreement, moment.day, moment)


def _out_of_line(terms: AgreementTerms, existing: Sequence[Agreement]) -> str | None:
    """Return why a version cannot follow those that are here, in words, or None."""
    before = terms.version - 1
    if before == 0:
        return None
    signed = [
        one.terms.first_day
        for one in existing
        if one.terms.version == before and one.status is not AgreementStatus.PROPOSED
    ]
    if not signed:
        return f"version {terms.version} follows version {before}, which is not signed here"
    if terms.first_day < min(signed):
        return f"firstDay is before {min(signed)}, on which version {before} began"
    return None


def sign(agreement: Agreement, moment: Moment, signature: str | None) -> AgreementChange | Refusal:
    """`signature` is the region's over the canonical terms; None where it has no key."""
    if agreement.status is not AgreementStatus.PROPOSED:
        return wrong_status(agreement, AgreementStatus.PROPOSED)
    signed = replace(agreement, status=AgreementStatus.SIGNED)
    return _change(signed, moment.day, moment, signature=signature)


def suspend(
    agreement: Agreement, moment: Moment, first_day: date | None = None, reason: str = ""
) -> AgreementChange | Refusal:
    """Stop relying on the agreement from a day, the first that the notice allows when none is given.

    Only a new version takes it up again.
    """
    if agreement.status is not AgreementStatus.SIGNED:
        return wrong_status(agreement, AgreementStatus.SIGNED)
    first_day = first_day or _after_notice(agreement, moment)
    detail = _hasty(agreement, first_day, moment) or _too_long(reason)
    if detail is not None:
        return refuse(RefusalCode.AGREEMENT_INVALID, detail=detail)
    suspended = replace(agreement, status=AgreementStatus.SUSPENDED, suspended_on=first_day)
    return _change(suspended, first_day, moment, reason)


def _after_notice(agreement: Agreement, moment: Moment) -> date:
    """Return the first day on which a side that gives notice now need no longer be bound."""
    return moment.day + timedelta(days=agreement.terms.notice_days)


def _hasty(agreement: Agreement, first_day: date, moment: Moment) -> str | None:
    earliest = _after_notice(agreement, moment)
    if first_day >= earliest:
        return None
    return f"the terms give {agreement.terms.notice_days} days' notice: {earliest} is the first day possible"


def _too_long(reason: str) -> str | None:
    if len(reason) <= REASON_LIMIT_CHARACTERS:
        return None
    return f"reason has more than {REASON_LIMIT_CHARACTERS} characters"


def end(agreement: Agreement, last_day: date, moment: Moment, reason: str = "") -> AgreementChange | Refusal:
    """End the agreement after `last_day`, which still counts. What was decided before stays decided."""
    if agreement.status not in (AgreementStatus.SIGNED, AgreementStatus.SUSPENDED):
        return wrong_status(agreement, AgreementStatus.SIGNED)
    terms = agreement.terms
    if last_day < moment.day - timedelta(days=1):
        detail = f"lastDay {last_day} lies in the past; decisions were made by the agreement since"
    elif hasty := _hasty(agreement, last_day + timedelta(days=1), moment) or _too_long(reason):
        detail = hasty
    elif last_day < terms.first_day:
        detail = f"lastDay is before the agreement's firstDay, {terms.first_day}"
    elif terms.last_day is not None and last_day > terms.last_day:
        detail = f"the terms end on {terms.last_day}; only a new version can make them last longer"
    else:
        first_day_after = last_day + timedelta(days=1)
        ended = replace(agreement, status=AgreementStatus.ENDED, ended_on=first_day_after)
        return _change(ended, first_day_after, moment, reason)
    return refuse(RefusalCode.AGREEMENT_INVALID, detail=detail)


def wrong_status(agreement: Agreement, needed: AgreementStatus) -> Refusal:
    return refuse(
        RefusalCode.AGREEMENT_STATUS, id=agreement.id, status=agreement.status.value, needed=needed.value
    )


def _change(
    agreement: Agreement, on: date, moment: Moment, reason: str = "", *, signature: str | None = None
) -> AgreementChange:
    event = AgreementEvent(
        agreement_id=agreement.id,
        number=0,
        status=agreement.status,
        on=on,
        recorded_at=moment.at,
        by=moment.by,
        reason=reason,
        signature=signature,
    )
    return AgreementChange(agreement, event)
