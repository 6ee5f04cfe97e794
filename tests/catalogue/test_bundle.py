"""A bundle shows by itself that it is whole; a damaged one is refused and says what to do."""

from __future__ import annotations

import gzip
import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.bundle import decode, load, write_whole
from catalogue.errors import BundleError, OutputError
from catalogue.sample import load_sample, sample_bundle

RAW = sample_bundle()


def refused(raw: bytes) -> BundleError:
    with pytest.raises(BundleError) as caught:
        decode(raw)
    assert caught.value.remedy
    return caught.value


def test_a_bundle_reads_back(tmp_path: Path) -> None:
    write_whole(tmp_path / "sample.bundle", RAW)
    catalogue = load(tmp_path / "sample.bundle")
    sample = load_sample()
    assert catalogue.hash == sample.hash
    assert catalogue.majors == sample.majors
    assert catalogue.certificates == sample.certificates
    assert catalogue.regions == sample.regions
    assert catalogue.applied_rules == sample.applied_rules


@settings(deadline=None)
@given(st.integers(min_value=1, max_value=len(RAW) - 1))
def test_a_truncated_bundle_is_refused(length: int) -> None:
    error = refused(RAW[:length])
    assert error.code == ("BUNDLE_TRUNCATED" if length > 1 else "NOT_A_BUNDLE")


@settings(deadline=None)
@given(st.integers(min_value=10, max_value=len(RAW) - 1), st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_is_refused(place: int, change: int) -> None:
    altered = bytearray(RAW)
    altered[place] ^= change
    assert refused(bytes(altered)).code in {"BUNDLE_ALTERED", "BUNDLE_TRUNCATED"}


def test_altered_content_is_refused_even_when_packed_anew() -> None:
    content = gzip.decompress(RAW)
    altered = content.replace("网店运营推广".encode(), "网店运营推销".encode())
    assert altered != content
    assert refused(gzip.compress(altered)).code == "BUNDLE_ALTERED"
    counts = content.replace(b'"majors":72', b'"majors":73')
    assert counts != content
    assert refused(gzip.compress(counts)).code == "BUNDLE_ALTERED"
    assert refused(RAW + b"more").code == "BUNDLE_ALTERED"


@pytest.mark.parametrize(
    "raw", [b"", b"PK\x03\x04", b"{}", gzip.compress(b"{}\n{}", mtime=0), gzip.compress(b"[", mtime=0)]
)
def test_another_file_is_refused(raw: bytes) -> None:
    assert refused(raw).code == "NOT_A_BUNDLE"


def test_another_format_is_refused() -> None:
    content = gzip.decompress(RAW).replace(b'"format":1', b'"format":2')
    assert refused(gzip.compress(content)).code == "BUNDLE_FORMAT"


def test_a_right_hash_over_nonsense_is_refused() -> None:
    header = json.loads(gzip.decompress(RAW).split(b"\n")[0])
    del header["sha256"]
    for body in (b"nonsense", b"{}", b"[]", b'{"categories":[["53"]]}'):
        header["sha256"] = hashlib.sha256(rfc8785.dumps(header) + b"\n" + body).hexdigest()
        assert refused(gzip.compress(rfc8785.dumps(header) + b"\n" + body)).code == "BUNDLE_ALTERED"
        del header["sha256"]


def test_the_two_lines_are_canonical_json() -> None:
    header, body = gzip.decompress(RAW).splitlines()
    assert rfc8785.dumps(json.loads(header)) == header
    assert rfc8785.dumps(json.loads(body)) == body


def test_what_is_too_large_is_refused_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalogue.bundle.CONTENT_LIMIT_BYTES", 1000)
    assert refused(RAW).code == "BUNDLE_TOO_LARGE"


def test_what_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_whole(tmp_path / "big.bundle", RAW)
    monkeypatch.setattr("catalogue.bundle.BUNDLE_LIMIT_BYTES", 1000)
    with pytest.raises(BundleError, match="BUNDLE_TOO_LARGE"):
        load(tmp_path / "big.bundle")


def test_a_missing_or_unreadable_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"no\.bundle.*catalogue build.*BUNDLE_NOT_FOUND"):
        load(tmp_path / "no.bundle")
    with pytest.raises(BundleError, match="BUNDLE_UNREADABLE"):
        load(tmp_path)


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "taken"
    target.mkdir()
    (target / "inside").write_bytes(b"kept")
    with pytest.raises(OutputError, match="OUTPUT_NOT_WRITTEN"):
        write_whole(target, RAW)
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
    assert (target / "inside").read_bytes() == b"kept"
