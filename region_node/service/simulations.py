"""Replays past requests under a draft agreement (domain/simulation.py). Nothing is written.

A request is what `assessments` was once asked: the question and the home region's facts, with the
instant at which it was asked. This region keeps no lookups, which write nothing anywhere; who asked
them has their evidence, and their facts can be asked of the home region again by `knownAt`.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.caller import Caller
from region_node.domain import agreements as life
from region_node.domain.account import LearnerGroup
from region_node.domain.moment import Moment
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.simulation import Simulation, replayed, summed
from region_node.service.assessments import AssessmentAsked, hosts_of
from region_node.service.ports import Bank, Unit
from schema.agreements import AgreementTerms
from schema.codes import RefusalCode
from schema.details import DetailCode, detail


async def simulate_agreement(
    bank: Bank,
    unit: Unit,
    caller: Caller,
    moment: Moment,
    draft: AgreementTerms,
    asked: Sequence[AssessmentAsked],
) -> Simulation | Refusal:
    """Decide each request under the agreements of its day and under the draft, and sum the difference."""
    problem = life.check_terms(
        draft,
        bank.region,
        region_known=lambda code: bank.catalogue.region(code) is not None,
        certificate_known=lambda code: bank.catalogue.certificate(code) is not None,
    )
    strange = sorted({one.question.issuer for one in asked} - set(draft.parties))
    if problem is None and strange:
        problem = detail(DetailCode.REQUESTS_OF_OTHERS, regions=", ".join(strange))
    if problem is not None:
        return refuse(RefusalCode.AGREEMENT_INVALID, detail=problem)
    groups = await _groups(unit, asked)
    return summed(
        replayed(one.question, one.home, host, draft, _group(groups, one))
        for one, host in await hosts_of(bank, unit, caller, moment, asked)
    )


async def _groups(unit: Unit, asked: Sequence[AssessmentAsked]) -> dict[str, LearnerGroup]:
    """The group of each learner's newest account here."""
    learners = sorted({one.home.learner_id for one in asked if one.home and one.home.learner_id})
    held = await unit.accounts.by_learners(learners) if learners else {}
    return {learner: accounts[-1].group for learner, accounts in held.items() if accounts}


def _group(groups: dict[str, LearnerGroup], asked: AssessmentAsked) -> LearnerGroup | None:
    return groups.get(asked.home.learner_id or "") if asked.home else None
