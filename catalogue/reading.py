"""Rows → drafts: what each list must hold by itself, and against the lists read before it.

Order: majors, then certificates (their samples name majors), then profiles (they name both).
A row with any problem yields no draft.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from catalogue.entries import (
    MAJOR_LEVEL_NAMES,
    SKILL_LEVEL_NAMES,
    Category,
    Course,
    CourseKind,
    Major,
    MajorClass,
    MajorLevel,
    Region,
)
from catalogue.errors import Fault
from catalogue.findings import Findings, Subject
from catalogue.layouts import COURSE_COLUMNS, LEVEL_COUNT_COLUMNS, MAJORS, SAMPLE_LIMIT_CODES
from catalogue.names import course_id, name_key, plain_name
from catalogue.rows import Row, RowReader, shown
from catalogue.rules import Rule
from schema.agreements import SkillLevel

LEVEL_OF_FIRST_DIGIT: Final = {
    "2": MajorLevel.BACHELOR,
    "3": MajorLevel.BACHELOR,
    "4": MajorLevel.COLLEGE,
    "5": MajorLevel.COLLEGE,
    "6": MajorLevel.SECONDARY,
    "7": MajorLevel.SECONDARY,
}
SENTENCE_CHARS: Final = 20
_LEVEL_NAMED: Final = {name: level for level, name in MAJOR_LEVEL_NAMES.items()}
_SKILL_LEVEL_NAMED: Final = {name: level for level, name in SKILL_LEVEL_NAMES.items()}


@dataclass(frozen=True, slots=True)
class CertificateDraft:
    """One row of the certificates' list: one spelling. `counts` has the stated counts by column."""

    subject: Subject
    name: str
    key: str
    organisation: str
    batch: int | None
    levels: tuple[SkillLevel, ...]
    counts: Mapping[str, int]
    sample: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProfileDraft:
    """One profile. `citations` are names of certificates as spelt there."""

    major_code: str
    level: MajorLevel
    duration: str | None
    courses: tuple[Course, ...]
    citations: tuple[str, ...]
    occupational_qualifications: tuple[str, ...]


def _readable(row: Row, column: str) -> str:
    value = row.cells.get(column)
    return value if isinstance(value, str) else ""


def read_majors(reader: RowReader, findings: Findings) -> dict[str, Major]:
    """Return the majors by code, without courses; the first row of a code, class or category stands."""
    majors: dict[str, Major] = {}
    lines: dict[str, int] = {}
    categories: dict[str, tuple[Category, int]] = {}
    classes: dict[str, tuple[MajorClass, int]] = {}
    for row in findings.good(reader, lambda row: _readable(row, "major_code")):
        code = row.text("major_code")
        subject = Subject(findings, reader, row, code)
        level = _LEVEL_NAMED[row.text("level")]
        category = Category(row.text("category_code"), row.text("category_name"), level)
        major_class = MajorClass(row.text("class_code"), row.text("class_name"), category)
        _check_codes(subject, code, major_class)
        known_category, since = categories.get(category.code, (category, row.line))
        if known_category.name != category.name:
            reason = f"{shown(category.name)}, where line {since} names {category.code} {known_category.name}"
            subject.refuse("category_name", Fault.DISAGREES, reason)
        known_class, since = classes.get(major_class.code, (major_class, row.line))
        if known_class.name != major_class.name:
            reason = (
                f"{shown(major_class.name)}, where line {since} names {major_class.code} {known_class.name}"
            )
            subject.refuse("class_name", Fault.DISAGREES, reason)
        if code in lines:
            subject.refuse("major_code", Fault.DUPLICATE_KEY, f"{code} already stands in line {lines[code]}")
        if not subject.is_good:
            continue
        categories.setdefault(category.code, (category, row.line))
        stands, _ = classes.setdefault(major_class.code, (major_class, row.line))
        lines[code] = row.line
        majors[code] = _major(row, level, stands)
        findings.apply(Rule.MAJORS_UNDER_NATIONAL_CONTROL, majors[code].national_control)
    return majors


def _check_codes(subject: Subject, code: str, major_class: MajorClass) -> None:
    category = major_class.category
    if not major_class.code.startswith(category.code):
        reason = f"{major_class.code} does not begin with its category's code {category.code}"
        subject.refuse("class_code", Fault.DISAGREES, reason)
    if not code.startswith(major_class.code):
        reason = f"{code} does not begin with its class's code {major_class.code}"
        subject.refuse("major_code", Fault.DISAGREES, reason)
    expected = LEVEL_OF_FIRST_DIGIT[code[0]]
    if category.level is not expected:
        reason = (
            f"{MAJOR_LEVEL_NAMES[category.level]}, but codes in {code[0]} are {MAJOR_LEVEL_NAMES[expected]}"
        )
        subject.refuse("level", Fault.DISAGREES, reason)


def _major(row: Row, level: MajorLevel, major_class: MajorClass) -> Major:
    return Major(
        code=row.text("major_code"),
        name=row.text("major_name"),
        level=level,
        major_class=major_class,
        duration=None,
        national_control=row.text("major_code").endswith("K"),
        note=row.text("note"),
        has_profile=False,
        courses=(),
        certificate_codes=(),
        occupational_qualifications=(),
    )


