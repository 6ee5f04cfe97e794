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
from schema.details import Detail, DetailCode, detail
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
) -> Detail | None:
    """Return what is wrong with the terms by themselves, or None."""
    strange = [party for party in terms.parties if not region_known(party)]
    unknown = [
        item.certificate
        for item in terms.scope
        if item.certificate != ANY and not certificate_known(item.certificate)
    ]
    problems = (
        (bool(strange), detail(DetailCode.NO_SUCH_REGION, regions=", ".join(strange))),
        (terms.parties[0] == terms.parties[1], detail(DetailCode.SAME_PARTIES)),
        (region not in terms.parties, detail(DetailCode.NOT_A_PARTY, region=region)),
        (
            terms.kind is AgreementKind.ALLIANCE and terms.accepts is not None,
            detail(DetailCode.ALLIANCE_ACCEPTS),
        ),
        (
            terms.kind is AgreementKind.PAIRED_ASSISTANCE and terms.accepts not in terms.parties,
            detail(DetailCode.ASSISTANCE_ACCEPTS),
        ),
        (
            terms.last_day is not None and terms.last_day < terms.first_day,
            detail(DetailCode.LAST_DAY_BEFORE_FIRST, day=terms.first_day),
        ),
        (not 0 < len(terms.scope) <= SCOPE_LIMIT, detail(DetailCode.SCOPE_LENGTH, limit=SCOPE_LIMIT)),
        (
            any(not 0 < item.rate_percent <= 100 for item in terms.scope),
            detail(DetailCode.RATE_RANGE),
        ),
        (bool(unknown), detail(DetailCode.NO_SUCH_CERTIFICATE, certificates=", ".join(unknown))),
        (terms.version < 1, detail(DetailCode.VERSION_BELOW_ONE)),
        (
            not 0 <= terms.notice_days <= NOTICE_LIMIT_DAYS,
            detail(DetailCode.NOTICE_RANGE, limit=NOTICE_LIMIT_DAYS),
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
    wrong = _out_of_line(terms, existing)
    if any(other.id == agreement.id for other in existing):
        wrong = detail(DetailCode.SAME_TERMS, agreement=agreement.id)
    if wrong is not None:
        return refuse(RefusalCode.AGREEMENT_INVALID, detail=wrong)
    return _change(agreement, moment.day, moment)


def _out_of_line(terms: AgreementTerms, existing: Sequence[Agreement]) -> Detail | None:
    """Return why a version cannot follow those that are here, or None."""
    before = terms.version - 1
    if before == 0:
        return None
    signed = [
        one.terms.first_day
        for one in existing
        if one.terms.version == before and one.status is not AgreementStatus.PROPOSED
    ]
    if not signed:
        return detail(DetailCode.VERSION_UNSIGNED, version=terms.version, before=before)
    if terms.first_day < min(signed):
        return detail(DetailCode.FIRST_DAY_BEFORE_VERSION, day=min(signed), before=before)
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
    wrong = _hasty(agreement, first_day, moment) or _too_long(reason)
    if wrong is not None:
        return refuse(RefusalCode.AGREEMENT_INVALID, detail=wrong)
    suspended = replace(agreement, status=AgreementStatus.SUSPENDED, suspended_on=first_day)
    return _change(suspended, first_day, moment, reason)


def _after_notice(agreement: Agreement, moment: Moment) -> date:
    """Return the first day on which a side that gives notice now need no longer be bound."""
    return moment.day + timedelta(days=agreement.terms.notice_days)


def _hasty(agreement: Agreement, first_day: date, moment: Moment) -> Detail | None:
    earliest = _after_notice(agreement, moment)
    if first_day >= earliest:
        return None
    return detail(DetailCode.NOTICE_TOO_SHORT, days=agreement.terms.notice_days, day=earliest)


def _too_long(reason: str) -> Detail | None:
    if len(reason) <= REASON_LIMIT_CHARACTERS:
        return None
    return detail(DetailCode.REASON_LENGTH, limit=REASON_LIMIT_CHARACTERS)


def end(agreement: Agreement, last_day: date, moment: Moment, reason: str = "") -> AgreementChange | Refusal:
    """End the agreement after `last_day`, which still counts. What was decided before stays decided."""
    if agreement.status not in (AgreementStatus.SIGNED, AgreementStatus.SUSPENDED):
        return wrong_status(agreement, AgreementStatus.SIGNED)
    terms = agreement.terms
    if last_day < moment.day - timedelta(days=1):
        wrong = detail(DetailCode.LAST_DAY_PAST, day=last_day)
    elif hasty := _hasty(agreement, last_day + timedelta(days=1), moment) or _too_long(reason):
        wrong = hasty
    elif last_day < terms.first_day:
        wrong = detail(DetailCode.LAST_DAY_BEFORE_FIRST, day=terms.first_day)
    elif terms.last_day is not None and last_day > terms.last_day:
        wrong = detail(DetailCode.LAST_DAY_AFTER_TERMS, day=terms.last_day)
    else:
        first_day_after = last_day + timedelta(days=1)
        ended = replace(agreement, status=AgreementStatus.ENDED, ended_on=first_day_after)
        return _change(ended, first_day_after, moment, reason)
    return refuse(RefusalCode.AGREEMENT_INVALID, detail=wrong)


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
