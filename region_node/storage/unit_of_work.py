"""One transaction with all repositories on it: the storage side of `Unit` and `Units`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.service.changes import Changes
from region_node.storage.accounts import SqlAccounts
from region_node.storage.agreements import SqlAgreements
from region_node.storage.answers import SqlAnswers
from region_node.storage.database import Database
from region_node.storage.examining import SqlExamRegister
from region_node.storage.learner_uses import SqlLearnerUses
from region_node.storage.ledger import SqlCases, SqlLedger, SqlStatistics
from region_node.storage.log import SqlLog
from region_node.storage.log_positions import SqlLogPositions
from region_node.storage.members import SqlMembers
from region_node.storage.notices import SqlNotices
from region_node.storage.outcomes import SqlOutcomes
from region_node.storage.policies import SqlFrameworks, SqlPolicies
from region_node.storage.programmes import SqlCohorts, SqlMatrices
from region_node.storage.published import Published, PublishedKept
from region_node.storage.rules import RuleSetsKept, SqlRules
from region_node.storage.standards import SqlStandards
from region_node.storage.transfers import SqlTransfers


class SqlUnit:
    """Repositories over one connection, each made once; only log and notices hold state of their own."""

    def __init__(
        self,
        connection: AsyncConnection,
        kept: PublishedKept | None,
        rule_sets: RuleSetsKept,
        *,
        announced_first: bool,
    ) -> None:
        published = Published(connection, kept)
        self.answers = SqlAnswers(connection)
        self.notices = SqlNotices(connection)
        self.members = SqlMembers(connection)
        self.accounts = SqlAccounts(connection, self.notices, self.members, announced_first=announced_first)
        self.outcomes = SqlOutcomes(connection, self.notices)
        self.log = SqlLog(connection)
        self.log_positions = SqlLogPositions(connection)
        self.ledger = SqlLedger(connection, self.log, self.notices)
        self.cases = SqlCases(connection)
        self.statistics = SqlStatistics(connection)
        self.agreements = SqlAgreements(connection, published)
        self.rules = SqlRules(connection, published, rule_sets)
        self.policies = SqlPolicies(connection, published)
        self.frameworks = SqlFrameworks(connection, published)
        self.standards = SqlStandards(connection, published)
        self.exam_register = SqlExamRegister(connection)
        self.learner_uses = SqlLearnerUses(connection)
        self.transfers = SqlTransfers(connection)
        self.cohorts = SqlCohorts(connection)
        self.matrices = SqlMatrices(connection)


class SqlUnits:
    def __init__(
        self, database: Database, changes: Changes | None = None, *, announced_first: bool = False
    ) -> None:
        """`changes` is told of what was committed; without it nobody is. With `announced_first` nobody gets
        an account whom an earlier transaction made no member."""
        self._database = database
        self._changes = Changes() if changes is None else changes
        self._announced_first = announced_first
        self._published = PublishedKept()
        self._rule_sets = RuleSetsKept()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[SqlUnit, None]:
        async with self._database.read() as connection:
            yield SqlUnit(connection, self._published, self._rule_sets, announced_first=self._announced_first)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[SqlUnit, None]:
        async with self._database.write() as connection:
            # What a transaction reads of its own writes must not outlive a rollback.
            unit = SqlUnit(connection, None, RuleSetsKept(), announced_first=self._announced_first)
            yield unit
            await unit.notices.send()
            # Last, since nobody else can seal until this transaction ends.
            await unit.log.seal()
        unit.notices.tell(self._changes)
