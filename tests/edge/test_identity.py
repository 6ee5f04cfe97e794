"""Who is asking: a token proves exactly what it says, or the request is refused."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey

from edge.caller import PUBLIC, Caller, Role
from edge.errors import HttpRefusal
from edge.identity import PROVED_TOKENS_LIMIT, Algorithm, Identity, IdentitySettings
from edge.keys import JWKS_LIMIT_BYTES, file_source, read_jwks, url_source
from edge.tokens import DEMO_AUDIENCE, DEMO_ISSUER, generate_key, issue_token, jwks, read_key, write_key
from tests.edge.conftest import Program

NOW = 1_780_272_000  # 2026-06-01
PORTAL = Caller(Role.PORTAL, "portal-1")
CLAIMS = {"iss": DEMO_ISSUER, "aud": DEMO_AUDIENCE, "sub": "s", "exp": NOW + 60, "role": "portal"}


class Clock:
    """A clock that stands where a test puts it."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class Keys:
    """A key source that a test can change, break and count."""

    def __init__(self, *keys: OKPKey) -> None:
        self.text: bytes | Exception = jwks(*keys)
        self.reads = 0

    async def __call__(self) -> bytes:
        self.reads += 1
        if isinstance(self.text, Exception):
            raise self.text
        return self.text


def identity(keys: Any, clock: Clock, *algorithms: Algorithm) -> Identity:
    settings = IdentitySettings(DEMO_ISSUER, DEMO_AUDIENCE, algorithms or ("Ed25519", "ES256"))
    return Identity(settings, keys, now=clock, clock=clock)


def signed(key: Any, claims: dict[str, Any], algorithm: str = "Ed25519", **header: Any) -> str:
    return jwt.encode({"alg": algorithm, "kid": key.kid, **header}, claims, key, algorithms=[algorithm])


async def refusal(of: Identity, token: str) -> tuple[int, str, Any]:
    with pytest.raises(HttpRefusal) as caught:
        await of.caller(f"Bearer {token}")
    return caught.value.status, caught.value.code, caught.value.values.get("claim")


@pytest.mark.parametrize(
    "caller",
    [
        PORTAL,
        Caller(Role.LEARNER, "l", learner_id="L-7"),
        Caller(Role.OFFICER, "o", region="440000"),
        Caller(Role.AUDITOR, "a", region="520000"),
        Caller(Role.PUBLIC, "p"),
        Caller(Role.PORTAL, "s", scopes=frozenset({"exam:read", "teach"})),
    ],
    ids=lambda caller: caller.role.value,
)
async def test_a_token_proves_the_caller_it_was_issued_to(key: OKPKey, caller: Caller) -> None:
    clock = Clock()
    token = issue_token(key, caller, now=clock)
    assert await identity(Keys(key), clock).caller(f"bearer  {token}") == caller


async def test_no_header_is_the_public(key: OKPKey) -> None:
    keys = Keys(key)
    assert await identity(keys, Clock()).caller(None) == PUBLIC
    assert keys.reads == 0


