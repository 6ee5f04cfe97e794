"""The catalogue as GraphQL: the same answers from a node's schema and from the national one."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
import strawberry
from graphql import is_enum_type, is_input_object_type, is_introspection_type, is_object_type
from hypothesis import given
from hypothesis import strategies as st

from catalogue.entries import MajorLevel
from catalogue.graph import refer_to_national
from catalogue.lookup import Catalogue
from catalogue.names import name_key
from catalogue.roots import CatalogueQuery, NationalCatalogueQuery
from catalogue.sample import load_sample
from schema.graph import config

SHOP = "X6f200395fb"
MAJORS = """query ($first: Int, $after: String, $last: Int, $before: String, $filter: MajorFilter) {
  majors(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
    totalCount edges { cursor node { code } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
CERTIFICATES = """query ($after: String, $filter: CertificateFilter) {
  certificates(first: 7, after: $after, filter: $filter) {
    edges { node { code name } } pageInfo { hasNextPage endCursor }
  }
}"""


@dataclass(frozen=True, slots=True)
class Held:
    catalogue: Catalogue


@strawberry.type(description="What may be asked of a node (节点查询)")
class NodeQuery(CatalogueQuery): ...


@strawberry.type(description="What may be asked nationally (全国查询)")
class NationalQuery(NationalCatalogueQuery): ...


@cache
def node() -> strawberry.federation.Schema:
    schema = strawberry.federation.Schema(query=NodeQuery, config=config())
    refer_to_national(schema)
    return schema


@cache
def national() -> strawberry.federation.Schema:
    return strawberry.federation.Schema(query=NationalQuery, config=config())


def ask(query: str, variables: Mapping[str, Any] | None = None) -> Any:
    """Ask both schemas, which must agree; return the data. Strawberry changes representations it is given."""
    context = Held(load_sample())
    one, other = (
        schema.execute_sync(query, variable_values=deepcopy(dict(variables or {})), context_value=context)
        for schema in (node(), national())
    )
    assert one.errors is None, one.errors
    assert one.data == other.data
    return one.data


def refused(query: str, variables: Mapping[str, Any]) -> Mapping[str, Any]:
    result = national().execute_sync(
        query, variable_values=dict(variables), context_value=Held(load_sample())
    )
    assert result.errors is not None
    return result.errors[0].extensions or {}


def codes(connection: Mapping[str, Any]) -> list[str]:
    return [edge["node"]["code"] for edge in connection["edges"]]


def test_both_report_the_bundle_they_loaded() -> None:
    held = load_sample()
    data = ask("{ catalogue { version hash counts { majors certificates courses citations } } }")
    assert data["catalogue"] == {
        "version": held.version,
        "hash": held.hash,
        "counts": {
            "majors": held.counts.majors,
            "certificates": held.counts.certificates,
            "courses": held.counts.courses,
            "citations": held.counts.citations,
        },
    }


def test_a_major_shows_its_courses_by_kind_and_its_certificates() -> None:
    major = ask(
        """{ major(code: "530701") { name level majorClass { code category { code level } }
        courses(kind: CORE) { name kind major { code } } certificates { code organisation levels } } }"""
    )["major"]
    assert (major["name"], major["level"]) == ("电子商务", "COLLEGE")
    assert major["majorClass"] == {"code": "5307", "category": {"code": "53", "level": "COLLEGE"}}
    core = {"kind": "CORE", "major": {"code": "530701"}}
    assert {"name": "网店运营", **core} in major["courses"]
    assert {"name": "网络营销", **core} in major["courses"]
    assert major["certificates"][0] == {
        "code": SHOP,
        "organisation": "北京鸿科经纬科技有限公司",
        "levels": ["ELEMENTARY", "INTERMEDIATE", "ADVANCED"],
    }


def test_a_certificate_shows_the_majors_that_cite_it_page_by_page() -> None:
    query = """query ($code: ID!, $after: String) { certificate(code: $code) {
      majors(first: 3, after: $after) {
        totalCount edges { node { code } } pageInfo { hasNextPage endCursor }
      }
    } }"""
    found: list[str] = []
    after = None
    for _ in range(10):
        page = ask(query, {"code": SHOP, "after": after})["certificate"]["majors"]
        found += codes(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    expected = [major.code for major in load_sample().majors_citing(SHOP)]
    assert found == expected
    assert page["totalCount"] == len(expected)


def test_what_is_unknown_is_null() -> None:
    data = ask('{ major(code: "999999") { name } certificate(code: "X0") { name } }')
    assert data == {"major": None, "certificate": None}


@given(
    level=st.none() | st.sampled_from(MajorLevel),
    major_class=st.none() | st.sampled_from([one.code for one in load_sample().classes] + ["9999"]),
    category=st.none() | st.sampled_from([one.code for one in load_sample().categories]),
    search=st.none() | st.sampled_from(["", "电子", "5307", "技术", "（", "无此专业"]),
)
def test_majors_are_found_by_every_condition_given(
    level: MajorLevel | None, major_class: str | None, category: str | None, search: str | None
) -> None:
    expected = [
        major.code
        for major in load_sample().majors
        if (level is None or major.level is level)
        and (major_class is None or major.major_class.code == major_class)
        and (category is None or major.category.code == category)
        and (not search or name_key(search) in name_key(major.name) or major.code.startswith(search))
    ]
    wanted = {
        "level": level.value if level else None,
        "majorClass": major_class,
        "category": category,
        "search": search,
    }
    page = ask(MAJORS, {"first": 200, "filter": wanted})["majors"]
    assert codes(page) == expected
    assert page["totalCount"] == len(expected)


def test_certificates_are_found_by_organisation_and_name() -> None:
    by = {"organisation": "北京鸿科经纬科技有限公司"}
    shop = ask(CERTIFICATES, {"filter": by | {"search": "网店"}})["certificates"]
    assert codes(shop) == [SHOP]
    assert codes(ask(CERTIFICATES, {"filter": by | {"search": "无此证书"}})["certificates"]) == []


def test_pages_of_certificates_hold_each_once() -> None:
    found: list[str] = []
    after, more = None, True
    while more:
        page = ask(CERTIFICATES, {"after": after})["certificates"]
        found += codes(page)
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert found == [certificate.code for certificate in load_sample().certificates]


ALL = [major.code for major in load_sample().majors]
CURSORS = {edge["node"]["code"]: edge["cursor"] for edge in ask(MAJORS, {"first": 200})["majors"]["edges"]}
PLACES = st.none() | st.integers(0, len(ALL) - 1)


@given(after=PLACES, before=PLACES, size=st.integers(0, 80), backward=st.booleans())
def test_a_page_is_what_relay_says(after: int | None, before: int | None, size: int, backward: bool) -> None:
    """Relay cursor connections, section 4.4: apply the cursors, then take the first or the last."""
    rows = [
        code
        for place, code in enumerate(ALL)
        if (after is None or place > after) and (before is None or place < before)
    ]
    expected = rows[max(0, len(rows) - size) :] if backward else rows[:size]
    asked = {
        "after": None if after is None else CURSORS[ALL[after]],
        "before": None if before is None else CURSORS[ALL[before]],
        "last" if backward else "first": size,
    }
    page = ask(MAJORS, asked)["majors"]
    assert codes(page) == expected
    if expected:
        info = page["pageInfo"]
        assert (info["startCursor"], info["endCursor"]) == (CURSORS[expected[0]], CURSORS[expected[-1]])
        assert info["hasPreviousPage"] == (expected[0] != ALL[0])
        assert info["hasNextPage"] == (expected[-1] != ALL[-1])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"first": 201}, "LIMIT_PAGE_SIZE"),
        ({"last": 201}, "LIMIT_PAGE_SIZE"),
        ({"first": -1}, "PAGE_SIZE_NEGATIVE"),
        ({"first": 1, "last": 1}, "PAGE_ARGUMENTS_EXCLUSIVE"),
        ({"after": "not a cursor"}, "INVALID_CURSOR"),
        ({"after": "WzFd"}, "INVALID_CURSOR"),
        ({"before": "////"}, "INVALID_CURSOR"),
        ({"before": "A"}, "INVALID_CURSOR"),
    ],
)
def test_a_page_that_cannot_be_is_refused(arguments: Mapping[str, Any], code: str) -> None:
    assert refused(MAJORS, arguments)["code"] == code


