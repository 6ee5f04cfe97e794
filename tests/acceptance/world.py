"""A small country for the acceptance tests: eight banks and a gateway, each on a real loopback socket.

Everything in it was done through the gateway by officers with tokens; only the days differ, since
the nodes' clock is set as the story goes. The gateway's day is always 2026-06-01.
"""

from __future__ import annotations

import itertools
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
from joserfc.jwk import OKPKey
from pydantic import SecretStr

from catalogue.sample import load_sample
from edge.caller import Caller, Role
from edge.configuration import IdentityGroup
from edge.tokens import generate_key, issue_token, jwks
from gateway.app import Gateway
from gateway.settings import GatewaySettings, WitnessGroup
from region_node.app import Node
from region_node.domain.citizen import check_character
from region_node.domain.ledger import LedgerEntry
from region_node.service.conversion_cases import AWARD_CREDITS, AwardCredits
from region_node.service.perform import perform
from region_node.service.ports import Bank
from region_node.settings import NodeSettings
from region_node.storage.migrate import migrate
from tests.acceptance.history import MAJOR, PAIRINGS, SHOPS, VERSION, begin
from tests.serving import Served, Servers, listen

ZONE = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 6, 1)
BEGINNING = date(2025, 1, 5)
REGIONS = ("310000", "320000", "330000", "340000", "440000", "500000", "520000", "620000")
REFUSAL = "__typename ... on Refusal { code message }"
OUTCOME = (
    REFUSAL
    + """ ... on OutcomeChanged { outcome { id status } flagged case { id status }
      entries { id kind credits reverses } }"""
)


class SetClock:
    """Stands at noon of a day until the story goes on."""

    def __init__(self) -> None:
        self.go_to(BEGINNING)

    def now(self) -> datetime:
        return self._at

    def go_to(self, day: date) -> None:
        self._at = datetime.combine(day, time(12), ZONE)


@dataclass
class World:
    """The country as tests see it: its gateway's address, its nodes, and who may speak."""

    servers: Servers
    folder: Path
    key: OKPKey
    clock: SetClock
    client: httpx.Client
    nodes: dict[str, Served] = field(default_factory=dict)
    banks: dict[str, Bank] = field(default_factory=dict)
    gateway: Served | None = None
    _keys: Iterator[int] = field(default_factory=itertools.count)
    _people: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def token(self, role: Role, *, region: str | None = None, learner_id: str | None = None) -> str:
        return issue_token(self.key, Caller(role, f"a-{role.value}", region, learner_id))

    def officer(self, region: str) -> str:
        return self.token(Role.OFFICER, region=region)

    def post(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        token: str | None = None,
        language: str = "en",
    ) -> dict[str, Any]:
        """One request to the gateway; the whole response."""
        assert self.gateway is not None
        headers = {"accept-language": language}
        if token:
            headers["authorization"] = f"Bearer {token}"
        body = {"query": query, "variables": variables or {}}
        answer = self.client.post(f"{self.gateway.url}/graphql", json=body, headers=headers)
        found: dict[str, Any] = answer.json()
        return found

    def ask(self, query: str, token: str | None = None, /, **variables: Any) -> dict[str, Any]:
        """The data of a response without errors."""
        found = self.post(query, variables, token)
        assert "errors" not in found, found["errors"]
        data: dict[str, Any] = found["data"]
        return data

    def change(
        self, region: str, mutation: str, shown: str, key: str | None = None, /, **arguments: tuple[str, Any]
    ) -> dict[str, Any]:
        """Run a mutation as an officer of `region`; `arguments` are (GraphQL type, value)."""
        declared = "".join(f", ${name}: {kind}" for name, (kind, _) in arguments.items())
        given = "".join(f", {name}: ${name}" for name in arguments)
        data = self.ask(
            f"mutation($key: String!{declared}) {{ {mutation}(idempotencyKey: $key{given}) {{ {shown} }} }}",
            self.officer(region),
            key=key or self.new_key(),
            **{name: value for name, (_, value) in arguments.items()},
        )
        found: dict[str, Any] = data[mutation]
        return found

    def done(
        self, region: str, mutation: str, shown: str = "", /, **arguments: tuple[str, Any]
    ) -> dict[str, Any]:
        """As `change`, for what must not be refused."""
        found = self.change(region, mutation, f"{REFUSAL} {shown}", **arguments)
        assert found["__typename"] != "Refusal", (mutation, found)
        return found

    def new_key(self) -> str:
        return f"key-{next(self._keys)}"

    def new_person(self) -> str:
        """The citizen number of somebody who does not exist: no place has the code 999999."""
        seventeen = f"99999919990101{next(self._people):03}"
        return seventeen + check_character(seventeen)

    def asked(self) -> dict[str, int]:
        """How many requests each node's socket has seen."""
        return {region: len(node.requests) for region, node in self.nodes.items()}

    # What officers do

    def open_account(self, region: str, person: str) -> tuple[str, str]:
        """Return the account's ID and the learner's."""
        opened = self.done(
            region,
            "openAccount",
            "... on AccountChanged { account { id learner { id } } }",
            region=("ID!", region),
            input=("OpenAccountInput!", {"citizenNumber": person, "group": "IN_SCHOOL"}),
        )
        return opened["account"]["id"], opened["account"]["learner"]["id"]

    def submit(self, account: str, **achievement: Any) -> str:
        region = account.partition("-")[0]
        given = {
            "kind": "X_CERTIFICATE",
            "title": "网店运营推广（中级）",
            "certificate": SHOPS,
            "level": "INTERMEDIATE",
            "standardVersion": VERSION,
            "certificateNumber": self.new_key(),
            "credits": "8.0",
            "issuedOn": self.clock.now().date().isoformat(),
            **achievement,
        }
        submitted = self.done(
            region,
            "submitOutcome",
            "... on OutcomeChanged { outcome { id } }",
            account=("ID!", account),
            input=(
                "SubmitOutcomeInput!",
                {name: value for name, value in given.items() if value is not None},
            ),
        )
        outcome: str = submitted["outcome"]["id"]
        return outcome

    def verify(self, outcome: str, key: str | None = None) -> dict[str, Any]:
        return self.change(outcome[:6], "verifyOutcome", OUTCOME, key, id=("ID!", outcome))

    def deposited(self, account: str, **achievement: Any) -> str:
        """Submit and verify; return the outcome's ID."""
        outcome = self.submit(account, **achievement)
        assert self.verify(outcome)["outcome"]["status"] == "VERIFIED"
        return outcome

    def convert(self, outcome: str) -> dict[str, Any]:
        return self.change(outcome[:6], "convertOutcome", OUTCOME, id=("ID!", outcome), major=("ID!", MAJOR))

    def award(self, account: str, tenths: int) -> None:
        """Post what was recognised of another region's outcome earlier this year."""
        bank = self.banks[account[:6]]
        command = AwardCredits(account, f"310000-O-{self.new_key().replace('-', '_')}", tenths)
        posting = perform(bank, AWARD_CREDITS, command, key=self.new_key(), moment=bank.moment(by="officer"))
        assert isinstance(self.servers.call(posting), LedgerEntry)

    def ledger(self, account: str) -> list[dict[str, Any]]:
        """All entries of an account, in order of posting."""
        data = self.ask(
            "query($a: ID!) { ledger(account: $a, first: 100) { edges { node {"
            " id kind credits balanceAfter reverses outcomeId } } } }",
            self.officer(account[:6]),
            a=account,
        )
        return [edge["node"] for edge in data["ledger"]["edges"]]

    def books(self, regions: Sequence[str] = REGIONS) -> dict[str, str]:
        """All that the nodes' databases hold, ledgers and everything else, as SQL text."""
        found = {}
        for region in regions:
            with closing(sqlite3.connect(self.folder / f"{region}.sqlite")) as database:
                found[region] = "\n".join(database.iterdump())
        return found

    # What portals ask

    def recognise(self, token: str | None = None, /, **asked: Any) -> dict[str, Any]:
        """The decision on one question."""
        data = self.ask(
            f"query($i: RecognitionInput!) {{ mutualRecognition(input: $i) {{ {DECISION} }} }}",
            token,
            i=asked,
        )
        found: dict[str, Any] = data["mutualRecognition"]
        return found

    def stop(self, region: str) -> None:
        self.servers.stop(self.nodes[region])

    def start(self, region: str) -> None:
        """Start a node on its own address and its own books, new or as they were left."""
        old = self.nodes.get(region)
        node = Node(node_settings(region, self.folder), clock=self.clock, bundle=load_sample())
        self.servers.call(migrate(node.database, region, self.clock.now()))
        self.banks[region] = node.bank
        self.nodes[region] = self.servers.start(node.app, listen(old.port if old else 0))


