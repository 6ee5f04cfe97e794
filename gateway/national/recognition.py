"""Mutual recognition (互认): asks the home region for the facts, then the other for its decision.

Whatever the number of questions, a region is asked at most once in each of two waves:

    a. questions that the published agreements already answer are answered, and nobody is asked;
    b. `standings`: one request to each home region, for the facts it speaks for;
    c. `assessments`: one request to each deciding region, with these facts. It starts as soon as
       the home regions of its own questions have spoken, and repeats every check by its own books;
    d. a question one of whose sides did not answer is UNDETERMINED, never REFUSED.

A question asks nothing to be written, here or there.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final, Protocol

from edge.caller import Caller
from gateway.federation.sharding.coverage import Coverage
from gateway.national.decisions import decide_here, read_decision, undetermined
from gateway.national.questions import Ground, Objection, Question, objections, scope_objection
from gateway.national.wire import (
    STANDINGS,
    Standing,
    assessment_input,
    assessments_query,
    read_standings,
    standing_input,
)
from schema.codes import Language, ReasonCode
from schema.graph import RecognitionDecision

QUESTIONS_LIMIT: Final = 500
"""Questions in one batch, and so inputs in one request to a region."""
STANDINGS_SHARE: Final = 0.5
"""Of the time there is, what the home regions may take, so that the deciding ones have some left."""
ASSESSMENTS_SHARE: Final = 0.95
"""What all regions may take together: the rest is for saying who did not answer."""


class SilentRegionError(Exception):
    """A region gave no usable answer.

    `code` is one of docs/SHARDING.md, 6.1; `errors` are the region's own, where it refused as GraphQL does.
    """

    def __init__(
        self, region: str, code: str, message: str, errors: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(message)
        self.region = region
        self.code = code
        self.message = message
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Asking:
    """On whose behalf regions are asked: the caller, what is forwarded, and until when (loop time).

    `coverage` is the record of the client's request, shared with the engine. `evidence`: whether
    decisions are to come with theirs.
    """

    caller: Caller
    language: Language
    deadline_s: float
    headers: Mapping[str, str] = field(default_factory=dict)
    coverage: Coverage = field(default_factory=Coverage)
    evidence: bool = False


class RegionsPort(Protocol):
    """The way to the regional nodes.

    Sends one request, once, and notes in the coverage whom it asked; raises `SilentRegionError`.
    """

    async def ask(
        self, region: str, query: str, variables: Mapping[str, Any], asking: Asking
    ) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Mismatch:
    """The published terms of an agreement are not those that these regions hold, told by their hashes.

    The regions decide by their own copies: what is published only says whom to ask.
    """

    agreement: str
    published: str
    held: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """The decision on one question; the region whose silence left it UNDETERMINED, if one did; and what is
    wrong with what is published of the agreement, if anything."""

    decision: RecognitionDecision
    silent: SilentRegionError | None = None
    mismatch: Mismatch | None = None


class Recognition:
    """Answers questions. One for the life of a program; `ground` gives what is published now."""

    def __init__(
        self, ground: Callable[[], Ground], regions: RegionsPort, now: Callable[[], datetime]
    ) -> None:
        self._ground = ground
        self._regions = regions
        self._now = now

    async def answer(self, questions: Sequence[Question], asking: Asking) -> list[Answer]:
        """Answer each question, in their order. At most QUESTIONS_LIMIT of them."""
        if len(questions) > QUESTIONS_LIMIT:
            raise ValueError(f"{len(questions)} questions at once; the limit is {QUESTIONS_LIMIT}")
        batch = _Batch(self._ground(), self._regions, self._now(), asking)
        return await batch.run(questions)


class _Batch:
    """One run over one list of questions, against one state of what is published."""

    def __init__(self, ground: Ground, regions: RegionsPort, now: datetime, asking: Asking) -> None:
        self._ground = ground
        self._regions = regions
        self._now = now
        self._asking = asking
        start = asyncio.get_running_loop().time()
        left = max(0.0, asking.deadline_s - start)
        self._standings_by_s = start + left * STANDINGS_SHARE
        self._assessments_by_s = start + left * ASSESSMENTS_SHARE

    async def run(self, questions: Sequence[Question]) -> list[Answer]:
        answers: list[Answer | None] = []
        homes: defaultdict[str, list[Question]] = defaultdict(list)
        deciders: defaultdict[str, list[int]] = defaultdict(list)
        for index, question in enumerate(questions):
            found = objections(question, self._ground, self._asking.caller)
            answers.append(self._refuse(question, *found) if found else None)
            if not found:
                homes[question.from_region].append(question)
                deciders[question.to_region].append(index)
        async with asyncio.TaskGroup() as group:
            speaking = {
                home: group.create_task(self._standings(home, asked)) for home, asked in sorted(homes.items())
            }
            deciding = {
                region: group.create_task(self._decisions(region, [questions[i] for i in asked], speaking))
                for region, asked in sorted(deciders.items())
            }
        for region, asked in deciders.items():
            for index, answer in zip(asked, deciding[region].result(), strict=True):
                answers[index] = answer
        return [answer for answer in answers if answer is not None]

    async def _standings(
        self, home: str, questions: Sequence[Question]
    ) -> dict[Question, Standing] | SilentRegionError:
        """Wave b: what `home` says of these questions."""
        asked = list(dict.fromkeys(questions))
        variables = {"region": home, "inputs": [standing_input(question) for question in asked]}
        try:
            reply = await self._ask(home, STANDINGS, variables, self._standings_by_s)
            return dict(zip(asked, read_standings(reply, len(asked)), strict=True))
        except SilentRegionError as silent:
            return silent
        except ValueError as error:
            return SilentRegionError(
                home, "SHARD_INVALID_REPLY", f"Region {home} gave no usable answer: {error}"
            )

    async def _decisions(
        self,
        region: str,
        questions: Sequence[Question],
        speaking: Mapping[str, asyncio.Task[dict[Question, Standing] | SilentRegionError]],
    ) -> list[Answer]:
        """Wave c: what `region` decides on these questions, once their home regions have spoken."""
        answers: dict[Question, Answer] = {}
        open_questions: dict[Question, Standing] = {}
        for question in dict.fromkeys(questions):
            spoken = await speaking[question.from_region]
            if isinstance(spoken, SilentRegionError):
                answers[question] = self._undetermined(question, spoken)
                continue
            objection = self._after_standing(question, spoken[question])
            if objection is not None:
                answers[question] = self._refuse(question, objection)
            else:
                open_questions[question] = spoken[question]
        if open_questions:
            answers.update(await self._assessments(region, open_questions))
        return [answers[question] for question in questions]

    async def _assessments(
        self, region: str, questions: Mapping[Question, Standing]
    ) -> dict[Question, Answer]:
        inputs = [assessment_input(question, standing) for question, standing in questions.items()]
        variables = {"region": region, "inputs": inputs}
        try:
            query = assessments_query(questions, evidence=self._asking.evidence)
            reply = await self._ask(region, query, variables, self._assessments_by_s)
            found = reply.get("assessments")
            if not isinstance(found, list) or len(found) != len(questions):
                raise ValueError("not one decision for each question")
            return {
                question: self._decided(question, standing, read_decision(plain, question))
                for (question, standing), plain in zip(questions.items(), found, strict=True)
            }
        except SilentRegionError as failure:
            silent = failure
        except ValueError as error:
            silent = _unusable(region, error)
        return {question: self._undetermined(question, silent) for question in questions}

    async def _ask(
        self, region: str, query: str, variables: Mapping[str, Any], by_s: float
    ) -> Mapping[str, Any]:
        return await self._regions.ask(region, query, variables, replace(self._asking, deadline_s=by_s))

    def _decided(self, question: Question, standing: Standing, decision: RecognitionDecision) -> Answer:
        pairings = self._ground.pairings
        agreement, _ = pairings.choose(
            question.from_region, question.to_region, question.as_of, question.known_at
        )
        if agreement is None:
            return Answer(decision)
        published = pairings.terms_hash(agreement)
        own = next((one.hash for one in decision.inputs if one.kind == "agreement"), None)
        copies = {question.from_region: standing.facts.get("agreementHash"), question.to_region: own}
        held = {region: copy for region, copy in copies.items() if copy not in (None, published)}
        return Answer(decision, mismatch=Mismatch(agreement.id, published, held) if held else None)

    def _after_standing(self, question: Question, standing: Standing) -> Objection | None:
        """Return why the deciding region must not be asked, now that the outcome is known."""
        if not standing.permitted:
            return Objection(ReasonCode.NOT_PERMITTED)
        if question.outcome_id is None or standing.kind is None:
            return None
        return scope_objection(
            question, self._ground.pairings, standing.certificate_code, standing.level, standing.kind
        )

    def _refuse(self, question: Question, *found: Objection) -> Answer:
        return Answer(decide_here(question, found, self._ground, self._now, self._asking.language))

    def _undetermined(self, question: Question, silent: SilentRegionError) -> Answer:
        decision = undetermined(question, silent.region, self._ground, self._now, self._asking.language)
        return Answer(decision, silent)


def _unusable(region: str, error: ValueError) -> SilentRegionError:
    return SilentRegionError(
        region, "SHARD_INVALID_REPLY", f"Region {region} gave no usable answer: {error}."
    )
