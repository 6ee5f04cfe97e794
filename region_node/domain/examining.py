"""Who examines for an organisation, and where: examiners (考官) and exam sites (考点), registered by the day.

A region that keeps an organisation's register asks of each of its exams who held it and where, and believes
nobody who was not registered that day. A registration ends by withdrawal, or by a veto: then exams from that
day on are refused, and those in the review window before it are for a person to judge, as with the
organisation itself.
Examiners hold ADVANCED: whoever registers one says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from region_node.domain.moment import EVER
from region_node.domain.refusal import Refusal, refuse
from schema.codes import RefusalCode
from schema.details import DetailCode, detail

CODE_LIMIT_CHARACTERS: Final = 64
NAME_LIMIT_CHARACTERS: Final = 200
NOT_NAMED: Final = "–"
"""Stands in a sentence for an examiner or a site that nobody named."""


class ExamParty(StrEnum):
    EXAMINER = "EXAMINER"
    SITE = "SITE"


@dataclass(frozen=True, slots=True)
class Registration:
    """One examiner or site of one organisation, from `first_day` to the day before `ended_on`.

    `code` is what the organisation calls it; `number` counts its registrations, from 1. A site has a name.
    """

    organisation: str
    party: ExamParty
    code: str
    number: int
    first_day: date
    name: str = ""
    ended_on: date | None = None
    vetoed: bool = False
    recorded_at: datetime = EVER

    def holds_on(self, day: date) -> bool:
        return self.first_day <= day and (self.ended_on is None or day < self.ended_on)


@dataclass(frozen=True, slots=True)
class Examination:
    """Who examined and where, as it is stated; `judged`: a person has looked at what is referred."""

    examiner: str | None = None
    site: str | None = None
    judged: bool = False

    @property
    def named(self) -> Mapping[ExamParty, str | None]:
        return {ExamParty.EXAMINER: self.examiner, ExamParty.SITE: self.site}


NOT_STATED: Final = Examination()


def register(new: Registration, registered: Sequence[Registration]) -> Registration | Refusal:
    """Take an examiner or a site into the register. `registered` are its earlier registrations."""
    code, name = new.code.strip(), new.name.strip()
    wrong = None
    if not 0 < len(code) <= CODE_LIMIT_CHARACTERS:
        wrong = detail(DetailCode.LENGTH, field="code", limit=CODE_LIMIT_CHARACTERS)
    elif new.party is ExamParty.SITE and not 0 < len(name) <= NAME_LIMIT_CHARACTERS:
        wrong = detail(DetailCode.LENGTH, field="name", limit=NAME_LIMIT_CHARACTERS)
    elif new.party is ExamParty.EXAMINER and name:
        wrong = detail(DetailCode.EXAMINER_NAMED)
    elif any(one.ended_on is None or new.first_day < one.ended_on for one in registered):
        wrong = detail(DetailCode.EXAM_PARTY_REGISTERED, party=new.party.value, named=code)
    if wrong is not None:
        return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)
    return replace(new, code=code, name=name, number=len(registered) + 1)


def end(registered: Sequence[Registration], code: str, on: date, *, vetoed: bool) -> Registration | Refusal:
    """End the registration that holds: `on` is the first day without it."""
    holding = next((one for one in registered if one.ended_on is None), None)
    if holding is None or on < holding.first_day:
        wrong = detail(DetailCode.EXAM_PARTY_NOT_REGISTERED, named=code, day=on)
        return refuse(RefusalCode.MALFORMED_INPUT, detail=wrong)
    return replace(holding, ended_on=on, vetoed=vetoed)


def objection(
    examination: Examination, registered: Sequence[Registration], examined_on: date, window_days: int
) -> Refusal | None:
    """Return why an exam may not be relied on. `registered` are all of its organisation.

    Where nobody of a kind was registered that day, none of it is asked for.
    """
    for party, code in examination.named.items():
        holding = [one for one in registered if one.party is party and one.holds_on(examined_on)]
        found = next((one for one in holding if one.code == code), None)
        if found is None and (code is not None or holding):
            return refuse(
                RefusalCode.EXAM_PARTY_UNREGISTERED,
                party=party.value,
                named=code or NOT_NAMED,
                day=examined_on,
            )
        if found is not None and not examination.judged and _referred(found, examined_on, window_days):
            return refuse(
                RefusalCode.EXAM_UNDER_REVIEW, party=party.value, named=found.code, day=found.ended_on
            )
    return None


def _referred(registration: Registration, examined_on: date, window_days: int) -> bool:
    """Does the exam lie in the review window before a veto?"""
    ended_on = registration.ended_on
    if ended_on is None or not registration.vetoed:
        return False
    return examined_on >= ended_on - timedelta(days=window_days)