@pytest.mark.parametrize(
    ("change", "code", "claim"),
    [
        ({"exp": NOW - 31}, "TOKEN_EXPIRED", None),
        ({"exp": None}, "TOKEN_CLAIM_INVALID", "exp"),
        ({"exp": "never"}, "TOKEN_CLAIM_INVALID", "exp"),
        ({"exp": True}, "TOKEN_CLAIM_INVALID", "exp"),
        ({"nbf": NOW + 31}, "TOKEN_NOT_YET_VALID", "nbf"),
        ({"iat": NOW + 31}, "TOKEN_NOT_YET_VALID", "iat"),
        ({"iss": "https://other.example"}, "TOKEN_FOREIGN", "iss"),
        ({"iss": None}, "TOKEN_CLAIM_INVALID", "iss"),
        ({"aud": "another-service"}, "TOKEN_FOREIGN", "aud"),
        ({"aud": ["x", "y"]}, "TOKEN_FOREIGN", "aud"),
        ({"aud": None}, "TOKEN_CLAIM_INVALID", "aud"),
        ({"sub": ""}, "TOKEN_CLAIM_INVALID", "sub"),
        ({"sub": 7}, "TOKEN_CLAIM_INVALID", "sub"),
        ({"role": "king"}, "TOKEN_CLAIM_INVALID", "role"),
        ({"role": None}, "TOKEN_CLAIM_INVALID", "role"),
        ({"role": ["officer"]}, "TOKEN_CLAIM_INVALID", "role"),
        ({"role": "officer"}, "TOKEN_CLAIM_INVALID", "region"),
        ({"role": "auditor", "region": "44"}, "TOKEN_CLAIM_INVALID", "region"),
        ({"role": "learner"}, "TOKEN_CLAIM_INVALID", "learner_id"),
        ({"role": "learner", "learner_id": "x" * 201}, "TOKEN_CLAIM_INVALID", "learner_id"),
        ({"scope": ["a", "b"]}, "TOKEN_CLAIM_INVALID", "scope"),
        ({"scope": "a " * 101}, "TOKEN_CLAIM_INVALID", "scope"),
    ],
)
async def test_a_claim_that_is_wrong_refuses_the_request(
    key: OKPKey, change: dict[str, Any], code: str, claim: str | None
) -> None:
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    refused = await refusal(identity(Keys(key), Clock()), signed(key, claims))
    assert refused == (401, code, claim)


@pytest.mark.parametrize("change", [{"exp": NOW - 29}, {"nbf": NOW + 29}, {"aud": ["x", DEMO_AUDIENCE]}])
async def test_clocks_may_differ_a_little_and_audiences_be_several(
    key: OKPKey, change: dict[str, Any]
) -> None:
    caller = await identity(Keys(key), Clock()).caller(f"Bearer {signed(key, {**CLAIMS, **change})}")
    assert caller.role is Role.PORTAL


def unsigned(header: Any) -> str:
    parts = (json.dumps(part).encode() for part in (header, CLAIMS))
    return ".".join(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts) + "."


FORGERIES: dict[str, Callable[[OKPKey], str]] = {
    "not a token": lambda key: "abc",
    "no signature": lambda key: unsigned({"alg": "none", "kid": key.kid}),
    "cut short": lambda key: signed(key, CLAIMS)[:-4],
    "changed claims": lambda key: ".".join(
        (signed(key, CLAIMS).split(".")[0], unsigned({}).split(".")[1], signed(key, {}).split(".")[2])
    ),
    "another's key under our id": lambda key: signed(generate_key(), CLAIMS, kid=key.kid),
    "an unknown key": lambda key: signed(generate_key(), CLAIMS),
    "an algorithm not pinned": lambda key: jwt.encode(
        {"alg": "HS256", "kid": key.kid},
        dict(CLAIMS),
        OctKey.import_key(base64.urlsafe_b64decode(f"{key.as_dict(private=False)['x']}=")),
        algorithms=["HS256"],
    ),
    "a critical extension": lambda key: unsigned({"alg": "Ed25519", "kid": key.kid, "crit": ["exp"]}),
    "a header of wrong types": lambda key: unsigned({"alg": "Ed25519", "kid": key.kid, "crit": 5}),
    "a header that is no object": lambda key: unsigned(["alg"]),
    "a header that names no key": lambda key: signed(generate_key(), CLAIMS, kid=""),
    "beyond ASCII": lambda key: "é.é.é",
    "too long": lambda key: "a" * 9_000,
    "two tokens": lambda key: f"{signed(key, CLAIMS)}, Bearer {signed(key, CLAIMS)}",
    "nothing": lambda key: "",
}


@pytest.mark.parametrize("forgery", FORGERIES.values(), ids=FORGERIES.keys())
async def test_a_forged_token_proves_nobody(key: OKPKey, forgery: Callable[[OKPKey], str]) -> None:
    assert await refusal(identity(Keys(key), Clock()), forgery(key)) == (401, "UNAUTHENTICATED", None)


async def test_another_scheme_is_refused(key: OKPKey) -> None:
    with pytest.raises(HttpRefusal) as caught:
        await identity(Keys(key), Clock()).caller("Basic dXNlcjpwYXNz")
    assert caught.value.code == "UNAUTHENTICATED"


