"""All tables in one place: importing this module makes the metadata whole."""

from __future__ import annotations

from region_node.storage import (
    tables,
    tables_bank,
    tables_examining,
    tables_log,
    tables_programmes,
    tables_recognition,
    tables_transfers,
)
from region_node.storage.tables import METADATA

__all__ = [
    "METADATA",
    "tables",
    "tables_bank",
    "tables_examining",
    "tables_log",
    "tables_programmes",
    "tables_recognition",
    "tables_transfers",
]
