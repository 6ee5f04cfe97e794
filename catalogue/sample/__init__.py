"""A small catalogue that comes with the program, so that a demo and a first try need no download.

The lists beside this file have the layouts of the official ones and are cut from them: majors of
all three levels, the certificates they cite, their profiles, and every province.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from catalogue.build import Sources, read_entries
from catalogue.bundle import decode, encode
from catalogue.lookup import Catalogue

SAMPLE_VERSION: Final = "sample-1"
_FOLDER: Final = Path(__file__).parent
SAMPLE_SOURCES: Final = Sources(
    majors=_FOLDER / "majors.csv",
    certificates=_FOLDER / "certificates.csv",
    profiles=_FOLDER / "profiles.jsonl",
)


@cache
def sample_bundle() -> bytes:
    """Return the sample as a bundle's bytes, fit to be written to a file that programs then load."""
    return encode(read_entries(SAMPLE_SOURCES), SAMPLE_VERSION)


@cache
def load_sample() -> Catalogue:
    """Return the sample; its hash is that of the bundle, in every process."""
    return decode(sample_bundle(), "the built-in sample")
