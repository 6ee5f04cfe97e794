"""The catalogue in memory: every question a program asks of it, prepared once and then answered.

Orders are fixed, so that pages can be cut from them: majors, classes and regions by code,
certificates by the key of their name and then by code, courses as their major's profile lists them.
Answers are tuples of frozen values that are shared, never copied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from catalogue.entries import (
    AppliedRule,
    Category,
    Certificate,
    Counts,
    Course,
    Major,
    MajorClass,
    MajorLevel,
    Region,
)
from catalogue.names import name_key

V = TypeVar("V")


class Catalogue:
    """Immutable look-ups over one bundle's entries. `hash` is the SHA-256 (hex) of its content.

    Raises ValueError where two entries of one sort share a code.
    """

    def __init__(
        self,
        *,
        version: str,
        hash: str,  # noqa: A002 - the contract's word for it
        regions: Iterable[Region],
        majors: Iterable[Major],
        certificates: Iterable[Certificate],
        applied_rules: Iterable[AppliedRule] = (),
    ) -> None:
        self.version = version
        self.hash = hash
        self.applied_rules = tuple(applied_rules)
        self.regions = tuple(sorted(regions, key=lambda region: region.code))
        self.majors = tuple(sorted(majors, key=lambda major: major.code))
        self.certificates = tuple(
            sorted(certificates, key=lambda certificate: (name_key(certificate.name), certificate.code))
        )
        classes = {major.major_class.code: major.major_class for major in self.majors}
        self.classes = tuple(classes[code] for code in sorted(classes))
        categories = {one.category.code: one.category for one in self.classes}
        self.categories = tuple(categories[code] for code in sorted(categories))
        self._index()

    def _index(self) -> None:
        self._region = {region.code: region for region in self.regions}
        self._category = {category.code: category for category in self.categories}
        self._class = {one.code: one for one in self.classes}
        self._major = {major.code: major for major in self.majors}
        self._certificate = {certificate.code: certificate for certificate in self.certificates}
        self._course = {course.id: course for major in self.majors for course in major.courses}
        self._majors_of_class = _group(self.majors, lambda major: major.major_class.code)
        self._majors_of_category = _group(self.majors, lambda major: major.category.code)
        self._majors_at = _group(self.majors, lambda major: major.level.value)
        self._certificates_of_organisation = _group(
            self.certificates, lambda certificate: name_key(certificate.organisation or "")
        )
        for name, values, index in (
            ("region", self.regions, self._region),
            ("major", self.majors, self._major),
            ("certificate", self.certificates, self._certificate),
            ("course", [course for major in self.majors for course in major.courses], self._course),
        ):
            if len(values) != len(index):
                raise ValueError(f"two entries of sort {name} have one code")
        self._courses_named = _group(self._course.values(), lambda course: name_key(course.name))
        self._major_keys = tuple((name_key(major.name), major.code) for major in self.majors)
        self._certificate_keys = tuple(
            (tuple(name_key(spelling) for spelling in certificate.spellings), certificate)
            for certificate in self.certificates
        )
        named: defaultdict[str, list[Certificate]] = defaultdict(list)
        for keys, certificate in self._certificate_keys:
            for key in dict.fromkeys(keys):
                named[key].append(certificate)
        self._certificates_named = {key: tuple(found) for key, found in named.items()}

    @property
    def counts(self) -> Counts:
        return Counts(
            regions=len(self.regions),
            categories=len(self.categories),
            classes=len(self.classes),
            majors=len(self.majors),
            profiles=sum(major.has_profile for major in self.majors),
            courses=len(self._course),
            certificate_names=sum(len(certificate.spellings) for certificate in self.certificates),
            certificates=len(self.certificates),
            citations=sum(len(major.certificate_codes) for major in self.majors),
        )

    def region(self, code: str) -> Region | None:
        return self._region.get(code)

    def category(self, code: str) -> Category | None:
        return self._category.get(code)

    def major_class(self, code: str) -> MajorClass | None:
        return self._class.get(code)

    def major(self, code: str) -> Major | None:
        return self._major.get(code)

    def certificate(self, code: str) -> Certificate | None:
        return self._certificate.get(code)

    def course(self, id: str) -> Course | None:  # noqa: A002 - GraphQL's word for it
        return self._course.get(id)

    def certificates_named(self, name: str) -> tuple[Certificate, ...]:
        """Return the certificates of that name in any spelling: several organisations may share one."""
        return self._certificates_named.get(name_key(name), ())

    def certificates_by(self, organisation: str) -> tuple[Certificate, ...]:
        """Return the certificates that the evaluation organisation of that name develops."""
        return self._certificates_of_organisation.get(name_key(organisation), ()) if organisation else ()

    def courses_named(self, name: str) -> tuple[Course, ...]:
        """Return the courses of that name in any spelling, in order of their major's code."""
        return self._courses_named.get(name_key(name), ())

    def courses_of(self, major_code: str) -> tuple[Course, ...]:
        """Return the courses of a major as its profile lists them; none for an unknown major."""
        major = self._major.get(major_code)
        return major.courses if major else ()

    def certificates_of(self, major_code: str) -> tuple[Certificate, ...]:
        """Return the certificates a major cites as its profile lists them; none for an unknown major."""
        major = self._major.get(major_code)
        return tuple(self._certificate[code] for code in major.certificate_codes) if major else ()

    def majors_citing(self, certificate_code: str) -> tuple[Major, ...]:
        """Return the majors that cite a certificate, by code; none for an unknown certificate."""
        certificate = self._certificate.get(certificate_code)
        return tuple(self._major[code] for code in certificate.major_codes) if certificate else ()

    def find_majors(
        self,
        *,
        text: str = "",
        level: MajorLevel | None = None,
        class_code: str | None = None,
        category_code: str | None = None,
    ) -> tuple[Major, ...]:
        """Return the majors that meet every condition given, by code.

        `text` is found anywhere in the name, in any spelling, or at the start of the code.
        """
        if class_code is not None:
            found = self._majors_of_class.get(class_code, ())
        elif category_code is not None:
            found = self._majors_of_category.get(category_code, ())
        elif level is not None:
            found = self._majors_at.get(level.value, ())
        else:
            found = self.majors
        key = name_key(text)
        if key:
            by_code = key[0].isdigit()
            kept = {
                code for name, code in self._major_keys if key in name or (by_code and code.startswith(key))
            }
            found = tuple(major for major in found if major.code in kept)
        if level is not None:
            found = tuple(major for major in found if major.level is level)
        if category_code is not None:
            found = tuple(major for major in found if major.category.code == category_code)
        return found

    def find_certificates(self, *, text: str = "") -> tuple[Certificate, ...]:
        """Return the certificates with `text` anywhere in one of their spellings, in the fixed order."""
        key = name_key(text)
        return tuple(
            certificate
            for keys, certificate in self._certificate_keys
            if not key or any(key in spelling for spelling in keys)
        )


def _group(values: Iterable[V], key: Callable[[V], str]) -> Mapping[str, tuple[V, ...]]:
    groups: defaultdict[str, list[V]] = defaultdict(list)
    for value in values:
        groups[key(value)].append(value)
    return MappingProxyType({name: tuple(group) for name, group in groups.items()})
