"""Recognition in the graph: `standings` says the facts, `assessments` decides on facts of another region.

Both take up to 500 inputs and cost a constant number of statements; neither writes anything.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date, datetime
from typing import Annotated, Final

import strawberry

from edge.errors import PublicError
from region_node.domain.evidence import evidence_of
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import Question
from region_node.domain.recognition_inputs import InputVersion
from region_node.domain.recognition_remedies import remedies
from region_node.domain.recognition_statement import statement
from region_node.graph.arguments import RegionCode
from region_node.graph.context import Context, Info
from region_node.graph.lookahead import selects
from region_node.graph.standing import Standing, StandingFacts, StandingInput, certificate_question
from region_node.service.assessments import AssessmentAsked, assessments
from region_node.service.signer import vouches_for
from region_node.service.standings import standings
from schema.directives import Route
from schema.graph import (
    CertificateInput,
    CourseRecognition,
    Credits,
    DecisionInput,
    Reason,
    RecognitionDecision,
)

INPUTS_LIMIT: Final = 500
_COSTLY: Final = ("missingForFull", "inputs", "evidence", "signature")
"""Fields of a decision that take hashing, signing or wording: more than all the rest of it."""


@strawberry.input(description="What this region is to decide, with the home region's facts (认定请求)")
class AssessmentInput:
    from_region: strawberry.ID = strawberry.field(name="from", description="The home region (来源区域)")
    outcome_id: strawberry.ID | None = strawberry.field(default=None, description="An outcome (学习成果)")
    certificate: CertificateInput | None = strawberry.field(
        default=None, description="Or a certificate, without a learner (证书)"
    )
    major: strawberry.ID | None = strawberry.field(
        default=None, description="The major whose courses are to be replaced (专业代码)"
    )
    as_of: date | None = strawberry.field(
        default=None, description="The day; the standing's when absent (查询日期)"
    )
    known_at: datetime | None = strawberry.field(
        default=None, description="By what was known at this instant; now when absent (已知时刻)"
    )
    standing: StandingFacts | None = strawberry.field(
        default=None, description="The home region's answer; null where it gave none (原区域事实)"
    )

    def read(self, region: str, today: date) -> AssessmentAsked:
        home = self.standing.read() if self.standing else None
        question = Question(
            issuer=self.from_region,
            accepter=region,
            as_of=self.as_of or (home.as_of if home else today),
            outcome_id=self.outcome_id,
            certificate=certificate_question(self.certificate),
            major=self.major,
            known_at=self.known_at,
        )
        return AssessmentAsked(question, home)


@strawberry.type
class RecognitionQuery:
    @strawberry.field(
        description="The facts of this region's outcomes and certificates, in the order asked; at most 500 "
        "(原区域事实)",
        directives=[Route(argument="region")],
    )
    async def standings(
        self,
        info: Info,
        region: RegionCode,
        inputs: Annotated[list[StandingInput], strawberry.argument(description="Questions (事实查询)")],
    ) -> list[Standing]:
        context = info.context
        check_inputs(context, region, len(inputs))
        asked = [one.read(context.bank, context.moment.day) for one in inputs]
        async with context.reading() as unit:
            found = await standings(context.bank, unit, context.caller, context.moment, asked)
        at = context.moment.at
        return [Standing.of(facts, one, at) for facts, one in zip(found, asked, strict=True)]

    @strawberry.field(
        description="What this region concludes on other regions' outcomes and certificates, by its own "
        "rules, in the order asked; at most 500; nothing is written (互认结论)",
        directives=[Route(argument="region")],
    )
    async def assessments(
        self,
        info: Info,
        region: RegionCode,
        inputs: Annotated[list[AssessmentInput], strawberry.argument(description="Questions (认定请求)")],
    ) -> list[RecognitionDecision]:
        context = info.context
        check_inputs(context, region, len(inputs))
        asked = [one.read(region, context.moment.day) for one in inputs]
        async with context.reading() as unit:
            decided = await assessments(context.bank, unit, context.caller, context.moment, asked)
        shown = frozenset(name for name in _COSTLY if selects(info._raw_info, name))
        return [_decision(context, assessment, shown) for assessment in decided]


def check_inputs(context: Context, region: str, count: int) -> None:
    """Raise where it is another region's matter, or too much at once."""
    context.require_region(region)
    if count > INPUTS_LIMIT:
        raise PublicError("TOO_MANY_INPUTS", limit=INPUTS_LIMIT, found=count)


def _decision(context: Context, made: Assessment, shown: Set[str]) -> RecognitionDecision:
    """`shown` are those of the costly fields that are selected; of the others nothing is worked out."""
    question = made.question
    language = context.locale
    signer, vouched = context.bank.signer, vouches_for(context.caller, context.bank.region)
    return RecognitionDecision(
        from_region=strawberry.ID(question.issuer),
        to_region=strawberry.ID(question.accepter),
        outcome_id=_id(question.outcome_id),
        certificate_code=made.certificate_code,
        decision=made.decision,
        credits_recognised=Credits(made.recognised),
        credits_unconverted=Credits(made.unconverted),
        level=made.level,
        level_candidates=list(made.level_candidates),
        courses=[
            CourseRecognition(
                name=course.name, kind=course.kind, credits=Credits(course.credits), rule=course.rule
            )
            for course in made.courses
        ],
        agreement=_id(made.agreement),
        rules=_id(made.rules),
        reasons=[Reason(code=one.code, message=one.message(language)) for one in made.reasons],
        missing_for_full=list(remedies(made, language)) if "missingForFull" in shown else [],
        inputs=list(map(_input, made.inputs)) if "inputs" in shown else [],
        as_of=question.as_of,
        known_at=question.known_at,
        decided_at=context.moment.at,
        evidence=evidence_of(made) if vouched and "evidence" in shown else None,
        signature=signer.sign(statement(made, context.moment.at))
        if signer and vouched and "signature" in shown
        else None,
    )


def _input(one: InputVersion) -> DecisionInput:
    return DecisionInput(kind=one.kind, id=strawberry.ID(one.id), version=one.version, hash=one.hash)


def _id(value: str | None) -> strawberry.ID | None:
    return None if value is None else strawberry.ID(value)
