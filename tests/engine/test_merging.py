"""The quick look at whether fields can be merged says of every document what graphql-core's rule says."""

from __future__ import annotations

from graphql import OverlappingFieldsCanBeMergedRule, build_schema, parse, validate
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from gateway.federation.document.merging import all_fields_merge

SCHEMA = build_schema("""
interface Parcel { id: ID! size: Int next: Parcel }
type Letter implements Parcel { id: ID! size: Int next: Parcel text: String same: Letter many: [Letter] }
type Box implements Parcel {
  id: ID! size: Int next: Parcel text(lines: Int): [String] same: Box many: [Box!]!
}
union Any = Letter | Box
type Query { parcel: Parcel any: Any letter: Letter box: Box }
""")
LEAVES = {
    "Query": (),
    "Parcel": ("id", "size"),
    "Letter": ("id", "size", "text"),
    "Box": ("id", "size", "text", "text(lines: 1)", "text(lines: 2)"),
    "Any": (),
}
OBJECTS = {
    "Query": {"parcel": "Parcel", "any": "Any", "letter": "Letter", "box": "Box"},
    "Parcel": {"next": "Parcel"},
    "Letter": {"next": "Parcel", "same": "Letter", "many": "Letter"},
    "Box": {"next": "Parcel", "same": "Box", "many": "Box"},
    "Any": {},
}
FRAGMENTS = {"A": "Parcel", "B": "Letter", "C": "Box", "D": "Any"}


@st.composite
def selections(draw: DrawFn, type_name: str, depth: int, spreads: tuple[str, ...]) -> str:
    """A selection set on the type, with few keys, so that they meet."""
    found = ["__typename"]
    for _ in range(draw(st.integers(1, 3))):
        alias = draw(st.sampled_from(("", "", "x: ", "y: ")))
        kinds = ["leaf", "object", "fragment", "spread"]
        kind = draw(st.sampled_from(kinds))
        if kind == "leaf" and LEAVES[type_name]:
            found.append(alias + draw(st.sampled_from(LEAVES[type_name])))
        elif kind == "object" and OBJECTS[type_name] and depth:
            name = draw(st.sampled_from(sorted(OBJECTS[type_name])))
            below = draw(selections(OBJECTS[type_name][name], depth - 1, spreads))
            found.append(f"{alias}{name} {below}")
        elif kind == "fragment" and type_name != "Query" and depth:
            on = draw(st.sampled_from(sorted(FRAGMENTS.values())))
            found.append(f"... on {on} {draw(selections(on, depth - 1, spreads))}")
        elif kind == "spread" and type_name != "Query" and spreads:
            found.append(f"...{draw(st.sampled_from(spreads))}")
    return f"{{ {' '.join(found)} }}"


@st.composite
def documents(draw: DrawFn) -> str:
    """An operation and the fragments that it uses, of which each spreads those after it only."""
    names = tuple(FRAGMENTS)
    text = draw(selections("Query", 3, names))
    for number, (name, on) in enumerate(FRAGMENTS.items(), start=1):
        if f"...{name}" in text:
            text += f"\nfragment {name} on {on} {draw(selections(on, 2, names[number:]))}"
    return text


@given(documents())
def test_it_says_what_the_rule_says(text: str) -> None:
    document = parse(text, no_location=True)
    conflicts = validate(SCHEMA, document, [OverlappingFieldsCanBeMergedRule])
    assert all_fields_merge(SCHEMA, document) == (not conflicts)


def test_what_it_cannot_say_is_left_to_the_rule() -> None:
    for text in (
        "{ nothing }",
        "{ parcel { ...Nowhere } }",
        "{ parcel { ... on Nothing { id } } }",
        "{ letter { many @stream { id } } }",
        "mutation { anything }",
        "{ letter { id } } fragment Unused on Letter { x: id x: size }",
    ):
        assert not all_fields_merge(SCHEMA, parse(text))


def test_fragments_that_contain_themselves_end() -> None:
    loop = "{ parcel { ...F } } fragment F on Parcel { id next { ...F } }"
    assert not all_fields_merge(SCHEMA, parse(loop))
