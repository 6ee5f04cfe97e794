"""The other regions' public keys, out of a file that an operator keeps (setting `partner_keys`).

A key set is the operator's own word. A gateway's register is somebody else's: it is believed when it bears
the signature of a pinned key (`registry_keys`), or where `registry_unsigned` says that it need not.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from edge.region_keys import KEYS_LIMIT_BYTES, TrustedKey, read_region_keys
from edge.registry_signature import VERSION, Trust, pinned_keys, require_signed

REFUSED: Final = "PARTNER_KEYS_REFUSED"
REMEDY: Final = (
    "have the register signed (creditbank registry sign), and pin its signer by registry_keys; "
    "until then the keys read before stay"
)

_Seen = tuple[tuple[int, int], ...]


class KeyFile:
    """Reads the file again when it has changed (`service.transfer_ports.PartnerKeys`).

    One that cannot be read or believed, or holds no key, changes nothing: the last good keys stay.
    """

    def __init__(self, path: Path, pins: Path | None = None, *, is_unsigned: bool = False) -> None:
        """`pins` has the keys one of which signed the file, in whichever version it comes."""
        self._path = path
        self._pins = pins
        self._is_unsigned = is_unsigned
        self._at_least = 0
        self._keys: Mapping[str, TrustedKey] = {}
        self._seen: _Seen = ()
        self._problem: str | None = None

    async def by_thumbprint(self) -> Mapping[str, TrustedKey]:
        await asyncio.to_thread(self._read_if_changed)
        return self._keys

    async def problem(self) -> str | None:
        """Why the file as it is now was refused, with what to do; None when it was not."""
        await asyncio.to_thread(self._read_if_changed)
        return self._problem

    def _read_if_changed(self) -> None:
        try:
            status = [path.stat() for path in (self._path, self._pins) if path is not None]
            seen = tuple((one.st_mtime_ns, one.st_size) for one in status)
            if seen == self._seen:
                return
            self._seen = seen
            if status[0].st_size > KEYS_LIMIT_BYTES:
                raise ValueError(f"it has more than {KEYS_LIMIT_BYTES} bytes")
            text = self._path.read_bytes()
            self._require_believed(json.loads(text))
            self._keys = read_region_keys(text)
            self._problem = None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            self._problem = f"{REFUSED}: {self._path.name}: {error}: {REMEDY}"

    def _require_believed(self, content: Any) -> None:
        if not isinstance(content, dict):
            raise ValueError("it is no JSON object")
        if self._pins is not None:
            require_signed(content, Trust(pinned_keys(self._pins.read_bytes()), self._at_least))
            self._at_least = content[VERSION]
        elif "shards" in content and not self._is_unsigned:
            raise ValueError("it is a gateway's register, and no key is pinned that signs it")
