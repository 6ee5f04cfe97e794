"""The bundle: one file that holds a whole catalogue and shows by its hash that it is whole.

A bundle is gzip over two lines of canonical JSON (RFC 8785): the header, which says format,
version, counts and SHA-256, and the entries. The hash covers the header's other members and the
entries, so the same entries under the same version have one hash, whoever built them and in
whatever order the rows stood. It guards against damage, not against forgery: it is no signature.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import secrets
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from catalogue.assemble import Entries
from catalogue.entries import (
    AppliedRule,
    Category,
    Certificate,
    Course,
    CourseKind,
    Major,
    MajorClass,
    MajorLevel,
    Region,
)
from catalogue.errors import BundleError, OutputError
from catalogue.lookup import Catalogue
from catalogue.names import course_id
from catalogue.rules import Rule
from schema.agreements import SkillLevel

KIND: Final = "creditbank-catalogue"
FORMAT: Final = 1
BUNDLE_LIMIT_BYTES: Final = 64 * 1024 * 1024
CONTENT_LIMIT_BYTES: Final = 256 * 1024 * 1024
_COURSE_KINDS: Final = {kind.value: kind for kind in CourseKind}
_RULES: Final = {rule.value: rule for rule in Rule}
REBUILD: Final = "Build it again with `creditbank catalogue build`, or copy it again from where it was built."


def encode(entries: Entries, version: str) -> bytes:
    """Return the bundle's bytes; the same for the same entries and version."""
    catalogue = _catalogue(entries, version, "")
    body = _body(catalogue)
    header = {"kind": KIND, "format": FORMAT, "version": version, "counts": asdict(catalogue.counts)}
    header["sha256"] = _digest(header, body)
    return gzip.compress(_canonical(header) + b"\n" + body + b"\n", compresslevel=9, mtime=0)


def decode(raw: bytes, name: str = "the bundle") -> Catalogue:
    """Return the catalogue that the bytes hold; `name` is what to call them in an error.

    Raises BundleError: NOT_A_BUNDLE, BUNDLE_TRUNCATED, BUNDLE_ALTERED, BUNDLE_FORMAT, BUNDLE_TOO_LARGE.
    """
    header_line, _, rest = _content(raw, name).partition(b"\n")
    header = _header(header_line, name)
    body = rest.removesuffix(b"\n")
    stated = header.pop("sha256", None)
    if stated != _digest(header, body):
        raise BundleError("BUNDLE_ALTERED", f"{name} does not have the hash it states.", REBUILD)
    try:
        catalogue = _read(orjson.loads(body), header["version"], stated)
        if asdict(catalogue.counts) != header["counts"]:
            raise ValueError("the counts in the header are not those of the entries")
    except (KeyError, TypeError, ValueError, IndexError) as error:
        what = f"{name} has the right hash and yet a content that cannot be read ({error})."
        raise BundleError("BUNDLE_ALTERED", what, REBUILD) from error
    return catalogue


def load(path: Path) -> Catalogue:
    """Read and verify a bundle. Raises BundleError, as `decode`, BUNDLE_NOT_FOUND or BUNDLE_UNREADABLE."""
    try:
        with path.open("rb") as file:
            raw = file.read(BUNDLE_LIMIT_BYTES + 1)
    except FileNotFoundError as error:
        what = f"There is no catalogue bundle at {path}."
        raise BundleError("BUNDLE_NOT_FOUND", what, "Build one with `creditbank catalogue build`.") from error
    except OSError as error:
        what = f"{path} cannot be read: {error.strerror}."
        raise BundleError("BUNDLE_UNREADABLE", what, "Give a file that this user may read.") from error
    if len(raw) > BUNDLE_LIMIT_BYTES:
        raise _too_large(str(path))
    return decode(raw, str(path))


