"""The way out to other teams' subgraphs: each at the one address that the operator set, each with guards.

A subgraph gets the caller's language and trace. It gets the caller's token only where the operator
trusts it with one: whoever holds a token can ask the banks in its owner's name until it expires.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.clients.deduplicated import DeduplicatedTransport
from gateway.clients.events import EventStreams, Places
from gateway.clients.exchange import PooledExchange
from gateway.clients.guarded import GuardedTransport
from gateway.clients.http import FORWARDED, HttpTransport
from gateway.clients.settings import ClientSettings
from gateway.clients.switchboard import Switchboard
from gateway.federation.transport import Transport
from gateway.nodes import silent
from gateway.settings import ForeignSubgraph

WITHOUT_TOKEN = FORWARDED - {"authorization"}


@dataclass(frozen=True, slots=True)
class Addressed:
    """The addresses of subgraphs that have no shards (`gateway.clients.http.Addresses`)."""

    addresses: Mapping[str, str]

    def url(self, subgraph: str, shard: str) -> str | None:
        return None if shard else self.addresses.get(subgraph)


class ForeignSubgraphs:
    """`lines` has a transport for each of the subgraphs `listed`, `events` their subscriptions.

    `sockets` are closed by their owner; `places` are shared with others that open streams."""

    def __init__(
        self,
        listed: Sequence[ForeignSubgraph],
        settings: ClientSettings,
        sockets: PooledExchange,
        places: Places,
    ) -> None:
        direct: dict[str, Transport] = {
            one.name: HttpTransport(
                Addressed({one.name: one.url}),
                settings.http,
                exchange=sockets,
                forwarded=FORWARDED if one.trusted_with_token else WITHOUT_TOKEN,
            )
            for one in listed
        }
        self._direct = Switchboard(direct)
        trusted = {one.name for one in listed if one.trusted_with_token}
        self.events = EventStreams(
            Addressed({one.name: one.url for one in listed}),
            sockets,
            places,
            settings.events,
            lambda name: FORWARDED if name in trusted else WITHOUT_TOKEN,
        )
        self.lines: Mapping[str, Transport] = {
            name: DeduplicatedTransport(
                GuardedTransport(transport, settings),
                settings.deduplication,
                forwarded=FORWARDED if name in trusted else WITHOUT_TOKEN,
            )
            for name, transport in direct.items()
        }

    async def probe(self, timeout_ms: int) -> dict[str, str | None]:
        """Ask each subgraph whether it answers; why not, by name, None where it does."""
        names = list(self.lines)
        reasons = await silent(self._direct, names, timeout_ms)
        return dict(zip(names, reasons, strict=True))
