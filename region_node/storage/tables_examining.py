"""Tables of who examines for an organisation and where: registrations, and how they ended."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field

from region_node.storage.columns import Instant, text_key
from region_node.storage.seals import Sealed


class ExamRegistrationRow(Sealed, table=True):
    """An examiner or a site of an organisation. `place` counts its registrations, one after the other."""

    __tablename__ = "exam_registrations"

    organisation_code: str = Field(primary_key=True, sa_type=text_key(16))
    party: str = Field(primary_key=True, sa_type=text_key(16))
    code: str = Field(primary_key=True, sa_type=text_key(64))
    place: int = Field(primary_key=True)
    first_day: date
    name: str = Field(sa_type=text_key(200))
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class ExamRegistrationEndRow(Sealed, table=True):
    """A registration ends once: the key says so."""

    __tablename__ = "exam_registration_ends"

    organisation_code: str = Field(primary_key=True, sa_type=text_key(16))
    party: str = Field(primary_key=True, sa_type=text_key(16))
    code: str = Field(primary_key=True, sa_type=text_key(64))
    place: int = Field(primary_key=True)
    ended_on: date
    vetoed: bool
    reason: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
