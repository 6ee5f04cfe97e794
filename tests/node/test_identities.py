"""Citizen numbers are checked; who somebody is stays with the keys of the node."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from cryptography.exceptions import InvalidTag
from hypothesis import given
from hypothesis import strategies as st

from region_node.domain.citizen import CitizenNumber, check_character, mask, read_citizen_number
from region_node.domain.refusal import Refusal
from region_node.service.vault import Vault

TODAY = date(2026, 6, 1)
VAULT = Vault(b"e" * 32, b"i" * 32, b"p" * 32)


def read(text: str) -> str | None:
    number = read_citizen_number(text, TODAY)
    return None if isinstance(number, Refusal) else number.reveal()


def test_the_worked_examples_of_the_standard() -> None:
    """GB 11643-1999, appendix A, computes these two check characters."""
    assert check_character("11010519491231002") == "X"
    assert check_character("44052418800101001") == "4"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("11010519491231002X", "11010519491231002X"),
        ("110105 19491231 002x", "11010519491231002X"),
        ("110105194912310029", None),
        ("440524188001010014", None),  # well formed, but nobody alive was born in 1880
        ("11010519491331002X", None),
        ("1101051949123100X", None),
        ("1101051949123100２X", None),
        ("", None),
    ],
)
def test_numbers_are_read_in_one_form_or_refused(text: str, number: str | None) -> None:
    assert read(text) == number


@given(
    st.integers(min_value=0, max_value=9_999_999), st.integers(min_value=0, max_value=16), st.integers(1, 9)
)
def test_one_wrong_digit_is_always_found(order: int, place: int, shift: int) -> None:
    right = f"110105{1950 + order % 70}0{1 + order % 9}1{order % 10}{order % 1000:03}"
    number = right + check_character(right)
    assert read(number) == number
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert read(wrong) is None


def test_a_number_is_not_printed_by_accident() -> None:
    number = CitizenNumber("11010519491231002X")
    assert "194912" not in f"{number!r} {number} {[number]}"
    assert mask(number.reveal()) == "110105**********2X"
    assert "eeee" not in repr(VAULT)


def test_a_sealed_number_opens_only_in_its_own_row_and_with_its_own_key() -> None:
    sealed = VAULT.seal("11010519491231002X", owner="320000-A-1")
    assert VAULT.open(sealed, owner="320000-A-1") == "11010519491231002X"
    assert sealed != VAULT.seal("11010519491231002X", owner="320000-A-1")
    with pytest.raises(InvalidTag):
        VAULT.open(sealed, owner="320000-A-2")
    with pytest.raises(InvalidTag):
        replace(VAULT, encryption_key=b"x" * 32).open(sealed, owner="320000-A-1")


def test_the_pseudonym_is_the_same_in_every_region_and_the_index_is_not() -> None:
    other = Vault(b"E" * 32, b"I" * 32, VAULT.pseudonym_key)
    number = "11010519491231002X"
    assert VAULT.learner_id(number) == other.learner_id(number)
    assert VAULT.blind_index(number) != other.blind_index(number)
    assert VAULT.account_unique(number, 0) != other.account_unique(number, 0)
    assert VAULT.account_unique(number, 0) != VAULT.account_unique(number, 1)
