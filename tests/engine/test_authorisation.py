"""Who may see what: `@authenticated`, `@requiresScopes`, `@policy`, before anything is planned or fetched."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

import pytest

from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Claims, Engine, Request, RequestContext, Response
from gateway.federation.execution.request import NOBODY
from gateway.federation.sharding.dispatch import Dispatcher
from gateway.federation.transport import Reply, ShardRequest
from tests.engine.federation import Nobody, Subgraphs, World, by_key, golden, planned, supergraph, world

SOMEBODY = Claims(authenticated=True)

PEOPLE = """
    type Query {
      me: Person
      host: Person!
      people: [Person!]
      secret: String @authenticated
      vault: Vault
    }
    type Mutation { rename(name: String!): String  wipe: Int @requiresScopes(scopes: [["admin"]]) }
    type Person @key(fields: "id") {
      id: ID!
      name: String
      email: String @requiresScopes(scopes: [["read:email"]])
      birthday: String! @authenticated
    }
    type Vault @policy(policies: [["owner", "daytime"], ["police"]]) { gold: Int }
"""
POSTS = """
    type Person @key(fields: "id") { id: ID! posts: [Post] drafts: [Post] @authenticated }
    type Post { title: String views: Int @authenticated }
"""


def person(key: str) -> dict[str, Any]:
    post = {"title": f"t{key}", "views": 7}
    return {
        "__typename": "Person",
        "id": key,
        "name": f"n{key}",
        "email": f"{key}@x",
        "birthday": "1 May",
        "posts": [post, post],
        "drafts": [post],
    }


def town(count: int = 2, **options: Any) -> World:
    people = [person(str(index)) for index in range(count)]
    roots = {
        "me": people[0],
        "host": people[0],
        "people": people,
        "secret": "s",
        "vault": {"gold": 1},
        "rename": "done",
        "wipe": 1,
    }
    return world({"people": (PEOPLE, roots, None), "posts": (POSTS, {}, by_key(people, "id"))}, **options)


async def asked(world: World, text: str, claims: Claims = NOBODY, **variables: Any) -> Response:
    return await world.ask(text, variables, RequestContext(claims=claims))


def refused(response: Response) -> list[tuple[list[str | int], str]]:
    """Where the response withholds what."""
    assert {error["extensions"]["code"] for error in response.errors} <= {"UNAUTHORIZED_FIELD_OR_TYPE"}
    return [(error["path"], error["extensions"]["coordinate"]) for error in response.errors]


async def test_a_field_that_may_not_be_seen_is_null_and_nobody_is_asked_for_it() -> None:
    here = town()
    response = await asked(here, "{ me { name drafts { title } } }")
    assert response.data == {"me": {"name": "n0", "drafts": None}}
    assert refused(response) == [(["me", "drafts"], "Person.drafts")]
    assert here.subgraphs.asked == ["people"]
    shown = await asked(here, "{ me { name drafts { title } } }", SOMEBODY)
    assert shown.data == {"me": {"name": "n0", "drafts": [{"title": "t0"}]}}
    assert shown.errors == ()


def test_the_plan_has_no_fetch_that_only_withheld_fields_need() -> None:
    here = supergraph(people=PEOPLE, posts=POSTS)
    assert planned(here, "{ me { name drafts { title } } secret }") == golden("""
        1 people
          {
            me {
              name
            }
          }
        withheld: me.drafts (Person.drafts)
        withheld: secret (Query.secret)
    """)
    assert planned(here, "{ me { name posts { title views } } }") == golden("""
        1 people
          {
            me {
              name
              id
            }
          }
        2 posts, after 1
          at me by Person(id)
          query ($representations: [_Any!]!) {
            _entities(representations: $representations) {
              ... on Person {
                posts {
                  title
                }
              }
            }
          }
        withheld: me.posts.views (Post.views)
    """)
    assert planned(here, "{ me { name birthday } }") == golden("""
        withheld: me.birthday (Person.birthday)
    """)


async def test_every_place_of_a_withheld_field_has_an_error_with_its_alias() -> None:
    response = await asked(town(), "{ folk: people { mail: email posts { title seen: views } } }")
    assert response.data == {
        "folk": [{"mail": None, "posts": [{"title": f"t{key}", "seen": None}] * 2} for key in ("0", "1")]
    }
    assert refused(response)[:3] == [
        (["folk", 0, "mail"], "Person.email"),
        (["folk", 0, "posts", 0, "seen"], "Post.views"),
        (["folk", 0, "posts", 1, "seen"], "Post.views"),
    ]
    assert len(response.errors) == 6


async def test_one_field_of_a_long_list_is_not_complained_of_for_ever() -> None:
    response = await asked(town(150), "{ people { name email } }")
    assert response.data is not None
    assert [one["email"] for one in response.data["people"]] == [None] * 150
    assert len(response.errors) == 100


async def test_a_parent_that_can_only_be_null_is_not_fetched() -> None:
    here = town()
    response = await asked(here, "{ me { name birthday } }")
    assert response.data == {"me": None}
    assert refused(response) == [(["me", "birthday"], "Person.birthday")]
    assert here.subgraphs.asked == []


async def test_a_null_goes_up_to_the_response() -> None:
    here = town()
    response = await asked(here, "{ me { name } host { name birthday } }")
    assert response.data is None
    assert not response.refused
    assert refused(response) == [(["host", "birthday"], "Person.birthday")]
    assert here.subgraphs.asked == []


async def test_a_null_goes_up_through_a_list() -> None:
    response = await asked(town(), "{ people { birthday } me { name } }")
    assert response.data == {"people": None, "me": {"name": "n0"}}
    assert refused(response) == [
        (["people", 0, "birthday"], "Person.birthday"),
        (["people", 1, "birthday"], "Person.birthday"),
    ]
    assert (await asked(town(0 + 1), "{ people { birthday } }", SOMEBODY)).data == {
        "people": [{"birthday": "1 May"}]
    }


@pytest.mark.parametrize(("skipped", "places"), [(True, []), (False, [(["me", "email"], "Person.email")])])
async def test_what_is_skipped_is_not_withheld(skipped: bool, places: list[Any]) -> None:
    text = "query ($skip: Boolean!) { me { name email @skip(if: $skip) } }"
    response = await asked(town(), text, skip=skipped)
    assert response.data == {"me": {"name": "n0"} if skipped else {"name": "n0", "email": None}}
    assert refused(response) == places


async def test_a_condition_keeps_a_null_from_being_certain() -> None:
    text = "query ($full: Boolean!) { me { name birthday @include(if: $full) } }"
    assert (await asked(town(), text, full=False)).data == {"me": {"name": "n0"}}
    assert (await asked(town(), text, full=True)).data == {"me": None}


async def test_a_mutation_that_may_not_be_run_is_not_run() -> None:
    here = town()
    response = await asked(here, 'mutation { wipe rename(name: "a") }')
    assert response.data == {"wipe": None, "rename": "done"}
    assert refused(response) == [(["wipe"], "Mutation.wipe")]
    assert not any("wipe" in sent.query for sent in here.subgraphs.sent)


@pytest.mark.parametrize(
    ("held", "seen"),
    [
        (set(), False),
        ({"owner"}, False),
        ({"owner", "daytime"}, True),
        ({"police"}, True),
        ({"police", "other"}, True),
    ],
)
async def test_alternatives_are_sets_each_of_them_whole(held: set[str], seen: bool) -> None:
    response = await asked(town(), "{ vault { gold } }", Claims(policies=frozenset(held)))
    assert response.data == {"vault": {"gold": 1} if seen else None}
    assert refused(response) == ([] if seen else [(["vault"], "Vault")])


async def test_policies_are_judged_for_the_request_and_only_those_it_touches() -> None:
    judged: list[frozenset[str]] = []

    async def judge(policies: frozenset[str], context: RequestContext) -> frozenset[str]:
        judged.append(policies)
        return frozenset({"owner"} if context.headers.get("who") == "owner" else ())

    here = town(policies=judge)
    daytime = Claims(policies=frozenset({"daytime"}))
    owner = RequestContext({"who": "owner"}, claims=daytime)
    assert (await here.ask("{ vault { gold } }", {}, owner)).data == {"vault": {"gold": 1}}
    other = RequestContext({"who": "other"}, claims=daytime)
    assert (await here.ask("{ vault { gold } }", {}, other)).data == {"vault": None}
    await here.ask("{ me { name email } }", {}, owner)
    assert judged == [frozenset({"owner", "daytime", "police"})] * 2


def test_callers_who_may_see_the_same_share_a_plan() -> None:
    engine = Engine(supergraph(people=PEOPLE, posts=POSTS), Nobody())
    text = "{ me { name email } }"
    readers = [Claims(scopes=frozenset({"read:email", *more})) for more in ((), ("a",), ("b", "c"))]
    plans = {id(engine.plan(text, claims=one)) for one in [*readers, *readers]}
    assert len(plans) == 1
    others = [Claims(), SOMEBODY, Claims(policies=frozenset({"police"}))]
    assert len({id(engine.plan(text, claims=one)) for one in others}) == 1
    assert engine.plan(text, claims=SOMEBODY) is not engine.plan(text, claims=readers[0])


async def test_a_key_serves_the_gateway_though_the_client_may_not_see_it() -> None:
    products = """
        type Query { product: Product  maybe: Product }
        type Product @key(fields: "id") { id: ID! @authenticated name: String }
    """
    stock = 'type Product @key(fields: "id") { id: ID! @authenticated inStock: Boolean }'
    book = {"__typename": "Product", "id": "1", "name": "b", "inStock": True}
    here = world(
        {"products": (products, {"product": book}, None), "stock": (stock, {}, by_key([book], "id"))}
    )
    response = await asked(here, "{ product { name inStock } }")
    assert (response.data, response.errors) == ({"product": {"name": "b", "inStock": True}}, ())
    hidden = await asked(here, "{ product { id inStock } }")
    assert (hidden.data, refused(hidden)) == ({"product": None}, [(["product", "id"], "Product.id")])


BLOGS = """
    type Query { posts: [Post] either: [Either] first: Post things: [Thing] }
    interface Post { id: ID title: String }
    interface Thing { size: Int }
    type PublicBlog implements Post { id: ID title: String  open: String }
    type PrivateBlog implements Post @authenticated { id: ID title: String }
    type Small implements Thing { size: Int }
    type Large implements Thing { size: Int @authenticated  weight: Int }
    union Either = PublicBlog | PrivateBlog
