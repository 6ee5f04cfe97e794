"""Lists → entries: the pure core of the build.

    A  read each list by itself and against the lists before it      (reading.py)
    B  check the certificates' stated counts and samples against the profiles
    C  join the spellings of one name into one certificate and give it its code
    D  link each major with its courses and certificates

Bad rows never reach C; what else they take with them is said by a rule and counted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from catalogue.entries import MAJOR_LEVEL_NAMES, AppliedRule, Certificate, Major, Region
from catalogue.errors import Fault, Problem
from catalogue.findings import Findings
from catalogue.layouts import CERTIFICATES, LEVEL_COUNT_COLUMNS, PROFILES
from catalogue.names import certificate_code, name_key
from catalogue.reading import (
    CertificateDraft,
    ProfileDraft,
    read_certificates,
    read_majors,
    read_profiles,
    read_regions,
)
from catalogue.rows import RowReader
from catalogue.rules import Rule
from schema.agreements import SkillLevel


@dataclass(frozen=True, slots=True)
class Readers:
    """The lists to read; `regions` None takes `known_regions` as they are."""

    majors: RowReader
    certificates: RowReader
    profiles: RowReader
    regions: RowReader | None = None

    @property
    def each(self) -> tuple[RowReader, ...]:
        readers = (self.majors, self.certificates, self.profiles, self.regions)
        return tuple(reader for reader in readers if reader is not None)


@dataclass(frozen=True, slots=True)
class Entries:
    """Everything a bundle holds, in no particular order, with the rules that were applied."""

    regions: tuple[Region, ...]
    majors: tuple[Major, ...]
    certificates: tuple[Certificate, ...]
    applied_rules: tuple[AppliedRule, ...]


def assemble(readers: Readers, known_regions: Sequence[Region]) -> tuple[Entries, tuple[Problem, ...]]:
    """Return the entries made from the good rows, and every problem of the bad ones.

    Problems are in the order of the lists and lines; what only all lists together show comes last.
    Raises SourceError where a list cannot be read at all.
    """
    findings = Findings()
    majors = read_majors(readers.majors, findings)
    drafts = read_certificates(readers.certificates, findings, majors)
    citable = findings.keys_set_aside(CERTIFICATES.source) | {draft.key for draft in drafts}
    profiles = read_profiles(readers.profiles, findings, majors, citable)
    check_counts(drafts, profiles, majors, findings)
    certificates = join_spellings(
        [draft for draft in drafts if draft.subject.is_good], _spellings_cited(profiles), findings
    )
    linked = link(majors, profiles, certificates, findings)
    regions = tuple(known_regions)
    if readers.regions is not None:
        english = {region.code: region.name_en for region in known_regions}
        regions = read_regions(readers.regions, findings, english)
    entries = Entries(regions, linked, _with_majors(certificates, linked, findings), findings.applied_rules())
    return entries, tuple(findings.problems)


def _spellings_cited(profiles: Mapping[str, ProfileDraft]) -> Counter[str]:
    return Counter(name for profile in profiles.values() for name in profile.citations)


def check_counts(
    drafts: Sequence[CertificateDraft],
    profiles: Mapping[str, ProfileDraft],
    majors: Mapping[str, Major],
    findings: Findings,
) -> None:
    """Step B: refuse rows whose stated counts or sample the profiles do not bear out.

    A count is of one spelling or of all spellings of a name: either will do. It may fall short
    by as many profiles as were set aside, for those may have cited the certificate.
    """
    cited: Counter[tuple[str, str]] = Counter()
    citing: defaultdict[str, set[str]] = defaultdict(set)
    for profile in profiles.values():
        column = LEVEL_COUNT_COLUMNS[MAJOR_LEVEL_NAMES[profile.level]]
        keys = {name_key(name) for name in profile.citations}
        for counted in (*profile.citations, *(f"key {key}" for key in keys)):
            cited[counted, column] += 1
            cited[counted, "majors_citing"] += 1
        for key in keys:
            citing[key].add(profile.major_code)
    lost = findings.set_aside_count(PROFILES.source)
    for draft in drafts:
        unprofiled = [code for code in draft.sample if code in majors and code not in profiles]
        for code in draft.sample:
            if code in profiles and code not in citing[draft.key]:
                reason = f"the profile of {code} does not cite the certificate"
                draft.subject.refuse("sample_major_codes", Fault.DISAGREES, reason)
        short = False
        for column, stated in draft.counts.items():
            seen = {cited[draft.name, column], cited[f"key {draft.key}", column]}
            if stated in seen:
                continue
            if min(seen) <= stated <= max(seen) + len(unprofiled) + lost:
                short = True
            else:
                reason = f"{stated}, but the profiles that cite the certificate are {max(seen)}"
                draft.subject.refuse(column, Fault.COUNT_DISAGREES, reason)
        findings.apply(Rule.COUNTS_SHORT, short and draft.subject.is_good)


def join_spellings(
    drafts: Sequence[CertificateDraft], spellings_cited: Counter[str], findings: Findings
) -> dict[str, tuple[Certificate, list[CertificateDraft]]]:
    """Step C: return the certificates by code, each with its rows; their majors are still missing.

    The spelling that profiles cite most is the name; where two are cited equally, the first in
    the order of code points.
    """
    organisations: defaultdict[str, set[str]] = defaultdict(set)
    for draft in drafts:
        organisations[draft.key].update([name_key(draft.organisation)] if draft.organisation else [])
    groups: defaultdict[tuple[str, str], list[CertificateDraft]] = defaultdict(list)
    for draft in drafts:
        shared = len(organisations[draft.key]) > 1
        groups[draft.key, name_key(draft.organisation) if shared else ""].append(draft)
    certificates: dict[str, tuple[Certificate, list[CertificateDraft]]] = {}
    for (_, told_apart_by), group in groups.items():
        group.sort(key=lambda row: (-spellings_cited[row.name], row.name))
        certificate = _certificate(group, shared=bool(told_apart_by))
        certificates[certificate.code] = (certificate, group)
        findings.apply(Rule.CERTIFICATE_SPELLINGS_JOINED, len(group) - 1)
        findings.apply(Rule.CERTIFICATES_SHARING_A_NAME, bool(told_apart_by))
        findings.apply(Rule.CERTIFICATES_WITHOUT_ORGANISATION, certificate.organisation is None)
        findings.apply(Rule.CERTIFICATES_WITHOUT_LEVELS, not certificate.levels_stated)
    return certificates


def _certificate(rows: Sequence[CertificateDraft], *, shared: bool) -> Certificate:
    organisations = sorted(row.organisation for row in rows if row.organisation)
    organisation = organisations[0] if organisations else None
    batches = [row.batch for row in rows if row.batch is not None]
    stated = {level for row in rows for level in row.levels}
    return Certificate(
        code=certificate_code(rows[0].name, organisation if shared else None),
        name=rows[0].name,
        spellings=tuple(row.name for row in rows),
        organisation=organisation,
        batch=min(batches, default=None),
        levels=tuple(level for level in SkillLevel if level in stated or not stated),
        levels_stated=bool(stated),
        major_codes=(),
    )


def link(
    majors: Mapping[str, Major],
    profiles: Mapping[str, ProfileDraft],
    certificates: Mapping[str, tuple[Certificate, list[CertificateDraft]]],
    findings: Findings,
) -> tuple[Major, ...]:
    """Step D: return the majors with what their profiles say, and with the samples' citations of the rest."""
    by_key: defaultdict[str, list[Certificate]] = defaultdict(list)
    sampled: defaultdict[str, list[str]] = defaultdict(list)
    for code in sorted(certificates):
        certificate, rows = certificates[code]
        by_key[rows[0].key].append(certificate)
        for major_code in sorted({major for row in rows for major in row.sample}):
            sampled[major_code].append(code)
    linked: list[Major] = []
    for major in majors.values():
        profile = profiles.get(major.code)
        if profile is None:
            codes = tuple(sampled[major.code])
            findings.apply(Rule.MAJORS_WITHOUT_PROFILE)
            findings.apply(Rule.CITATIONS_FROM_SAMPLE, len(codes))
            linked.append(replace(major, certificate_codes=codes))
            continue
        linked.append(
            replace(
                major,
                has_profile=True,
                duration=profile.duration,
                courses=profile.courses,
                certificate_codes=_cited(profile.citations, by_key, findings),
                occupational_qualifications=profile.occupational_qualifications,
            )
        )
    return tuple(linked)


def _cited(
    names: Iterable[str], by_key: Mapping[str, Sequence[Certificate]], findings: Findings
) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    for name in names:
        certificates = by_key.get(name_key(name), ())
        findings.apply(Rule.CITATIONS_SET_ASIDE, not certificates)
        for certificate in certificates:
            findings.apply(Rule.CITATIONS_REPEATED, certificate.code in codes)
            findings.apply(Rule.CITATIONS_BY_ANOTHER_SPELLING, certificate.name != name)
            codes[certificate.code] = None
    return tuple(codes)


def _with_majors(
    certificates: Mapping[str, tuple[Certificate, list[CertificateDraft]]],
    majors: Iterable[Major],
    findings: Findings,
) -> tuple[Certificate, ...]:
    citing: defaultdict[str, list[str]] = defaultdict(list)
    for major in majors:
        for code in major.certificate_codes:
            citing[code].append(major.code)
    findings.apply(Rule.CERTIFICATES_NOT_CITED, sum(code not in citing for code in certificates))
    return tuple(
        replace(certificate, major_codes=tuple(sorted(citing[code])))
        for code, (certificate, _) in certificates.items()
    )
