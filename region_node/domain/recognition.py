"""What a foreign certificate or outcome is worth here: all checks, then credits, then one decision.

Pure: the same question, facts and holdings always give the same `Assessment`, and nothing is
written. The checks 1 to 5 stand in recognition_checks.py, 6 and 7 in recognition_credits.py.
"""

from __future__ import annotations

from region_node.domain.frameworks import LevelMatch
from region_node.domain.recognition_checks import (
    check_agreement,
    check_answer,
    check_home,
    check_issuer,
    check_level,
    check_regions,
    check_standard,
)
from region_node.domain.recognition_credits import Credited, credit
from region_node.domain.recognition_decision import Assessment, Reason, course_share, weigh
from region_node.domain.recognition_facts import HomeFacts, Host, Question, answered
from region_node.domain.recognition_inputs import Basis, certificate_asked
from schema.agreements import Agreement
from schema.codes import Decision


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
            credited = credit(question, home, host, line)
    return _conclude(question, home, host, agreement, match, reasons, credited, judged=judged)


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
    return Assessment(
        certificate_code=certificate_asked(question, home),
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
        basis=Basis(question, home, host, agreement, match),
    )
