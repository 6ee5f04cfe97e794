"""The recognition fields of the national subgraph: from GraphQL inputs to questions and back."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Final

import strawberry
from graphql import GraphQLError
from strawberry.types.nodes import SelectedField

from gateway.national.context import Info, National
from gateway.national.questions import CertificateAsked, Question
from gateway.national.recognition import QUESTIONS_LIMIT, Answer
from schema.graph import CertificateInput, RecognitionDecision

LIMIT_CODE: Final = "LIMIT_RECOGNITIONS"


@strawberry.input(
    description="What to ask: a certificate, or one outcome, of a region in another; give one (互认查询)"
)
class RecognitionInput:
    from_region: strawberry.ID = strawberry.field(
        name="from", description="Code of the region of issue (来源区域)"
    )
    to_region: strawberry.ID = strawberry.field(
        name="to", description="Code of the region that decides (认定区域)"
    )
    certificate: CertificateInput | None = strawberry.field(
        default=None, description="A certificate, without a learner; public (证书)"
    )
    outcome_id: strawberry.ID | None = strawberry.field(
        default=None, description="A learner's outcome; for those who may see it (学习成果)"
    )
    major: strawberry.ID | None = strawberry.field(
        default=None, description="The learner's major in the deciding region (专业)"
    )
    as_of: date | None = strawberry.field(
        default=None, description="The day asked about; that of knownAt, or today, when absent (查询日期)"
    )
    known_at: datetime | None = strawberry.field(
        default=None, description="By what was known at this instant; now when absent (已知时刻)"
    )


@strawberry.type
class RecognitionQuery:
    """Mixed into the national subgraph's Query."""

    @strawberry.field(description="What a certificate or outcome is worth in another region (互认查询)")
    async def mutual_recognition(
        self,
        info: Info,
        input: Annotated[  # noqa: A002 - the contract's name
            RecognitionInput, strawberry.argument(description="What to ask (查询内容)")
        ],
    ) -> RecognitionDecision:
        info.context.with_evidence |= _selects_evidence(info)
        answer = await info.context.decide.load(_question(info.context, input))
        info.context.tell_faults(info.path.as_list(), [answer], many=False)
        return answer.decision

    @strawberry.field(
        description="The same for up to 500 questions at once, answered in their order: "
        "a region gets at most one request in each of two waves (批量互认查询)"
    )
    async def mutual_recognitions(
        self,
        info: Info,
        inputs: Annotated[
            list[RecognitionInput], strawberry.argument(description="What to ask, at most 500 (查询内容)")
        ],
    ) -> list[RecognitionDecision]:
        if len(inputs) > QUESTIONS_LIMIT:
            raise _too_many(len(inputs))
        return await _decisions(info, [_question(info.context, one) for one in inputs])

    @strawberry.field(
        description="What every region with an agreement makes of a certificate (各区域认可情况)"
    )
    async def recognised_by(
        self,
        info: Info,
        certificate: Annotated[CertificateInput, strawberry.argument(description="The certificate (证书)")],
        from_region: Annotated[
            strawberry.ID, strawberry.argument(name="from", description="Region of issue (来源区域)")
        ],
        major: Annotated[
            strawberry.ID | None, strawberry.argument(description="The learner's major there (专业)")
        ] = None,
        as_of: Annotated[
            date | None,
            strawberry.argument(description="The day; that of knownAt, or today, when absent (查询日期)"),
        ] = None,
        known_at: Annotated[
            datetime | None,
            strawberry.argument(description="By what was known at this instant; now when absent (已知时刻)"),
        ] = None,
    ) -> list[RecognitionDecision]:
        asked, day = _certificate(certificate), as_of or info.context.day_of(known_at)
        partners = info.context.published.pairings.partners(from_region)
        questions = [Question(from_region, to, day, asked, major=major, known_at=known_at) for to in partners]
        return await _decisions(info, questions)


async def _decisions(info: Info, questions: list[Question]) -> list[RecognitionDecision]:
    info.context.with_evidence |= _selects_evidence(info)
    answers: list[Answer] = await info.context.decide.load_many(questions)
    info.context.tell_faults(info.path.as_list(), answers, many=True)
    return [answer.decision for answer in answers]


def _selects_evidence(info: Info) -> bool:
    """Does the field that is being resolved ask for evidence? Decisions are told much faster without."""
    return any(
        isinstance(one, SelectedField) and one.name == "evidence"
        for field in info.selected_fields
        for one in field.selections
    )


def _question(context: National, given: RecognitionInput) -> Question:
    return Question(
        from_region=given.from_region,
        to_region=given.to_region,
        as_of=given.as_of or context.day_of(given.known_at),
        certificate=_certificate(given.certificate) if given.certificate else None,
        outcome_id=given.outcome_id,
        major=given.major,
        known_at=given.known_at,
    )


def _certificate(given: CertificateInput) -> CertificateAsked:
    return CertificateAsked(
        given.code, given.level, given.standard_version, given.issued_on, given.examined_on
    )


def _too_many(found: int) -> GraphQLError:
    message = (
        f"{found} questions at once; at most {QUESTIONS_LIMIT} are answered: send them in several requests."
    )
    extensions = {"code": LIMIT_CODE, "limit": QUESTIONS_LIMIT, "found": found}
    return GraphQLError(message, extensions=extensions)
