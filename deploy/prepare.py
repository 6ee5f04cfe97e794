"""Makes what docker-compose.yml mounts: fresh secrets, and what the programs read.

    .venv/bin/python deploy/prepare.py [--force]

Everything goes into deploy/secrets, which version control ignores. Keys are made once: a
second run changes nothing unless --force is given, because a new encryption key could not
read the books that an old one wrote.
"""

from __future__ import annotations

import argparse
import json
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from catalogue.sample import sample_bundle
from edge.registry_signature import sign
from edge.tokens import generate_key, write_key
from region_node.service.signer import Signer

ROOT = Path(__file__).resolve().parent / "secrets"
PUBLIC = ROOT / "public"
REGIONS = {"310000": "Shanghai", "320000": "Jiangsu", "440000": "Guangdong"}
KEY_BYTES = 32
READABLE_BY_THE_CONTAINER = 0o644
ALLIANCE = {
    "id": "P-310000-320000",
    "status": "SIGNED",
    "terms": {
        "parties": ["310000", "320000"],
        "kind": "ALLIANCE",
        "accepts": None,
        "scope": [
            {
                "certificate": "*",
                "levels": [],
                "kinds": ["X_CERTIFICATE"],
                "flexible": True,
                "ratePercent": 100,
            }
        ],
        "firstDay": "2025-01-01",
        "lastDay": None,
        "version": 1,
    },
}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--force", action="store_true", help="throw the old keys and passwords away")
    options = parser.parse_args()
    if (ROOT / "gateway.json").exists() and not options.force:
        sys.stdout.write(
            "deploy/secrets is there already; --force makes it anew (old books become unreadable)\n"
        )
        return
    PUBLIC.mkdir(parents=True, exist_ok=True)
    ROOT.chmod(0o711)
    write_key(generate_key(), ROOT / "identity.json", PUBLIC / "identity.jwks")
    (PUBLIC / "catalogue.bundle").write_bytes(sample_bundle())
    office = generate_key()
    write_key(office, ROOT / "registry-key.json", PUBLIC / "registry-keys.jwks")
    seeds = {code: secrets.token_bytes(KEY_BYTES) for code in REGIONS}
    register = {"shards": [_shard(code, name, seeds[code]) for code, name in REGIONS.items()]}
    _write(PUBLIC / "registry.json", sign(register, office, 1, datetime.now(UTC)))
    _write(PUBLIC / "pairings.json", {"agreements": [ALLIANCE]})
    shared = {"membership_key": secrets.token_hex(KEY_BYTES)}
    _write(ROOT / "gateway.json", _gateway() | shared)
    shared["pseudonym_key"] = secrets.token_hex(KEY_BYTES)
    for code in REGIONS:
        password = secrets.token_urlsafe(24)
        _secret(ROOT / f"password-{code}", password)
        _write(ROOT / f"node-{code}.json", _node(code, password, seeds[code]) | shared)
    sys.stdout.write("deploy/secrets is ready. Next: docker compose up --build --wait\n")


def _shard(code: str, name: str, seed: bytes) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        "url": f"http://node-{code}:8101/graphql",
        "publicKey": Signer(seed, code).public_key(),
        "status": "ACTIVE",
    }


def _gateway() -> dict[str, Any]:
    return {
        "registry": "/etc/creditbank/registry.json",
        "registry_keys": "/etc/creditbank/registry-keys.jwks",
        "pairings": "/etc/creditbank/pairings.json",
        "catalogue": "/etc/creditbank/catalogue.bundle",
        "private_addresses": True,
        "witness": {"file": "/var/lib/creditbank/witness.sqlite"},
        "identity": {"keys_file": "/etc/creditbank/identity.jwks"},
    }


def _node(code: str, password: str, seed: bytes) -> dict[str, Any]:
    return {
        "region": code,
        "database_url": f"postgresql://creditbank:{password}@database-{code}/creditbank",
        "catalogue": "/etc/creditbank/catalogue.bundle",
        "encryption_key": secrets.token_hex(KEY_BYTES),
        "index_key": secrets.token_hex(KEY_BYTES),
        "signing_key": seed.hex(),
        "partner_keys": "/etc/creditbank/registry.json",
        "registry_keys": "/etc/creditbank/registry-keys.jwks",
        "identity": {"keys_file": "/etc/creditbank/identity.jwks"},
    }


def _write(path: Path, content: dict[str, Any]) -> None:
    _secret(path, json.dumps(content, ensure_ascii=False, indent=2) + "\n")


def _secret(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(READABLE_BY_THE_CONTAINER)  # the containers run as other users; the folder is the lock


if __name__ == "__main__":
    main()
