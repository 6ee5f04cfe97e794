"""What recognition rests on: agreements, rules, standards, vetoes, policy, frameworks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from region_node.storage.append_only import make_append_only
from region_node.storage.columns import Instant, text_key

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_agreements()
    _create_rules()
    _create_policies()
    _create_frameworks()
    _create_standards()


def _recorded() -> tuple[sa.Column[object], sa.Column[object]]:
    return (
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
    )


def _create_agreements() -> None:
    op.create_table(
        "agreements",
        sa.Column("id", text_key(), primary_key=True),
        sa.Column("partner", text_key(6), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("terms_hash", text_key(64), nullable=False),
        sa.Column("status", text_key(16), nullable=False),
        sa.Column("suspended_on", sa.Date(), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
    )
    op.create_index("agreements_by_partner", "agreements", ["partner", "first_day"])
    op.create_table(
        "agreement_events",
        sa.Column("agreement_id", text_key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", text_key(16), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        *_recorded(),
        sa.ForeignKeyConstraint(["agreement_id"], ["agreements.id"]),
        sa.PrimaryKeyConstraint("agreement_id", "number"),
    )
    make_append_only("agreement_events")


def _create_rules() -> None:
    op.create_table(
        "rule_sets",
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("id", text_key(), nullable=False, unique=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("published_at", Instant(), nullable=False),
        sa.Column("actor", text_key(200), nullable=False),
        sa.Column("votes", sa.Integer(), nullable=False),
    )
    make_append_only("rule_sets")
    op.create_table(
        "conversion_rules",
        sa.Column("rule_set_id", text_key(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", text_key(), nullable=False),
        sa.Column("direction", text_key(16), nullable=False),
        sa.Column("certificate", text_key(64), nullable=False),
        sa.Column("level", text_key(16), nullable=False),
        sa.Column("major", text_key(16), nullable=False),
        sa.Column("course", text_key(200), nullable=False),
        sa.Column("course_name", text_key(200), nullable=False),
        sa.Column("course_kind", text_key(32), nullable=False),
        sa.Column("credits", sa.Integer(), nullable=False),
        sa.Column("covers_flexible", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["rule_set_id"], ["rule_sets.id"]),
        sa.PrimaryKeyConstraint("rule_set_id", "number"),
    )
    make_append_only("conversion_rules")


def _create_policies() -> None:
    op.create_table(
        "policies",
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *_recorded(),
    )
    make_append_only("policies")


def _create_frameworks() -> None:
    op.create_table(
        "frameworks",
        sa.Column("version", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("code", text_key(32), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        sa.Column("of_skill", sa.Text(), nullable=False),
        *_recorded(),
    )
    make_append_only("frameworks")
    op.create_table(
        "framework_maps",
        sa.Column("from_framework", text_key(32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("to_framework", text_key(32), nullable=False),
        sa.Column("id", text_key(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("levels", sa.Text(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("from_framework", "version"),
    )
    make_append_only("framework_maps")


def _create_standards() -> None:
    identity = (
        ("certificate", text_key(64)),
        ("level", text_key(16)),
        ("version", text_key(64)),
    )
    op.create_table(
        "standards",
        *(sa.Column(name, type_, nullable=False) for name, type_ in identity),
        sa.Column("organisation", text_key(200), nullable=False),
        sa.Column("organisation_code", text_key(16), nullable=False),
        sa.Column("core_credits", sa.Integer(), nullable=False),
        sa.Column("flexible_credits", sa.Integer(), nullable=False),
        sa.Column("active_from", sa.Date(), nullable=False),
        sa.Column("framework_level", text_key(32), nullable=True),
        *_recorded(),
        sa.PrimaryKeyConstraint("certificate", "level", "version"),
    )
    make_append_only("standards")
    op.create_table(
        "standard_retirements",
        *(sa.Column(name, type_, nullable=False) for name, type_ in identity),
        sa.Column("retired_from", sa.Date(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("certificate", "level", "version"),
    )
    make_append_only("standard_retirements")
    op.create_table(
        "organisation_vetoes",
        sa.Column("organisation_code", text_key(16), nullable=False),
        sa.Column("vetoed_on", sa.Date(), nullable=False),
        sa.Column("organisation", text_key(200), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_recorded(),
        sa.PrimaryKeyConstraint("organisation_code", "vetoed_on"),
    )
    make_append_only("organisation_vetoes")