def read_certificates(
    reader: RowReader, findings: Findings, majors: Mapping[str, Major]
) -> list[CertificateDraft]:
    """Return the certificates' rows in order; two rows of one spelling need two organisations."""
    drafts: list[CertificateDraft] = []
    seen: dict[str, list[tuple[str, int]]] = {}
    for row in findings.good(reader, lambda row: name_key(_readable(row, "certificate_name"))):
        name = row.text("certificate_name")
        subject = Subject(findings, reader, row, name_key(name))
        draft = _certificate(row, subject)
        organisation = name_key(draft.organisation)
        for other, line in seen.get(name, ()):
            if organisation == other or not organisation or not other:
                reason = (
                    f"{shown(name)} already stands in line {line}, and no two organisations tell them apart"
                )
                subject.refuse("certificate_name", Fault.DUPLICATE_KEY, reason)
                break
        _check_counts(subject, draft, majors, findings)
        if subject.is_good:
            seen.setdefault(name, []).append((organisation, row.line))
            drafts.append(draft)
            findings.apply(
                Rule.SAMPLES_TRUNCATED, draft.counts.get("majors_citing", 0) > len(draft.sample) > 0
            )
    return _told_apart(drafts)


def _certificate(row: Row, subject: Subject) -> CertificateDraft:
    columns = ("majors_citing", *LEVEL_COUNT_COLUMNS.values())
    stated = {_SKILL_LEVEL_NAMED[name] for name in row.text("levels").split()}
    return CertificateDraft(
        subject=subject,
        name=row.text("certificate_name"),
        key=name_key(row.text("certificate_name")),
        organisation=row.text("evaluation_org"),
        batch=int(row.text("batch")) if row.text("batch") else None,
        levels=tuple(level for level in SkillLevel if level in stated),
        counts={column: int(row.text(column)) for column in columns if column in row.cells},
        sample=tuple(row.text("sample_major_codes").split()),
    )


def _check_counts(
    subject: Subject, draft: CertificateDraft, majors: Mapping[str, Major], findings: Findings
) -> None:
    """Check a row's counts and sample against each other; what the profiles say is checked later."""
    counts, sample = draft.counts, draft.sample
    total = counts.get("majors_citing")
    by_level = [counts[column] for column in LEVEL_COUNT_COLUMNS.values() if column in counts]
    if total is not None and len(by_level) == len(LEVEL_COUNT_COLUMNS) and sum(by_level) != total:
        reason = f"{total}, but the counts by level add up to {sum(by_level)}"
        subject.refuse("majors_citing", Fault.COUNT_DISAGREES, reason)
    if total is not None and sample and len(sample) != min(SAMPLE_LIMIT_CODES, total):
        reason = f"{len(sample)} codes, where a sample of {total} has {min(SAMPLE_LIMIT_CODES, total)}"
        subject.refuse("sample_major_codes", Fault.COUNT_DISAGREES, reason)
    for code, times in Counter(sample).items():
        if times > 1:
            subject.refuse("sample_major_codes", Fault.DUPLICATE_KEY, f"{code} stands there {times} times")
        if code in majors:
            continue
        if findings.is_set_aside(MAJORS.source, code):
            findings.apply(Rule.CITATIONS_SET_ASIDE)
        else:
            reason = f"{code} is not in the list of majors"
            subject.refuse("sample_major_codes", Fault.DANGLING_REFERENCE, reason)


def _told_apart(drafts: list[CertificateDraft]) -> list[CertificateDraft]:
    """Refuse rows that name no organisation where other spellings of the name have several."""
    organisations: dict[str, set[str]] = {}
    for draft in drafts:
        if draft.organisation:
            organisations.setdefault(draft.key, set()).add(name_key(draft.organisation))
    for draft in drafts:
        if not draft.organisation and len(organisations.get(draft.key, ())) > 1:
            reason = f"none is named, but {len(organisations[draft.key])} organisations share the name"
            draft.subject.refuse("evaluation_org", Fault.MISSING_VALUE, reason)
    return [draft for draft in drafts if draft.subject.is_good]


def read_profiles(
    reader: RowReader, findings: Findings, majors: Mapping[str, Major], certificate_keys: frozenset[str]
) -> dict[str, ProfileDraft]:
    """Return the profiles by major code. `certificate_keys` are the keys of the names that may be cited."""
    profiles: dict[str, ProfileDraft] = {}
    lines: dict[str, int] = {}
    for row in findings.good(reader, lambda row: _readable(row, "major_code")):
        code = row.text("major_code")
        subject = Subject(findings, reader, row, code)
        major = majors.get(code)
        if major is None:
            if row.flag("in_catalogue") is False:
                findings.apply(Rule.PROFILES_OUTSIDE_CATALOGUE)
                continue
            missing = "stands in a bad row of" if findings.is_set_aside(MAJORS.source, code) else "is not in"
            subject.refuse("major_code", Fault.DANGLING_REFERENCE, f"{code} {missing} the list of majors")
            continue
        if code in lines:
            subject.refuse("major_code", Fault.DUPLICATE_KEY, f"{code} already stands in line {lines[code]}")
        _check_against_major(subject, row, major)
        citations = row.texts("skill_certificates")
        for index, name in enumerate(citations):
            if name_key(name) not in certificate_keys:
                place = f"skill_certificates[{index}]"
                subject.refuse(
                    place, Fault.DANGLING_REFERENCE, f"{shown(name)} is not in the list of certificates"
                )
        _refuse_repeated(subject, "skill_certificates", citations, citations)
        courses = _courses(subject, row, code)
        if subject.is_good:
            lines[code] = row.line
            profiles[code] = _profile(row, major, courses)
            _apply_rules(findings, row, major, courses)
    return profiles


