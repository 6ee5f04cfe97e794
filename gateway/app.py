"""The gateway's composition root: settings become an engine with its subgraphs, and that an application.

The supergraph is composed from files; no node is asked for anything, so that the gateway starts and
serves with every node down.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import os
import uuid
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from starlette.applications import Starlette

import edge.serving
from catalogue.bundle import load
from catalogue.lookup import Catalogue
from edge.app import build_app
from edge.document_limits import document_check
from edge.explorer import Explorer
from edge.health import Check
from edge.identity import Identity
from edge.keys import Source, file_source, no_keys, url_source
from edge.logs import fault_masked, make_logger
from edge.metrics import Metrics
from gateway.accepted import AcceptedRegisters
from gateway.clients.body import Bodies
from gateway.clients.contracts import Doubts, NodeContracts
from gateway.clients.deduplicated import DeduplicatedTransport
from gateway.clients.events import EventStreams, Places
from gateway.clients.exchange import PooledExchange
from gateway.clients.fetch import fetch
from gateway.clients.foreign import ForeignSubgraphs
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import HttpTransport
from gateway.clients.memberships import NodeMemberships
from gateway.clients.metrics import BreakerStates, MembershipMetrics, MembersKnown, ShardMetrics
from gateway.clients.replicas import ReplicaTransport
from gateway.clients.switchboard import EventSwitchboard, Switchboard
from gateway.examples import EXAMPLES
from gateway.executor import CURRENT, GatewayExecutor
from gateway.federation.composition.read_supergraph import read_supergraph
from gateway.federation.engine import Engine, EngineLimits
from gateway.federation.sharding.dispatch import Dispatcher, DispatchLimits
from gateway.federation.sharding.read_facts import read_facts
from gateway.federation.transport import ShardRequest
from gateway.foreign import serve_supergraph
from gateway.live import REFUSALS, LiveExecutor, Serving
from gateway.messages import GATEWAY_MESSAGES
from gateway.national.context import National
from gateway.national.pairings import read_pairings
from gateway.national.recognition import Asking, Recognition
from gateway.national.schema import REGION_SUBGRAPH, SUBGRAPH
from gateway.national.transfers import Transfers
from gateway.national.transport import NationalTransport
from gateway.nodes import RegionalNodes, probe
from gateway.published import publish
from gateway.registry import LiveRegistry, ReplicaAddresses, open_registry
from gateway.reloading import Reloading
from gateway.settings import GatewaySettings
from gateway.sources import Sources, contract_supergraph, stored_contract
from gateway.witness.book import WitnessBook
from gateway.witness.judgement import LogStanding, Witnessed
from gateway.witness.metrics import WitnessedLogs
from gateway.witness.rounds import Witness
from schema.membership import MembershipKey

__all__ = ["Gateway", "contract_supergraph", "serve", "serve_supergraph", "stored_contract"]

PROGRAM: Final = "gateway"
VERSION_CHARACTERS: Final = 12
WORKER_SETTINGS: Final = "CREDITBANK_WORKER_SETTINGS"
"""The variable by which `serve` hands its settings to workers, which are processes of their own."""
WORKER_START_LIMIT_S: Final = 60
"""A worker that is silent for longer is replaced; composing on a busy machine takes some seconds."""


class Gateway:
    """One gateway, assembled but not started. `app` is its ASGI application."""

    def __init__(
        self,
        settings: GatewaySettings,
        *,
        bundle: Catalogue | None = None,
        supergraph_sdl: str | None = None,
    ) -> None:
        """`bundle` and `supergraph_sdl` are given where they were made already.

        Raises `RegistryError`, `PairingsError`, `catalogue.errors.BundleError`, CompositionFailedError,
        OSError, sqlite3.Error for a witness's file that is none, and ValueError for an SDL that is no text.
        """
        self.settings = settings
        self._composed = supergraph_sdl
        self.catalogue = bundle or load(settings.catalogue)
        self.pairings = Reloading(read_pairings, settings.pairings)
        private = settings.private_addresses
        self._registry_file = open_registry(
            settings.registry,
            REGION_SUBGRAPH,
            settings.trust(),
            allow_private=private,
            accepted=AcceptedRegisters(settings.witness.file),
        )
        self.registry = LiveRegistry(self._registry_file)
        self.logger = make_logger(PROGRAM, level=logging.getLevelNamesMapping()[settings.log_level.upper()])
        self._publish()

        clients = settings.clients.settings()
        self.metrics = Metrics()
        sockets = PooledExchange(clients.http, only_public=not private)
        bodies, shard_metrics = Bodies(), ShardMetrics(self.metrics.registry)
        self._doubts = Doubts()
        self._http = HttpTransport(
            self.registry, clients.http, exchange=sockets, bodies=bodies, refused=self._doubts.refused
        )
        self._guarded = guarded = GuardedTransport(
            self._http,
            clients,
            observer=shard_metrics,
            replicas=ReplicaTransport(ReplicaAddresses(self.registry), clients.http, exchange=sockets),
        )
        shards = DeduplicatedTransport(guarded, clients.deduplication, bodies=bodies, observer=shard_metrics)
        self.metrics.registry.register(BreakerStates(guarded.states))
        # Other teams' addresses are settings, not a register's: they may lie wherever the operator says.
        self._foreign_sockets = PooledExchange(clients.http)
        places = Places(clients.events.open_streams)
        self._foreign = ForeignSubgraphs(settings.subgraphs, clients, self._foreign_sockets, places)
        banks = EventStreams(self.registry, sockets, places, clients.events)
        self._events = EventSwitchboard({REGION_SUBGRAPH: banks}, self._foreign.events)
        self.witness = Witness(
            WitnessBook(settings.witness.file),
            self._http,
            REGION_SUBGRAPH,
            lambda: self.registry.shards,
            settings.now,
            self._log_fault,
        )
        self.metrics.registry.register(WitnessedLogs(lambda: self.witness.heads))
        nodes = RegionalNodes(shards, self.registry)
        self._recognition = Recognition(lambda: self.published.ground(), nodes, settings.now)
        self._transfers = Transfers(nodes)
        national = NationalTransport(self._national, self._report)
        self._transport = Switchboard({**self._foreign.lines, REGION_SUBGRAPH: shards, SUBGRAPH: national})
        self.memberships = self._memberships()
        self._sources = Sources.of(settings)
        self._supergraph = Reloading(self._read_supergraph, *self._sources.files(), refusals=REFUSALS)
        self.serving = self._supergraph.value
        self._live = LiveExecutor(self.serving.executor)
        self.identity = Identity(settings.identity.settings(), _keys(settings))
        self.app = self._app()

    def _memberships(self) -> NodeMemberships | None:
        """Who is in which region; None where no key is set, and all regions are asked."""
        key = self.settings.membership_key
        if key is None:
            return None
        memberships = NodeMemberships(
            self._http,
            self.registry,
            MembershipKey(bytes.fromhex(key.get_secret_value())),
            lambda: self.serving.spanning,
            self.settings.clients.membership,
            observer=MembershipMetrics(self.metrics.registry),
        )
        self.metrics.registry.register(MembersKnown(memberships.members))
        return memberships

    def _publish(self) -> None:
        """Take up what the files say now."""
        self.published = publish(self.catalogue, self.pairings.value, self.registry.shards.keys())

    def _read_supergraph(self, *_: Path) -> Serving:
        """Make everything that serves one supergraph. Runs in a thread when its files have changed."""
        settings = self.settings
        sdl, self._composed = self._composed or self._sources.compose(), None
        supergraph = read_supergraph(sdl)
        sharded = read_facts(supergraph)
        if REGION_SUBGRAPH not in sharded:
            raise ValueError(f"the subgraph {REGION_SUBGRAPH} has no shards: it is not the banks' contract")
        contracts = NodeContracts(self._transport, self.registry, sharded)
        limits = DispatchLimits(fan_out=settings.engine.fan_out_limit)
        dispatcher = Dispatcher(self._transport, sharded, self.registry, limits, contracts, self.memberships)
        engine = Engine(
            supergraph,
            dispatcher,
            limits=EngineLimits(
                tokens=settings.limits.tokens,
                plans=settings.engine.plans_cached_limit,
                assumed_list_size=settings.access.assumed_list_size,
            ),
            checks=(document_check(settings.limits),),
            events=self._events,
        )
        executor = GatewayExecutor(
            engine,
            sharded[REGION_SUBGRAPH].routes,
            settings.limits,
            settings.engine.plans_cached_limit,
            settings.access,
        )
        version = hashlib.sha256(sdl.encode()).hexdigest()[:VERSION_CHARACTERS]
        spanning = tuple((name, one) for name, facts in sharded.items() for one in facts.member_types())
        return Serving(version, engine, executor, contracts, spanning)

    def _app(self) -> Starlette:
        settings = self.settings
        return build_app(
            settings.front.settings(PROGRAM, settings.limits),
            self._live,
            self.identity,
            self.readiness,
            messages=GATEWAY_MESSAGES,
            metrics=self.metrics,
            logger=self.logger,
            explorer=Explorer(PROGRAM, EXAMPLES),
            lifespan=self._lifespan,
        )

    def _national(self, request: ShardRequest) -> National:
        """The context of one request to the national subgraph: that of the client's request."""
        current = CURRENT.get()
        asking = Asking(
            current.call.caller,
            current.call.locale,
            request.deadline_s,
            request.headers,
            current.coverage,
        )
        witnessed = self.witness.heads
        return National(
            self.published, self.settings.now(), asking, self._recognition, self._transfers, witnessed
        )

    def _log_fault(self, kept: Witnessed) -> None:
        """Tell the log that a region's log stands otherwise than before; with both heads, for the record."""
        shown = kept.against
        tell = self.logger.info if kept.standing is LogStanding.GOOD else self.logger.error
        tell(
            "witnessed_log",
            region=kept.region,
            standing=kept.standing.value,
            kept=kept.head and kept.head.statement().decode(),
            shown=shown and shown.statement().decode(),
        )

    def _report(self, fault: BaseException) -> str:
        correlation_id = uuid.uuid4().hex
        fault_masked(self.logger, correlation_id, fault)
        return correlation_id

    async def readiness(self) -> Sequence[Check]:
        """What the gateway needs, and which regions cannot be asked; it serves without any of them."""
        files_ = [
            Check(name, file.problem, essential=False)
            for name, file in (
                ("registry file", self._registry_file),
                ("pairings file", self.pairings),
                ("subgraphs' files", self._supergraph),
            )
        ]
        keys = await self.identity.keys.ready()
        loaded = self.catalogue
        timeout_ms = self.settings.probe_timeout_ms
        nodes, foreign = await asyncio.gather(
            probe(self._http, self.registry, loaded.hash, self.pairings.value, timeout_ms),
            self._foreign.probe(timeout_ms),
        )
        return [
            Check(f"supergraph {self.serving.version}"),
            Check(f"catalogue {loaded.version} {loaded.hash[:12]}"),
            *files_,
            Check("identity keys", keys, essential=False),
            *self._witness_checks(),
            *(Check(f"region {code}", reason, essential=False) for code, reason in nodes.items()),
            *(Check(f"subgraph {name}", reason, essential=False) for name, reason in foreign.items()),
        ]

    def _witness_checks(self) -> Iterator[Check]:
        """Whether heads can be kept, and every region whose log is not as it should be."""
        yield Check("witness", self.witness.problem, essential=False)
        for region, kept in sorted(self.witness.heads.items()):
            if kept.standing is not LogStanding.GOOD:
                yield Check(f"log of region {region}", kept.standing.value, essential=False)

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncGenerator[None, None]:
        """Follow the files while the application runs."""

        def failed(problem: str) -> None:
            self.logger.error("file_kept_old", problem=problem)

        async def changed() -> None:
            self._publish()
            self.logger.info("files_taken_up")

        registry = self.registry.now

        async def listed() -> None:
            nonlocal registry
            before, registry = registry, self.registry.now
            for shard in registry.elsewhere(before):
                self._guarded.forget(REGION_SUBGRAPH, shard)
            self._doubts.begin()
            await changed()

        interval_ms = self.settings.reload_interval_ms
        following = [
            asyncio.create_task(self.pairings.follow(interval_ms, changed, failed)),
            asyncio.create_task(self._registry_file.follow(interval_ms, listed, failed)),
        ]
        following.append(asyncio.create_task(self._supergraph.follow(interval_ms, self._take_up, failed)))
        following.append(asyncio.create_task(self._follow_contracts()))
        following.append(asyncio.create_task(self.witness.follow(self.settings.witness.interval_ms)))
        if self.memberships is not None:
            following.append(asyncio.create_task(self.memberships.follow()))
        try:
            yield
        finally:
            for task in following:
                task.cancel()
            await asyncio.gather(*following, return_exceptions=True)
            await self._http.aclose()
            await self._foreign_sockets.aclose()

    async def _take_up(self) -> None:
        """Serve the new supergraph from the next operation on, once it is known what shards lack of it."""
        serving = self._supergraph.value
        await serving.contracts.refresh()
        self.serving = serving
        self._live.current = serving.executor
        self.logger.info("supergraph_taken_up", version=serving.version)

    async def _follow_contracts(self) -> None:
        while True:
            await self.serving.contracts.refresh()
            await self._doubts.wait(self.settings.contracts_interval_ms / 1000)


def _keys(settings: GatewaySettings) -> Source:
    if settings.identity.keys_file is not None:
        return file_source(settings.identity.keys_file)
    if settings.identity.keys_url is not None:
        return url_source(settings.identity.keys_url, fetch)
    return no_keys


def serve(settings: GatewaySettings) -> None:
    """Serve until told to stop. Several workers each assemble a gateway of their own from `settings`.

    Raises what `Gateway` raises, before anything listens.
    """
    gateway = Gateway(settings)
    if settings.workers == 1:
        edge.serving.serve(
            gateway.app, settings.limits, gateway.logger, host=settings.host, port=settings.port
        )
        return
    os.environ[WORKER_SETTINGS] = settings.revealed()
    edge.serving.serve_workers(
        f"{__name__}:{worker.__name__}",
        settings.workers,
        settings.limits,
        gateway.logger,
        host=settings.host,
        port=settings.port,
        start_limit_s=WORKER_START_LIMIT_S,
    )


def worker() -> Starlette:
    """Assemble the application in a worker of `serve`."""
    gateway = Gateway(GatewaySettings(**json.loads(os.environ[WORKER_SETTINGS])))
    return edge.serving.in_worker(gateway.app, gateway.settings.limits, gateway.logger)
