"""Examiners and exam sites as tests register them."""

from __future__ import annotations

from typing import Any, Final

from tests.node.bank import REFUSAL
from tests.node.conftest import Asker
from tests.node.published import mutate

ISSUER: Final = "北京鸿科经纬科技有限公司"
CHANGED: Final = f"""__typename {REFUSAL} ... on ExamRegistrationChanged {{ registration {{
  party code name firstDay endedOn vetoed }} }}"""
TYPES: Final = {"organisation": "ID!", "party": "ExamParty!", "code": "ID!", "from": "Date!"}


async def register_party(asker: Asker, first_day: str = "2026-01-01", **given: Any) -> dict[str, Any]:
    """An examiner of the certificate's issuer, unless told."""
    party = {"organisation": ISSUER, "party": "EXAMINER", "from": first_day, **given}
    return await mutate(asker, "registerExamParty", {**TYPES, "name": "String!"}, CHANGED, **party)


async def end_party(asker: Asker, first_day: str, **given: Any) -> dict[str, Any]:
    party = {"organisation": ISSUER, "party": "EXAMINER", "from": first_day, "reason": "r", **given}
    types = {**TYPES, "reason": "String!", "veto": "Boolean!"}
    return await mutate(asker, "endExamParty", types, CHANGED, **party)
