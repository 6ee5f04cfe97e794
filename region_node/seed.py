"""Fills a bank from a file, by the very mutations that officers send, on the days they were sent.

The file is JSON: `{"region": "320000", "steps": [...]}`. A step is
`{"on": "2026-01-05", "do": "submitOutcome", "as": "li-shop", "with": {"account": "$li", "input": {…}}}`:
`do` names a mutation (or `awardCredits`), `with` its arguments as GraphQL has them, `as` the ID that it
gives, which later steps write as "$li-shop". `region` and `idempotencyKey` are filled in. Steps that
were done before are not done again, so a file may be loaded any number of times.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any, Final

import rfc8785
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLUnionType,
    graphql,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_union_type,
)

from edge.caller import Caller, Role
from edge.operation import CallContext, Trace
from region_node.domain.refusal import Refusal
from region_node.graph.context import Context
from region_node.graph.schema import SCHEMA
from region_node.service.conversion_cases import AWARD_CREDITS, AwardCredits
from region_node.service.members import announce
from region_node.service.perform import perform
from region_node.service.ports import Bank
from schema.credits import parse_credits

SEED_LIMIT_BYTES: Final = 64 * 1_048_576
SUBJECT: Final = "seed"
AWARD: Final = "awardCredits"
_NOBODY: Final = Trace(trace_id="0" * 32, span_id="0" * 16)

Progress = Callable[[int, int], None]
"""Called with the number of steps done and of all."""


class SeedError(ValueError):
    """A seed file that cannot be loaded: which step, and why. Steps before it were done."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, its references not yet replaced. `name` is what its ID is called, if anything."""

    number: int
    day: date
    mutation: str
    name: str | None
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StandingClock:
    at: datetime

    def now(self) -> datetime:
        return self.at