async def test_es256_proves_too_where_it_is_allowed(key: OKPKey) -> None:
    elliptic = ECKey.generate_key("P-256", auto_kid=True)

    async def keys() -> bytes:
        return json.dumps(KeySet([elliptic, key]).as_dict(private=False)).encode()

    token = signed(elliptic, CLAIMS, "ES256")
    assert (await identity(keys, Clock()).caller(f"Bearer {token}")).role is Role.PORTAL
    refused = await refusal(identity(keys, Clock(), "Ed25519"), token)
    assert refused[1] == "UNAUTHENTICATED"


async def test_the_old_name_of_the_algorithm_is_taken_where_it_is_allowed(key: OKPKey) -> None:
    plain = OKPKey.import_key({**key.as_dict(private=True), "alg": "EdDSA"})
    with pytest.warns(match="EdDSA is deprecated"):
        token = signed(plain, CLAIMS, "EdDSA")
    assert (await refusal(identity(Keys(plain), Clock()), token))[1] == "UNAUTHENTICATED"
    with pytest.warns(match="EdDSA is deprecated"):
        caller = await identity(Keys(plain), Clock(), "EdDSA").caller(f"Bearer {token}")
    assert caller.role is Role.PORTAL


async def test_a_token_that_was_proved_expires_all_the_same(key: OKPKey) -> None:
    clock = Clock()
    proving, token = identity(Keys(key), clock), signed(key, CLAIMS)
    for _ in range(2):
        assert (await proving.caller(f"Bearer {token}")).role is Role.PORTAL
    clock.now += 60 + 30 + 1
    assert (await refusal(proving, token))[1] == "TOKEN_EXPIRED"


