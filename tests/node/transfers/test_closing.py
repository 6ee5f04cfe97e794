"""An account is not closed while credits are on their way from it or to it."""

from __future__ import annotations

from tests.node.bank import step
from tests.node.transfers.conftest import Two, stated


async def test_from_it(two: Two) -> None:
    sent = await two.reserve(await two.outcome())
    refused = await step(two.source.officer, "closeAccount", two.account, reason="moves away")
    assert refused["code"] == "TRANSFER_UNDER_WAY"
    assert sent["id"] in refused["message"]
    accepted = await two.accept(stated(sent, "EXPORT"))
    await two.confirm(sent["id"], stated(accepted, "RECEIPT"))
    closed = await step(two.source.officer, "closeAccount", two.account, reason="moves away")
    assert closed["account"]["status"] == "CLOSED"


async def test_to_it(two: Two) -> None:
    """It waits for an officer of the target; declined, it comes to nothing there."""
    export = stated(await two.reserve(await two.outcome(examinerLevel="INTERMEDIATE")), "EXPORT")
    assert (await two.accept(export))["state"] == "REFERRED"
    refused = await step(two.target.officer, "closeAccount", two.there, reason="moves away")
    assert refused["code"] == "TRANSFER_UNDER_WAY"
    await two.decline(export=export)
    closed = await step(two.target.officer, "closeAccount", two.there, reason="moves away")
    assert closed["account"]["status"] == "CLOSED"