def read_seed(file: Path, region: str) -> tuple[Step, ...]:
    """Return the steps of a file for this region. Raises `SeedError`."""
    try:
        if file.stat().st_size > SEED_LIMIT_BYTES:
            raise ValueError(f"it has more than {SEED_LIMIT_BYTES} bytes")
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["region"] != region:
            raise ValueError(f"it is for region {content['region']}, not for {region}")
        return tuple(_step(number, plain) for number, plain in enumerate(content["steps"], start=1))
    except OSError as error:
        raise SeedError(f"seed file {file} cannot be read: {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SeedError(f"seed file {file} cannot be read: {error!r}") from error


def _step(number: int, plain: Mapping[str, Any]) -> Step:
    unknown = sorted(set(plain) - {"on", "do", "as", "with"})
    if unknown:
        raise ValueError(f"step {number} has unknown members: {', '.join(unknown)}")
    return Step(
        number, date.fromisoformat(plain["on"]), plain["do"], plain.get("as"), dict(plain.get("with", {}))
    )


async def load_seed(bank: Bank, steps: tuple[Step, ...], progress: Progress | None = None) -> dict[str, str]:
    """Do the steps in order; return name → ID. Raises `SeedError` at the first that is refused."""
    ids: dict[str, str] = {}
    seen: Counter[str] = Counter()
    await announce(bank, [number for step in steps if (number := _citizen(step)) is not None])
    for step in steps:
        arguments = _filled(step, step.arguments, ids)
        stated = hashlib.sha256(rfc8785.dumps([step.mutation, step.day.isoformat(), arguments])).hexdigest()
        seen[stated] += 1
        on_day = replace(
            bank, clock=StandingClock(datetime.combine(step.day, time(12), tzinfo=bank.time_zone))
        )
        key = f"{stated}-{seen[stated]}"
        identifier = await (_award if step.mutation == AWARD else _mutate)(on_day, step, arguments, key)
        if step.name is not None:
            if identifier is None:
                raise SeedError(f"step {step.number}, {step.mutation}: it gives no ID to call {step.name!r}")
            ids[step.name] = identifier
        if progress is not None:
            progress(step.number, len(steps))
    return ids


def _citizen(step: Step) -> str | None:
    """The citizen number of a step that opens an account."""
    given = step.arguments.get("input") if step.mutation == "openAccount" else None
    number = given.get("citizenNumber") if isinstance(given, Mapping) else None
    return number if isinstance(number, str) else None


def _filled(step: Step, value: Any, ids: Mapping[str, str]) -> Any:
    """`value` with every "$name" replaced by the ID of that name."""
    if isinstance(value, str) and value.startswith("$"):
        if value[1:] not in ids:
            raise SeedError(f"step {step.number}, {step.mutation}: no earlier step is called {value[1:]!r}")
        return ids[value[1:]]
    if isinstance(value, Mapping):
        return {name: _filled(step, one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(step, one, ids) for one in value]
    return value


async def _award(bank: Bank, step: Step, arguments: Mapping[str, Any], key: str) -> str:
    try:
        command = AwardCredits(
            account_id=arguments["account"],
            foreign_outcome_id=arguments["outcome"],
            credits=parse_credits(arguments["credits"]),
            memo=arguments.get("memo", ""),
        )
    except (KeyError, ValueError) as error:
        raise SeedError(f"step {step.number}, {step.mutation}: {error}") from error
    answer = await perform(bank, AWARD_CREDITS, command, key=key, moment=bank.moment(SUBJECT))
    if isinstance(answer, Refusal):
        raise SeedError(f"step {step.number}, {step.mutation}: {answer.code}: {answer.message('en')}")
    return answer.id


async def _mutate(bank: Bank, step: Step, arguments: Mapping[str, Any], key: str) -> str | None:
    mutations = SCHEMA._schema.mutation_type
    field = mutations.fields.get(step.mutation) if mutations else None
    if field is None:
        raise SeedError(f"step {step.number}: there is no mutation {step.mutation}")
    given = {
        "idempotencyKey": key,
        **({"region": bank.region} if "region" in field.args else {}),
        **arguments,
    }
    call = CallContext(
        caller=Caller(Role.OFFICER, SUBJECT, region=bank.region), deadline_s=float("inf"), trace=_NOBODY
    )
    async with Context(call, bank) as context:
        result = await graphql(
            SCHEMA._schema,
            _document(step.mutation, field, given),
            variable_values=given,
            context_value=context,
        )
    if result.errors or result.data is None:
        told = "; ".join(error.message for error in result.errors or ())
        raise SeedError(f"step {step.number}, {step.mutation}: {told}")
    answer = result.data[step.mutation]
    if answer["__typename"] == "Refusal":
        raise SeedError(f"step {step.number}, {step.mutation}: {answer['code']}: {answer['message']}")
    return next((one["id"] for one in answer.values() if isinstance(one, dict) and "id" in one), None)


def _document(mutation: str, field: GraphQLField, given: Collection[str]) -> str:
    """The mutation with what is given, and what must be, as variables; for a refusal or the IDs it gives."""
    arguments = {
        name: argument
        for name, argument in field.args.items()
        if name in given or is_required_argument(argument)
    }
    declared = ", ".join(f"${name}: {argument.type}" for name, argument in arguments.items())
    passed = ", ".join(f"{name}: ${name}" for name in arguments)
    answer = field.type.of_type if is_non_null_type(field.type) else field.type
    if not is_union_type(answer):
        raise SeedError(f"{mutation} does not answer with a refusal or a change")
    return f"mutation({declared}) {{ {mutation}({passed}) {{ __typename {_members(answer)} }} }}"


def _members(answer: GraphQLUnionType) -> str:
    shown = []
    for member in answer.types:
        selected = "code message" if member.name == "Refusal" else _identified(member)
        if selected:
            shown.append(f"... on {member.name} {{ {selected} }}")
    return " ".join(shown)


def _identified(member: GraphQLObjectType) -> str:
    """The fields of a success that hold an object with an ID of its own."""
    shown = []
    for name, field in member.fields.items():
        inner = field.type.of_type if is_non_null_type(field.type) else field.type
        if is_object_type(inner) and "id" in inner.fields:
            shown.append(f"{name} {{ id }}")
    return " ".join(shown)
