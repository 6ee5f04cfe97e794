"""The checks of mutual recognition 1 to 5, one function each, in DOMAIN.md's order.

Each returns a reason for every check that failed. A check that needs something an earlier one
found absent (no facts, an unknown certificate) is left out: it could say nothing true.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from region_node.domain.agreements import terms_hash
from region_node.domain.frameworks import LevelMatch, map_level
from region_node.domain.organisations import issuer_objection
from region_node.domain.outcome import OutcomeStatus
from region_node.domain.recognition_decision import Reason, reason
from region_node.domain.recognition_facts import HomeFacts, Host, Question, answered
from region_node.domain.standards import NOT_STATED
from schema.agreements import Agreement, OutcomeKind, ScopeItem, SkillLevel, choose
from schema.codes import ReasonCode as Code
from schema.details import DetailCode, Fact, detail


def check_regions(question: Question, host: Host) -> Iterator[Reason]:
    """Check 1: both regions are known, and they are two."""
    if not host.region_known:
        yield reason(Code.UNKNOWN_REGION, region=question.issuer)
    if question.issuer == question.accepter:
        yield reason(Code.SAME_REGION, region=question.issuer)


def check_agreement(
    question: Question, home: HomeFacts | None, host: Host
) -> tuple[Agreement | None, ScopeItem | None, list[Reason]]:
    """Check 2: return the agreement that decides, the line of its scope, and what speaks against it."""
    issuer, accepter, day = question.issuer, question.accepter, question.as_of
    agreement, code = choose(host.agreements, issuer, accepter, day)
    if agreement is None:
        return None, None, [reason(Code.NO_AGREEMENT, from_=issuer, to=accepter, as_of=day)]
    found = [] if code is None else [_against(code, agreement, day)]
    if code is not Code.WRONG_DIRECTION and not agreement.terms.accepts_from(issuer, accepter):
        found.append(_against(Code.WRONG_DIRECTION, agreement, day))
    subject = _subject(question, home)
    line = agreement.terms.covering(*subject) if subject else None
    if subject and line is None:
        found.append(reason(Code.OUT_OF_SCOPE, agreement=agreement.id))
    if home is not None and answered(home):
        found.extend(_compare_copies(agreement, home, {one.code for one in found}))
    return agreement, line, found


def _subject(
    question: Question, home: HomeFacts | None
) -> tuple[str | None, SkillLevel | None, OutcomeKind] | None:
    if home is not None and home.kind is not None:
        return home.certificate_code, home.level, home.kind
    if question.certificate is not None:
        return question.certificate.code, question.certificate.level, OutcomeKind.X_CERTIFICATE
    return None


def _compare_copies(agreement: Agreement, home: HomeFacts, said: set[Code]) -> Iterator[Reason]:
    if home.agreement_hash != terms_hash(agreement.terms):
        yield reason(Code.AGREEMENT_MISMATCH, agreement=agreement.id, other=home.agreement_id or "none")
    elif home.agreement_reason is not None and home.agreement_reason not in said:
        yield _against(home.agreement_reason, agreement, home.as_of)


def _against(code: Code, agreement: Agreement, as_of: date) -> Reason:
    terms = agreement.terms
    day = str(terms.first_day)
    if code is Code.AGREEMENT_EXPIRED:
        ends = [terms.last_day, agreement.ended_on and agreement.ended_on - timedelta(days=1)]
        # Where only the home side has ended it, its last day is not known here.
        day = str(min((end for end in ends if end), default=f"< {as_of}"))
    return reason(code, agreement=agreement.id, day=day, accepts=terms.accepts or "", as_of=as_of)


def check_answer(question: Question, home: HomeFacts | None) -> Iterator[Reason]:
    """Check 3, before the facts: the home region answered, and what was asked about is there."""
    if home is None:
        yield reason(Code.REGION_DID_NOT_ANSWER, region=question.issuer)
    elif home.malformed is not None:
        yield reason(Code.MALFORMED_INPUT, detail=_malformed(question, home.malformed))
    elif not home.permitted:
        yield reason(Code.NOT_PERMITTED)
    elif not home.found and question.outcome_id is not None:
        yield reason(Code.UNKNOWN_OUTCOME, region=question.issuer, id=question.outcome_id)
    elif not home.found:
        code = question.certificate.code if question.certificate else "?"
        yield reason(Code.UNKNOWN_CERTIFICATE, certificate=code)


def _malformed(question: Question, code: str) -> Fact:
    """What the home region found wrong: told by its code where this version knows it."""
    if code not in DetailCode.__members__:
        return code
    facts = {"outcome": question.outcome_id, "region": question.issuer, "instant": question.known_at}
    return detail(DetailCode(code), **facts)


def check_home(home: HomeFacts, host: Host) -> Iterator[Reason]:
    """Check 3: the certificate is one, and the outcome's standing at home."""
    if home.certificate_code is not None and not host.certificate_known:
        yield reason(Code.UNKNOWN_CERTIFICATE, certificate=home.certificate_code)
    if home.status is OutcomeStatus.REVOKED:
        yield reason(Code.REVOKED, day=home.revoked_on)
    elif home.status not in (OutcomeStatus.VERIFIED, None):
        yield reason(Code.NOT_VERIFIED, status=home.status.value)
    if home.converted_by is not None:
        yield reason(Code.ALREADY_CONVERTED, entry=home.converted_by)
    if home.account_frozen:
        yield reason(Code.ACCOUNT_FROZEN)


def check_standard(home: HomeFacts, host: Host) -> Iterator[Reason]:
    """Check 4, the standard: active when the certificate was issued, as A and, where it knows it, B say."""
    if home.certificate_code is None or not host.certificate_known:
        return
    if not home.standard_known:
        yield reason(Code.UNKNOWN_STANDARD, version=home.standard_version or NOT_STATED)
        return
    issued = home.issued_on or home.as_of
    own = host.own_standard
    begins = [home.standard_active_from, own.active_from if own else None]
    ends = [home.standard_retired_on, own.retired_from if own else None]
    if any(day and issued < day for day in begins) or any(day and issued >= day for day in ends):
        yield reason(Code.STANDARD_RETIRED, day=issued, version=home.standard_version or "")


def check_issuer(home: HomeFacts, host: Host) -> Iterator[Reason]:
    """Check 4, the people: a veto that stands on the day asked about, and the examiner's own level."""
    examined = home.examined_on or home.issued_on or home.as_of
    vetoes = [home.organisation_vetoed_on, host.own_veto]
    vetoed_on = min((day for day in vetoes if day and day <= home.as_of), default=None)
    code = issuer_objection(vetoed_on, examined, host.policy.review_window_days)
    if code is not None:
        yield reason(code, organisation=home.organisation or "", day=vetoed_on)
    if home.examiner_advanced is False:
        yield reason(Code.EXAMINER_UNQUALIFIED)


def check_level(home: HomeFacts, host: Host) -> tuple[LevelMatch, list[Reason]]:
    """Check 5: what the level is in B's framework. Nothing without a level has one to map."""
    if home.framework_level is None and home.level is None:
        return LevelMatch((), None), []
    level = home.framework_level or (home.level.value if home.level else "")
    from_framework = home.framework or ""
    match = map_level(from_framework, level, host.framework, host.maps, home.as_of)
    if len(match.candidates) == 1:
        return match, []
    code = Code.LEVEL_AMBIGUOUS if match.candidates else Code.LEVEL_UNMAPPED
    facts = {"from_framework": from_framework, "to_framework": host.framework.code}
    return match, [reason(code, level=level, candidates=", ".join(match.candidates), **facts)]
