"""What one shard's answer settles of a gathered value before the others have answered (docs/SHARDING.md, 9).

The rows of a streamed list, and around them what is the same in every shard. Everything else of a gathered
object waits for all shards, so that nothing that was delivered need be taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.federation.sharding.coverage import Path
from gateway.federation.sharding.gathers import Concat, First, Gather, Merge

UNSETTLED: Final = object()


def has_streams(gather: Gather | None) -> bool:
    """Whether the gather has a list, at or below it, whose rows may come early."""
    if isinstance(gather, Merge):
        return any(map(has_streams, gather.fields))
    return isinstance(gather, Concat) and gather.stream is not None and not gather.order


def early(gather: Gather, parent: Mapping[str, Any], variables: Mapping[str, Any]) -> Any:
    """What a shard's object settles of the gather's field; UNSETTLED when nothing."""
    value = parent.get(gather.key)
    if isinstance(gather, Merge) and isinstance(value, dict):
        return early_fields(gather, value, variables)
    if isinstance(gather, Concat) and isinstance(value, list) and _is_streamed(gather, variables):
        return value
    if isinstance(gather, First) and gather.is_same and value is not None:
        return value
    return UNSETTLED


def early_fields(merge: Merge, value: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """What a shard's slice settles of the object that it is a slice of."""
    found = ((each.key, early(each, value, variables)) for each in merge.fields)
    return {key: settled for key, settled in found if settled is not UNSETTLED}


def is_early(gather: Gather | None, path: Path, variables: Mapping[str, Any]) -> bool:
    """Whether a path in a shard's answer, from the gather's field on, leads into rows that come early."""
    if isinstance(gather, Concat):
        return len(path) > 1 and _is_streamed(gather, variables)
    return isinstance(gather, Merge) and is_early_within(gather, path[1:], variables)


def is_early_within(merge: Merge, path: Path, variables: Mapping[str, Any]) -> bool:
    """As `is_early`, of a path that begins inside the object."""
    inner = next((each for each in merge.fields if path and each.key == path[0]), None)
    return inner is not None and is_early(inner, path, variables)


def _is_streamed(concat: Concat, variables: Mapping[str, Any]) -> bool:
    return not concat.order and concat.stream is not None and concat.stream.first(variables) is not None
