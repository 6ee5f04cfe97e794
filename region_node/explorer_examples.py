"""Operations that the explorer of a node offers, ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from edge.explorer import Example

EXAMPLES: Final[Sequence[Example]] = (
    Example(
        title="What this bank holds, summed",
        title_zh="本行统计",
        query="""query Statistics {
  statistics {
    accounts
    learners
    verifiedOutcomes
    credits
    meanCreditsPerAccount
  }
}
""",
    ),
    Example(
        title="The newest accounts with balances and outcomes (officer)",
        title_zh="最新账户及其余额与成果（经办人员）",
        query="""query NewestAccounts($region: ID!) {
  accounts(region: $region, first: 10, orderBy: OPENED_ON_DESC) {
    totalCount
    edges {
      cursor
      node {
        id
        status
        balance
        outcomes(first: 5) { edges { node { title status credits issuedOn } } }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}
""",
        variables='{"region": "320000"}',
    ),
    Example(
        title="A learner's record in this region (the learner, the portal, officers)",
        title_zh="学习者在本区域的记录（本人、门户、经办人员）",
        query="""query Learner($id: ID!) {
  learner(id: $id) {
    totalCredits
    accounts { id status balance ledger(last: 5) { edges { node { kind credits balanceAfter memo } } } }
    outcomes(first: 20) { totalCount edges { node { id title level status credits } } }
  }
}
""",
        variables='{"id": "L-"}',
    ),
    Example(
        title="Hand in an outcome (the learner or an officer)",
        title_zh="提交学习成果（本人或经办人员）",
        query="""mutation Submit($account: ID!, $input: SubmitOutcomeInput!, $key: String!) {
  submitOutcome(account: $account, input: $input, idempotencyKey: $key) {
    __typename
    ... on OutcomeChanged { outcome { id status credits coreCredits flexibleCredits } }
    ... on Refusal { code message }
  }
}
""",
        variables="""{
  "account": "320000-A-",
  "input": {"kind": "COURSE", "title": "网店运营", "credits": "4.0", "issuedOn": "2026-05-20"},
  "key": "a-key-of-your-own"
}""",
    ),
)
