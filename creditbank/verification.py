"""Checks offline what a region signed: a recognition decision, or a credential and its status list.

Everything comes from the file and from keys that the reader already trusts; no address is asked.
"""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import rfc8785
from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError

from creditbank.findings import Finding, Verdict, nodes_of
from creditbank.rerun import Inputs, rerun
from edge.region_keys import ALGORITHM, TrustedKey, holds, key_id, signing_key_of

BITS_LIMIT_BYTES: Final = 16 * 1_048_576
DECISION_FIELDS: Final = (
    "from to outcomeId certificateCode decision creditsRecognised creditsUnconverted level levelCandidates "
    "courses agreement rules reasons inputs asOf decidedAt"
)
"""What a region signs of a decision (docs/RECOGNITION.md, Signature)."""


def verify(
    text: bytes,
    keys: Mapping[str, TrustedKey],
    status_list: bytes | None = None,
    inputs: Inputs | None = None,
) -> list[Finding]:
    """Check a file's content: a decision is JSON, a credential a JWT. With `inputs` it is decided again."""
    stripped = text.strip()
    try:
        if stripped.startswith(b"{"):
            return list(_decision(_find_decision(json.loads(stripped)), keys, inputs))
        return list(_credential(stripped.decode("ascii"), keys, status_list))
    except (ValueError, KeyError, TypeError, JoseError) as error:
        told = f"This is neither a decision's JSON nor a credential's JWT that can be read: {error}"
        return [Finding(Verdict.UNKNOWN, told)]


def _decision(
    answer: Mapping[str, Any], keys: Mapping[str, TrustedKey], inputs: Inputs | None
) -> Iterator[Finding]:
    missing = [name for name in DECISION_FIELDS.split() if name not in answer]
    if missing:
        told = f"The answer lacks {', '.join(missing)}: without them the signed bytes cannot be made again."
        yield Finding(Verdict.UNKNOWN, told)
        return
    if answer.get("signature") is None:
        yield Finding(Verdict.UNKNOWN, "The answer bears no signature: it is nobody's word.")
        return
    statement = signed_bytes(answer)
    yield Finding(Verdict.HOLDS, f"The signed statement is {len(statement)} bytes of canonical JSON.")
    signature = str(answer["signature"])
    trusted = signing_key_of(signature, keys)
    if trusted is None:
        yield Finding(Verdict.UNKNOWN, _stranger(signature))
        return
    if trusted.region is not None and trusted.region != answer["to"]:
        told = f"The key is region {trusted.region}'s, but region {answer['to']} decides here."
        yield Finding(Verdict.FALSE, told)
        return
    if not holds(signature, trusted.key, statement):
        told = "The signature does not fit: something was changed after signing, or knownAt was left out."
        yield Finding(Verdict.FALSE, told)
        return
    yield Finding(
        Verdict.HOLDS,
        f"Region {answer['to']} signed it on {answer['decidedAt']}: {answer['decision']}, "
        f"{answer['creditsRecognised']} credits recognised, as of {answer['asOf']}.",
    )
    for one in answer["inputs"]:
        told = f"It rests on {one['kind']} {one['id']}, version {one['version']}, SHA-256 {one['hash']}."
        yield Finding(Verdict.HOLDS, told)
    if inputs is not None:
        yield from rerun(answer, statement, inputs, keys)


def _credential(token: str, keys: Mapping[str, TrustedKey], listed: bytes | None) -> Iterator[Finding]:
    claims = _claims(token, keys)
    if isinstance(claims, Finding):
        yield claims
        return
    kinds = ", ".join(one for one in claims["type"] if one != "VerifiableCredential")
    trusted = signing_key_of(token, keys)
    whose = f" with region {trusted.region}'s key" if trusted and trusted.region else ""
    told = f"{claims['iss']} signed it{whose}: {kinds}, {claims.get('name', claims['id'])}."
    yield Finding(Verdict.HOLDS, told)
    now = datetime.now(UTC).timestamp()
    if claims.get("nbf", 0) > now:
        yield Finding(Verdict.FALSE, f"It holds only from {claims['validFrom']}.")
        return
    status = claims.get("credentialStatus")
    if status is None:
        return
    if listed is None:
        told = (
            f"Whether it was revoked since is told by bit {status['statusListIndex']} of "
            f"{status['statusListCredential']}: fetch it and give it as --status-list."
        )
        yield Finding(Verdict.HOLDS, told)
        return
    yield _revocation(claims, status, _claims(listed.decode("ascii").strip(), keys))


def _revocation(
    claims: Mapping[str, Any], status: Mapping[str, str], listed: Mapping[str, Any] | Finding
) -> Finding:
    if isinstance(listed, Finding):
        return Finding(listed.verdict, f"Of the status list: {listed.told}")
    if listed["id"] != status["statusListCredential"] or listed["iss"] != claims["iss"]:
        return Finding(Verdict.UNKNOWN, f"This is not the status list {status['statusListCredential']}.")
    bits = _bits(listed["credentialSubject"]["encodedList"])
    index = int(status["statusListIndex"])
    if bits[index // 8] & 0x80 >> index % 8:
        return Finding(
            Verdict.FALSE, f"It was revoked: bit {index} is set in the list of {listed['validFrom']}."
        )
    return Finding(Verdict.HOLDS, f"It was not revoked by {listed['validFrom']}.")


def signed_bytes(answer: Mapping[str, Any]) -> bytes:
    """Return the bytes that the deciding region signed, made again from its answer."""
    signed = {name: answer[name] for name in DECISION_FIELDS.split()}
    signed["reasons"] = [one if isinstance(one, str) else one["code"] for one in answer["reasons"]]
    signed["decidedAt"] = datetime.fromisoformat(answer["decidedAt"]).astimezone(UTC).isoformat()
    if answer.get("knownAt") is not None:
        signed["knownAt"] = datetime.fromisoformat(answer["knownAt"]).astimezone(UTC).isoformat()
    return rfc8785.dumps(signed)


def _claims(token: str, keys: Mapping[str, TrustedKey]) -> dict[str, Any] | Finding:
    trusted = signing_key_of(token, keys)
    if trusted is None:
        return Finding(Verdict.UNKNOWN, _stranger(token))
    try:
        content = jws.deserialize_compact(token, trusted.key, algorithms=[ALGORITHM]).payload
    except BadSignatureError:
        return Finding(Verdict.FALSE, "The signature does not fit: something was changed after signing.")
    claims: dict[str, Any] = json.loads(content)
    if not key_id(token).startswith(f"{claims['iss']}/keys/"):
        return Finding(Verdict.FALSE, f"It names {claims['iss']} as issuer, but another's key signed it.")
    return claims


def _stranger(token: str) -> str:
    return f"None of the given keys is the one that it names, {key_id(token)!r}: get it from the region."


def _find_decision(content: Any) -> Mapping[str, Any]:
    """Return the first object that looks like a decision: a whole GraphQL response may be given."""
    for one in nodes_of(content):
        if "decision" in one and "signature" in one:
            return one
    raise ValueError("no object in it has the fields decision and signature")


def _bits(encoded: str) -> bytes:
    if not encoded.startswith("u"):
        raise ValueError("the status list is not in base64url")
    packed = urlsafe_b64decode(encoded[1:] + "=" * (-len(encoded[1:]) % 4))
    reader = zlib.decompressobj(wbits=31)
    bits = reader.decompress(packed, BITS_LIMIT_BYTES)
    if reader.unconsumed_tail:
        raise ValueError(f"the status list has more than {BITS_LIMIT_BYTES} bytes")
    return bits
