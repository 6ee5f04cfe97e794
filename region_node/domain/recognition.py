"""What a foreign certificate or outcome is worth here: all checks, then credits, then one decision.

Pure: the same question, facts and holdings always give the same `Assessment`, and nothing is
written. The checks 1 to 5 stand in recognition_checks.py, the giving of credits in allotment.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from region_node.domain.agreements import terms_hash
from region_node.domain.allotment import Allotment, Share, Worth, allot, cut
from region_node.domain.canonical import hash_of
from region_node.domain.frameworks import LevelMatch
from region_node.domain.holdings import Holdings, plain_holdings
from region_node.domain.recognition_checks import (
    answered,
    check_agreement,
    check_answer,
    check_home,
    check_issuer,
    check_level,
    check_regions,
    check_standard,
)
from region_node.domain.recognition_decision import (
    Assessment,
    InputVersion,
    Reason,
    course_share,
    reason,
    weigh,
)
from region_node.domain.recognition_facts import HomeFacts, Host, Question
from region_node.domain.rules import RulesFor, rules_for
from schema.agreements import Agreement, OutcomeKind, ScopeItem
from schema.codes import Decision
from schema.codes import ReasonCode as Code
from schema.credits import format_credits


@dataclass(frozen=True, slots=True)
class Credited:
    """Checks 6 and 7: what the courses get, why they do not get all, and what all of it would take."""

    shares: tuple[Share, ...] = ()
    reasons: tuple[Reason, ...] = ()
    missing: tuple[Reason, ...] = ()


def assess(question: Question, home: HomeFacts | None, host: Host, *, judged: bool = False) -> Assessment:
    """Decide by B's rules on A's facts (DOMAIN.md, Mutual recognition, checks 1 to 7 in order).

    `home` is None where the home region did not answer. `judged`: a person has looked at what refers.
    """
    reasons = list(check_regions(question, host))
    agreement, match, credited = None, LevelMatch((), None), Credited()
    if not reasons:
        agreement, line, reasons = check_agreement(question, home, host)
        reasons += check_answer(question, home)
        if home is not None and answered(home):
            reasons += check_home(home, host)
            reasons += check_standard(home, host)
            reasons += check_issuer(home, host)
            match, found = check_level(home, host)
            reasons += found
            credited = _credit(question, home, host, line)
    return _conclude(question, home, host, agreement, match, reasons, credited, judged=judged)


def _credit(question: Question, home: HomeFacts, host: Host, line: ScopeItem | None) -> Credited:
    """Checks 6 and 7. Where no line of an agreement covers it, the rules are asked at the full rate."""
    if home.certificate_code is not None and not (host.certificate_known and home.standard_known):
        return Credited()
    whole = Worth(home.core_credits or 0, home.flexible_credits or 0)
    line = line or ScopeItem()
    below = whole.at_most(host.policy.ceiling) if home.kind is OutcomeKind.X_CERTIFICATE else whole
    worth = below.at_rate(line.rate_percent)
    limits = [
        *_above_ceiling(whole.whole - below.whole, host),
        *_below_rate(below.whole - worth.whole, line),
    ]
    applying = _rules(question, home, host)
    if not applying.rules:
        none = _no_rule(question, home, applying)
        return Credited(reasons=(none,), missing=(none, *limits, *_short_year(whole.whole, host)))
    given, wanted = (
        allot(
            part,
            applying.rules,
            level=home.level,
            policy=host.policy,
            flexible_covered=line.flexible,
            replaced=host.learner.replaced if host.learner else {},
        )
        for part in (worth, whole)
    )
    shares, capped = _cap(given, host)
    return Credited(
        shares=shares,
        reasons=(
            *_blocked(given, worth, home),
            *limits,
            *_flexible(given),
            *_insufficient(given, worth),
            *capped,
        ),
        missing=(
            *_blocked(wanted, whole, home),
            *limits,
            *_flexible(wanted),
            *_short_courses(wanted, whole),
            *_short_year(whole.whole, host),
        ),
    )


def _rules(question: Question, home: HomeFacts, host: Host) -> RulesFor:
    if host.rule_set is None or home.certificate_code is None or home.level is None:
        return RulesFor(())
    return rules_for(host.rule_set.exemptions(home.certificate_code, home.level), question.major)


def _no_rule(question: Question, home: HomeFacts, applying: RulesFor) -> Reason:
    return reason(
        Code.NO_RULE,
        region=question.accepter,
        certificate=home.certificate_code or "",
        level=home.level.value if home.level else "",
        major=question.major or "",
        majors=", ".join(applying.majors),
        credits=format_credits(home.credits or 0),
    )


def _blocked(given: Allotment, worth: Worth, home: HomeFacts) -> list[Reason]:
    """Courses that may take nothing are a reason only where the others have too little room."""
    if given.room >= worth.whole:
        return []
    level = home.level.value if home.level else ""
    return [
        reason(code, level=level, kind=one.rule.course_kind.value, course=one.rule.course_name)
        for code in (Code.LEVEL_NOT_ELIGIBLE, Code.COURSE_ALREADY_REPLACED)
        for one in given.blocked
        if code in one.codes
    ]


def _above_ceiling(above: int, host: Host) -> list[Reason]:
    if above == 0:
        return []
    ceiling = format_credits(host.policy.ceiling)
    return [reason(Code.CERTIFICATE_CEILING, ceiling=ceiling, credits=format_credits(above))]


def _below_rate(lost: int, line: ScopeItem) -> list[Reason]:
    if lost == 0:
        return []
    return [reason(Code.RATE_APPLIED, rate=line.rate_percent, credits=format_credits(lost))]


def _flexible(given: Allotment) -> list[Reason]:
    if given.flexible_left == 0:
        return []
    return [reason(Code.FLEX_NOT_MAPPED, credits=format_credits(given.flexible_left))]


def _insufficient(given: Allotment, worth: Worth) -> list[Reason]:
    """What stays home for want of courses; what stays for another reason is not counted twice."""
    stays = given.left - given.flexible_left
    if stays == 0 or given.room + given.blocked_room >= worth.whole:
        return []
    return [_courses(given.taken, stays)]


def _short_courses(given: Allotment, whole: Worth) -> list[Reason]:
    short = whole.whole - given.room - given.blocked_room
    return [_courses(given.taken, short)] if short > 0 else []


def _courses(taken: int, stay: int) -> Reason:
    return reason(Code.COURSES_INSUFFICIENT, taken=format_credits(taken), credits=format_credits(stay))


def _cap(given: Allotment, host: Host) -> tuple[tuple[Share, ...], list[Reason]]:
    left = _left_this_year(host)
    if left is None or given.taken <= left:
        return given.shares, []
    return cut(given.shares, left), [_capped(host, left, given.taken - left)]


def _short_year(whole: int, host: Host) -> list[Reason]:
    left = _left_this_year(host)
    return [] if left is None or whole <= left else [_capped(host, left, whole - left)]


def _left_this_year(host: Host) -> int | None:
    ceiling = host.policy.yearly_ceiling
    if ceiling is None or host.learner is None:
        return None
    return max(0, ceiling - host.learner.this_year)


def _capped(host: Host, left: int, short: int) -> Reason:
    ceiling = format_credits(host.policy.yearly_ceiling or 0)
    return reason(Code.CAP_REACHED, ceiling=ceiling, left=format_credits(left), credits=format_credits(short))


def _conclude(
    question: Question,
    home: HomeFacts | None,
    host: Host,
    agreement: Agreement | None,
    match: LevelMatch,
    found: list[Reason],
    credited: Credited,
    *,
    judged: bool,
) -> Assessment:
    whole = (home.credits if home is not None and answered(home) else None) or 0
    reasons = (*found, *credited.reasons)
    placed = sum(share.credits for share in credited.shares)
    decision = weigh(reasons, placed, whole, judged=judged)
    granted = credited.shares if decision in (Decision.RECOGNISED, Decision.PARTIAL) else ()
    recognised = sum(share.credits for share in granted)
    one_level = len(match.candidates) == 1
    holdings = plain_holdings(host, agreement, match)
    return Assessment(
        question=question,
        certificate_code=_certificate(question, home),
        decision=decision,
        recognised=recognised,
        unconverted=whole - recognised,
        level=match.candidates[0] if one_level else None,
        level_candidates=() if one_level else match.candidates,
        courses=tuple(map(course_share, granted)),
        agreement=agreement.id if agreement else None,
        rules=host.rule_set.id if host.rule_set else None,
        reasons=reasons,
        missing=() if decision is Decision.RECOGNISED else (*found, *credited.missing),
        inputs=tuple(_inputs(question, home, host, agreement, match, holdings)),
        home=home,
        holdings=holdings,
    )


def _certificate(question: Question, home: HomeFacts | None) -> str | None:
    if home is not None and home.certificate_code is not None:
        return home.certificate_code
    return question.certificate.code if question.certificate else None


def _inputs(
    question: Question,
    home: HomeFacts | None,
    host: Host,
    agreement: Agreement | None,
    match: LevelMatch,
    holdings: Holdings,
) -> Iterator[InputVersion]:
    """Name every version the decision rests on, in the order in which the checks use them.

    First the question itself, and last what was held besides the published documents.
    """
    as_of = question.as_of.isoformat()
    yield InputVersion("question", _subject(question, home), as_of, hash_of(question.plain()))
    if agreement is not None:
        terms = agreement.terms
        yield InputVersion("agreement", agreement.id, str(terms.version), terms_hash(terms))
    if home is not None and answered(home):
        if home.agreement_id is not None:
            version = str(home.agreement_version)
            yield InputVersion("home-agreement", home.agreement_id, version, home.agreement_hash or "")
        yield InputVersion("home-facts", _subject(question, home), home.as_of.isoformat(), home.hash())
        if home.standard_hash is not None and home.standard_version is not None:
            yield InputVersion("standard", _standard(home), home.standard_version, home.standard_hash)
    own = host.own_standard
    if own is not None:
        yield InputVersion("own-standard", own.id, own.version, own.hash)
    framework = host.framework
    yield InputVersion("framework", framework.code, str(framework.version), framework.hash)
    if match.map is not None:
        yield InputVersion("framework-map", match.map.id, str(match.map.version), match.map.hash)
    if host.rule_set is not None:
        rules = host.rule_set
        yield InputVersion("rules", rules.id, str(rules.version), rules.hash)
    policy = host.policy
    yield InputVersion("policy", f"{question.accepter}-policy", str(policy.version), policy.hash)
    yield InputVersion("holdings", question.accepter, as_of, hash_of(holdings))


def _subject(question: Question, home: HomeFacts | None) -> str:
    return question.outcome_id or _certificate(question, home) or ""


def _standard(home: HomeFacts) -> str:
    level = home.level.value if home.level else ""
    return f"{home.certificate_code}/{level}/{home.standard_version}"
