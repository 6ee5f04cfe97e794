"""The oddities of the official lists that the build treats by rule, so that nothing is dropped in silence.

Each rule's count goes into the bundle; docs/CATALOGUE.md says more about each.
"""

from __future__ import annotations

from enum import StrEnum


class Rule(StrEnum):
    """Codes are stable: bundles carry them. `meaning` is what a reader of the report sees."""

    meaning: str

    def __new__(cls, code: str, meaning: str) -> Rule:
        rule = str.__new__(cls, code)
        rule._value_ = code
        rule.meaning = meaning
        return rule

    MAJORS_UNDER_NATIONAL_CONTROL = (
        "MAJORS_UNDER_NATIONAL_CONTROL",
        "majors whose code ends in K; the K is part of the code",
    )
    MAJORS_WITHOUT_PROFILE = (
        "MAJORS_WITHOUT_PROFILE",
        "majors with no published profile; they stand without courses and certificates",
    )
    PROFILES_WITHOUT_CORE_COURSES = (
        "PROFILES_WITHOUT_CORE_COURSES",
        "profiles that list no core course; kept as published",
    )
    PROFILES_WITHOUT_DURATION = (
        "PROFILES_WITHOUT_DURATION",
        "profiles that state no duration; it is null",
    )
    PROFILES_OUTSIDE_CATALOGUE = (
        "PROFILES_OUTSIDE_CATALOGUE",
        "profiles that say themselves that their major is not in the list (in_catalogue false); left out",
    )
    PROFILE_TITLES_DIFFER = (
        "PROFILE_TITLES_DIFFER",
        "profiles titled otherwise than their major in the list; the list's name is used",
    )
    COURSES_IN_TWO_KINDS = (
        "COURSES_IN_TWO_KINDS",
        "courses that one major lists in two kinds; both are kept",
    )
    COURSE_FORMULAS_WRITTEN_PLAIN = (
        "COURSE_FORMULAS_WRITTEN_PLAIN",
        "course names with a TeX formula, written as plain text",
    )
    COURSE_NAMES_LIKE_SENTENCES = (
        "COURSE_NAMES_LIKE_SENTENCES",
        "course names longer than 20 characters or with a colon, perhaps a sentence of the source; kept",
    )
    CERTIFICATE_SPELLINGS_JOINED = (
        "CERTIFICATE_SPELLINGS_JOINED",
        "rows of certificates that are another spelling of one already listed; joined with it",
    )
    CERTIFICATES_SHARING_A_NAME = (
        "CERTIFICATES_SHARING_A_NAME",
        "certificates of one name by different organisations; their codes carry the organisation too",
    )
    CERTIFICATES_NOT_CITED = ("CERTIFICATES_NOT_CITED", "certificates that no major cites; kept")
    CERTIFICATES_WITHOUT_ORGANISATION = (
        "CERTIFICATES_WITHOUT_ORGANISATION",
        "certificates whose evaluation organisation the list does not state; it is null",
    )
    CERTIFICATES_WITHOUT_LEVELS = (
        "CERTIFICATES_WITHOUT_LEVELS",
        "certificates whose levels the list does not state; all three are taken",
    )
    SAMPLES_TRUNCATED = (
        "SAMPLES_TRUNCATED",
        "rows whose sample of majors is cut at eight; the full list comes from the profiles",
    )
    COUNTS_SHORT = (
        "COUNTS_SHORT",
        "counts of citing majors that fall short by no more than the profiles set aside; accepted",
    )
    CITATIONS_BY_ANOTHER_SPELLING = (
        "CITATIONS_BY_ANOTHER_SPELLING",
        "citations that spell a certificate otherwise than its name; matched by key",
    )
    CITATIONS_REPEATED = (
        "CITATIONS_REPEATED",
        "citations of a certificate that the same profile already cites in another spelling; joined",
    )
    CITATIONS_FROM_SAMPLE = (
        "CITATIONS_FROM_SAMPLE",
        "citations known only from a certificate's sample, their major having no profile; kept",
    )
    CITATIONS_SET_ASIDE = (
        "CITATIONS_SET_ASIDE",
        "citations whose certificate or major was set aside; set aside with it",
    )
    REGION_CODES_PADDED = ("REGION_CODES_PADDED", "region codes of two digits, written with six")
    REGION_NAMES_SUPPLIED = (
        "REGION_NAMES_SUPPLIED",
        "English names of regions that the list lacks, supplied from the built-in list",
    )