DECISION = """from to outcomeId decision creditsRecognised creditsUnconverted level levelCandidates
  courses { name credits } agreement rules reasons { code message } missingForFull
  inputs { kind id version hash } asOf"""


def node_settings(region: str, folder: Path) -> NodeSettings:
    own = REGIONS.index(region)
    return NodeSettings(
        region=region,
        database_url=f"sqlite:///{folder / region}.sqlite",
        catalogue=folder / "unused",
        encryption_key=SecretStr(f"{own:02}{'11' * 31}"),
        index_key=SecretStr(f"{own:02}{'22' * 31}"),
        pseudonym_key=SecretStr("33" * 32),
        signing_key=SecretStr(f"{own:02}{'44' * 31}"),
        partner_keys=folder / "nodes.json",
        registry_unsigned=True,
        identity=IdentityGroup(keys_file=folder / "keys.json"),
    )


def gateway_settings(folder: Path, **more: Any) -> GatewaySettings:
    return GatewaySettings(
        registry=folder / "nodes.json",
        registry_unsigned=True,
        private_addresses=True,
        pairings=folder / "pairings.json",
        catalogue=folder / "unused",
        clock_at=datetime.combine(TODAY, time(12), ZONE),
        identity=IdentityGroup(keys_file=folder / "keys.json"),
        contracts_interval_ms=3_600_000,
        witness=WitnessGroup(interval_ms=3_600_000),
        **more,
    )


@contextmanager
def build_world(folder: Path) -> Iterator[World]:
    """Start the country and let its history happen up to 2026-06-01."""
    key = generate_key()
    (folder / "keys.json").write_bytes(jwks(key))
    with Servers() as servers, httpx.Client(trust_env=False, timeout=30) as client:
        world = World(servers, folder, key, SetClock(), client)
        for region in REGIONS:
            world.start(region)
        write_registry(world)
        (folder / "pairings.json").write_text(json.dumps({"agreements": PAIRINGS}), encoding="utf-8")
        gateway = Gateway(gateway_settings(folder), bundle=load_sample())
        world.gateway = servers.start(gateway.app)
        begin(world)
        world.clock.go_to(TODAY)
        yield world


def public_key(bank: Bank) -> dict[str, Any]:
    assert bank.signer is not None
    return dict(bank.signer.public_key())


def write_registry(world: World) -> None:
    shards = [
        {
            "code": region,
            "name": region,
            "url": f"{node.url}/graphql",
            "status": "ACTIVE",
            "publicKey": public_key(world.banks[region]),
        }
        for region, node in world.nodes.items()
    ]
    (world.folder / "nodes.json").write_text(json.dumps({"shards": shards}), encoding="utf-8")
