"""One country for all scenarios: it is built once, and each scenario brings its own learners."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.world import World, build_world


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with build_world(tmp_path_factory.mktemp("country")) as built:
        yield built
