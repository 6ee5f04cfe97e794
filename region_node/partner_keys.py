"""The other regions' public keys, out of a file that an operator keeps (setting `partner_keys`)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from edge.region_keys import KEYS_LIMIT_BYTES, TrustedKey, read_region_keys

_Seen = tuple[int, int]
_NOT_THERE: Final[_Seen] = (-1, -1)


class KeyFile:
    """Reads the file again when it has changed (`service.transfer_ports.PartnerKeys`).

    One that cannot be read, or holds no key, changes nothing: the last good keys stay.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._keys: Mapping[str, TrustedKey] = {}
        self._seen: _Seen = _NOT_THERE

    async def by_thumbprint(self) -> Mapping[str, TrustedKey]:
        await asyncio.to_thread(self._read_if_changed)
        return self._keys

    def _read_if_changed(self) -> None:
        try:
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_size)
            if seen == self._seen:
                return
            self._seen = seen
            if status.st_size <= KEYS_LIMIT_BYTES:
                self._keys = read_region_keys(self._path.read_bytes())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return
