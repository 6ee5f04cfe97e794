"""What clients read of the contract: every word of it in English and Chinese, and no machinery."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_introspection_type,
    is_specified_scalar_type,
)

from edge.explorer import Example
from gateway.app import contract_supergraph
from gateway.examples import EXAMPLES
from gateway.federation.composition.api_schema import build_api_schema
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.document.prepare import prepare
from gateway.federation.document.variables import compile_variables
from gateway.national import schema as national
from gateway.permissions import PERSONAL_TYPES
from region_node.graph import schema as region

ENGLISH = re.compile(r"[A-Za-z]{2}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def public() -> GraphQLSchema:
    """The public schema of what the code exports now."""
    sdl = contract_supergraph(region=region.export_sdl(), national=national.export_sdl())
    return build_api_schema(read_supergraph(sdl))


def described(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    """Everything a reader sees, by coordinate, with its description."""
    for name, type_ in schema.type_map.items():
        if is_introspection_type(type_) or is_specified_scalar_type(type_):
            continue
        yield name, type_.description
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for field_name, field in type_.fields.items():
                yield f"{name}.{field_name}", field.description
                for argument_name, argument in field.args.items():
                    yield f"{name}.{field_name}({argument_name}:)", argument.description
        elif isinstance(type_, GraphQLInputObjectType):
            for field_name, input_field in type_.fields.items():
                yield f"{name}.{field_name}", input_field.description
        elif isinstance(type_, GraphQLEnumType):
            for value_name, value in type_.values.items():
                yield f"{name}.{value_name}", value.description


def test_everything_is_described_in_both_languages(public: GraphQLSchema) -> None:
    found = dict(described(public))
    assert len(found) > 500
    wanting = [
        place
        for place, text in found.items()
        if not (ENGLISH.search(text or "") and CHINESE.search(text or ""))
    ]
    assert wanting == []


def test_the_public_schema_shows_no_machinery(public: GraphQLSchema) -> None:
    assert [name for name in public.type_map if "__" in name.lstrip("_") or name.startswith("_")] == [
        name for name in public.type_map if name.startswith("__")
    ]
    assert public.query_type is not None
    assert not any(name.startswith("_") for name in public.query_type.fields)
    assert {directive.name for directive in public.directives} <= {
        "include",
        "skip",
        "complete",
        "deprecated",
        "specifiedBy",
        "oneOf",
        "defer",
        "stream",
    }


def test_the_roots_of_the_design_are_there(public: GraphQLSchema) -> None:
    assert public.query_type is not None
    assert public.mutation_type is not None
    assert set(public.query_type.fields) >= {
        "regions",
        "region",
        "pairings",
        "catalogue",
        "majors",
        "certificates",
        "learner",
        "account",
        "outcome",
        "statistics",
        "mutualRecognition",
        "mutualRecognitions",
        "recognisedBy",
    }
    assert set(public.mutation_type.fields) >= {
        "openAccount",
        "submitOutcome",
        "verifyOutcome",
        "rejectOutcome",
        "revokeOutcome",
        "convertOutcome",
        "freezeAccount",
        "proposeAgreement",
        "signAgreement",
        "endAgreement",
        "publishRules",
        "vetoOrganisation",
        "retireStandard",
    }
    # To resume a transfer is to repeat steps each of which is made once by the transfer's own ID.
    for name in set(public.mutation_type.fields) - {"resumeTransfer"}:
        assert "idempotencyKey" in public.mutation_type.fields[name].args, name


def test_every_type_that_leads_to_a_learner_is_known_as_personal(public: GraphQLSchema) -> None:
    leading = {
        name
        for name, type_ in public.type_map.items()
        if isinstance(type_, GraphQLObjectType)
        and any(
            get_named_type(field.type).name in ("Account", "Learner") or field_name == "learnerId"
            for field_name, field in type_.fields.items()
        )
    }
    pages = {f"{name}{part}" for name in PERSONAL_TYPES for part in ("Connection", "Edge")}
    # A standing names a learner only to those the home region permits; changes have a rule of their own.
    elsewhere = {"Query", "Standing", "AccountChanged", "OutcomeChanged", "CaseClosed"}
    assert leading <= PERSONAL_TYPES | pages | elsewhere
    assert public.type_map.keys() >= PERSONAL_TYPES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_of_the_explorer_is_valid(public: GraphQLSchema, example: Example) -> None:
    operation = prepare(public, example.query)
    coerce = compile_variables(public, operation.definition.variable_definitions)
    assert coerce(json.loads(example.variables)) is not None
    assert example.title_zh
