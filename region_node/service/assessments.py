"""The deciding region's part of recognition: up to 500 decisions at once, and nothing written.

The number of SQL statements does not depend on how many are asked for. Questions about
certificates alone read nothing of any learner.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edge.caller import Caller
from region_node.domain.frameworks import Framework, FrameworkMap, framework_on
from region_node.domain.moment import Moment, is_known, not_yet
from region_node.domain.organisations import Veto, first_veto, organisation_code
from region_node.domain.policy import Policy, policy_on
from region_node.domain.recognition import assess
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import HomeFacts, Host, LearnerUse, Question, contradiction
from region_node.domain.rules import RuleSet
from region_node.domain.standards import CertificateStandard, known_standards
from region_node.service.copies import Copies, copies_with
from region_node.service.ports import Bank, Unit
from region_node.service.recognition_permits import may_ask
from region_node.service.recognition_ports import LearnerTime, StandardKey, Time


@dataclass(frozen=True, slots=True)
class AssessmentAsked:
    """One question and what the home region said to it; None where it did not answer."""

    question: Question
    home: HomeFacts | None


@dataclass(frozen=True, slots=True)
class _Holdings:
    """Everything that was loaded for all questions together."""

    copies: Copies
    frameworks: Sequence[Framework]
    maps: Sequence[FrameworkMap]
    rule_sets: Mapping[Time, RuleSet]
    policies: Sequence[Policy]
    standards: Mapping[StandardKey, Sequence[CertificateStandard]]
    codes: Mapping[str, str]
    """What an organisation of this name is found by."""
    vetoes: Mapping[str, Sequence[Veto]]
    learners: Mapping[LearnerTime, LearnerUse]


async def assessments(
    bank: Bank, unit: Unit, caller: Caller, moment: Moment, asked: Sequence[AssessmentAsked]
) -> list[Assessment]:
    """Decide each question, in their order. Who may ask is a matter of today."""
    hosts = await hosts_of(bank, unit, caller, moment, asked)
    return [assess(one.question, one.home, host) for one, host in hosts]


async def hosts_of(
    bank: Bank, unit: Unit, caller: Caller, moment: Moment, asked: Sequence[AssessmentAsked]
) -> list[tuple[AssessmentAsked, Host]]:
    """Return what this region holds for each question, beside what of it the caller may ask."""
    if not asked:
        return []
    issuers = sorted({one.question.issuer for one in asked})
    copies = await copies_with(unit, issuers, {one.question.known_at for one in asked})
    admitted = [_admit(bank, caller, moment, copies, one) for one in asked]
    hosts = _Hosts(bank, await _load(unit, copies, admitted))
    return [(one, hosts.of(one)) for one in admitted]


async def assessed(bank: Bank, unit: Unit, asked: AssessmentAsked, *, judged: bool) -> Assessment:
    """Decide one question on facts that the home region signed. `judged`: an officer has looked at it."""
    copies = await copies_with(unit, [asked.question.issuer], {asked.question.known_at})
    hosts = _Hosts(bank, await _load(unit, copies, [asked]))
    return assess(asked.question, asked.home, hosts.of(asked), judged=judged)


def _admit(
    bank: Bank,
    caller: Caller,
    moment: Moment,
    copies: Copies,
    asked: AssessmentAsked,
) -> AssessmentAsked:
    """Take away facts that contradict the question, or that this caller may not ask about."""
    question, home = asked.question, asked.home
    if home is None:
        return asked
    problem = contradiction(question, home) or not_yet(question.known_at, moment)
    if problem is not None:
        return AssessmentAsked(
            question, HomeFacts(as_of=question.as_of, found=False, malformed=problem.value)
        )
    if home.learner_id is not None and not may_ask(
        caller, home.learner_id, bank.region, question.issuer, copies.now(question.issuer), moment.day
    ):
        return AssessmentAsked(question, HomeFacts(as_of=question.as_of, found=False, permitted=False))
    return asked


async def _load(unit: Unit, copies: Copies, asked: Sequence[AssessmentAsked]) -> _Holdings:
    homes = [one.home for one in asked if one.home is not None]
    keys = sorted({key for home in homes if (key := _standard_key(home)) is not None})
    codes = {name: organisation_code(name) for name in {home.organisation for home in homes} if name}
    times = {(one.question.as_of, one.question.known_at) for one in asked}
    learners = {
        (one.home.learner_id, one.home.as_of, one.question.known_at)
        for one in asked
        if one.home is not None and one.home.learner_id is not None
    }
    return _Holdings(
        copies=copies,
        frameworks=await unit.frameworks.versions(),
        maps=await unit.frameworks.maps(),
        rule_sets=await unit.rules.at(times),
        policies=await unit.policies.versions(),
        standards=await unit.standards.of(keys) if keys else {},
        codes=codes,
        vetoes=await unit.standards.vetoes(sorted(codes.values())) if codes else {},
        learners=await unit.learner_uses.at(list(learners)) if learners else {},
    )


def _standard_key(home: HomeFacts) -> StandardKey | None:
    if home.certificate_code is None or home.level is None:
        return None
    return home.certificate_code, home.level


class _Hosts:
    """What this region holds for each question; what several of them share is chosen once."""

    def __init__(self, bank: Bank, holdings: _Holdings) -> None:
        self._bank = bank
        self._holdings = holdings
        self._shared: dict[tuple[str, Time], Host] = {}

    def of(self, asked: AssessmentAsked) -> Host:
        question, home, known_at = asked.question, asked.home, asked.question.known_at
        host = self._on(question.issuer, (question.as_of, known_at))
        if home is None:
            return host
        holdings = self._holdings
        key = _standard_key(home)
        own = known_standards(holdings.standards.get(key, ()), known_at) if key else ()
        issuer = holdings.codes.get(home.organisation or "", "")
        return replace(
            host,
            certificate_known=self._bank.catalogue.certificate(home.certificate_code or "") is not None,
            own_standard=next((one for one in own if one.version == home.standard_version), None),
            own_veto=first_veto(holdings.vetoes.get(issuer, ()), known_at),
            learner=holdings.learners.get((home.learner_id, home.as_of, known_at))
            if home.learner_id
            else None,
        )

    def _on(self, issuer: str, time: Time) -> Host:
        """What is held with regard to a region at a time."""
        host = self._shared.get((issuer, time))
        if host is None:
            host = self._shared[issuer, time] = self._chosen(issuer, time)
        return host

    def _chosen(self, issuer: str, time: Time) -> Host:
        holdings, (day, known_at) = self._holdings, time
        return Host(
            region_known=self._bank.catalogue.region(issuer) is not None,
            agreements=holdings.copies.known(issuer, known_at),
            framework=framework_on(holdings.frameworks, day, known_at),
            maps=[one for one in holdings.maps if is_known(one.recorded_at, known_at)],
            rule_set=holdings.rule_sets.get(time),
            policy=policy_on(holdings.policies, day, known_at),
        )
