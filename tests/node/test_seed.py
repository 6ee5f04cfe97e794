"""A seed file fills a bank by its own mutations, on the days they were sent, and only once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from region_node.seed import SeedError, load_seed, read_seed
from tests.node.conftest import Served, citizen_number

STEPS: list[dict[str, Any]] = [
    {
        "on": "2026-01-05",
        "do": "openAccount",
        "as": "li",
        "with": {"input": {"citizenNumber": citizen_number(1), "group": "VETERAN"}},
    },
    {
        "on": "2026-01-06",
        "do": "submitOutcome",
        "as": "course",
        "with": {
            "account": "$li",
            "input": {"kind": "COURSE", "title": "网络营销", "credits": "2.0", "issuedOn": "2026-01-02"},
        },
    },
    {"on": "2026-01-08", "do": "verifyOutcome", "with": {"id": "$course"}},
    {
        "on": "2026-02-01",
        "do": "awardCredits",
        "with": {"account": "$li", "outcome": "310000-O-X_1", "credits": "13.0", "memo": "recognised"},
    },
]


def seed_file(folder: Path, steps: list[dict[str, Any]], region: str = "320000") -> Path:
    file = folder / "seed.json"
    file.write_text(json.dumps({"region": region, "steps": steps}), encoding="utf-8")
    return file


async def test_a_seed_writes_the_past_and_only_once(served: Served, tmp_path: Path) -> None:
    steps = read_seed(seed_file(tmp_path, STEPS), "320000")
    done: list[tuple[int, int]] = []
    ids = await load_seed(served.node.bank, steps, lambda step, all_: done.append((step, all_)))
    assert done == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert await load_seed(served.node.bank, steps) == ids
    data = await served.officer.ask(
        """query($a: ID!) { account(id: $a) { openedOn balance
          ledger(first: 9) { edges { node { kind credits postedOn outcomeId outcome { title } } } } } }""",
        a=ids["li"],
    )
    assert data["account"]["openedOn"] == "2026-01-05"
    assert data["account"]["balance"] == "15.0"
    assert [edge["node"] for edge in data["account"]["ledger"]["edges"]] == [
        {
            "kind": "DEPOSIT",
            "credits": "2.0",
            "postedOn": "2026-01-08",
            "outcomeId": ids["course"],
            "outcome": {"title": "网络营销"},
        },
        {
            "kind": "AWARD",
            "credits": "13.0",
            "postedOn": "2026-02-01",
            "outcomeId": "310000-O-X_1",
            "outcome": None,
        },
    ]


async def test_what_was_recognised_is_awarded_once(served: Served, tmp_path: Path) -> None:
    again = {**STEPS[3], "on": "2026-02-02"}
    with pytest.raises(SeedError, match="step 5, awardCredits: ALREADY_CONVERTED"):
        await load_seed(served.node.bank, read_seed(seed_file(tmp_path, [*STEPS, again]), "320000"))


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ({"on": "2026-01-09", "do": "verifyOutcome", "with": {"id": "$course"}}, "OUTCOME_STATUS"),
        ({"on": "2026-01-09", "do": "verifyOutcome", "with": {"id": "$nothing"}}, "no earlier step"),
        ({"on": "2026-01-09", "do": "fly"}, "there is no mutation fly"),
        ({"on": "2026-01-09", "do": "verifyOutcome"}, r"Variable '\$id'"),
        ({"on": "2026-01-09", "do": "awardCredits", "with": {"account": "$li"}}, "outcome"),
    ],
)
async def test_a_step_that_cannot_be_done_is_named(
    sqlite_served: Served, tmp_path: Path, step: dict[str, Any], told: str
) -> None:
    with pytest.raises(SeedError, match=told) as refused:
        await load_seed(sqlite_served.node.bank, read_seed(seed_file(tmp_path, [*STEPS, step]), "320000"))
    assert "step 5" in str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        '{"region": "310000", "steps": []}',
        '{"region": "320000", "steps": [{"on": "2026-13-01", "do": "x"}]}',
        '{"region": "320000", "steps": [{"on": "2026-01-01", "do": "x", "wiht": {}}]}',
    ],
)
def test_a_file_that_is_no_seed_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "seed.json"
    file.write_text(content)
    with pytest.raises(SeedError, match="cannot be read"):
        read_seed(file, "320000")
    with pytest.raises(SeedError, match="cannot be read"):
        read_seed(tmp_path / "none.json", "320000")
