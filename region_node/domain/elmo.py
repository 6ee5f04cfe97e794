"""A transcript of records as ELMO 1.5 XML (EMREX), for universities and portals abroad.

ELMO wants a learner's names, and a bank has none: it knows learners by pseudonym alone. So the family
name is the pseudonym, stated as an identifier too, and whoever presents the transcript proves the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from xml.etree.ElementTree import Element, SubElement, indent, register_namespace, tostring

from region_node.domain.credential import LEVEL_NAMES, Issuer, instant
from region_node.domain.outcome import Outcome
from schema.agreements import OutcomeKind
from schema.credits import format_credits

NAMESPACE: Final = "https://github.com/emrex-eu/elmo-schemas/tree/v1"
XML_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"
CREDIT_SCHEME: Final = "CN credit bank 学分银行学分"
LEVEL_TYPE: Final = "CN 1+X skill level 职业技能等级"
NO_NAME: Final = "-"

register_namespace("elmo", NAMESPACE)


def write_transcript(issuer: Issuer, learner_id: str, outcomes: Sequence[Outcome], at: datetime) -> str:
    """Return the transcript, ending in a line break; outcomes in the order given."""
    root = Element(_name("elmo"))
    _leaf(root, "generatedDate", instant(at))
    learner = SubElement(root, _name("learner"))
    _leaf(learner, "identifier", learner_id, type="learnerId")
    _leaf(learner, "givenNames", NO_NAME)
    _leaf(learner, "familyName", learner_id)
    report = SubElement(root, _name("report"))
    bank = SubElement(report, _name("issuer"))
    _leaf(bank, "country", "CN")
    _leaf(bank, "identifier", issuer.region, type="GB/T 2260")
    _leaf(bank, "title", issuer.name, **{XML_LANGUAGE: "zh"})
    _leaf(bank, "url", issuer.base)
    for outcome in outcomes:
        _opportunity(report, outcome)
    _leaf(report, "issueDate", instant(at))
    indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + tostring(root, encoding="unicode") + "\n"


def _opportunity(report: Element, outcome: Outcome) -> None:
    specification = SubElement(report, _name("learningOpportunitySpecification"))
    _leaf(specification, "identifier", outcome.id, type="local")
    if outcome.certificate:
        _leaf(specification, "identifier", outcome.certificate, type="X certificate")
    _leaf(specification, "title", outcome.title, **{XML_LANGUAGE: "zh"})
    if outcome.kind in (OutcomeKind.COURSE, OutcomeKind.MOOC):
        _leaf(specification, "type", "Course")
    if outcome.organisation:
        _leaf(specification, "description", f"颁发机构 issued by {outcome.organisation}")
    specifies = SubElement(specification, _name("specifies"))
    instance = SubElement(specifies, _name("learningOpportunityInstance"))
    if outcome.certificate_number:
        _leaf(instance, "identifier", outcome.certificate_number, type="certificate number")
    _leaf(instance, "date", outcome.issued_on.isoformat())
    _leaf(instance, "status", "passed")
    credit = SubElement(instance, _name("credit"))
    _leaf(credit, "scheme", CREDIT_SCHEME)
    _leaf(credit, "value", format_credits(outcome.credits))
    if outcome.level:
        level = SubElement(instance, _name("level"))
        _leaf(level, "type", LEVEL_TYPE)
        _leaf(level, "description", LEVEL_NAMES[outcome.level])
        _leaf(level, "value", outcome.level.value)


def _leaf(parent: Element, name: str, text: str, **attributes: str) -> None:
    SubElement(parent, _name(name), attributes).text = _legal(text)


def _legal(text: str) -> str:
    """XML 1.0 has no way to write most control characters."""
    return (
        "".join(one for one in text if one >= " " or one in "\t\n\r")
        .replace("\ufffe", "")
        .replace("\uffff", "")
    )


def _name(local: str) -> str:
    return f"{{{NAMESPACE}}}{local}"
