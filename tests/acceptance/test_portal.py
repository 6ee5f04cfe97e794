"""What a portal sees through the gateway: transcripts, batches, catalogue, and who may see what."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from edge.caller import Caller, Role
from edge.tokens import generate_key, issue_token
from tests.acceptance.history import BORDERS, LIVE, SHOPS, VERSION
from tests.acceptance.world import REGIONS, World

TRANSCRIPT = """query Transcript($learner: ID!, $first: Int, $after: String) {
  learner(id: $learner) {
    id
    totalCredits
    accounts { id status balance region { code name nameEn } }
    outcomes(first: $first, after: $after, orderBy: ISSUED_ON_ASC) {
      totalCount
      edges { cursor node { id status credits issuedOn account { region { name } } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}"""
MANY = """query($inputs: [RecognitionInput!]!) {
  mutualRecognitions(inputs: $inputs) { from to decision reasons { code } }
}"""


@pytest.fixture(scope="module")
def learner(world: World) -> str:
    """Somebody with accounts in three regions and two outcomes in each."""
    person = world.new_person()
    learners = set()
    for month, region in enumerate(("310000", "320000", "440000"), start=1):
        account, learner_id = world.open_account(region, person)
        learners.add(learner_id)
        for day in (month, 10 + month):
            world.deposited(account, issuedOn=f"2026-01-{day:02}")
    [one] = learners
    return one


def test_a_transcript_over_three_regions_is_one_answer(world: World, learner: str) -> None:
    data = world.ask(TRANSCRIPT, world.token(Role.PORTAL), learner=learner, first=20)
    found = data["learner"]
    assert found["totalCredits"] == "48.0"
    assert [account["region"]["name"] for account in found["accounts"]] == ["上海市", "江苏省", "广东省"]
    assert [account["balance"] for account in found["accounts"]] == ["16.0"] * 3
    rows = [edge["node"] for edge in found["outcomes"]["edges"]]
    assert [row["issuedOn"] for row in rows] == [f"2026-01-{day:02}" for day in (1, 2, 3, 11, 12, 13)]
    assert found["outcomes"]["totalCount"] == 6
    assert {row["account"]["region"]["name"] for row in rows} == {"上海市", "江苏省", "广东省"}


def test_pages_of_a_transcript_have_no_gap_and_no_duplicate(world: World, learner: str) -> None:
    token, after, seen = world.token(Role.PORTAL), None, []
    while True:
        data = world.ask(TRANSCRIPT, token, learner=learner, first=2, after=after)
        page = data["learner"]["outcomes"]
        seen += [edge["node"]["issuedOn"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        after = page["pageInfo"]["endCursor"]
    assert seen == [f"2026-01-{day:02}" for day in (1, 2, 3, 11, 12, 13)]


def test_a_transcript_with_one_region_stopped_is_partial_and_says_so(world: World, learner: str) -> None:
    world.stop("440000")
    try:
        answer = world.post(TRANSCRIPT, {"learner": learner, "first": 20}, world.token(Role.PORTAL))
    finally:
        world.start("440000")
    found = answer["data"]["learner"]
    assert [account["region"]["code"] for account in found["accounts"]] == ["310000", "320000"]
    assert found["totalCredits"] == "32.0"
    assert len(found["outcomes"]["edges"]) == 4
    coverage = answer["extensions"]["coverage"]
    assert (coverage["asked"], coverage["answered"]) == (8, 7)
    assert {missing["shard"] for missing in coverage["missing"]} == {"440000"}
    assert {missing["reason"] for missing in coverage["missing"]} == {"SHARD_UNREACHABLE"}
    assert {error["extensions"]["shard"] for error in answer["errors"]} == {"440000"}
    assert all(error["path"][0] == "learner" for error in answer["errors"])


def test_five_hundred_recognitions_ask_each_region_at_most_once_a_wave(world: World) -> None:
    pairs = [("310000", "320000"), ("320000", "310000"), ("320000", "520000"), ("440000", "500000")]
    codes = (SHOPS, BORDERS, LIVE)
    inputs = [
        {"from": one, "to": other, "certificate": {"code": codes[index % 3], "level": "INTERMEDIATE"}}
        for index, (one, other) in enumerate(pairs * 125)
    ]
    before = world.asked()
    answer = world.ask(MANY, inputs=inputs)
    sent = Counter(world.asked()) - Counter(before)
    decisions = answer["mutualRecognitions"]
    assert len(decisions) == 500
    assert [(one["from"], one["to"]) for one in decisions] == pairs * 125
    assert sent == {"310000": 2, "320000": 2, "440000": 1, "500000": 1, "520000": 1}
    assert {one["decision"] for one in decisions} <= {"RECOGNISED", "PARTIAL", "REFUSED"}


def test_what_every_paired_region_makes_of_a_certificate(world: World) -> None:
    data = world.ask(
        'query($c: CertificateInput!) { recognisedBy(certificate: $c, from: "320000")'
        " { to decision reasons { code } } }",
        c={"code": SHOPS, "level": "INTERMEDIATE"},
    )
    found = {one["to"]: one["decision"] for one in data["recognisedBy"]}
    assert list(found) == ["310000", "520000"]
    assert found["520000"] == "RECOGNISED"


def test_national_and_regional_facts_of_a_region_are_one_object(world: World) -> None:
    answer = world.post(
        """{ regions { code name policy { yearlyCeiling } pairings { id inForce } }
             catalogue { hash } statistics { accounts verifiedOutcomes } }"""
    )
    assert "errors" not in answer
    regions = {region["code"]: region for region in answer["data"]["regions"]}
    assert tuple(regions) == REGIONS
    assert regions["320000"]["policy"]["yearlyCeiling"] == "16.0"
    assert regions["310000"]["policy"]["yearlyCeiling"] is None
    assert answer["extensions"]["coverage"] == {"asked": 8, "answered": 8, "missing": []}


def test_a_stopped_region_costs_its_own_fields_and_not_its_neighbours(world: World) -> None:
    world.stop("520000")
    try:
        answer = world.post(
            """{ regions { code name policy { ceilingCredits } }
                 there: agreements(region: "520000") { id }
                 here: agreements(region: "310000") { id }
                 statistics { verifiedOutcomes } }"""
        )
    finally:
        world.start("520000")
    data = answer["data"]
    policies = {region["code"]: region["policy"] for region in data["regions"]}
    assert tuple(policies) == REGIONS
    assert [code for code, policy in policies.items() if policy is None] == ["520000"]
    assert data["there"] is None
    assert len(data["here"]) == 1
    assert data["statistics"]["verifiedOutcomes"] >= 0
    assert codes(answer) == {"SHARD_UNREACHABLE"}
    paths = [error["path"] for error in answer["errors"]]
    assert ["regions", 6, "policy"] in paths or ["regions", 6] in paths
    assert ["there"] in paths


def test_cohorts_of_several_regions_are_one_funnel(world: World) -> None:
    certificate = world.ask("{ certificates(first: 1) { edges { node { code levels } } } }")["certificates"]
    of = certificate["edges"][0]["node"]
    record = """mutation($r: ID!, $c: ID!, $l: SkillLevel!, $s: CohortStep!, $a: [ID!]!, $k: String!) {
      recordCohortStep(region: $r, certificate: $c, level: $l, term: "T", step: $s, accounts: $a,
        idempotencyKey: $k) { __typename } }"""
    for region in ("310000", "320000"):
        account, _ = world.open_account(region, world.new_person())
        for step in ("REGISTERED", "TRAINED"):
            given = {"r": region, "c": of["code"], "l": of["levels"][0], "s": step, "a": [account]}
            recorded = world.ask(record, world.officer(region), **given, k=f"{region}-{step}")
            assert recorded["recordCohortStep"] == {"__typename": "CohortRecorded"}
    query = '{ cohortFunnel(term: "T") { registered trained sat passed withheld } }'
    # One learner is too few to be shown to anybody but the officers of their region; others add to it.
    seen = world.ask(query, world.officer("310000"))["cohortFunnel"]
    assert seen == {"registered": 1, "trained": 1, "sat": 0, "passed": 0, "withheld": 1}
    assert world.ask(query)["cohortFunnel"]["withheld"] == 2


def codes(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def test_nobody_sees_a_learner_without_a_token(world: World, learner: str) -> None:
    before = world.asked()
    answer = world.post(TRANSCRIPT, {"learner": learner})
    assert (answer["data"], codes(answer)) == ({"learner": None}, {"UNAUTHENTICATED"})
    assert world.asked() == before


def test_one_field_that_is_refused_leaves_the_others_their_answer(world: World, learner: str) -> None:
    query = 'query($i: ID!) { learner(id: $i) { id } regions { code } agreements(region: "310000") { id } }'
    answer = world.post(query, {"i": learner})
    assert answer["data"]["learner"] is None
    assert answer["data"]["regions"]
    assert answer["data"]["agreements"]
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["learner"], "UNAUTHENTICATED")


def test_one_change_that_is_refused_keeps_the_others_from_being_made(world: World) -> None:
    mine, _ = world.open_account("320000", world.new_person())
    theirs, _ = world.open_account("310000", world.new_person())
    before = world.asked()
    freeze = """mutation($mine: ID!, $theirs: ID!) {
      a: freezeAccount(id: $mine, reason: "x", idempotencyKey: "k") { __typename }
      b: freezeAccount(id: $theirs, reason: "x", idempotencyKey: "l") { __typename }
    }"""
    answer = world.post(freeze, {"mine": mine, "theirs": theirs}, world.officer("320000"))
    assert (answer["data"], codes(answer)) == (None, {"FORBIDDEN"})
    assert world.asked() == before


def test_learners_see_themselves_and_nobody_else(world: World, learner: str) -> None:
    own = world.token(Role.LEARNER, learner_id=learner)
    assert len(world.ask(TRANSCRIPT, own, learner=learner, first=20)["learner"]["accounts"]) == 3
    before = world.asked()
    other = world.post(TRANSCRIPT, {"learner": "L-SOMEBODYELSE"}, own)
    assert (other["data"], codes(other)) == ({"learner": None}, {"FORBIDDEN"})
    assert world.asked() == before


def test_officers_act_in_their_own_region_only(world: World) -> None:
    account, _ = world.open_account("310000", world.new_person())
    before = world.asked()
    freeze = 'mutation($i: ID!) { freezeAccount(id: $i, reason: "x", idempotencyKey: "k") { __typename } }'
    foreign = world.post(freeze, {"i": account}, world.officer("320000"))
    assert (foreign["data"], codes(foreign)) == (None, {"FORBIDDEN"})
    assert world.asked() == before
    listing = "query($r: ID!) { accounts(region: $r) { totalCount } }"
    assert codes(world.post(listing, {"r": "310000"}, world.officer("320000"))) == {"FORBIDDEN"}
    assert world.ask(listing, world.officer("310000"), r="310000")["accounts"]["totalCount"] >= 1


def test_a_wrong_token_is_never_taken_for_none(world: World) -> None:
    for token in ("nonsense", world.token(Role.PORTAL)[:-4] + "AAAA"):
        answer = world.post("{ regions { code } }", token=token)
        assert codes(answer) == {"UNAUTHENTICATED"}
        assert "data" not in answer or answer["data"] is None


def test_citizen_numbers_never_leave_a_node_whole(world: World) -> None:
    person = world.new_person()
    account, _ = world.open_account("310000", person)
    data = world.ask(
        "query($i: ID!) { account(id: $i) { citizenNumberMasked } }", world.officer("310000"), i=account
    )
    masked = data["account"]["citizenNumberMasked"]
    assert masked != person
    assert masked.endswith(person[-2:])
    for role in (Role.PORTAL, Role.AUDITOR):
        token = world.token(role, region="310000") if role is Role.AUDITOR else world.token(role)
        answer = world.post(
            "query($i: ID!) { account(id: $i) { citizenNumberMasked } }", {"i": account}, token
        )
        assert answer["data"]["account"]["citizenNumberMasked"] is None
        assert codes(answer) == {"FORBIDDEN"}


@pytest.mark.parametrize(
    ("query", "variables", "code"),
    [
        ("{ regions { code ", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($l: ID!) { learner(id: $l) { id } }", {}, "BAD_USER_INPUT"),
        ('{ outcome(id: "999999-O-1") { id } }', {}, "UNKNOWN_SHARD"),
        ('{ outcome(id: "nonsense") { id } }', {}, "UNKNOWN_SHARD"),
        ('{ majors(first: 2, after: "nonsense") { totalCount } }', {}, "INVALID_CURSOR"),
        ("{ majors(first: 100000) { totalCount } }", {}, "LIMIT_PAGE_SIZE"),
        ("query($n: Int) { majors(first: $n) { totalCount } }", {"n": 100000}, "LIMIT_PAGE_SIZE"),
        ('{ pairings { inForce(asOf: "2026-02-30") } }', {}, "BAD_USER_INPUT"),
        ("{" + " __typename" * 5_000 + "}", {}, "LIMIT_TOKENS"),
        ("query A { __typename } query B { __typename }", {}, "OPERATION_RESOLUTION_FAILURE"),
        ("{ catalogue {" + " ".join(f"a{i}: hash" for i in range(80)) + "} }", {}, "LIMIT_ALIASES"),
    ],
)
def test_bad_input_meets_one_clear_code(
    world: World, query: str, variables: dict[str, Any], code: str
) -> None:
    answer = world.post(query, variables, world.token(Role.PORTAL))
    assert codes(answer) == {code}
    assert all(error["message"] for error in answer["errors"])


def test_what_does_not_exist_is_null_and_named(world: World) -> None:
    answer = world.post(
        """{ account(id: "310000-A-nobody") { id } outcome(id: "310000-O-none") { id }
             learner(id: "L-NOBODY") { totalCredits } region(code: "000000") { code }
             certificate(code: "X0") { code } agreement(id: "310000-G-none") { id } }""",
        token=world.token(Role.PORTAL),
    )
    assert answer["data"] == {
        "account": None,
        "outcome": None,
        "learner": None,
        "region": None,
        "certificate": None,
        "agreement": None,
    }
    named = {error["path"][0]: error["extensions"]["code"] for error in answer.get("errors", ())}
    assert named.items() >= {"account": "UNKNOWN_ACCOUNT", "outcome": "UNKNOWN_OUTCOME"}.items()
    assert all(code.startswith("UNKNOWN_") for code in named.values())


@pytest.mark.parametrize(
    ("achievement", "codes_allowed"),
    [
        ({"credits": "eight"}, {"BAD_USER_INPUT", "MALFORMED_CREDITS"}),
        ({"credits": "8.05"}, {"BAD_USER_INPUT", "MALFORMED_CREDITS"}),
        ({"credits": "-1.0"}, {"MALFORMED_CREDITS"}),
        ({"credits": "9.0"}, {"CEILING_EXCEEDED"}),
        ({"issuedOn": "2026-02-30"}, {"BAD_USER_INPUT"}),
        ({"certificate": "X0000000000"}, {"UNKNOWN_CERTIFICATE"}),
    ],
)
def test_a_bad_submission_is_refused_with_its_reason_and_nothing_is_lost(
    world: World, achievement: dict[str, str], codes_allowed: set[str]
) -> None:
    account, _ = world.open_account("310000", world.new_person())
    given = {
        "kind": "X_CERTIFICATE",
        "title": "网店运营推广（中级）",
        "certificate": SHOPS,
        "level": "INTERMEDIATE",
        "standardVersion": VERSION,
        "certificateNumber": world.new_key(),
        "credits": "8.0",
        "issuedOn": "2026-05-01",
    }
    submit = """mutation($a: ID!, $i: SubmitOutcomeInput!, $k: String!) {
      submitOutcome(account: $a, input: $i, idempotencyKey: $k) { __typename ... on Refusal { code } }
    }"""

    def hand_in(**changed: str) -> dict[str, Any]:
        variables = {"a": account, "i": {**given, **changed}, "k": world.new_key()}
        return world.post(submit, variables, world.officer("310000"))

    refused = hand_in(**achievement)
    told = codes(refused) or {refused["data"]["submitOutcome"]["code"]}
    assert told <= codes_allowed
    assert hand_in()["data"]["submitOutcome"]["__typename"] == "OutcomeChanged"
    again = hand_in()
    assert again["data"]["submitOutcome"] == {"__typename": "Refusal", "code": "OUTCOME_EXISTS"}


def test_expired_and_foreign_tokens_are_told_apart(world: World) -> None:
    portal = Caller(Role.PORTAL, "portal")
    expired = issue_token(world.key, portal, now=lambda: 1_700_000_000.0)
    foreign = issue_token(world.key, portal, audience="another-service")
    strange = issue_token(generate_key(), portal)
    for token, code in ((expired, "TOKEN_EXPIRED"), (foreign, "TOKEN_FOREIGN"), (strange, "UNAUTHENTICATED")):
        assert codes(world.post("{ regions { code } }", token=token)) == {code}


def test_a_body_of_ten_megabytes_is_refused(world: World) -> None:
    answer = world.post("{ regions { code } }", {"padding": "x" * 10_000_000})
    assert codes(answer) == {"BODY_TOO_LARGE"}


def test_messages_are_in_the_readers_language(world: World) -> None:
    chinese = "zh-CN,zh;q=0.9"
    portal = world.token(Role.PORTAL)
    answer = world.post('{ outcome(id: "999999-O-1") { id } }', token=portal, language=chinese)
    assert "区域" in answer["errors"][0]["message"]
    asked = {"from": "310000", "to": "320000", "certificate": {"code": SHOPS, "level": "INTERMEDIATE"}}
    answer = world.post(
        "query($i: RecognitionInput!) { mutualRecognition(input: $i) { reasons { code message } } }",
        {"i": asked},
        language=chinese,
    )
    [reason] = answer["data"]["mutualRecognition"]["reasons"]
    assert reason["code"] == "COURSES_INSUFFICIENT"
    assert "学分" in reason["message"]


def test_the_public_schema_is_introspected_and_described(world: World) -> None:
    data = world.ask("{ __schema { queryType { fields { name description } } types { name description } } }")
    names = {field["name"] for field in data["__schema"]["queryType"]["fields"]}
    assert {"regions", "learner", "outcomes", "mutualRecognitions", "recognisedBy", "catalogue"} <= names
    assert not any(name.startswith("_") for name in names)
