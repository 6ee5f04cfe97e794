"""The fast canonical form is RFC 8785's, for whatever a decision's inputs are made of."""

from __future__ import annotations

import hashlib
from typing import Any

import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from region_node.domain.canonical import hash_of

texts = st.text(st.characters(codec="utf-8"), max_size=20)
names = st.text(st.characters(max_codepoint=127), max_size=10)
integers = st.integers(-(2**53) + 1, 2**53 - 1)
plain = st.recursive(
    texts | integers | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(plain)
def test_sorted_compact_json_is_the_canonical_form(value: Any) -> None:
    assert hash_of(value) == hashlib.sha256(rfc8785.dumps(value)).hexdigest()
