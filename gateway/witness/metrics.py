"""What Prometheus reads of the regions' logs: how long each is, and how it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gateway.witness.judgement import Witnessed


class WitnessedLogs(Collector):
    """The size last witnessed, by region and standing: anything but GOOD is worth an alarm."""

    def __init__(self, heads: Callable[[], Mapping[str, Witnessed]]) -> None:
        self._heads = heads

    def collect(self) -> Iterator[GaugeMetricFamily]:
        family = GaugeMetricFamily(
            "creditbank_witnessed_log_entries",
            "Entries of a region's log when it was last witnessed, by how the log stands.",
            labels=["region", "standing"],
        )
        for region, kept in sorted(self._heads().items()):
            family.add_metric([region, kept.standing.value], kept.head.size if kept.head else 0)
        yield family
