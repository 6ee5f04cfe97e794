"""The questions of recognition that the demo asks, each with the answer that is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

SHOP: Final = "X6f200395fb"
"""网店运营推广, online-shop operation and promotion."""
CROSS_BORDER: Final = "X2608881124"
"""跨境电商B2B数据运营; in the sample an invented organisation examines it."""
TAX: Final = "Xfdd448b745"
"""智能财税; in the sample its standard is retired from 2026-02-01."""
ECOMMERCE, CROSS_BORDER_TRADE, ACCOUNTING = "530701", "530702", "530302"


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate without a learner: anybody may ask about it."""

    code: str
    level: str = "INTERMEDIATE"
    issued_on: str | None = None
    examined_on: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """One question and the right answer. `subject` is a certificate, or what the sample calls an outcome.

    `scenario` is its number in the story; `reasons` are all codes of the answer, in order.
    """

    scenario: int
    title: str
    from_region: str
    to_region: str
    subject: Certificate | str
    decision: str
    credits: str = "0.0"
    reasons: tuple[str, ...] = ()
    major: str = ECOMMERCE
    as_of: str | None = None
    level: str | None = None
    candidates: tuple[str, ...] = ()

    def variables(self, ids: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
        """Return it as the contract's RecognitionInput."""
        asked: dict[str, Any] = {
            "from": self.from_region,
            "to": self.to_region,
            "major": self.major,
            "asOf": self.as_of,
        }
        if isinstance(self.subject, str):
            return asked | {"outcomeId": ids[self.from_region][self.subject]}
        certificate = {
            "code": self.subject.code,
            "level": self.subject.level,
            "issuedOn": self.subject.issued_on,
            "examinedOn": self.subject.examined_on,
        }
        return asked | {"certificate": certificate}


def _retired(title: str, issued_on: str, decision: str, credits_: str, *reasons: str) -> Question:
    subject = Certificate(TAX, issued_on=issued_on, examined_on=issued_on)
    return Question(5, title, "310000", "320000", subject, decision, credits_, reasons, major=ACCOUNTING)


def _vetoed(examined_on: str, decision: str, credits_: str, *reasons: str) -> Question:
    subject = Certificate(CROSS_BORDER, issued_on="2026-05-20", examined_on=examined_on)
    title = f"issuer vetoed 2026-05-01, exam {examined_on} (一票否决)"
    return Question(
        6, title, "310000", "320000", subject, decision, credits_, reasons, major=CROSS_BORDER_TRADE
    )


def _expired(as_of: str, decision: str, credits_: str, *reasons: str) -> Question:
    title = f"agreement's last day 2026-03-31, asked for {as_of} (协议到期)"
    return Question(3, title, "330000", "340000", Certificate(SHOP), decision, credits_, reasons, as_of=as_of)


def _ceiling(learner: str, used: str, decision: str, credits_: str, *reasons: str) -> Question:
    title = f"yearly ceiling 16.0, used {used} (年度上限)"
    return Question(10, title, "310000", "320000", f"{learner}-live", decision, credits_, reasons)


QUESTIONS: Final = (
    Question(
        1,
        "courses take 6.0 of 8.0 (课程不足)",
        "310000",
        "320000",
        "lin-shop",
        "PARTIAL",
        "6.0",
        ("COURSES_INSUFFICIENT",),
    ),
    Question(
        2,
        "agreement covers core credits only (仅认可核心学分)",
        "310000",
        "320000",
        "mei-data",
        "PARTIAL",
        "5.6",
        ("FLEX_NOT_MAPPED",),
    ),
    Question(
        2,
        "flexible credits covered too (含柔性学分)",
        "310000",
        "320000",
        "mei-live",
        "RECOGNISED",
        "8.0",
    ),
    _expired("2026-04-05", "REFUSED", "0.0", "AGREEMENT_EXPIRED"),
    _expired("2026-03-30", "RECOGNISED", "8.0"),
    _expired("2026-03-31", "RECOGNISED", "8.0"),
    Question(
        4,
        "no agreement of the two; never transitive (协议不可传递)",
        "440000",
        "620000",
        Certificate(SHOP),
        "REFUSED",
        reasons=("NO_AGREEMENT",),
    ),
    _retired("issued before its standard's retirement (退出前颁发)", "2026-01-20", "RECOGNISED", "8.0"),
    _retired(
        "issued after its standard's retirement (退出后颁发)",
        "2026-02-20",
        "REFUSED",
        "0.0",
        "STANDARD_RETIRED",
    ),
    _vetoed("2026-03-10", "RECOGNISED", "8.0"),
    _vetoed("2026-04-20", "REFERRED", "0.0", "ISSUER_UNDER_REVIEW"),
    _vetoed("2026-05-10", "REFUSED", "0.0", "ISSUER_VETOED"),
    Question(
        7,
        "paired assistance, the way it goes (结对帮扶)",
        "320000",
        "520000",
        Certificate(SHOP),
        "RECOGNISED",
        "8.0",
    ),
    Question(
        7,
        "paired assistance, the other way (反方向)",
        "520000",
        "320000",
        Certificate(SHOP),
        "REFUSED",
        reasons=("WRONG_DIRECTION",),
    ),
    Question(
        8,
        "Guangdong level 5 is Chongqing 4 (等级对应)",
        "440000",
        "500000",
        Certificate(SHOP),
        "RECOGNISED",
        "8.0",
        level="4",
    ),
    Question(
        8,
        "Chongqing 4 may be 5, 6 or 7 in Guangdong (等级不唯一)",
        "500000",
        "440000",
        Certificate(SHOP, "ADVANCED"),
        "REFERRED",
        reasons=("LEVEL_AMBIGUOUS",),
        candidates=("5", "6", "7"),
    ),
    Question(
        8,
        "Guangdong level 2 has no counterpart (无对应等级)",
        "440000",
        "500000",
        Certificate(SHOP, "ELEMENTARY"),
        "REFUSED",
        reasons=("LEVEL_UNMAPPED",),
    ),
    Question(
        9,
        "already converted at home (已转换)",
        "320000",
        "310000",
        "hao-shop",
        "REFUSED",
        reasons=("ALREADY_CONVERTED",),
    ),
    _ceiling("qin", "13.0", "PARTIAL", "3.0", "CAP_REACHED"),
    _ceiling("shu", "16.0", "REFUSED", "0.0", "CAP_REACHED"),
    _ceiling("wen", "8.0", "RECOGNISED", "8.0"),
    Question(
        11,
        "revoked for fraud on 2026-05-10, asked today (造假撤销)",
        "310000",
        "320000",
        "tao-live",
        "REFUSED",
        reasons=("REVOKED", "ACCOUNT_FROZEN"),
    ),
    Question(
        11,
        "the same, as of 2026-02-15 (撤销前)",
        "310000",
        "320000",
        "tao-live",
        "RECOGNISED",
        "8.0",
        as_of="2026-02-15",
    ),
)
