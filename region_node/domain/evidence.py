"""The evidence of a decision (证据): what it was made from, so that it can be made again.

It is the question, the home region's facts, and what the deciding region held. The decision names
each by its hash among its inputs. With the published documents that the holdings name, `again` gives
the same assessment, and so the same signed bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from region_node.domain.canonical import canonical
from region_node.domain.holdings import Documents, Holdings, read_host
from region_node.domain.recognition import assess
from region_node.domain.recognition_decision import Assessment
from region_node.domain.recognition_facts import HomeFacts, Question, home_from_plain, question_from_plain


@dataclass(frozen=True, slots=True)
class Evidence:
    """`home` is None where the home region did not answer."""

    question: Question
    home: HomeFacts | None
    holdings: Holdings


def evidence_of(made: Assessment) -> str:
    """Return the evidence of a decision as canonical JSON (RFC 8785)."""
    standing = None if made.home is None else made.home.plain()
    plain = {"question": made.question.plain(), "standing": standing, "holdings": made.holdings}
    return canonical(plain).decode()


def read_evidence(text: str | bytes) -> Evidence:
    """Read what `evidence_of` wrote. Raises ValueError, KeyError or TypeError where it is nothing such."""
    plain: Mapping[str, Any] = orjson.loads(text)
    standing = plain["standing"]
    home = None if standing is None else home_from_plain(standing)
    return Evidence(question_from_plain(plain["question"]), home, plain["holdings"])


def again(evidence: Evidence, documents: Documents) -> Assessment:
    """Decide again. Raises KeyError where a document is not among `documents`, else as `read_evidence`."""
    return assess(evidence.question, evidence.home, read_host(evidence.holdings, documents))
