"""What speaks against verifying a certificate: its issuer or its standard (DOMAIN.md, Rules).

From a veto's day, exams by that organisation are refused; from a standard's retirement, nothing
new is issued by it, while earlier holders keep their rights.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from region_node.domain.organisations import issuer_objection
from region_node.domain.outcome import Outcome
from region_node.domain.refusal import Refusal, refuse
from region_node.domain.standards import NOT_STATED, CertificateStandard, choose_standard
from schema.codes import ReasonCode, RefusalCode


def objection(
    outcome: Outcome, standards: Sequence[CertificateStandard], vetoed_on: date | None
) -> Refusal | None:
    """Return why this certificate may not be verified.

    `standards` are those registered here for it at its level; where none is, none is asked for.
    Exams shortly before a veto are for those to judge who recognise the certificate.
    """
    if issuer_objection(vetoed_on, outcome.examined_on, window_days=0) is ReasonCode.ISSUER_VETOED:
        return refuse(RefusalCode.ISSUER_VETOED, organisation=outcome.organisation, day=vetoed_on)
    if not standards:
        return None
    standard = choose_standard(standards, outcome.standard_version, outcome.issued_on)
    if standard is None:
        return refuse(RefusalCode.UNKNOWN_STANDARD, id=outcome.standard_version or NOT_STATED)
    if not standard.active_on(outcome.issued_on):
        return refuse(RefusalCode.STANDARD_RETIRED, day=outcome.issued_on)
    return None
