"""Every public vector of transparency-dev/merkle, by the name of its file there."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from schema import merkle
from schema.merkle import ProofError

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parent / "vectors" / "transparency_dev_merkle.json").read_bytes()
)
COUNTS = {"consistency": 98, "inclusion": 98, "subtreeconsistency": 118, "subtreeinclusion": 204}


class Vector:
    """One vector. Hashes are decoded; a proof that is null is an empty one."""

    def __init__(self, plain: Mapping[str, Any]) -> None:
        self._plain = plain
        self.proof = [b64decode(one) for one in plain["proof"] or ()]

    def numbers(self, *names: str) -> list[int]:
        return [self._plain[name] for name in names]

    def hash(self, name: str) -> bytes:
        return b64decode(self._plain[name] or "")


def consistency(one: Vector) -> None:
    first, size = one.numbers("size1", "size2")
    merkle.verify_consistency(first, size, one.hash("root1"), one.hash("root2"), one.proof)


def inclusion(one: Vector) -> None:
    position, size = one.numbers("leafIdx", "treeSize")
    merkle.verify_inclusion(position, size, one.hash("leafHash"), one.proof, one.hash("root"))


def subtree_consistency(one: Vector) -> None:
    start, end, size = one.numbers("start", "end", "size")
    merkle.verify_subtree_consistency(start, end, size, one.hash("root1"), one.hash("root2"), one.proof)


def subtree_inclusion(one: Vector) -> None:
    position, start, end = one.numbers("leafIdx", "start", "end")
    merkle.verify_subtree_inclusion(position, start, end, one.hash("leafHash"), one.proof, one.hash("root"))


@pytest.mark.parametrize(
    ("kind", "verify"),
    [
        ("consistency", consistency),
        ("inclusion", inclusion),
        ("subtreeconsistency", subtree_consistency),
        ("subtreeinclusion", subtree_inclusion),
    ],
)
def test_every_vector_is_judged_as_published(kind: str, verify: Callable[[Vector], None]) -> None:
    vectors: dict[str, dict[str, Any]] = VECTORS[kind]
    assert len(vectors) == COUNTS[kind]
    wrong = []
    for name, plain in vectors.items():
        try:
            verify(Vector(plain))
            refused = False
        except ProofError:
            refused = True
        if refused is not plain["wantErr"]:
            wrong.append(name)
    assert wrong == []
