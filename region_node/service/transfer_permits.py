"""Who may carry a transfer on: the learner, and officers of both its regions.

What they carry proves itself (service/statements.py): being permitted lets nobody decide anything.
"""

from __future__ import annotations

from edge.caller import Caller, Role
from region_node.domain.transfer import Heading


def may_carry(caller: Caller, heading: Heading) -> bool:
    """May this caller hand over what was stated of this transfer?"""
    if caller.role is Role.LEARNER:
        return caller.learner_id == heading.learner_id
    return caller.role is Role.OFFICER and caller.region in (heading.issuer, heading.accepter)


def may_see(caller: Caller, heading: Heading, region: str) -> bool:
    """May this caller see `region`'s record of this transfer? Its other side's officers and auditors may."""
    return (
        caller.may_read_learner(heading.learner_id, region)
        or caller.may_read_region(heading.issuer)
        or caller.may_read_region(heading.accepter)
    )