async def test_proved_tokens_are_remembered_within_a_bound(
    key: OKPKey, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.identity.PROVED_TOKENS_LIMIT", 3)
    proving = identity(Keys(key), Clock())
    for number in range(5):
        await proving.caller(f"Bearer {signed(key, {**CLAIMS, 'sub': str(number)})}")
    assert len(proving._proved) == 3
    assert PROVED_TOKENS_LIMIT == 4_096


async def test_keys_rotate_and_a_withdrawn_key_stops_proving(key: OKPKey) -> None:
    clock, new = Clock(), generate_key()
    keys = Keys(key)
    proving = identity(keys, clock)
    old_token = signed(key, {**CLAIMS, "exp": NOW + 9_999})
    new_token = signed(new, {**CLAIMS, "exp": NOW + 9_999})
    await proving.caller(f"Bearer {old_token}")
    keys.text = jwks(new)
    clock.now += 11
    assert (await proving.caller(f"Bearer {new_token}")).role is Role.PORTAL
    assert (await refusal(proving, old_token))[1] == "UNAUTHENTICATED"


async def test_unknown_key_ids_do_not_cause_traffic(key: OKPKey) -> None:
    clock, keys = Clock(), Keys(key)
    proving = identity(keys, clock)
    for _ in range(50):
        await refusal(proving, signed(generate_key(), CLAIMS))
    assert keys.reads == 1
    clock.now += 11
    await refusal(proving, signed(generate_key(), CLAIMS))
    assert keys.reads == 2


async def test_keys_serve_while_their_source_fails_but_not_for_ever(key: OKPKey) -> None:
    clock, keys = Clock(), Keys(key)
    proving, token = identity(keys, clock), signed(key, {**CLAIMS, "exp": NOW + 9_999})
    await proving.caller(f"Bearer {token}")
    keys.text = ConnectionRefusedError()
    clock.now += 599
    await proving.caller(f"Bearer {token}")
    clock.now += 1
    assert await refusal(proving, token) == (503, "KEYS_UNAVAILABLE", None)
    assert await proving.keys.ready() == "the key set cannot be read"
    keys.text = jwks(key)
    clock.now += 10
    assert (await proving.caller(f"Bearer {token}")).role is Role.PORTAL
    assert await proving.keys.ready() is None


@pytest.mark.parametrize(
    "text", [b"", b"<html>", b"[]", b'{"keys": 1}', b"{}", b'{"keys": []}'.ljust(JWKS_LIMIT_BYTES + 1)]
)
def test_a_key_set_that_is_none_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_jwks(text)


def test_unusable_keys_are_passed_over(key: OKPKey) -> None:
    usable = key.as_dict(private=True)
    entries = [
        7,
        {"kty": "oct", "k": "c2VjcmV0", "kid": "shared"},
        {"kty": "OKP", "crv": "Ed25519", "x": "!!"},
        {"kty": "EC", "crv": "P-521", "x": "AA", "y": "AA"},
        {**usable, "use": "enc", "kid": "for-encryption"},
        usable,
    ]
    keys = read_jwks(json.dumps({"keys": entries}).encode())
    assert list(keys) == [key.kid]
    assert keys[key.kid or ""].is_private is False


async def test_a_key_pair_is_kept_in_files(key: OKPKey, tmp_path: Path) -> None:
    private, public = tmp_path / "key.json", tmp_path / "jwks.json"
    write_key(key, private, public)
    assert private.stat().st_mode & 0o077 == 0
    assert b'"d"' not in public.read_bytes()
    token = issue_token(read_key(private), PORTAL, now=Clock())
    assert await identity(file_source(public), Clock()).caller(f"Bearer {token}") == PORTAL
    refused = await refusal(identity(file_source(tmp_path / "none"), Clock()), token)
    assert refused == (503, "KEYS_UNAVAILABLE", None)


async def test_a_key_set_is_fetched_from_its_address(key: OKPKey) -> None:
    asked = []

    async def fetch(url: str) -> bytes:
        asked.append(url)
        return jwks(key)

    source = url_source("https://identity.example/jwks.json", fetch)
    assert (await identity(source, Clock()).caller(f"Bearer {signed(key, CLAIMS)}")).role is Role.PORTAL
    assert asked == ["https://identity.example/jwks.json"]


async def test_a_program_answers_by_token_and_refuses_a_bad_one(program: Program) -> None:
    query = {"query": "{ me }"}
    assert (await program.post(query)).json() == {"data": {"me": "public"}}
    good = await program.post(query, authorization=f"Bearer {program.token()}")
    assert good.json() == {"data": {"me": "portal"}}
    bad = await program.post(query, authorization="Bearer nonsense", accept_language="zh")
    assert bad.status_code == 401
    assert bad.headers["www-authenticate"].startswith("Bearer ")
    assert bad.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    assert "令牌" in bad.json()["errors"][0]["message"]
    assert "data" not in bad.json()


OFFICER = Caller(Role.OFFICER, "o", region="440000")
AUDITOR = Caller(Role.AUDITOR, "a", region="440000")
LEARNER = Caller(Role.LEARNER, "l", learner_id="L-7")


@pytest.mark.parametrize(
    ("caller", "own", "other", "here", "there", "lists", "acts", "submits"),
    [
        (PUBLIC, False, False, False, False, False, False, False),
        (PORTAL, True, True, True, True, False, False, False),
        (LEARNER, True, False, True, True, False, False, True),
        (OFFICER, True, True, True, False, True, True, True),
        (AUDITOR, True, True, True, False, True, False, False),
    ],
    ids=lambda value: value.role.value if isinstance(value, Caller) else "",
)
def test_what_each_role_may_do(
    caller: Caller, own: bool, other: bool, here: bool, there: bool, lists: bool, acts: bool, submits: bool
) -> None:
    assert caller.may_read_learner("L-7") is own
    assert caller.may_read_learner("L-8") is other
    assert caller.may_read_learner("L-7", "440000") is here
    assert caller.may_read_learner("L-7", "500000") is there
    assert caller.may_read_region("440000") is lists
    assert not caller.may_read_region("500000")
    assert caller.acts_for_region("440000") is acts
    assert not caller.acts_for_region("500000")
    assert caller.may_act_for_learner("L-7", "440000") is submits
    assert not caller.may_act_for_learner("L-8", "500000")
