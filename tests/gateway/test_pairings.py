"""The file of published agreements: what it must say, and that a bad one changes nothing."""

from __future__ import annotations

import copy
import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.national.pairings import PairingsError, pairings_to_plain, read_pairings
from gateway.reloading import Reloading
from schema.codes import ReasonCode

TERMS: dict[str, Any] = {
    "parties": ["320000", "310000"],
    "kind": "ALLIANCE",
    "scope": [{}],
    "firstDay": "2026-01-01",
    "lastDay": "2026-03-31",
}
GOOD: dict[str, Any] = {
    "agreements": [
        {"id": "P-1", "status": "SIGNED", "terms": TERMS},
        {
            "id": "P-2",
            "status": "SIGNED",
            "terms": {
                **TERMS,
                "parties": ["320000", "520000"],
                "kind": "PAIRED_ASSISTANCE",
                "accepts": "520000",
            },
        },
    ]
}


def write(path: Path, content: Any) -> Path:
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def changed(*steps: str | int, to: Any) -> dict[str, Any]:
    content = copy.deepcopy(GOOD)
    place: Any = content
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = to
    return content


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    pairings = read_pairings(write(tmp_path / "pairings.json", GOOD))
    again = read_pairings(write(tmp_path / "again.json", pairings_to_plain(pairings.agreements)))
    assert again.agreements == pairings.agreements
    assert pairings.agreements[0].terms.parties == ("310000", "320000")


def test_partners_are_those_with_a_direct_agreement(tmp_path: Path) -> None:
    pairings = read_pairings(write(tmp_path / "pairings.json", GOOD))
    assert pairings.partners("320000") == ("310000", "520000")
    assert pairings.partners("310000") == ("320000",)
    assert pairings.partners("440000") == ()


@pytest.mark.parametrize(
    ("issuer", "accepter", "day", "code"),
    [
        ("310000", "320000", date(2026, 3, 31), None),
        ("310000", "320000", date(2026, 4, 1), ReasonCode.AGREEMENT_EXPIRED),
        ("310000", "320000", date(2025, 12, 31), ReasonCode.AGREEMENT_NOT_YET_IN_FORCE),
        ("320000", "520000", date(2026, 2, 1), None),
        ("520000", "320000", date(2026, 2, 1), ReasonCode.WRONG_DIRECTION),
        ("310000", "520000", date(2026, 2, 1), ReasonCode.NO_AGREEMENT),
    ],
)
def test_the_agreement_between_two_regions_on_a_day(
    tmp_path: Path, issuer: str, accepter: str, day: date, code: ReasonCode | None
) -> None:
    pairings = read_pairings(write(tmp_path / "pairings.json", GOOD))
    assert pairings.choose(issuer, accepter, day)[1] is code


@pytest.mark.parametrize(
    ("content", "place", "reason"),
    [
        ("{", "file", "not a JSON document"),
        ([], "file", "valid dictionary"),
        (changed("agreements", 0, "terms", "parties", to=["310000", "310000"]), "agreements[0].terms", "two"),
        (
            changed("agreements", 0, "terms", "parties", to=["310000"]),
            "agreements[0].terms.parties[1]",
            "required",
        ),
        (changed("agreements", 0, "terms", "kind", to="FRIENDS"), "agreements[0].terms.kind", "ALLIANCE"),
        (changed("agreements", 0, "terms", "accepts", to="310000"), "agreements[0].terms", "both sides"),
        (
            changed("agreements", 1, "terms", "accepts", to=None),
            "agreements[1].terms",
            "which of its parties",
        ),
        (changed("agreements", 0, "terms", "lastDay", to="2025-01-01"), "agreements[0].terms", "before"),
        (
            changed("agreements", 0, "terms", "firstDay", to="2026-02-30"),
            "agreements[0].terms.firstDay",
            "date",
        ),
        (changed("agreements", 0, "terms", "scope", to=[]), "agreements[0].terms.scope", "at least 1"),
        (changed("agreements", 0, "terms", "scpe", to=[]), "agreements[0].terms.scpe", "not permitted"),
        (changed("agreements", 0, "status", to="SUSPENDED"), "agreements[0]", "suspendedOn"),
        (changed("agreements", 0, "id", to="P-2"), "file", "used twice"),
    ],
)
def test_a_bad_file_is_refused_with_place_and_reason(
    tmp_path: Path, content: Any, place: str, reason: str
) -> None:
    with pytest.raises(PairingsError) as refusal:
        read_pairings(write(tmp_path / "pairings.json", content))
    assert any(one.startswith(f"{place}: ") and reason in one for one in refusal.value.problems)


def test_with_its_history_an_agreement_is_seen_as_it_was_known(tmp_path: Path) -> None:
    """Suspended on 5 February from the 1st on: whoever asked in between could not know it."""
    content = changed("agreements", 0, "status", to="SUSPENDED")
    content["agreements"][0] |= {
        "suspendedOn": "2026-02-01",
        "history": [
            {"status": "PROPOSED", "on": "2025-12-01", "recordedAt": "2025-12-01T04:00:00Z"},
            {"status": "SIGNED", "on": "2025-12-02", "recordedAt": "2025-12-02T04:00:00Z"},
            {"status": "SUSPENDED", "on": "2026-02-01", "recordedAt": "2026-02-05T04:00:00Z"},
        ],
    }
    pairings = read_pairings(write(tmp_path / "pairings.json", content))
    between = ("310000", "320000", date(2026, 2, 3))
    for known_at, code in (
        (None, ReasonCode.AGREEMENT_SUSPENDED),
        ("2026-02-06T00:00:00+00:00", ReasonCode.AGREEMENT_SUSPENDED),
        ("2026-02-04T00:00:00+00:00", None),
        ("2025-12-01T12:00:00+00:00", ReasonCode.AGREEMENT_NOT_YET_IN_FORCE),
        ("2025-11-01T00:00:00+00:00", ReasonCode.NO_AGREEMENT),
    ):
        instant = datetime.fromisoformat(known_at) if known_at else None
        assert pairings.choose(*between, instant)[1] is code, known_at


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    content = changed("agreements", 0, "terms", "kind", to="FRIENDS")
    content["agreements"][1]["status"] = "MAYBE"
    with pytest.raises(PairingsError) as refusal:
        read_pairings(write(tmp_path / "pairings.json", content))
    assert len(refusal.value.problems) == 2


def test_a_changed_file_is_taken_up_and_a_bad_one_is_not(tmp_path: Path) -> None:
    file = write(tmp_path / "pairings.json", GOOD)
    pairings = Reloading(read_pairings, file)
    assert pairings.refresh() is False

    replace(file, {"agreements": GOOD["agreements"][:1]})
    assert pairings.refresh() is True
    assert len(pairings.value.agreements) == 1

    replace(file, "half a fi")
    assert pairings.refresh() is False
    assert "not a JSON document" in str(pairings.problem)
    assert len(pairings.value.agreements) == 1

    file.unlink()
    assert pairings.refresh() is False
    assert len(pairings.value.agreements) == 1

    write(file, GOOD)
    assert pairings.refresh() is True
    assert pairings.problem is None
    assert len(pairings.value.agreements) == 2


def replace(file: Path, content: Any) -> None:
    """A new file in the old one's place, as editors and deployments do it."""
    write(file.with_suffix(".new"), content).replace(file)
