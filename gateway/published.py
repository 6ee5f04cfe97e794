"""Puts together what is public nationally: the catalogue's regions, the register of banks, the agreements."""

from __future__ import annotations

from collections.abc import Collection

from catalogue.lookup import Catalogue
from gateway.national.context import Published, RegionRow
from gateway.national.pairings import Pairings


def publish(catalogue: Catalogue, pairings: Pairings, registered: Collection[str]) -> Published:
    """Return one state of it. A registered region the catalogue does not list is known by its code."""
    listed = {region.code: (region.name, region.name_en) for region in catalogue.regions}
    rows = {
        code: RegionRow(code, *listed.get(code, (code, code)), registered=code in registered)
        for code in sorted({*listed, *registered})
    }
    return Published(catalogue, pairings, rows)
