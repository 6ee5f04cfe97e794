"""A learner's transcript: what stands verified on the account, as ELMO 1.5."""

from __future__ import annotations

from region_node.domain.account import Account
from region_node.domain.credential import Issuer
from region_node.domain.elmo import write_transcript
from region_node.domain.moment import Moment
from region_node.service.credentials import bank_name, verified_outcomes
from region_node.service.ports import Bank, Unit


async def transcript(bank: Bank, unit: Unit, moment: Moment, account: Account) -> str:
    """Return the transcript as XML text."""
    issuer = Issuer(bank.region, bank_name(bank), (bank.public_url or "").rstrip("/"))
    outcomes = await verified_outcomes(unit, account.id)
    return write_transcript(issuer, account.learner_id, outcomes, moment.at)
