"""Tables of what a region does beside its learners' books: cohorts step by step, and course matrices."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from region_node.storage.columns import Instant, text_key


class CohortStepRow(SQLModel, table=True):
    """One step of one account in one cohort; a step is taken once: the key says so."""

    __tablename__ = "cohort_steps"
    __table_args__ = (sa.Index("cohort_steps_by_cohort", "certificate", "level", "term", "step"),)

    account_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="accounts.id")
    certificate: str = Field(primary_key=True, sa_type=text_key(64))
    level: str = Field(primary_key=True, sa_type=text_key(16))
    term: str = Field(primary_key=True, sa_type=text_key(32))
    step: str = Field(primary_key=True, sa_type=text_key(16))
    on_day: date
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class CourseMatrixRow(SQLModel, table=True):
    """One version of a matrix; `body` is the JSON of its cells."""

    __tablename__ = "course_matrices"

    major: str = Field(primary_key=True, sa_type=text_key(16))
    certificate: str = Field(primary_key=True, sa_type=text_key(64))
    version: int = Field(primary_key=True)
    id: str = Field(sa_type=text_key())
    valid_from: date
    relation: str = Field(sa_type=text_key(16))
    body: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
