"""What a client makes of a response in parts, and what it may rely on.

Source of the format: https://github.com/graphql/graphql-spec/pull/1110
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any


def merged(payloads: Sequence[Mapping[str, Any]]) -> Any:
    """The data of all payloads (as they are written), put together. Asserts that they keep to the format."""
    data = copy.deepcopy(payloads[0].get("data"))
    known: dict[str, Mapping[str, Any]] = {}
    is_open: set[str] = set()
    for number, payload in enumerate(payloads):
        assert payload.get("hasNext", False) is (number < len(payloads) - 1), payload
        assert ("data" in payload) is (number == 0), payload
        for one in payload.get("pending", ()):
            assert one["id"] not in known, f"{one['id']} was announced twice"
            known[one["id"]] = one
            is_open.add(one["id"])
        for one in payload.get("incremental", ()):
            assert one["id"] in is_open, f"data for {one['id']}, which is not pending"
            target = _at(data, [*known[one["id"]]["path"], *one.get("subPath", ())])
            if "items" in one:
                assert one["items"], "an entry without items says nothing"
                target.extend(copy.deepcopy(one["items"]))
            else:
                _merge(target, one["data"])
        for one in payload.get("pending", ()):
            _at(data, one["path"])  # which may have come with this very payload
        for one in payload.get("completed", ()):
            is_open.remove(one["id"])
        assert number == 0 or any(payload.get(name) for name in ("pending", "incremental", "completed"))
    assert not is_open, f"{is_open} never completed"
    return data


def failed(payloads: Sequence[Mapping[str, Any]]) -> bool:
    """Whether some part could not be delivered."""
    return any("errors" in one for payload in payloads for one in payload.get("completed", ()))


def _at(data: Any, path: Sequence[str | int]) -> Any:
    for step in path:
        data = data[step]
    assert isinstance(data, dict | list), f"nothing can come at {path}"
    return data


def _merge(target: dict[str, Any], data: Mapping[str, Any]) -> None:
    for key, value in data.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            _merge(target[key], value)
        else:
            assert key not in target, f"{key} was delivered twice"
            target[key] = copy.deepcopy(value)
