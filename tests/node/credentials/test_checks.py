"""A certificate is checked by its code: what its holder chose is shown, and nothing of the person."""

from __future__ import annotations

import re
from typing import Any

from tests.node.bank import step
from tests.node.conftest import CERTIFICATE_NAME, Asker, citizen_number
from tests.node.credentials.conftest import Holder

CHECK = """query($c: String!) { certificateCheck(region: "320000", code: $c) {
  title status level organisation issuedOn credits } }"""


async def code(holder: Holder, *show: str) -> str:
    query = "query($o: ID!, $s: [Shown!]!) { verificationCode(outcome: $o, show: $s) }"
    data = await holder.asker.ask(query, o=holder.certificate, s=list(show))
    told: str = data["verificationCode"]
    return told


async def checked(asker: Asker, told: str) -> Any:
    return (await asker.ask(CHECK, c=told))["certificateCheck"]


async def test_anybody_sees_what_the_holder_chose(holder: Holder) -> None:
    all_of_it = await checked(
        holder.served.public, await code(holder, "LEVEL", "ORGANISATION", "ISSUED_ON", "CREDITS")
    )
    assert all_of_it == {
        "title": CERTIFICATE_NAME,
        "status": "VERIFIED",
        "level": "INTERMEDIATE",
        "organisation": "北京鸿科<经纬>科技有限公司",
        "issuedOn": "2026-05-01",
        "credits": "8.0",
    }
    least = await checked(holder.served.public, await code(holder))
    assert {name for name, value in least.items() if value is not None} == {"title", "status"}


async def test_a_code_can_neither_be_made_nor_altered(holder: Holder) -> None:
    told = await code(holder, "LEVEL")
    for place in range(0, len(told), 7):
        other = told[:place] + ("A" if told[place] != "A" else "B") + told[place + 1 :]
        assert await checked(holder.served.public, other) is None
    for nonsense in ("", "x", "核验", "A" * 500, holder.certificate):
        assert await checked(holder.served.public, nonsense) is None
    assert await checked(holder.served.public, told.lower()[:20] + " - " + told[20:]) is not None


async def test_only_the_holder_s_side_makes_codes(holder: Holder) -> None:
    query = f'{{ verificationCode(outcome: "{holder.certificate}", show: []) }}'
    stranger = holder.served.learner("L-SOMEBODYELSE")
    for asker, code in ((holder.served.public, "UNAUTHENTICATED"), (stranger, "FORBIDDEN")):
        (error,) = await asker.refused(query)
        assert error["extensions"]["code"] == code


async def test_the_page_tells_both_languages_and_no_person(holder: Holder) -> None:
    told = await code(holder, "LEVEL", "ORGANISATION")
    answer = await holder.served.client.get(f"/check/{told}")
    assert answer.status_code == 200
    for shown in (CERTIFICATE_NAME, "有效", "Valid", "中级", "北京鸿科&lt;经纬&gt;科技有限公司"):
        assert shown in answer.text
    for hidden in ("8.0", "2026-05-01", holder.learner, holder.account, citizen_number(1)):
        assert hidden not in answer.text
    await step(
        holder.served.officer, "revokeOutcome", holder.certificate, ground="ERROR", reason="张三的错误"
    )
    revoked = await holder.served.client.get("/check", params={"code": told})
    assert "已撤销" in revoked.text
    assert "张三" not in revoked.text


async def test_the_page_is_strict_and_reflects_nothing(holder: Holder) -> None:
    form = await holder.served.client.get("/check")
    unknown = await holder.served.client.get("/check", params={"code": "<script>alert(1)</script>"})
    assert (form.status_code, unknown.status_code) == (200, 404)
    assert "<script" not in unknown.text
    policy = form.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "unsafe" not in policy
    assert not re.search(r"https?://|\bstyle=|\bon\w+=", form.text)
