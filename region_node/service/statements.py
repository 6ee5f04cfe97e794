"""Statements between regions: signed here in this region's name, believed only under another's key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from edge.region_keys import TrustedKey, holds, signing_key_of
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.transfer import Signed
from region_node.domain.transfer_statements import Statement, written
from region_node.service.ports import Bank
from schema.codes import RefusalCode
from schema.details import DetailCode, detail

S = TypeVar("S", bound=Statement)

STATEMENT_LIMIT_CHARACTERS: Final = 65_536
"""Of one statement; a receipt with a decision on forty courses has a tenth of it."""


def state(bank: Bank, statement: Statement) -> Signed:
    """Sign a statement in this region's name. The bank must have a signer."""
    assert bank.signer is not None  # noqa: S101 - `unable` was asked before
    text = written(statement)
    return Signed(text, bank.signer.sign(text.encode()))


async def unable(bank: Bank, partner: str) -> Refusal | None:
    """Return why this bank can exchange no statements with `partner`, if so."""
    if bank.signer is None:
        return refuse(RefusalCode.KEY_UNKNOWN, region=bank.region)
    if not any(key.region == partner for key in (await _keys(bank)).values()):
        return refuse(RefusalCode.KEY_UNKNOWN, region=partner)
    return None


async def believed(
    bank: Bank, signed: Signed, read: Callable[[str], S], by: Callable[[S], str]
) -> S | Refusal:
    """Return the statement where the region that must have made it signed it. `by` names that region."""
    if len(signed.statement) > STATEMENT_LIMIT_CHARACTERS:
        return _invalid(DetailCode.STATEMENT_LENGTH, limit=STATEMENT_LIMIT_CHARACTERS)
    try:
        statement = read(signed.statement)
        region = by(statement)
        problem = await unable(bank, region)
        if problem is not None:
            return problem
        trusted = signing_key_of(signed.signature, await _keys(bank))
    except ValueError as error:
        return _invalid(DetailCode.STATEMENT_UNREADABLE, found=str(error).splitlines()[0])
    if trusted is None or trusted.region != region:
        return _invalid(DetailCode.STATEMENT_SIGNER, region=region)
    if not holds(signed.signature, trusted.key, signed.statement.encode()):
        return _invalid(DetailCode.STATEMENT_CHANGED)
    return statement


async def _keys(bank: Bank) -> Mapping[str, TrustedKey]:
    return {} if bank.partner_keys is None else await bank.partner_keys.by_thumbprint()


def _invalid(code: DetailCode, **facts: object) -> Refusal:
    return refuse(RefusalCode.STATEMENT_INVALID, detail=detail(code, **facts))
