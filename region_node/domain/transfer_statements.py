"""What the two sides of a transfer state to each other: canonical JSON, made here and read again here.

Every statement names its type and repeats the transfer's heading, so that none can be taken for
another. Reading raises ValueError for whatever is not exactly such a statement; who signed it is
checked elsewhere (service/statements.py).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

import orjson
import rfc8785

from region_node.domain.recognition_facts import HomeFacts, home_from_plain
from region_node.domain.transfer import Heading, StatementKind
from schema.codes import ReasonCode
from schema.credits import format_credits, parse_credits
from schema.transfers import TransferState, Verdict

S = TypeVar("S")

_TYPES: Final = {
    StatementKind.EXPORT: "TransferExport",
    StatementKind.CANCELLATION: "TransferCancellation",
    StatementKind.RECEIPT: "TransferReceipt",
    StatementKind.CONFIRMATION: "TransferConfirmation",
}


@dataclass(frozen=True, slots=True)
class Export:
    """The source: these credits have left the account; this is the outcome they belong to."""

    heading: Heading
    major: str | None
    facts: HomeFacts
    at: datetime
    kind = StatementKind.EXPORT


@dataclass(frozen=True, slots=True)
class Cancellation:
    """The source: should you not have accepted yet, do not."""

    heading: Heading
    at: datetime
    kind = StatementKind.CANCELLATION


@dataclass(frozen=True, slots=True)
class Receipt:
    """The target: this is my answer for ever. Only ACCEPTED takes credits, and at least a tenth.

    `decision` is the recognition's statement (recognition_statement.py) where one was made, and
    `entry` what posted the credits.
    """

    heading: Heading
    verdict: Verdict
    accepted: int
    reasons: tuple[ReasonCode, ...]
    decision: Mapping[str, Any] | None
    entry: str | None
    at: datetime
    kind = StatementKind.RECEIPT


@dataclass(frozen=True, slots=True)
class Confirmation:
    """The source: I followed the receipt whose SHA-256 this is."""

    heading: Heading
    state: TransferState
    accepted: int
    receipt_hash: str
    at: datetime
    kind = StatementKind.CONFIRMATION


Statement = Export | Cancellation | Receipt | Confirmation


def written(statement: Statement) -> str:
    """Return the canonical JSON (RFC 8785) of a statement. Instants are in UTC."""
    heading = statement.heading
    plain: dict[str, Any] = {
        "type": _TYPES[statement.kind],
        "transfer": heading.transfer,
        "from": heading.issuer,
        "to": heading.accepter,
        "learnerId": heading.learner_id,
        "outcomeId": heading.outcome_id,
        "credits": format_credits(heading.credits),
        "expiresOn": heading.expires_on.isoformat(),
        "at": statement.at.astimezone(UTC).isoformat(),
    }
    match statement:
        case Export(major=major, facts=facts):
            plain |= {"major": major, "standing": facts.plain()}
        case Receipt():
            plain |= {
                "verdict": statement.verdict.value,
                "creditsAccepted": format_credits(statement.accepted),
                "reasons": [reason.value for reason in statement.reasons],
                "decision": statement.decision,
                "entry": statement.entry,
            }
        case Confirmation():
            plain |= {
                "state": statement.state.value,
                "creditsAccepted": format_credits(statement.accepted),
                "receiptHash": statement.receipt_hash,
            }
        case Cancellation():
            pass
    return rfc8785.dumps(plain).decode()


def hash_of_statement(text: str) -> str:
    """Return the SHA-256 of a statement's bytes, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def read_heading(text: str) -> Heading:
    """Read what any statement begins with."""
    return _read(text, None, _heading)


def read_export(text: str) -> Export:
    def export(plain: Mapping[str, Any]) -> Export:
        return Export(
            _heading(plain), _optional(plain["major"]), home_from_plain(plain["standing"]), _at(plain)
        )

    return _read(text, StatementKind.EXPORT, export)


def read_cancellation(text: str) -> Cancellation:
    return _read(text, StatementKind.CANCELLATION, lambda plain: Cancellation(_heading(plain), _at(plain)))


def read_receipt(text: str) -> Receipt:
    def receipt(plain: Mapping[str, Any]) -> Receipt:
        decision = plain["decision"]
        if not (decision is None or isinstance(decision, dict)):
            raise ValueError("decision is no object")
        found = Receipt(
            heading=_heading(plain),
            verdict=Verdict(plain["verdict"]),
            accepted=parse_credits(plain["creditsAccepted"]),
            reasons=tuple(ReasonCode(one) for one in plain["reasons"]),
            decision=decision,
            entry=_optional(plain["entry"]),
            at=_at(plain),
        )
        most = found.heading.credits if found.verdict is Verdict.ACCEPTED else 0
        least = min(1, most)
        if not least <= found.accepted <= most:
            raise ValueError(f"creditsAccepted cannot be {plain['creditsAccepted']} with {found.verdict}")
        return found

    return _read(text, StatementKind.RECEIPT, receipt)


def _read(text: str, kind: StatementKind | None, build: Callable[[Mapping[str, Any]], S]) -> S:
    plain = orjson.loads(text)
    if not isinstance(plain, dict):
        raise ValueError("it is no JSON object")
    if kind is not None and plain.get("type") != _TYPES[kind]:
        raise ValueError(f"it is no {_TYPES[kind]}")
    try:
        if rfc8785.dumps(plain).decode() != text:
            raise ValueError("it is not in canonical form (RFC 8785)")
        return build(plain)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not of its type's shape: {type(error).__name__} {error}") from None
    except (rfc8785.CanonicalizationError, RecursionError) as error:
        raise ValueError(f"it has no canonical form (RFC 8785): {type(error).__name__}") from None


def _heading(plain: Mapping[str, Any]) -> Heading:
    amount = parse_credits(plain["credits"])
    if amount <= 0:
        raise ValueError("credits are not above zero")
    return Heading(
        transfer=_text(plain["transfer"]),
        issuer=_text(plain["from"]),
        accepter=_text(plain["to"]),
        learner_id=_text(plain["learnerId"]),
        outcome_id=_text(plain["outcomeId"]),
        credits=amount,
        expires_on=date.fromisoformat(plain["expiresOn"]),
    )


def _at(plain: Mapping[str, Any]) -> datetime:
    at = datetime.fromisoformat(plain["at"])
    if at.tzinfo is None:
        raise ValueError("at has no offset from UTC")
    return at


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is no text")
    return value


def _optional(value: Any) -> str | None:
    return None if value is None else _text(value)
