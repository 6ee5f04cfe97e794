"""A course matrix is published whole from a table, checked, and read with its signs in either language."""

from __future__ import annotations

from typing import Any

import pytest

from region_node.domain.matrix import SYMBOLS, Cell, Part, Treatment, read_table
from region_node.domain.refusal import Refusal
from tests.node.bank import REFUSAL
from tests.node.conftest import Asker, Served
from tests.node.databases import REGION
from tests.node.published import mutate

MAJOR = "530701"
TABLE = """part,course,area,task,symbol,credits
CORE_AND_ELECTIVE,网店运营,店铺运营,商品上架,●,3.0
CORE_AND_ELECTIVE,网店运营,店铺运营,活动策划,■,1.0
CORE_AND_ELECTIVE,网络营销,流量推广,搜索推广,○,2.0
PRACTICAL,网店推广实训,流量推广,信息流推广,▲,2.0
SHARED,网络营销,店铺运营,商品上架,↑,
"""
MATRIX = f"""__typename {REFUSAL} ... on MatrixPublished {{ matrix {{
  id version relation credits hash text cells {{ part course task treatment symbol credits }} }} }}"""
TYPES = {
    "major": "ID!",
    "certificate": "ID!",
    "relation": "Relation!",
    "validFrom": "Date!",
    "table": "String!",
}


async def publish(asker: Asker, certificate: str, table: str = TABLE, **rest: Any) -> dict[str, Any]:
    given = {
        "major": MAJOR,
        "certificate": certificate,
        "relation": "REINFORCE",
        "validFrom": "2026-01-01",
        "table": table,
        **rest,
    }
    return await mutate(asker, "publishMatrix", TYPES, MATRIX, **given)


async def test_a_matrix_is_read_as_it_was_published(served: Served, certificate: str) -> None:
    published = (await publish(served.officer, certificate))["matrix"]
    assert (published["version"], published["relation"], published["credits"]) == (1, "REINFORCE", "8.0")
    assert published["cells"][0] == {
        "part": "CORE_AND_ELECTIVE",
        "course": "网店运营",
        "task": "商品上架",
        "treatment": "INTEGRATED",
        "symbol": "●",
        "credits": "3.0",
    }
    newer = await publish(served.officer, certificate, relation="EXTEND", validFrom="2026-05-01")
    assert newer["matrix"]["version"] == 2
    query = """query($r: ID!, $d: Date) { courseMatrices(region: $r, major: "530701", asOf: $d) {
      version relation } }"""
    for day, versions in ((None, [1, 2]), ("2026-04-30", [1]), ("2026-05-01", [2]), ("2025-12-31", [])):
        data = await served.public.ask(query, r=REGION, d=day)
        assert [one["version"] for one in data["courseMatrices"]] == versions


async def test_a_matrix_is_readable_in_either_language(sqlite_served: Served, certificate: str) -> None:
    await publish(sqlite_served.officer, certificate)
    query = f'{{ courseMatrices(region: "{REGION}") {{ text }} }}'
    texts = [
        (await sqlite_served.public.post(query, accept_language=language))["data"]["courseMatrices"][0][
            "text"
        ].splitlines()
        for language in ("en", "zh")
    ]
    assert texts[0][0].startswith("网店运营推广 reinforces 电子商务 (530701, ")
    assert texts[1][0].startswith("网店运营推广：强化电子商务 (530701, ")
    assert "[核心与限选课程]" in texts[1]
    assert "网店运营: ● 3.0 店铺运营 / 商品上架, ■ 1.0 店铺运营 / 活动策划" in texts[0]
    assert texts[0][-1] == "○ iterated  ● integrated  ▲ new  ■ strengthened  ↑ supports the certificate"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("part,course", "part,lesson"), "the first line must be"),
        (("●,3.0", "●,3.x"), "line 2: 3.x is not an amount"),
        (("●,3.0", "?,3.0"), "line 2: ? is none of ○ ● ▲ ■ ☒ ↑"),
        (("SHARED", "COMMON"), "line 6: COMMON is none of SHARED"),
        (("■,1.0", "■,0.0"), "all but what is deleted or supports carries credits"),
        (("↑,", "↑,1.0"), "all but what is deleted or supports carries credits"),
        (("网络营销,流量推广", "烹饪,流量推广"), "major 530701 has no course 烹饪"),
        (("●,3.0", "●,4.0"), "the cells carry 9.0 credits"),
        (("活动策划", "商品上架"), "网店运营 meets task 商品上架 twice"),
    ],
)
async def test_what_is_wrong_with_a_table_is_told_with_its_place(
    sqlite_served: Served, certificate: str, change: tuple[str, str], told: str
) -> None:
    refused = await publish(sqlite_served.officer, certificate, TABLE.replace(*change, 1))
    assert refused["code"] == "MATRIX_INVALID"
    assert told in refused["message"]


async def test_a_version_never_begins_before_another(sqlite_served: Served, certificate: str) -> None:
    await publish(sqlite_served.officer, certificate)
    refused = await publish(sqlite_served.officer, certificate, validFrom="2025-12-31")
    assert "validFrom must not be before 2026-01-01" in refused["message"]
    assert (await publish(sqlite_served.portal, certificate))["code"] == "NOT_PERMITTED"


@pytest.mark.parametrize("treatment", Treatment)
def test_every_treatment_is_read_by_its_sign_and_by_its_name(treatment: Treatment) -> None:
    for written in (SYMBOLS[treatment], treatment.value, treatment.value.lower()):
        cells = read_table(f"part,course,area,task,symbol,credits\nshared,数学,,解题,{written},1.0")
        assert not isinstance(cells, Refusal)
        assert cells == (Cell(Part.SHARED, "数学", "", "解题", treatment, 10),)