"""
ENTRIES = [
    {"__typename": name, "id": name, "title": name, "open": "o"} for name in ("PublicBlog", "PrivateBlog")
]
THINGS = [{"__typename": "Small", "size": 1}, {"__typename": "Large", "size": 2, "weight": 3}]


def blogs() -> World:
    roots = {"posts": ENTRIES, "either": ENTRIES, "first": ENTRIES[0], "things": THINGS}
    return world({"blogs": (BLOGS, roots, None)})


async def test_an_interface_is_closed_when_one_of_its_types_is() -> None:
    here = blogs()
    response = await asked(here, "{ posts { id title } first { title } }")
    assert response.data == {"posts": None, "first": None}
    assert refused(response) == [(["posts"], "PrivateBlog"), (["first"], "PrivateBlog")]
    assert here.subgraphs.asked == []
    assert (await asked(here, "{ first { title } }", SOMEBODY)).data == {"first": {"title": "PublicBlog"}}


@pytest.mark.parametrize("field", ["posts", "either"])
async def test_fragments_on_open_types_are_answered_and_those_on_others_are_not(field: str) -> None:
    text = f"{{ {field} {{ __typename ... on PublicBlog {{ id }} ... on PrivateBlog {{ id title }} }} }}"
    here = blogs()
    response = await asked(here, text)
    assert response.data == {
        field: [
            {"__typename": "PublicBlog", "id": "PublicBlog"},
            {"__typename": "PrivateBlog", "id": None, "title": None},
        ]
    }
    assert refused(response) == [([field, 1, "id"], "PrivateBlog"), ([field, 1, "title"], "PrivateBlog")]
    assert "PrivateBlog" not in here.subgraphs.sent[0].query


async def test_a_field_is_seen_through_an_interface_when_it_is_open_on_every_type() -> None:
    here = blogs()
    response = await asked(here, "{ things { size ... on Large { weight } } }")
    assert response.data == {"things": [{"size": None}, {"size": None, "weight": 3}]}
    assert refused(response) == [(["things", index, "size"], "Large.size") for index in (0, 1)]
    own = await asked(here, "{ things { ... on Small { size } ... on Large { weight } } }")
    assert (own.data, own.errors) == ({"things": [{"size": 1}, {"weight": 3}]}, ())


class Ticks:
    """An event source of two people. `opened` counts how often it was asked."""

    def __init__(self) -> None:
        self.opened = 0

    async def events(self, _: ShardRequest) -> AsyncGenerator[Reply, None]:
        self.opened += 1
        for key in ("1", "2"):
            yield Reply({"came": {"name": key}})


async def test_events_are_withheld_from_as_answers_are() -> None:
    doors = """
        type Query { a: Int }
        type Subscription { came: Person  left: Person @authenticated }
        type Person { name: String email: String @authenticated }
    """
    ticks = Ticks()
    engine = Engine(supergraph(doors=doors), Dispatcher(Subgraphs({})), events=ticks)
    stream = await engine.subscribe(Request("subscription { came { name email } }"), RequestContext())
    assert not isinstance(stream, Response)
    events = [event async for event in stream]
    assert [event.data for event in events] == [{"came": {"name": key, "email": None}} for key in ("1", "2")]
    assert [refused(event) for event in events] == [[(["came", "email"], "Person.email")]] * 2
    closed = await engine.subscribe(Request("subscription { left { name } }"), RequestContext())
    assert isinstance(closed, Response)
    assert (closed.data, refused(closed)) == ({"left": None}, [(["left"], "Subscription.left")])
    assert ticks.opened == 1


FOREIGN = """
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.4", for: EXECUTION)
      @link(url: "https://specs.apollo.dev/authenticated/v0.1", as: "known", for: SECURITY)
      @link(url: "https://specs.apollo.dev/requiresScopes/v0.1",
            import: [{name: "@requiresScopes", as: "@needs"}], for: SECURITY)
      @link(url: "https://marks.example/marks/v1.0", import: ["@policy"])
    { query: Query }
    enum join__Graph { A @join__graph(name: "a", url: "") }
    interface Open @join__type(graph: A) { x: Int  y: Int @known }
    type Thing implements Open @join__type(graph: A) @join__implements(graph: A, interface: "Open")
      { x: Int  y: Int }
    type Query @join__type(graph: A) {
      a: Int @known
      b: Int @needs(scopes: [["s"]])
      c: Int @policy(stars: 5)
      open: Open
      never: Int @needs(scopes: [])
    }