def write_whole(path: Path, raw: bytes) -> None:
    """Write all of the bytes or nothing: into a new file beside `path`, to the disk, then in its place.

    Raises OutputError; what stood at `path` is then as it was.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        beside.unlink(missing_ok=True)
        what = f"{path} could not be written: {error.strerror}."
        remedy = "Give a file in a folder that exists, has room and may be written."
        raise OutputError("OUTPUT_NOT_WRITTEN", what, remedy) from error


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _canonical(value: object) -> bytes:
    # With keys of ASCII and no floats, sorted compact JSON is what RFC 8785 asks for.
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _digest(header: dict[str, Any], body: bytes) -> str:
    return hashlib.sha256(_canonical(header) + b"\n" + body).hexdigest()


def _content(raw: bytes, name: str) -> bytes:
    if not raw.startswith(b"\x1f\x8b"):
        what = f"{name} is empty." if not raw else f"{name} is not a catalogue bundle (it is not gzip)."
        raise BundleError("NOT_A_BUNDLE", what, REBUILD)
    reader = zlib.decompressobj(wbits=31)
    try:
        content = reader.decompress(raw, CONTENT_LIMIT_BYTES)
    except zlib.error as error:
        raise BundleError("BUNDLE_ALTERED", f"{name} is damaged ({error}).", REBUILD) from error
    if reader.unconsumed_tail:
        raise _too_large(name)
    if not reader.eof:
        what = f"{name} is cut off: it ends after {len(raw)} bytes, before its end mark."
        raise BundleError("BUNDLE_TRUNCATED", what, REBUILD)
    if reader.unused_data:
        what = f"{name} has {len(reader.unused_data)} bytes after its end."
        raise BundleError("BUNDLE_ALTERED", what, REBUILD)
    return content


def _header(line: bytes, name: str) -> dict[str, Any]:
    try:
        header = orjson.loads(line)
    except orjson.JSONDecodeError:
        header = None
    if not isinstance(header, dict) or header.get("kind") != KIND:
        raise BundleError("NOT_A_BUNDLE", f"{name} is gzip, but holds no catalogue.", REBUILD)
    if header.get("format") != FORMAT:
        what = f"{name} has format {header.get('format')}; this program reads format {FORMAT}."
        raise BundleError("BUNDLE_FORMAT", what, "Build it with this version of creditbank.")
    return header


def _too_large(name: str) -> BundleError:
    limits = f"{BUNDLE_LIMIT_BYTES} bytes, {CONTENT_LIMIT_BYTES} unpacked"
    return BundleError("BUNDLE_TOO_LARGE", f"{name} is larger than a bundle may be ({limits}).", REBUILD)


def _body(catalogue: Catalogue) -> bytes:
    """Return the entries in the catalogue's fixed order; IDs that follow from names are left out."""
    return _canonical(
        {
            "rules": [[rule.code, rule.count] for rule in catalogue.applied_rules],
            "regions": [[region.code, region.name, region.name_en] for region in catalogue.regions],
            "categories": [[one.code, one.name, one.level] for one in catalogue.categories],
            "classes": [[one.code, one.name, one.category.code] for one in catalogue.classes],
            "majors": [_plain_major(major) for major in catalogue.majors],
            "certificates": [_plain_certificate(certificate) for certificate in catalogue.certificates],
        }
    )


def _plain_major(major: Major) -> dict[str, Any]:
    return {
        "code": major.code,
        "name": major.name,
        "class": major.major_class.code,
        "duration": major.duration,
        "note": major.note,
        "profile": major.has_profile,
        "courses": [[course.kind, course.name] for course in major.courses],
        "certificates": major.certificate_codes,
        "qualifications": major.occupational_qualifications,
    }


def _plain_certificate(certificate: Certificate) -> dict[str, Any]:
    return {
        "code": certificate.code,
        "spellings": certificate.spellings,
        "organisation": certificate.organisation,
        "batch": certificate.batch,
        "levels": certificate.levels,
        "levelsStated": certificate.levels_stated,
    }


def _read(plain: dict[str, Any], version: str, digest: str) -> Catalogue:
    categories = {code: Category(code, name, MajorLevel(level)) for code, name, level in plain["categories"]}
    classes = {
        code: MajorClass(code, name, categories[category]) for code, name, category in plain["classes"]
    }
    majors = tuple(_read_major(major, classes) for major in plain["majors"])
    citing: dict[str, list[str]] = {certificate["code"]: [] for certificate in plain["certificates"]}
    for major in majors:
        for code in major.certificate_codes:
            citing[code].append(major.code)
    entries = Entries(
        regions=tuple(Region(code, name, name_en) for code, name, name_en in plain["regions"]),
        majors=majors,
        certificates=tuple(
            _read_certificate(certificate, tuple(citing[certificate["code"]]))
            for certificate in plain["certificates"]
        ),
        applied_rules=tuple(AppliedRule(code, count, _RULES[code].meaning) for code, count in plain["rules"]),
    )
    return _catalogue(entries, version, digest)


def _read_major(plain: dict[str, Any], classes: dict[str, MajorClass]) -> Major:
    code = plain["code"]
    major_class = classes[plain["class"]]
    return Major(
        code=code,
        name=plain["name"],
        level=major_class.category.level,
        major_class=major_class,
        duration=plain["duration"],
        national_control=code.endswith("K"),
        note=plain["note"],
        has_profile=plain["profile"],
        courses=tuple(
            Course(course_id(code, kind, name), code, name, _COURSE_KINDS[kind])
            for kind, name in plain["courses"]
        ),
        certificate_codes=tuple(plain["certificates"]),
        occupational_qualifications=tuple(plain["qualifications"]),
    )


def _read_certificate(plain: dict[str, Any], major_codes: tuple[str, ...]) -> Certificate:
    spellings = tuple(plain["spellings"])
    return Certificate(
        code=plain["code"],
        name=spellings[0],
        spellings=spellings,
        organisation=plain["organisation"],
        batch=plain["batch"],
        levels=tuple(SkillLevel(level) for level in plain["levels"]),
        levels_stated=plain["levelsStated"],
        major_codes=major_codes,
    )


def _catalogue(entries: Entries, version: str, digest: str) -> Catalogue:
    return Catalogue(
        version=version,
        hash=digest,
        regions=entries.regions,
        majors=entries.majors,
        certificates=entries.certificates,
        applied_rules=entries.applied_rules,
    )
