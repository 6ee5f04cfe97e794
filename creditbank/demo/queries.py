"""The operations that the demo sends, as a portal or an officer's application would."""

from __future__ import annotations

from typing import Final

SILENCE_CODES: Final = frozenset({"SHARD_UNREACHABLE", "SHARD_TIMEOUT", "SHARD_BREAKER_OPEN"})

WHOSE: Final = "query Whose($account: ID!) { account(id: $account) { learner { id } } }"

TRANSCRIPT: Final = """query Transcript($id: ID!) {
  learner(id: $id) {
    totalCredits
    accounts { id status balance region { code } }
    outcomes(first: 50, orderBy: ISSUED_ON_ASC) {
      totalCount
      edges { node { id title kind status credits issuedOn region { code } } }
    }
  }
}"""

BOTH_AXES: Final = """query BothAxes($id: ID!) {
  learner(id: $id) {
    outcomes(first: 50, orderBy: ISSUED_ON_ASC) {
      edges { node {
        title region { code }
        certificate { name organisation preparatoryCourses { id title school weeks } }
      } }
    }
  }
}"""

RECOGNISE: Final = """query Recognise($inputs: [RecognitionInput!]!) {
  mutualRecognitions(inputs: $inputs) {
    decision creditsRecognised creditsUnconverted level levelCandidates
    courses { name credits }
    reasons { code message }
  }
}"""

STATISTICS: Final = (
    "query Books { statistics { outcomes verifiedOutcomes conversions depositedCredits credits } }"
)

REGION_BY_REGION: Final = """query RegionByRegion {
  regions { code name ... @defer(label: "bank") { statistics { learners outcomes credits } } }
}"""

CONVERT: Final = """mutation Convert($id: ID!, $major: ID!, $key: String!) {
  convertOutcome(id: $id, major: $major, idempotencyKey: $key) {
    __typename
    ... on OutcomeChanged { entries { id kind credits memo } }
    ... on Refusal { code message }
  }
}"""

TRANSFER: Final = """mutation Transfer($input: TransferInput!, $key: String!) {
  transfer(input: $input, idempotencyKey: $key) {
    __typename
    ... on TransferMoved { transfer { id state credits creditsAccepted statements { kind } } }
    ... on Refusal { code message }
  }
}"""

BOOKS: Final = """query Books($account: ID!, $region: ID!) {
  account(id: $account) {
    status balance
    ledger(first: 50) { edges { node { id kind credits postedOn reverses memo } } }
    outcomes(first: 50) { edges { node { id title status flagged } } }
  }
  cases(region: $region) { edges { node { id status openedOn } } }
}"""
