"""The demo's sample: what regions signed is what is published, and nobody in it can be real."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from creditbank.demo.scenarios import QUESTIONS
from creditbank.demo.world import REGIONS, SAMPLE
from gateway.national.pairings import read_pairings
from region_node.domain.citizen import CitizenNumber, read_citizen_number
from region_node.seed import Step, read_seed
from schema.agreements import AgreementTerms, terms_from_plain

NO_PLACE = "9999"
"""No province's code begins with 99 (GB/T 2260)."""


def steps(region: str, mutation: str) -> Iterator[Step]:
    return (
        step for step in read_seed(Path(str(SAMPLE / f"{region}.json")), region) if step.mutation == mutation
    )


def signed(region: str, terms: dict[str, Any]) -> AgreementTerms:
    return terms_from_plain({**terms, "parties": [region, terms["with"]]})


def test_every_side_signed_the_terms_that_are_published() -> None:
    published = {one.terms for one in read_pairings(Path(str(SAMPLE / "agreements.json"))).agreements}
    for region in REGIONS:
        copies = {signed(region, step.arguments["terms"]) for step in steps(region, "proposeAgreement")}
        assert copies == {terms for terms in published if region in terms.parties}


@pytest.mark.parametrize("region", REGIONS)
def test_citizen_numbers_pass_the_check_and_belong_to_no_place(region: str) -> None:
    for step in steps(region, "openAccount"):
        number = read_citizen_number(step.arguments["input"]["citizenNumber"], step.day)
        assert isinstance(number, CitizenNumber)
        assert number.reveal().startswith(NO_PLACE)


def test_every_scenario_of_recognition_is_asked() -> None:
    assert {question.scenario for question in QUESTIONS} == set(range(1, 12))
