"""Credits whose last day comes while they are on their way: gone when accepted, expired when returned."""

from __future__ import annotations

from datetime import date

from region_node.service.expiry import expire_due
from tests.node.published import set_policy
from tests.node.transfers.conftest import Two, entries, stated

# Issued on 20 March 2026, good for one year.
LAST_DAY, AFTER = date(2027, 3, 19), date(2027, 3, 20)


async def sent(two: Two) -> tuple[str, dict[str, str]]:
    await set_policy(two.source.officer, validityYears=1)
    outcome = await two.outcome()
    for bank in (two.source, two.target):
        bank.clock.go_to(LAST_DAY)
    exported = await two.reserve(outcome, expiresOn="2027-04-01")
    return exported["id"], stated(exported, "EXPORT")


async def test_accepted_they_are_the_targets(two: Two) -> None:
    transfer, export = await sent(two)
    two.source.clock.go_to(AFTER)
    assert await expire_due(two.source.node.bank) == 0
    two.target.clock.go_to(AFTER)
    accepted = await two.accept(export)
    assert accepted["state"] == "ACCEPTED"
    await two.confirm(transfer, stated(accepted, "RECEIPT"))
    # 6.0 of 8.0 had a course there; what came home is over.
    assert await expire_due(two.source.node.bank) == 1
    assert (await entries(two.source.officer, two.account))[-1] == ("EXPIRY", "-2.0")
    assert await two.balances() == ("0.0", "6.0")


async def test_returned_they_expire(two: Two) -> None:
    transfer, export = await sent(two)
    two.source.clock.go_to(AFTER)
    assert await expire_due(two.source.node.bank) == 0
    declined = await two.decline(export=export)
    await two.confirm(transfer, stated(declined, "RECEIPT"))
    assert await two.balances() == ("8.0", "0.0")
    again = await two.reserve(transfer.replace("-T-", "-O-"))
    assert again["code"] == "CREDITS_EXPIRED"
    assert await expire_due(two.source.node.bank) == 1
    assert await two.balances() == ("0.0", "0.0")
