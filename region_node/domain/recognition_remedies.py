"""What would have to change for full recognition, said to people in either language.

Each reason that stands against a decision has its remedy; with all of a decision's remedies
carried out, the same question is answered RECOGNISED (tests/node/recognition prove it by
asking again). Where nothing can be done, the sentence says that.
"""

from __future__ import annotations

from typing import Final

from region_node.domain.recognition_decision import Assessment, Reason
from schema.codes import Language
from schema.codes import ReasonCode as Code
from schema.details import Worded
from schema.remedies import REMEDIES

_NAME_A_MAJOR: Final = ("one of the majors {majors} named", "在专业 {majors} 中指明一个")


def remedy(missing: Reason, language: Language) -> str:
    """Return what would remove `missing`, without a full stop: it is an item of a list."""
    sentence = REMEDIES[missing.code]
    if missing.code is Code.NO_RULE and missing.facts.get("majors"):
        sentence = _NAME_A_MAJOR
    return sentence[0 if language == "en" else 1].format_map(Worded(missing.facts, language))


def remedies(assessment: Assessment, language: Language) -> tuple[str, ...]:
    """Return what is missing for full recognition, in the order of the checks, each once."""
    return tuple(dict.fromkeys(remedy(missing, language) for missing in assessment.missing))
