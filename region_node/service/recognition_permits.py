"""Who may ask what of recognition. About certificates anyone may; about a learner's outcome only

- whoever may read the learner's records in this region (edge/caller.py);
- an officer or auditor of the other region, while an agreement between the two is in force here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from edge.caller import Caller
from schema.agreements import Agreement, choose


def may_ask(
    caller: Caller,
    learner_id: str,
    region: str,
    partner: str,
    agreements: Sequence[Agreement],
    today: date,
) -> bool:
    """May this caller ask this region about this learner, in a matter between it and `partner`?

    The agreement may run in either direction: who may ask is not what is recognised.
    """
    if caller.may_read_learner(learner_id, region):
        return True
    ways = ((region, partner), (partner, region))
    return caller.may_read_region(partner) and any(
        choose(agreements, issuer, accepter, today)[1] is None for issuer, accepter in ways
    )
