"""Tables of what recognition rests on: agreements, rules, standards, vetoes, policy, frameworks.

All of it is versioned. Only an agreement's row moves, with an event for each step; everything
else is append-only, and the newest version that has begun is the one in force.
"""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from region_node.storage.columns import Instant, text_key
from region_node.storage.seals import Sealed


class AgreementRow(SQLModel, table=True):
    """This side's copy. `terms` is the canonical JSON whose SHA-256 is `terms_hash`."""

    __tablename__ = "agreements"
    __table_args__ = (sa.Index("agreements_by_partner", "partner", "first_day"),)

    id: str = Field(primary_key=True, sa_type=text_key())
    partner: str = Field(sa_type=text_key(6))
    first_day: date
    terms: str = Field(sa_type=sa.Text)
    terms_hash: str = Field(sa_type=text_key(64))
    status: str = Field(sa_type=text_key(16))
    suspended_on: date | None = None
    ended_on: date | None = None


class AgreementEventRow(Sealed, table=True):
    __tablename__ = "agreement_events"

    agreement_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="agreements.id")
    number: int = Field(primary_key=True)
    status: str = Field(sa_type=text_key(16))
    on_day: date
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
    reason: str = Field(default="", sa_type=sa.Text, sa_column_kwargs={"server_default": ""})
    signature: str | None = Field(default=None, sa_type=sa.Text)


class RuleSetRow(Sealed, table=True):
    __tablename__ = "rule_sets"

    version: int = Field(primary_key=True)
    id: str = Field(unique=True, sa_type=text_key())
    valid_from: date
    published_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
    votes: int


class ConversionRuleRow(Sealed, table=True):
    """One rule of one set; `number` is its place in the set's order."""

    __tablename__ = "conversion_rules"

    rule_set_id: str = Field(primary_key=True, sa_type=text_key(), foreign_key="rule_sets.id")
    number: int = Field(primary_key=True)
    id: str = Field(sa_type=text_key())
    direction: str = Field(sa_type=text_key(16))
    certificate: str = Field(sa_type=text_key(64))
    level: str = Field(sa_type=text_key(16))
    major: str = Field(sa_type=text_key(16))
    course: str = Field(sa_type=text_key(200))
    course_name: str = Field(sa_type=text_key(200))
    course_kind: str = Field(sa_type=text_key(32))
    credits: int
    covers_flexible: bool


class PolicyRow(Sealed, table=True):
    """`body` is the JSON of the whole version."""

    __tablename__ = "policies"

    version: int = Field(primary_key=True)
    valid_from: date
    body: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class FrameworkRow(Sealed, table=True):
    __tablename__ = "frameworks"

    version: int = Field(primary_key=True)
    code: str = Field(sa_type=text_key(32))
    valid_from: date
    levels: str = Field(sa_type=sa.Text)
    of_skill: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class FrameworkMapRow(Sealed, table=True):
    __tablename__ = "framework_maps"

    from_framework: str = Field(primary_key=True, sa_type=text_key(32))
    version: int = Field(primary_key=True)
    to_framework: str = Field(sa_type=text_key(32))
    id: str = Field(sa_type=text_key())
    valid_from: date
    levels: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class StandardRow(Sealed, table=True):
    __tablename__ = "standards"

    certificate: str = Field(primary_key=True, sa_type=text_key(64))
    level: str = Field(primary_key=True, sa_type=text_key(16))
    version: str = Field(primary_key=True, sa_type=text_key(64))
    organisation: str = Field(sa_type=text_key(200))
    organisation_code: str = Field(sa_type=text_key(16))
    core_credits: int
    flexible_credits: int
    active_from: date
    framework_level: str | None = Field(default=None, sa_type=text_key(32))
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class StandardReviewRow(Sealed, table=True):
    """A year's review is concluded once: the key says so. `ranking` is its JSON, fewest issues first."""

    __tablename__ = "standard_reviews"

    year: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    retired_from: date
    ranking: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class StandardRetirementRow(Sealed, table=True):
    __tablename__ = "standard_retirements"

    certificate: str = Field(primary_key=True, sa_type=text_key(64))
    level: str = Field(primary_key=True, sa_type=text_key(16))
    version: str = Field(primary_key=True, sa_type=text_key(64))
    retired_from: date
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))


class OrganisationVetoRow(Sealed, table=True):
    """One veto; the first one's day counts. Its organisation may be one that only the catalogue names."""

    __tablename__ = "organisation_vetoes"

    organisation_code: str = Field(primary_key=True, sa_type=text_key(16))
    vetoed_on: date = Field(primary_key=True)
    organisation: str = Field(sa_type=text_key(200))
    reason: str = Field(sa_type=sa.Text)
    recorded_at: datetime = Field(sa_type=Instant)
    actor: str = Field(sa_type=text_key(200))
