"""What a node shows the whole world beside GraphQL: its keys, its status lists, the page of checks.

Nothing here names a person. The page works without scripts and without anything from elsewhere.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from html import escape
from typing import Final
from urllib.parse import urlsplit

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from region_node.domain.check import Checked
from region_node.domain.credential import LEVEL_NAMES
from region_node.domain.outcome import OutcomeStatus
from region_node.service.checks import check
from region_node.service.credentials import issuer_of, status_list_token
from region_node.service.failures import StorageFailure
from region_node.service.ports import Bank
from schema.credits import format_credits

ACTOR: Final = "public"
CACHE_S: Final = 300
"""For how long others may keep a status list or a key."""
LISTS_LIMIT_DIGITS: Final = 9

_STYLE: Final = (
    "body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem;color:#1c2330}"
    "input{font:inherit;width:100%;padding:.5rem;box-sizing:border-box}"
    "button{font:inherit;margin-top:.5rem;padding:.5rem 1.5rem}"
    "dt{color:#5a6475}dd{margin:0 0 .6rem;font-size:1.15rem}"
    ".good{color:#0a6b3d}.bad{color:#a31621}"
)
_STYLE_HASH: Final = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS: Final = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "x-robots-tag": "noindex",
}
_STATUS: Final = {
    OutcomeStatus.VERIFIED: ("good", "有效 Valid: verified by the credit bank"),
    OutcomeStatus.REVOKED: ("bad", "已撤销 Revoked: it counts no more"),
}


def public_routes(bank: Bank) -> list[Route]:
    """The routes of `/check`, `/status`, `/issuer` and `/.well-known`."""

    async def check_page(request: Request) -> Response:
        code = request.path_params.get("code") or request.query_params.get("code", "")
        if not code.strip():
            return _page(_FORM)
        try:
            async with bank.units.read() as unit:
                found = await check(bank, unit, code)
        except StorageFailure:
            return _page(_UNAVAILABLE + _FORM, 503)
        return _page(_shown(found) + _FORM, 200) if found else _page(_UNKNOWN + _FORM, 404)

    async def status(request: Request) -> Response:
        number = request.path_params["number"]
        if not number.isascii() or not number.isdigit() or len(number) > LISTS_LIMIT_DIGITS:
            return _json(404, {"error": "no such list"})
        try:
            async with bank.units.read() as unit:
                token = await status_list_token(bank, unit, bank.moment(ACTOR), int(number))
        except StorageFailure as failure:
            return _json(503, {"error": failure.code.value})
        if token is None:
            return _json(404, {"error": "no such list"})
        return Response(token, headers=_cached(), media_type="application/vc+jwt")

    async def issuer(_: Request) -> Response:
        found = issuer_of(bank)
        return _json(404, {}) if found is None else _json(200, found.profile(), cached=True)

    async def key(request: Request) -> Response:
        if bank.signer is None or request.path_params["thumbprint"] != bank.signer.thumbprint:
            return _json(404, {"error": "no such key"})
        return _json(200, bank.signer.public_key(), cached=True)

    async def jwks(_: Request) -> Response:
        return _json(200, {"keys": public_keys(bank)}, cached=True)

    async def did(_: Request) -> Response:
        found = issuer_of(bank)
        return _json(404, {}) if found is None else _json(200, did_document(bank, found.base), cached=True)

    return [
        Route("/check", check_page),
        Route("/check/{code}", check_page),
        Route("/status/{number}", status),
        Route("/issuer", issuer),
        Route("/issuer/keys/{thumbprint}", key),
        Route("/.well-known/jwks.json", jwks),
        Route("/.well-known/did.json", did),
    ]


def public_keys(bank: Bank) -> list[dict[str, object]]:
    """The keys by which this region's credentials and decisions are checked, as JWKs with `kid`."""
    if bank.signer is None:
        return []
    return [{**bank.signer.public_key(), "kid": bank.signer.key, "use": "sig"}]


def did_document(bank: Bank, base: str) -> dict[str, object]:
    """The did:web document of the node's public address."""
    assert bank.signer is not None  # noqa: S101 - an issuer has a key
    parts = urlsplit(base)
    path = parts.path.strip("/").replace("/", ":")
    did = ":".join(part for part in ("did:web", parts.netloc.replace(":", "%3A"), path) if part)
    method = {
        "id": f"{did}#{bank.signer.thumbprint}",
        "type": "JsonWebKey",
        "controller": did,
        "publicKeyJwk": bank.signer.public_key(),
    }
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
        "id": did,
        "alsoKnownAs": [f"{base}/issuer"],
        "verificationMethod": [method],
        "assertionMethod": [method["id"]],
    }


_FORM: Final = (
    '<form action="/check" method="get"><label for="code">核验码 Verification code</label>'
    '<input id="code" name="code" maxlength="200" required autocomplete="off" spellcheck="false">'
    "<button>核验 Check</button></form>"
)
_UNKNOWN: Final = (
    '<p class="bad"><strong>没有这个核验码。请逐字核对，或向持证人索取。</strong></p>'
    '<p class="bad">There is no such code. Compare every character, or ask the holder for it.</p>'
)
_UNAVAILABLE: Final = (
    '<p class="bad">暂时无法核验，请稍后再试。 Checking is not possible now; try again later.</p>'
)


def _shown(found: Checked) -> str:
    kind, status = _STATUS.get(found.status, ("bad", "无效 Not valid"))
    rows = (
        ("证书 Certificate", found.title),
        ("等级 Level", LEVEL_NAMES[found.level] if found.level else None),
        ("颁发机构 Issuer", found.organisation),
        ("颁发日期 Date of issue", found.issued_on.isoformat() if found.issued_on else None),
        ("学分 Credits", None if found.credits is None else format_credits(found.credits)),
    )
    told = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in rows if value)
    return f'<p class="{kind}"><strong>{status}</strong></p><dl>{told}</dl>'


def _page(body: str, status: int = 200) -> Response:
    text = (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>证书核验 · Check a certificate</title><style>{_STYLE}</style></head>"
        f"<body><main><h1>证书核验 · Check a certificate</h1>{body}</main></body></html>"
    )
    return Response(text, status, HEADERS, "text/html")


def _cached() -> dict[str, str]:
    return {"cache-control": f"public, max-age={CACHE_S}", "x-content-type-options": "nosniff"}


def _json(status: int, content: object, *, cached: bool = False) -> Response:
    headers = _cached() if cached else {"cache-control": "no-store"}
    return Response(orjson.dumps(content), status, headers, "application/json")
