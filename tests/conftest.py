"""Fixtures that more than one folder of tests needs."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference material beside a development checkout; a plain clone has none."""
    if not SHARED.is_dir():
        pytest.skip("the reference material (../shared) does not stand beside this checkout")
    return SHARED
