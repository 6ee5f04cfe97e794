"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

# No timing assertions: a shared machine may stall any example.
settings.register_profile("interchange", deadline=None)
settings.load_profile("interchange")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside a development checkout; a plain clone has none."""
    if not SHARED.is_dir():
        pytest.skip("the reference material (../shared) does not stand beside this checkout")
    return SHARED
