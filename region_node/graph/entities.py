"""Entities by their keys, as a gateway asks for them: each type by one statement, whatever the count.

A representation that cannot be read gives an error at its place and null there; the others
are answered (Federation specification, `_entities`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import strawberry
from strawberry.federation.schema import FederationAny

from catalogue.graph import resolve_certificates, resolve_majors
from edge.errors import PublicError
from region_node.graph import batches
from region_node.graph.account import Account
from region_node.graph.context import Context, Info
from region_node.graph.learner import Learner
from region_node.graph.ledger import LedgerEntry
from region_node.graph.outcome import LearningOutcome
from region_node.graph.region import Region

Answers = Sequence[object | None]
"""One for each key, in order: an entity, None where there is none, or an exception for that one."""

Loader = Callable[[Context, list[str]], Awaitable[Answers]]


async def accounts(context: Context, ids: list[str]) -> Answers:
    found = await context.rows(batches.accounts, ids)
    return [one and _permitted(context, one.learner_id, Account.of(one)) for one in found]


async def outcomes(context: Context, ids: list[str]) -> Answers:
    found = await context.rows(batches.outcomes, ids)
    return [one and _permitted(context, one.learner_id, LearningOutcome.of(one)) for one in found]


async def entries(context: Context, ids: list[str]) -> Answers:
    found = await context.rows(batches.entries, ids)
    held = await context.rows(batches.accounts, [one.account_id if one else "" for one in found])
    return [
        None
        if entry is None or account is None
        else _permitted(context, account.learner_id, LedgerEntry.of(entry))
        for entry, account in zip(found, held, strict=True)
    ]


async def learners(context: Context, ids: list[str]) -> Answers:
    held = await context.rows(batches.accounts_of_learners, ids)
    return [
        _permitted(context, learner_id, Learner(id=strawberry.ID(learner_id))) if known else None
        for learner_id, known in zip(ids, held, strict=True)
    ]


async def regions(context: Context, codes: list[str]) -> Answers:
    own = context.bank.region
    return [Region(code=strawberry.ID(code)) if code == own else None for code in codes]


async def majors(context: Context, codes: list[str]) -> Answers:
    return resolve_majors(context.catalogue, codes)


async def certificates(context: Context, codes: list[str]) -> Answers:
    return resolve_certificates(context.catalogue, codes)


LOADERS: Final[dict[str, tuple[str, Loader]]] = {
    "Account": ("id", accounts),
    "LearningOutcome": ("id", outcomes),
    "Learner": ("id", learners),
    "LedgerEntry": ("id", entries),
    "Region": ("code", regions),
    "Major": ("code", majors),
    "Certificate": ("code", certificates),
}


class NodeSchema(strawberry.federation.Schema):
    """A federation schema whose `_entities` answers the list as a list."""

    async def entities_resolver(  # type: ignore[override] # Strawberry awaits what the field returns
        self, info: Info, representations: list[FederationAny]
    ) -> list[FederationAny]:
        answers: list[Any] = [None] * len(representations)
        places: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
        for place, representation in enumerate(representations):
            try:
                type_name, key = _read(representation)
            except PublicError as error:
                answers[place] = error
            else:
                places[type_name].append((place, key))
        for type_name, asked in places.items():
            load = LOADERS[type_name][1]
            for (place, _), answer in zip(
                asked, await load(info.context, [key for _, key in asked]), strict=True
            ):
                answers[place] = answer
        return answers


def _read(representation: object) -> tuple[str, str]:
    given = representation if isinstance(representation, dict) else {}
    type_name = given.get("__typename")
    if not isinstance(type_name, str) or type_name not in LOADERS:
        raise PublicError("ENTITY_UNKNOWN", type=type_name if isinstance(type_name, str) else "")
    key_field = LOADERS[type_name][0]
    key = given.get(key_field)
    if not isinstance(key, str) or not key:
        raise PublicError("ENTITY_KEY_INVALID", type=type_name, key=key_field)
    return type_name, key


def _permitted(context: Context, learner_id: str, entity: object) -> object:
    return entity if context.may_read(learner_id) else context.refusal()
