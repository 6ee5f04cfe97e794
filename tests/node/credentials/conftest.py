"""A node that issues credentials, and one learner with a certificate and a course."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from joserfc.jwk import OKPKey

from tests.node.bank import deposited, open_account
from tests.node.conftest import CERTIFICATE_NAME, Asker, Served, serving
from tests.node.databases import Engine

BASE = "https://bank.example"


@dataclass
class Holder:
    served: Served
    account: str
    learner: str
    certificate: str
    course: str

    @property
    def asker(self) -> Asker:
        return self.served.learner(self.learner)


@pytest.fixture
async def holder(
    engine: Engine, keys_file: Path, token_key: OKPKey, certificate: str
) -> AsyncIterator[Holder]:
    async with serving(
        engine.fresh(), keys_file, token_key, signing_key="44" * 32, public_url=BASE + "/"
    ) as served:
        account = (await open_account(served.officer))["account"]
        held = await deposited(
            served.officer,
            account["id"],
            kind="X_CERTIFICATE",
            title=CERTIFICATE_NAME,
            certificate=certificate,
            level="INTERMEDIATE",
            credits="8.0",
            organisation="北京鸿科<经纬>科技有限公司",
            certificateNumber="ZS-0001",
        )
        course = await deposited(served.officer, account["id"])
        yield Holder(served, account["id"], account["learner"]["id"], held, course)
