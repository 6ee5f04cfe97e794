"""Standards are registered and retired, organisations vetoed: dated facts that nobody takes back."""

from __future__ import annotations

from typing import Any

import pytest

from edge.caller import Role
from tests.node.conftest import Served
from tests.node.published import VERSION, register, retire, veto

ORGANISATION = "北京鸿科经纬科技有限公司"
LIST = """query($c: ID) { standards(region: "320000", certificate: $c) {
  certificate level version activeFrom retiredFrom } }"""


async def test_a_standard_takes_its_organisation_and_its_core_share_from_what_is_known(
    served: Served, certificate: str
) -> None:
    standard = (await register(served.officer, certificate))["standard"]
    assert standard["organisation"] == ORGANISATION
    assert (standard["credits"], standard["coreCredits"], standard["flexibleCredits"]) == (
        "8.0",
        "5.6",
        "2.4",
    )
    other = (await register(served.officer, certificate, version="2023年2.0版", coreCredits="8.0"))[
        "standard"
    ]
    assert (other["coreCredits"], other["flexibleCredits"]) == ("8.0", "0.0")


async def test_retirement_has_a_first_day_and_is_final(served: Served, certificate: str) -> None:
    registered = (await register(served.officer, certificate))["standard"]
    retired = (await retire(served.officer, certificate, "2026-02-01"))["standard"]
    assert retired["retiredFrom"] == "2026-02-01"
    assert retired["hash"] != registered["hash"]
    again = await retire(served.officer, certificate, "2027-01-01")
    assert again["code"] == "MALFORMED_INPUT"
    (kept,) = (await served.public.ask(LIST, c=certificate))["standards"]
    assert kept["retiredFrom"] == "2026-02-01"


@pytest.mark.parametrize(
    ("standard", "code"),
    [
        ({"certificate": "X0"}, "UNKNOWN_CERTIFICATE"),
        ({"credits": "8.1"}, "CEILING_EXCEEDED"),
        ({"credits": "0.0"}, "MALFORMED_CREDITS"),
        ({"coreCredits": "8.1"}, "MALFORMED_CREDITS"),
        ({"version": " "}, "MALFORMED_INPUT"),
    ],
)
async def test_an_impossible_standard_is_refused(
    sqlite_served: Served, certificate: str, standard: dict[str, Any], code: str
) -> None:
    assert (await register(sqlite_served.officer, certificate, **standard))["code"] == code


async def test_a_standard_is_registered_once_and_retired_only_where_it_is_known(
    sqlite_served: Served, certificate: str
) -> None:
    officer = sqlite_served.officer
    await register(officer, certificate)
    assert "registered already" in (await register(officer, certificate))["message"]
    assert (await retire(officer, certificate, "2026-01-01", version="?"))["code"] == "UNKNOWN_STANDARD"
    assert (await retire(officer, "X0", "2026-01-01"))["code"] == "UNKNOWN_CERTIFICATE"
    assert (await retire(officer, certificate, "2019-12-31"))["code"] == "MALFORMED_INPUT"


async def test_a_veto_finds_its_organisation_by_name_or_code_and_the_first_day_counts(
    served: Served, certificate: str
) -> None:
    vetoed = (await veto(served.officer, ORGANISATION, "2026-05-01", reason="泄题"))["organisation"]
    assert (vetoed["name"], vetoed["vetoedOn"]) == (ORGANISATION, "2026-05-01")
    assert (await veto(served.officer, vetoed["code"], "2026-05-02"))["code"] == "MALFORMED_INPUT"
    assert (await veto(served.officer, vetoed["code"], "2026-04-01"))["organisation"][
        "vetoedOn"
    ] == "2026-04-01"
    assert (await veto(served.officer, "无此组织", "2026-05-01"))["code"] == "UNKNOWN_ORGANISATION"
    data = await served.public.ask('{ organisations(region: "320000") { code name vetoedOn } }')
    assert [one for one in data["organisations"] if one["vetoedOn"]] == [{**vetoed, "vetoedOn": "2026-04-01"}]


async def test_an_organisation_known_only_by_a_registered_standard_can_be_vetoed(
    sqlite_served: Served, certificate: str
) -> None:
    await register(sqlite_served.officer, certificate, organisation="新设评价中心", version=VERSION)
    vetoed = await veto(sqlite_served.officer, "新设评价中心", "2026-05-01")
    assert vetoed["organisation"]["vetoedOn"] == "2026-05-01"


async def test_only_this_region_s_officers_register_retire_and_veto(
    sqlite_served: Served, certificate: str
) -> None:
    for asker in (
        sqlite_served.public,
        sqlite_served.portal,
        sqlite_served.asker(Role.OFFICER, region="310000"),
    ):
        assert (await register(asker, certificate))["code"] == "NOT_PERMITTED"
        assert (await retire(asker, certificate, "2026-01-01"))["code"] == "NOT_PERMITTED"
        assert (await veto(asker, ORGANISATION, "2026-05-01"))["code"] == "NOT_PERMITTED"