"""


def test_directives_are_known_by_their_links_and_not_by_their_names() -> None:
    types = read_supergraph(FOREIGN).types
    guarded = {name: one.requirement is not None for name, one in types["Query"].fields.items()}
    assert guarded == {"a": True, "b": True, "c": False, "open": False, "never": True}


def test_a_guard_on_an_interfaces_field_holds_for_whoever_names_its_types() -> None:
    here = read_supergraph(FOREIGN)
    assert planned(here, "{ b never open { x y ... on Thing { mine: y } } }") == golden("""
        1 a
          {
            never
            open {
              __typename
              x
            }
          }
        withheld: b (Query.b)
        withheld: open.y (Open.y)
        withheld: open.mine (Open.y)
    """)


async def test_a_guard_on_an_interface_objects_field_holds_on_every_type() -> None:
    things = """
        type Query { thing: Thing }
        interface Thing @key(fields: "id") { id: ID! }
        type Book implements Thing @key(fields: "id") { id: ID! }
    """
    extra = """
        type Thing @key(fields: "id") @interfaceObject { id: ID! price: Int @authenticated weight: Int }
    """
    book = {"__typename": "Book", "id": "1"}
    there = {"__typename": "Thing", "id": "1", "price": 5, "weight": 6}
    here = world({"things": (things, {"thing": book}, None), "extra": (extra, {}, by_key([there], "id"))})
    for text in ("{ thing { price weight } }", "{ thing { ... on Book { price weight } } }"):
        assert (await asked(here, text)).data == {"thing": {"price": None, "weight": 6}}
        assert (await asked(here, text, SOMEBODY)).data == {"thing": {"price": 5, "weight": 6}}


WHOLE = """
    type Query { mark: Mark  grade: Grade  open: Int }
    type Mutation @requiresScopes(scopes: [["write"]]) { set: Int!  unset: Int }
    scalar Mark @authenticated
    enum Grade @authenticated { GOOD BAD }
"""


async def test_scalars_enums_and_root_types_are_guarded_whole() -> None:
    roots = {"mark": "1", "grade": "GOOD", "open": 1, "set": 1, "unset": 2}
    here = world({"whole": (WHOLE, roots, None)})
    response = await asked(here, "{ mark grade open }")
    assert response.data == {"mark": None, "grade": None, "open": 1}
    assert refused(response) == [(["mark"], "Mark"), (["grade"], "Grade")]
    assert refused(await asked(here, "mutation { unset }")) == [(["unset"], "Mutation")]
    writer = Claims(scopes=frozenset({"write"}))
    assert (await asked(here, "mutation { unset }", writer)).data == {"unset": 2}


async def test_a_mutation_that_can_only_be_null_changes_nothing() -> None:
    changes = "type Query { a: Int } type Mutation { change: Int  audit: Int! @authenticated }"
    here = world({"changes": (changes, {"change": 1, "audit": 1}, None)})
    response = await asked(here, "mutation { change audit }")
    assert (response.data, refused(response)) == (None, [(["audit"], "Mutation.audit")])
    assert here.subgraphs.asked == []
