"""How a transfer stands, and what its target may answer: words that both programs use."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class TransferState(StrEnum):
    """How a transfer stands at one side: at its source, at its target, or at either."""

    EXPORTED = "EXPORTED"
    CANCELLING = "CANCELLING"
    COMPLETED = "COMPLETED"
    REFERRED = "REFERRED"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


class Verdict(StrEnum):
    """The target's one answer to an export."""

    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    NO_ACCOUNT = "NO_ACCOUNT"
    DECLINED = "DECLINED"
    CANCELLED = "CANCELLED"
    EXPIRED = "EXPIRED"


STATES: Final[dict[TransferState, str]] = {
    TransferState.EXPORTED: "At the source: the credits have left the account and await the answer (已转出)",
    TransferState.CANCELLING: "At the source: cancelled unless the target had accepted before (撤回中)",
    TransferState.COMPLETED: "At the source: the target accepted, and the books follow (已完成)",
    TransferState.REFERRED: "At the target: an officer must decide (转人工裁定)",
    TransferState.ACCEPTED: "At the target: accepted for ever (已接受)",
    TransferState.REFUSED: "Refused for ever; the credits are at home (已拒绝)",
    TransferState.CANCELLED: "Cancelled; the credits are at home (已撤回)",
    TransferState.EXPIRED: "Not accepted in time; the credits are at home (已过期)",
}

VERDICTS: Final[dict[Verdict, str]] = {
    Verdict.ACCEPTED: "Credits were accepted (接受)",
    Verdict.REFUSED: "The target's rules give nothing for it (规则不予认可)",
    Verdict.NO_ACCOUNT: "The learner has no open account there (无正常账户)",
    Verdict.DECLINED: "The target's officer declined (人工拒绝)",
    Verdict.CANCELLED: "The source cancelled first (来源方先行撤回)",
    Verdict.EXPIRED: "It came after the last day (逾期)",
}
