"""Our gateway before a supergraph, with a sampler in it: every millisecond of CPU, which part is at work?

    python -m benchmarks.profiled_gateway SUPERGRAPH_FILE SAMPLES_FILE

prints {"port": …}, ends with its input, and then writes {"part": samples, ...}.
"""

from __future__ import annotations

import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Final

import orjson

from benchmarks.bare_endpoint import serve_app
from gateway.foreign import supergraph_app

INTERVAL_S: Final = 0.001

PARTS: Final = {
    "<reader>": "project the response",
    "/execution/project.py": "project the response",
    "/execution/gather.py": "collect representations",
    "/execution/merge.py": "merge replies",
    "/gateway/federation/document/": "find the document",
    "/gateway/federation/": "run the plan",
    "/gateway/clients/replies.py": "decode JSON",
    "/gateway/clients/": "HTTP client",
    "/edge/responses.py": "encode JSON",
    "/edge/logs.py": "log and count",
    "/edge/metrics.py": "log and count",
    "/structlog/": "log and count",
    "/prometheus_client/": "log and count",
    "/edge/": "HTTP front",
    "/starlette/": "HTTP front",
    "/uvicorn/": "HTTP server",
}
"""What the innermost frame that is known says of a sample; the first that fits counts."""
REST: Final = "event loop"


def part_of(frame: FrameType | None) -> str:
    while frame is not None:
        name = frame.f_code.co_filename
        found = next((part for place, part in PARTS.items() if place in name), None)
        if found is not None:
            return found
        frame = frame.f_back
    return REST


def main(supergraph: Path, to: Path) -> None:
    samples: Counter[str] = Counter()

    def sample(_: int, frame: FrameType | None) -> None:
        samples[part_of(frame)] += 1

    app = supergraph_app(supergraph.read_text(encoding="utf-8"))
    signal.signal(signal.SIGPROF, sample)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL_S, INTERVAL_S)
    serve_app(app)
    signal.setitimer(signal.ITIMER_PROF, 0)
    to.write_bytes(orjson.dumps(samples))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
