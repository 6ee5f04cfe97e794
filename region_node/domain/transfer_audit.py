"""What must be true of a stored transfer: its record is what the statements kept with it say.

Pure: whether a statement bears the right signature is the caller's to find out (storage/audit_transfers.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from region_node.domain.ledger import EntryKind
from region_node.domain.transfer import STATE_OF, Heading, StatementKind, Transfer
from region_node.domain.transfer_statements import Receipt, hash_of_statement, read_heading, read_receipt
from schema.transfers import TransferState, Verdict

Texts = Mapping[StatementKind, str]


@dataclass(frozen=True, slots=True)
class MovingEntry:
    """What the ledger says of the entry that took the credits out, or in."""

    kind: EntryKind
    credits: int
    outcome_id: str | None


def signer_of(heading: Heading, kind: StatementKind) -> str:
    """Return the region that makes statements of this kind."""
    return heading.accepter if kind is StatementKind.RECEIPT else heading.issuer


def faults_of(transfer: Transfer, texts: Texts, entry: MovingEntry | None) -> Iterator[str]:
    """Say, in words, how the record is not what its statements and its entry make it."""
    if not texts:
        yield "no statement is kept with it"
    for kind, text in texts.items():
        try:
            if read_heading(text) != transfer.heading:
                yield f"its {kind.value} is of other terms"
        except ValueError as error:
            yield f"its {kind.value} cannot be read: {error}"
    try:
        receipt = read_receipt(texts[StatementKind.RECEIPT]) if StatementKind.RECEIPT in texts else None
    except ValueError:
        return  # said above
    told = None if receipt is None else (receipt.verdict, receipt.accepted, receipt.reasons)
    if told is not None and told != (transfer.verdict, transfer.accepted, transfer.reasons):
        yield "its RECEIPT gives another answer"
    due = _state(transfer, texts, receipt)
    if transfer.state is not due:
        yield f"is {transfer.state.value}, and its statements make it {due.value}"
    yield from _posted(transfer, receipt, entry)
    if transfer.outgoing and (StatementKind.CONFIRMATION in texts) is not (receipt is not None):
        yield "has a RECEIPT without a CONFIRMATION, or the other way round"
    elif transfer.outgoing and receipt is not None:
        digest = hash_of_statement(texts[StatementKind.RECEIPT])
        if f'"receiptHash":"{digest}"' not in texts[StatementKind.CONFIRMATION]:
            yield "its CONFIRMATION is of another RECEIPT"


def _state(transfer: Transfer, texts: Texts, receipt: Receipt | None) -> TransferState:
    if receipt is not None:
        completed = transfer.outgoing and receipt.verdict is Verdict.ACCEPTED
        return TransferState.COMPLETED if completed else STATE_OF[receipt.verdict]
    if not transfer.outgoing:
        return TransferState.REFERRED
    cancelled = StatementKind.CANCELLATION in texts
    return TransferState.CANCELLING if cancelled else TransferState.EXPORTED


def _posted(transfer: Transfer, receipt: Receipt | None, entry: MovingEntry | None) -> Iterator[str]:
    heading = transfer.heading
    if transfer.outgoing:
        due = MovingEntry(EntryKind.TRANSFER_OUT, -heading.credits, heading.outcome_id)
    elif receipt is not None and receipt.verdict is Verdict.ACCEPTED:
        due = MovingEntry(EntryKind.TRANSFER_IN, receipt.accepted, heading.outcome_id)
        if receipt.entry != transfer.entry_id:
            yield f"its RECEIPT names entry {receipt.entry}, not {transfer.entry_id}"
    else:
        if transfer.entry_id is not None:
            yield f"names entry {transfer.entry_id}, though nothing was posted"
        return
    if entry != due:
        yield f"entry {transfer.entry_id} did not move its credits"
