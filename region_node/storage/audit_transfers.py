"""Reads each transfer with its statements and its entry, and holds them against each other and their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import orjson
import sqlalchemy as sa

from edge.region_keys import TrustedKey, holds, signing_key_of
from region_node.domain.audit import Fault
from region_node.domain.ledger import EntryKind
from region_node.domain.transfer import Heading, Signed, StatementKind, Transfer
from region_node.domain.transfer_audit import MovingEntry, faults_of, signer_of
from region_node.service.signer import Signer
from region_node.storage.raw_rows import RawRow, Unreadable
from region_node.storage.tables import table_of
from region_node.storage.tables_bank import LedgerEntryRow
from region_node.storage.tables_transfers import TransferRow, TransferStatementRow
from schema.codes import ReasonCode
from schema.transfers import TransferState, Verdict

TRANSFERS: Final = table_of(TransferRow)
_STATEMENTS: Final = table_of(TransferStatementRow)
_ENTRIES: Final = table_of(LedgerEntryRow)

Keys = Mapping[str, TrustedKey]


def joined() -> tuple[sa.FromClause, dict[str, sa.ColumnElement[Any]]]:
    """Return what one row for each transfer is read from, and the columns beside its own."""
    entry = sa.and_(_ENTRIES.c.account_id == TRANSFERS.c.account_id, _ENTRIES.c.id == TRANSFERS.c.entry_id)
    source: sa.FromClause = TRANSFERS.outerjoin(_ENTRIES, entry)
    others: dict[str, sa.ColumnElement[Any]] = {
        "entry_kind": _ENTRIES.c.kind,
        "entry_credits": _ENTRIES.c.credits,
        "entry_outcome": _ENTRIES.c.outcome_id,
    }
    for kind in StatementKind:
        stated = _STATEMENTS.alias(kind.value.lower())
        same = sa.and_(stated.c.transfer_id == TRANSFERS.c.id, stated.c.kind == kind.value)
        source = source.outerjoin(stated, same)
        others |= {kind.value: stated.c.statement, f"{kind.value} signature": stated.c.signature}
    return source, others


def faults_of_row(row: RawRow, signer: Signer | None, keys: Keys) -> Iterator[Fault]:
    """Say what is wrong with one transfer as it is stored."""
    name = row.shown("id")
    try:
        transfer, entry = _transfer(row), _entry(row)
        signed = {
            kind: Signed(row[kind.value], row[f"{kind.value} signature"])
            for kind in StatementKind
            if row[kind.value] is not None
        }
    except Unreadable as broken:
        yield Fault("transfers", name, str(broken))
        return
    except ValueError as error:
        yield Fault("transfers", name, f"does not hold what a transfer may be: {error}")
        return
    for what in faults_of(transfer, {kind: one.statement for kind, one in signed.items()}, entry):
        yield Fault("transfers", name, what)
    for kind, one in signed.items():
        problem = _signature(one, signer_of(transfer.heading, kind), signer, keys)
        if problem is not None:
            yield Fault("transfer_statements", f"{name} {kind.value}", problem)


def _signature(signed: Signed, region: str, signer: Signer | None, keys: Keys) -> str | None:
    if signer is None:
        return "its signature cannot be checked: no signing_key is set"
    statement = signed.statement.encode()
    if signer.key.startswith(f"{region}#"):
        return None if signer.holds(statement, signed.signature) else "its signature does not hold"
    try:
        trusted = signing_key_of(signed.signature, keys)
    except ValueError:
        return "its signature cannot be read"
    if trusted is None or trusted.region != region:
        return f"its signature cannot be checked: partner_keys has no such key of region {region}"
    return None if holds(signed.signature, trusted.key, statement) else "its signature does not hold"


def _transfer(row: RawRow) -> Transfer:
    heading = Heading(
        transfer=row["id"],
        issuer=row["issuer"],
        accepter=row["accepter"],
        learner_id=row["learner_id"],
        outcome_id=row["outcome_id"],
        credits=row["credits"],
        expires_on=row["expires_on"],
    )
    return Transfer(
        heading=heading,
        state=TransferState(row["state"]),
        began_on=row["began_on"],
        account_id=row["account_id"],
        entry_id=row["entry_id"],
        accepted=row["accepted"],
        verdict=None if row["verdict"] is None else Verdict(row["verdict"]),
        reasons=tuple(ReasonCode(one) for one in orjson.loads(row["reasons"])),
    )


def _entry(row: RawRow) -> MovingEntry | None:
    if row["entry_kind"] is None:
        return None
    return MovingEntry(EntryKind(row["entry_kind"]), row["entry_credits"], row["entry_outcome"])
