"""The national subgraph as the engine reaches it: documents in, replies out, no region asked without need."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest

from catalogue.sample import load_sample
from edge.caller import Caller
from gateway.federation.sharding.coverage import Coverage, Gathered, Missing
from gateway.federation.transport import Reply, ShardRequest
from gateway.national.context import National
from gateway.national.recognition import QUESTIONS_LIMIT, Asking, Recognition
from gateway.national.transfers import Transfers
from gateway.national.transport import NationalTransport
from gateway.published import publish
from schema.codes import Language
from tests.gateway.simulated import CERTIFICATE, NOW, PAIRINGS, PORTAL, REGIONS, SimulatedRegions

PUBLISHED = publish(load_sample(), PAIRINGS, frozenset(REGIONS))


class Asked:
    """One request to the subgraph, with what it left behind."""

    def __init__(
        self, regions: SimulatedRegions | None = None, caller: Caller = PORTAL, language: Language = "en"
    ) -> None:
        self.coverage = Coverage()
        self.faults: list[BaseException] = []
        self.regions = regions or SimulatedRegions()
        self._caller = caller
        self._language = language

    async def reply(self, query: str, **variables: Any) -> Reply:
        transport = NationalTransport(self._context, self._report)
        return await transport.send(ShardRequest("national", "", query, variables))

    def _context(self, _: ShardRequest) -> National:
        deadline_s = asyncio.get_running_loop().time() + 30
        asking = Asking(self._caller, self._language, deadline_s, coverage=self.coverage)
        recognition = Recognition(PUBLISHED.ground, self.regions, lambda: NOW)
        return National(PUBLISHED, NOW, asking, recognition, Transfers(self.regions))

    def _report(self, fault: BaseException) -> str:
        self.faults.append(fault)
        return "fault-1"


async def ask(query: str, **variables: Any) -> dict[str, Any]:
    reply = await Asked().reply(query, **variables)
    assert reply.errors == ()
    assert reply.data is not None
    return dict(reply.data)


ONE = """query($input: RecognitionInput!) {
  mutualRecognition(input: $input) { from to decision creditsRecognised reasons { code message } asOf }
}"""
MANY = """query($inputs: [RecognitionInput!]!) {
  mutualRecognitions(inputs: $inputs) { from to decision reasons { code } }
}"""


def given(one: str, other: str, **more: Any) -> dict[str, Any]:
    return {
        "from": one,
        "to": other,
        "certificate": {"code": CERTIFICATE.code, "level": "INTERMEDIATE"},
        **more,
    }


async def test_regions_are_those_with_a_bank_unless_all_are_wanted() -> None:
    found = await ask("{ regions { code name } all: regions(registered: false) { code } }")
    assert [region["code"] for region in found["regions"]] == sorted(REGIONS)
    assert found["regions"][0]["name"] == "上海市"
    assert len(found["all"]) == 34


async def test_a_region_and_its_entity_are_one() -> None:
    found = await ask(
        """query($representations: [_Any!]!) {
          region(code: "320000") { name nameEn registered pairings { id parties { code } accepts { code } } }
          nowhere: region(code: "000000") { code }
          _entities(representations: $representations) { ... on Region { name } }
        }""",
        representations=[{"__typename": "Region", "code": "320000"}, {"__typename": "Region", "code": "x"}],
    )
    assert found["region"]["nameEn"] == "Jiangsu"
    assert found["nowhere"] is None
    assert found["_entities"] == [{"name": found["region"]["name"]}, None]
    assert [pairing["accepts"] for pairing in found["region"]["pairings"]] == [None, {"code": "520000"}]


async def test_representations_are_left_as_they_were() -> None:
    representation = {"__typename": "Region", "code": "320000"}
    query = (
        "query($representations: [_Any!]!) { _entities(representations: $representations) { __typename } }"
    )
    await ask(query, representations=[representation])
    assert representation == {"__typename": "Region", "code": "320000"}


async def test_pairings_say_what_they_cover_and_whether_they_hold() -> None:
    found = await ask("""{ pairings(region: "440000") {
      id kind status version termsHash lastDay
      scope { certificate levels kinds flexible ratePercent }
      today: inForce  then: inForce(asOf: "2026-03-31")
    } }""")
    both, ended = found["pairings"]
    assert (both["kind"], both["today"], both["lastDay"]) == ("ALLIANCE", True, None)
    assert (ended["today"], ended["then"], ended["lastDay"]) == (False, True, "2026-03-31")
    assert both["scope"] == [
        {"certificate": None, "levels": [], "kinds": [], "flexible": True, "ratePercent": 100}
    ]
    assert len(both["termsHash"]) == 64


async def test_recognition_in_the_terms_of_the_contract() -> None:
    found = await ask(ONE, input=given("310000", "320000"))
    assert found["mutualRecognition"] == {
        "from": "310000",
        "to": "320000",
        "decision": "RECOGNISED",
        "creditsRecognised": "8.0",
        "reasons": [],
        "asOf": "2026-06-01",
    }


@pytest.mark.parametrize(("language", "word"), [("en", "never transitive"), ("zh", "协议不可传递")])
async def test_reasons_are_in_the_readers_language(language: Language, word: str) -> None:
    asked = Asked(language=language)
    reply = await asked.reply(ONE, input=given("440000", "620000"))
    assert reply.data is not None
    [reason] = reply.data["mutualRecognition"]["reasons"]
    assert reason["code"] == "NO_AGREEMENT"
    assert word in reason["message"]
    assert asked.regions.asked == []
    assert asked.coverage.extension() is None


@pytest.mark.parametrize("wanted", [True, False])
async def test_evidence_is_asked_for_where_a_field_wants_it_and_passed_on_as_it_came(wanted: bool) -> None:
    class Evident(SimulatedRegions):
        async def ask(self, region: str, query: str, variables: Any, asking: Asking) -> Any:
            assert ("evidence" in query) is (wanted and "assessments(" in query)
            return await super().ask(region, query, variables, asking)

        def _decision(self, region: str, asked: Any) -> dict[str, Any]:
            return {**super()._decision(region, asked), **({"evidence": "{…}"} if wanted else {})}

    fields = "decision evidence" if wanted else "decision"
    query = f"query($input: RecognitionInput!) {{ mutualRecognition(input: $input) {{ {fields} }} }}"
    reply = await Asked(Evident()).reply(query, input=given("310000", "320000"))
    assert reply.errors == ()
    assert reply.data is not None
    shown = reply.data["mutualRecognition"]
    assert shown == {"decision": "RECOGNISED", **({"evidence": "{…}"} if wanted else {})}


async def test_many_fields_of_one_operation_share_the_two_waves() -> None:
    asked = Asked()
    fields = "".join(f"f{index}: mutualRecognition(input: $input) {{ decision }} " for index in range(20))
    reply = await asked.reply(
        f"query($input: RecognitionInput!, $inputs: [RecognitionInput!]!) {{ {fields}"
        " mutualRecognitions(inputs: $inputs) { decision } }",
        input=given("310000", "320000"),
        inputs=[given("320000", "520000"), given("440000", "500000"), given("310000", "320000")],
    )
    assert reply.errors == ()
    assert set(Counter(asked.regions.asked).values()) == {1}


async def test_every_paired_region_answers_what_it_makes_of_a_certificate() -> None:
    asked = Asked()
    reply = await asked.reply(
        """query($certificate: CertificateInput!) {
          recognisedBy(certificate: $certificate, from: "310000") { to decision reasons { code } }
        }""",
        certificate={"code": CERTIFICATE.code, "level": "INTERMEDIATE"},
    )
    assert reply.data is not None
    assert reply.data["recognisedBy"] == [
        {"to": "320000", "decision": "RECOGNISED", "reasons": []},
        {"to": "440000", "decision": "REFUSED", "reasons": [{"code": "AGREEMENT_EXPIRED"}]},
    ]
    assert asked.regions.asked == [("standings", "310000"), ("assessments", "320000")]


async def test_a_silent_region_is_one_error_at_its_first_place_and_a_gap_in_the_coverage() -> None:
    asked = Asked(SimulatedRegions(silent=["500000"]))
    inputs = [given("310000", "320000"), given("440000", "500000"), given("500000", "440000")]
    reply = await asked.reply(MANY, inputs=inputs)
    assert reply.data is not None
    decisions = [one["decision"] for one in reply.data["mutualRecognitions"]]
    assert decisions == ["RECOGNISED", "UNDETERMINED", "UNDETERMINED"]
    [error] = reply.errors
    assert error["path"] == ["mutualRecognitions", 1]
    assert error["extensions"] == {"code": "SHARD_TIMEOUT", "shard": "500000"}
    assert isinstance(reply, Gathered)
    assert reply.missing == (Missing("500000", "SHARD_TIMEOUT", ["mutualRecognitions", 1]),)


async def test_too_many_questions_are_refused_with_the_limit() -> None:
    asked = Asked()
    reply = await asked.reply(MANY, inputs=[given("310000", "320000")] * (QUESTIONS_LIMIT + 1))
    [error] = reply.errors
    assert error["extensions"] == {"code": "LIMIT_RECOGNITIONS", "limit": 500, "found": 501}
    assert asked.regions.asked == []


async def test_no_questions_are_no_decisions() -> None:
    assert (await ask(MANY, inputs=[]))["mutualRecognitions"] == []


@pytest.mark.parametrize(
    ("query", "variables"),
    [
        ('{ pairings { inForce(asOf: "2026-02-30") } }', {}),
        (ONE, {"input": given("310000", "320000", asOf="June")}),
        (ONE, {"input": given("310000", "320000", asOf=20260601)}),
    ],
)
async def test_a_malformed_date_is_the_clients_mistake_and_told_as_such(
    query: str, variables: dict[str, Any]
) -> None:
    asked = Asked()
    reply = await asked.reply(query, **variables)
    assert reply.data is None
    assert [error["extensions"]["code"] for error in reply.errors] == ["BAD_USER_INPUT"]
    assert asked.faults == []
