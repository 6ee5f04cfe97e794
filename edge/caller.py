"""Who is asking, as both programs need to know it: a role, and whose records that role may touch.

The questions live here so that the gateway and every node answer them alike; neither
ever looks at a claim. A caller is proved by `edge.identity` and never changes afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Role(Enum):
    """What kind of caller this is. The value is the `role` claim of a token."""

    PUBLIC = "public"
    PORTAL = "portal"
    LEARNER = "learner"
    OFFICER = "officer"
    AUDITOR = "auditor"


@dataclass(frozen=True, slots=True)
class Caller:
    """One caller. `subject` is the token's `sub`; a public caller has none.

    `region` is a GB/T 2260 code and is set for officers and auditors;
    `learner_id` is pseudonymous and is set for learners. `scopes` are what else the token allows
    (`@requiresScopes`); the questions below do not depend on them.
    """

    role: Role
    subject: str | None = None
    region: str | None = None
    learner_id: str | None = None
    scopes: frozenset[str] = frozenset()

    @property
    def is_public(self) -> bool:
        """True when nobody has proved who they are: only public matters may be answered."""
        return self.role is Role.PUBLIC

    def may_read_learner(self, learner_id: str, region: str | None = None) -> bool:
        """May this caller see the records that `region` holds about this learner?

        Without a region the question is whether any region's records of this learner may
        be seen: an officer may ask, and `may_read_region` then says which regions answer.
        """
        if self.role is Role.PORTAL:
            return True
        if self.role is Role.LEARNER:
            return learner_id == self.learner_id
        return self.region is not None and region in (None, self.region)

    def may_read_region(self, region: str) -> bool:
        """May this caller list the learners' records of this region? (Its officers and auditors.)"""
        return self.role in (Role.OFFICER, Role.AUDITOR) and region == self.region

    def acts_for_region(self, region: str) -> bool:
        """May this caller change this region's records in the region's name? (Its officers only.)"""
        return self.role is Role.OFFICER and region == self.region

    def may_act_for_learner(self, learner_id: str, region: str) -> bool:
        """May this caller hand in something for them there? (The learner, or that region's officer.)"""
        if self.role is Role.LEARNER:
            return learner_id == self.learner_id
        return self.acts_for_region(region)


PUBLIC = Caller(Role.PUBLIC)