def test_entities_are_resolved_by_code() -> None:
    data = ask(
        """query ($representations: [_Any!]!) { _entities(representations: $representations) {
          ... on Major { name } ... on Certificate { name }
        } }""",
        {
            "representations": [
                {"__typename": "Major", "code": "530701"},
                {"__typename": "Certificate", "code": SHOP},
                {"__typename": "Major", "code": "999999"},
            ]
        },
    )
    assert data["_entities"] == [{"name": "电子商务"}, {"name": "网店运营推广"}, None]


def test_only_the_national_subgraph_is_asked_for_entities_and_roots() -> None:
    for name in ("Major", "Certificate"):
        assert f'type {name} @key(fields: "code", resolvable: false) @shareable' in node().as_str()
        assert f'type {name} @key(fields: "code") @shareable' in national().as_str()
    assert national().as_str().count('@override(from: "region")') == 5
    assert "@override" not in node().as_str()


def test_everything_is_described_in_both_languages() -> None:
    missing = []
    for name, kind in national()._schema.type_map.items():
        if is_introspection_type(kind) or "_" in name:
            continue
        members: dict[str, Any] = {}
        if is_enum_type(kind):
            members = kind.values
        elif is_object_type(kind) or is_input_object_type(kind):
            members = {field: found for field, found in kind.fields.items() if not field.startswith("_")}
        else:
            continue
        arguments = {
            f"{field}({argument})": found
            for field, owner in members.items()
            for argument, found in getattr(owner, "args", {}).items()
        }
        for place, element in {"": kind, **members, **arguments}.items():
            text = element.description or ""
            if not (text.isascii() is False and text[0].isascii() and "(" in text):
                missing.append(f"{name}.{place}: {text}")
    assert missing == []