def _check_against_major(subject: Subject, row: Row, major: Major) -> None:
    level = row.text("level")
    if level != MAJOR_LEVEL_NAMES[major.level]:
        reason = f"{level}, but the list of majors has {MAJOR_LEVEL_NAMES[major.level]}"
        subject.refuse("level", Fault.DISAGREES, reason)
    if row.flag("in_catalogue") is False:
        subject.refuse("in_catalogue", Fault.DISAGREES, f"false, but {major.code} is in the list of majors")
    listed = row.text("catalogue_name")
    if listed and name_key(listed) != name_key(major.name):
        reason = f"{shown(listed)}, but the list of majors has {shown(major.name)}"
        subject.refuse("catalogue_name", Fault.DISAGREES, reason)
    if row.flag("national_control") not in (None, major.national_control):
        reason = "does not agree with the code: a K at its end means national control"
        subject.refuse("national_control", Fault.DISAGREES, reason)


def _courses(subject: Subject, row: Row, major_code: str) -> tuple[Course, ...]:
    courses: list[Course] = []
    for kind, column in COURSE_COLUMNS.items():
        names = tuple(plain_name(name) for name in row.texts(column))
        _refuse_repeated(subject, column, names, tuple(name_key(name) for name in names))
        courses.extend(Course(course_id(major_code, kind, name), major_code, name, kind) for name in names)
    return tuple(courses)


def _refuse_repeated(subject: Subject, column: str, names: tuple[str, ...], keys: tuple[str, ...]) -> None:
    first: dict[str, int] = {}
    for index, (name, key) in enumerate(zip(names, keys, strict=True)):
        if first.setdefault(key, index) != index:
            reason = f"{shown(name)} already stands at [{first[key]}]"
            subject.refuse(f"{column}[{index}]", Fault.DUPLICATE_KEY, reason)


def _profile(row: Row, major: Major, courses: tuple[Course, ...]) -> ProfileDraft:
    return ProfileDraft(
        major_code=major.code,
        level=major.level,
        duration=row.text("duration") or None,
        courses=courses,
        citations=row.texts("skill_certificates"),
        occupational_qualifications=row.texts("occupational_qualifications"),
    )


def _apply_rules(findings: Findings, row: Row, major: Major, courses: tuple[Course, ...]) -> None:
    findings.apply(Rule.PROFILES_WITHOUT_DURATION, not row.text("duration"))
    findings.apply(Rule.PROFILE_TITLES_DIFFER, name_key(row.text("major_name")) != name_key(major.name))
    findings.apply(
        Rule.PROFILES_WITHOUT_CORE_COURSES, not any(course.kind is CourseKind.CORE for course in courses)
    )
    kinds = Counter(name_key(course.name) for course in courses)
    findings.apply(Rule.COURSES_IN_TWO_KINDS, sum(times > 1 for times in kinds.values()))
    listed = [name for column in COURSE_COLUMNS.values() for name in row.texts(column)]
    findings.apply(Rule.COURSE_FORMULAS_WRITTEN_PLAIN, sum(name != plain_name(name) for name in listed))
    findings.apply(
        Rule.COURSE_NAMES_LIKE_SENTENCES,
        sum(len(course.name) > SENTENCE_CHARS or "：" in course.name for course in courses),
    )


def read_regions(reader: RowReader, findings: Findings, english: Mapping[str, str]) -> tuple[Region, ...]:
    """Return the regions by code, six digits each; `english` has the names the list may lack."""
    regions: dict[str, Region] = {}
    for row in findings.good(reader, lambda row: _readable(row, "code")):
        code = row.text("code").ljust(6, "0")
        subject = Subject(findings, reader, row, code)
        name_en = row.text("name_en") or english.get(code, "")
        if code in regions:
            subject.refuse("code", Fault.DUPLICATE_KEY, f"{code} already stands above")
        if not name_en:
            subject.refuse("name_en", Fault.MISSING_VALUE, f"no English name is known for {code}")
        if subject.is_good:
            regions[code] = Region(code, row.text("name"), name_en)
            findings.apply(Rule.REGION_CODES_PADDED, code != row.text("code"))
            findings.apply(Rule.REGION_NAMES_SUPPLIED, "name_en" not in row.cells)
    return tuple(regions[code] for code in sorted(regions))
