"""One transaction with all repositories on it: the storage side of `Unit` and `Units`."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncConnection

from region_node.storage.accounts import SqlAccounts
from region_node.storage.agreements import SqlAgreements
from region_node.storage.answers import SqlAnswers
from region_node.storage.database import Database
from region_node.storage.learner_uses import SqlLearnerUses
from region_node.storage.ledger import SqlCases, SqlLedger, SqlStatistics
from region_node.storage.log import SqlLog
from region_node.storage.log_positions import SqlLogPositions
from region_node.storage.outcomes import SqlOutcomes
from region_node.storage.policies import SqlFrameworks, SqlPolicies
from region_node.storage.rules import RuleSetsKept, SqlRules
from region_node.storage.standards import SqlStandards
from region_node.storage.transfers import SqlTransfers


class SqlUnit:
    """Repositories over one connection; each is made once, none but the log holds state of its own."""

    def __init__(self, connection: AsyncConnection, rule_sets: RuleSetsKept) -> None:
        self.answers = SqlAnswers(connection)
        self.accounts = SqlAccounts(connection)
        self.outcomes = SqlOutcomes(connection)
        self.log = SqlLog(connection)
        self.log_positions = SqlLogPositions(connection)
        self.ledger = SqlLedger(connection, self.log)
        self.cases = SqlCases(connection)
        self.statistics = SqlStatistics(connection)
        self.agreements = SqlAgreements(connection)
        self.rules = SqlRules(connection, rule_sets)
        self.policies = SqlPolicies(connection)
        self.frameworks = SqlFrameworks(connection)
        self.standards = SqlStandards(connection)
        self.learner_uses = SqlLearnerUses(connection)
        self.transfers = SqlTransfers(connection)


class SqlUnits:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._rule_sets = RuleSetsKept()

    @asynccontextmanager
    async def read(self) -> AsyncGenerator[SqlUnit, None]:
        async with self._database.read() as connection:
            yield SqlUnit(connection, self._rule_sets)

    @asynccontextmanager
    async def write(self) -> AsyncGenerator[SqlUnit, None]:
        async with self._database.write() as connection:
            # What a transaction reads of its own writes must not outlive a rollback.
            unit = SqlUnit(connection, RuleSetsKept())
            yield unit
            # Last, since nobody else can seal until this transaction ends.
            await unit.log.seal()
