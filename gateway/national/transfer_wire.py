"""The steps of a transfer exactly as they travel to a bank, and its records as they come back.

Statements pass through as they came: what is read of a record is what the next step depends on, and what
the client is shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import strawberry

from gateway.national.wire import TEXT_LIMIT_CHARACTERS
from schema.codes import ReasonCode, RefusalCode
from schema.credits import parse_credits
from schema.graph import Credits, Refused, Transfer, TransferState, TransferStatement, Verdict

STATEMENT_LIMIT_CHARACTERS: Final = 65_536
"""Of one statement; banks take none that is longer."""
STATEMENTS_LIMIT: Final = 16
REASONS_LIMIT: Final = 100

_FIELDS: Final = (
    "id region from to state learnerId outcomeId credits creditsAccepted verdict reasons beganOn expiresOn "
    "entry statements { kind statement signature }"
)
_MOVED: Final = (
    f"{{ __typename ... on Refusal {{ code message }} ... on TransferMoved {{ transfer {{ {_FIELDS} }} }} }}"
)

RECORD: Final = (
    f"query Transfer($region: ID!, $id: ID!) {{ transfer(region: $region, id: $id) {{ {_FIELDS} }} }}"
)
RESERVE: Final = (
    "mutation Reserve($outcome: ID!, $input: ReserveTransferInput!, $key: String!) "
    f"{{ moved: reserveTransfer(outcome: $outcome, input: $input, idempotencyKey: $key) {_MOVED} }}"
)
ACCEPT: Final = (
    "mutation Accept($region: ID!, $export: TransferStatementInput!, $key: String!) "
    f"{{ moved: acceptTransfer(region: $region, export: $export, idempotencyKey: $key) {_MOVED} }}"
)
DECLINE: Final = (
    "mutation Decline($region: ID!, $cancellation: TransferStatementInput!, $key: String!) "
    "{ moved: declineTransfer(region: $region, cancellation: $cancellation, idempotencyKey: $key) "
    f"{_MOVED} }}"
)
CONFIRM: Final = (
    "mutation Confirm($id: ID!, $receipt: TransferStatementInput!, $key: String!) "
    f"{{ moved: confirmTransfer(id: $id, receipt: $receipt, idempotencyKey: $key) {_MOVED} }}"
)


def statement_of(record: Transfer, kind: str) -> Mapping[str, str]:
    """Return a statement as it is handed on. Raises ValueError where the record has none of that kind."""
    for one in record.statements:
        if one.kind == kind:
            return {"statement": one.statement, "signature": one.signature}
    raise ValueError(f"the record shows no {kind}")


def read_step(plain: Any) -> Transfer | Refused:
    """Read what a step gave. Raises ValueError where it is not of the contract's shape."""
    if isinstance(plain, dict) and plain.get("__typename") == "Refusal":
        return Refused(code=RefusalCode(_text(plain.get("code"))), message=_text(plain.get("message")))
    return read_record(plain.get("transfer") if isinstance(plain, dict) else None)


def read_record(plain: Any) -> Transfer:
    """Read a bank's record. Raises ValueError where it is not of the contract's shape."""
    try:
        return _record(plain)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a transfer is not of the contract's shape ({type(error).__name__})") from None


def _record(plain: Mapping[str, Any]) -> Transfer:
    return Transfer(
        id=_id(plain["id"]),
        region=_id(plain["region"]),
        from_region=_id(plain["from"]),
        to_region=_id(plain["to"]),
        state=TransferState(plain["state"]),
        learner_id=_id(plain["learnerId"]),
        outcome_id=_id(plain["outcomeId"]),
        credits=Credits(parse_credits(plain["credits"])),
        credits_accepted=Credits(parse_credits(plain["creditsAccepted"])),
        verdict=None if plain["verdict"] is None else Verdict(plain["verdict"]),
        reasons=[ReasonCode(one) for one in _items(plain["reasons"], REASONS_LIMIT)],
        began_on=date.fromisoformat(plain["beganOn"]),
        expires_on=date.fromisoformat(plain["expiresOn"]),
        entry=None if plain["entry"] is None else _id(plain["entry"]),
        statements=[
            TransferStatement(
                kind=_text(one["kind"]),
                statement=_text(one["statement"], STATEMENT_LIMIT_CHARACTERS),
                signature=_text(one["signature"]),
            )
            for one in _items(plain["statements"], STATEMENTS_LIMIT)
        ],
    )


def _id(value: Any) -> strawberry.ID:
    return strawberry.ID(_text(value))


def _text(value: Any, limit: int = TEXT_LIMIT_CHARACTERS) -> str:
    if not isinstance(value, str) or len(value) > limit:
        raise ValueError("a text of a transfer is none, or too long")
    return value


def _items(value: Any, limit: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > limit:
        raise ValueError("a list of a transfer is none, or too long")
    return value
