"""What past requests would have been worth under a draft agreement: replayed one by one, and summed.

Each request is decided twice by what was known when it was made: under the agreements of its day, and
as if both sides had signed the draft and it had been in force that day. Nothing else differs, so what
is gained or lost is the draft's doing. Requests do not see each other's gains: the yearly ceiling
counts what was in fact recognised. Credits are tenths.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from region_node.domain.account import LearnerGroup
from region_node.domain.agreements import terms_hash
from region_node.domain.recognition import assess
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import HomeFacts, Host, Question
from schema.agreements import Agreement, AgreementStatus, AgreementTerms
from schema.codes import Decision

DRAFT_ID: Final = "draft"


@dataclass(frozen=True, slots=True)
class Replay:
    """One request decided under the agreements of its day, and under the draft.

    `group` is the learner's here; None for a certificate without a learner, or without an account here.
    """

    group: LearnerGroup | None
    before: Assessment
    after: Assessment


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule gave one group. Of several requests what some gain and others lose is not set off."""

    group: LearnerGroup | None
    rule: str
    course: str
    requests: int
    before: int
    after: int
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Simulation:
    """`decisions` counts requests by what was decided before and after."""

    requests: int
    lines: tuple[Line, ...]
    decisions: Mapping[tuple[Decision, Decision], int]


def replayed(
    question: Question, home: HomeFacts | None, host: Host, draft: AgreementTerms, group: LearnerGroup | None
) -> Replay:
    """Decide one past request twice. `host` is what was held then."""
    always = replace(draft, first_day=date.min, last_day=None)
    signed = Agreement(DRAFT_ID, always, AgreementStatus.SIGNED)
    stated = home and replace(
        home,
        agreement_id=DRAFT_ID,
        agreement_version=always.version,
        agreement_hash=terms_hash(always),
        agreement_reason=None,
    )
    before = assess(question, home, host)
    return Replay(group, before, assess(question, stated, replace(host, agreements=(signed,))))


def summed(replays: Iterable[Replay]) -> Simulation:
    """Sum replays by learner group and rule: groups in their order, then rules by name."""
    found: defaultdict[tuple[LearnerGroup | None, str, str], list[tuple[int, int]]] = defaultdict(list)
    decisions: Counter[tuple[Decision, Decision]] = Counter()
    for one in replays:
        decisions[one.before.decision, one.after.decision] += 1
        before, after = _by_rule(one.before), _by_rule(one.after)
        for rule, course in sorted(before.keys() | after.keys()):
            given = before.get((rule, course), 0), after.get((rule, course), 0)
            found[one.group, rule, course].append(given)
    lines = tuple(_line(*key, found[key]) for key in sorted(found, key=_order))
    return Simulation(decisions.total(), lines, dict(sorted(decisions.items())))


def _by_rule(made: Assessment) -> dict[tuple[str, str], int]:
    given: Counter[tuple[str, str]] = Counter()
    for share in made.courses:
        given[share.rule, share.name] += share.credits
    return dict(given)


def _line(group: LearnerGroup | None, rule: str, course: str, given: list[tuple[int, int]]) -> Line:
    return Line(
        group=group,
        rule=rule,
        course=course,
        requests=len(given),
        before=sum(before for before, _ in given),
        after=sum(after for _, after in given),
        gained=sum(max(0, after - before) for before, after in given),
        lost=sum(max(0, before - after) for before, after in given),
    )


def _order(key: tuple[LearnerGroup | None, str, str]) -> tuple[int, str, str]:
    group, rule, course = key
    return (len(LearnerGroup) if group is None else list(LearnerGroup).index(group)), rule, course
