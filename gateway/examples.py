"""Operations that the gateway's explorer offers, ready to run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from catalogue.names import certificate_code
from edge.explorer import Example

_CERTIFICATE: Final = certificate_code("网店运营推广")

EXAMPLES: Final[Sequence[Example]] = (
    Example(
        title="What a certificate of Shanghai is worth in Jiangsu",
        title_zh="上海的证书在江苏能换什么",
        query="""query Recognition($input: RecognitionInput!) {
  mutualRecognition(input: $input) {
    decision
    creditsRecognised
    creditsUnconverted
    level
    courses { name kind credits rule }
    reasons { code message }
    missingForFull
    inputs { kind id version hash }
  }
}
""",
        variables=f"""{{
  "input": {{
    "from": "310000",
    "to": "320000",
    "certificate": {{"code": "{_CERTIFICATE}", "level": "INTERMEDIATE"}},
    "major": "530701"
  }}
}}""",
    ),
    Example(
        title="Every region that has an agreement with Jiangsu",
        title_zh="与江苏有协议的各区域如何认定",
        query="""query RecognisedBy($certificate: CertificateInput!, $from: ID!) {
  recognisedBy(certificate: $certificate, from: $from) {
    to
    decision
    creditsRecognised
    reasons { code message }
  }
}
""",
        variables=f"""{{
  "from": "320000",
  "certificate": {{"code": "{_CERTIFICATE}", "level": "INTERMEDIATE"}}
}}""",
    ),
    Example(
        title="One learner's transcript over all regions (the learner, the portal)",
        title_zh="学习者跨区域成绩单（本人、门户）",
        query="""query Transcript($learner: ID!) {
  learner(id: $learner) {
    totalCredits
    accounts { id status balance region { code name } }
    outcomes(first: 20) {
      totalCount
      edges { cursor node { id title kind level status credits issuedOn account { region { code } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
""",
        variables='{"learner": "L-"}',
    ),
    Example(
        title="A major, its core courses and certificates, and who else cites them",
        title_zh="专业的核心课程与证书，以及引用这些证书的专业",
        query="""query Major($code: ID!) {
  catalogue { version hash counts { majors certificates courses } }
  major(code: $code) {
    name
    level
    majorClass { name category { name } }
    courses(kind: CORE) { name }
    certificates { code name organisation levels majors(first: 3) { totalCount edges { node { name } } } }
  }
}
""",
        variables='{"code": "530701"}',
    ),
    Example(
        title="Regions, their published agreements, and what their banks hold: all of them, or none",
        title_zh="各区域、公示的互认协议与统计（统计须完整）",
        query="""query Regions {
  regions {
    code
    name
    pairings { kind parties { name } accepts { name } firstDay lastDay inForce }
    policy { yearlyCeiling reviewWindowDays }
  }
  statistics @complete { accounts learners verifiedOutcomes credits meanCreditsPerAccount }
}
""",
    ),
)
