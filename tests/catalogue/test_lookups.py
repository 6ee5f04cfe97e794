"""Every look-up answers as a plain scan over all entries would."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.entries import Category, Certificate, Course, CourseKind, Major, MajorClass, MajorLevel
from catalogue.lookup import Catalogue
from catalogue.names import certificate_code, course_id, name_key
from catalogue.sample import load_sample
from schema.agreements import SkillLevel

SAMPLE = load_sample()
NAMES = ["电子商务", "跨境电子商务", "数据（Java）", "数据(JAVA)", "护理", "Web前端"]
LEVELS = {"3": MajorLevel.BACHELOR, "5": MajorLevel.COLLEGE, "7": MajorLevel.SECONDARY}


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    codes = draw(st.lists(st.from_regex(r"\A[357][0-2]0[0-2]0[0-9]\Z"), unique=True, max_size=12))
    certificates = {
        certificate_code(name): name for name in draw(st.lists(st.sampled_from(NAMES), unique_by=name_key))
    }
    majors = []
    for code in codes:
        category = Category(code[:2], "大类", LEVELS[code[0]])
        courses = draw(st.lists(st.sampled_from(NAMES), unique_by=name_key, max_size=3))
        cited = draw(st.lists(st.sampled_from(sorted(certificates)), unique=True)) if certificates else []
        majors.append(
            Major(
                code=code,
                name=draw(st.sampled_from(NAMES)),
                level=category.level,
                major_class=MajorClass(code[:4], "类", category),
                duration=None,
                national_control=False,
                note="",
                has_profile=True,
                courses=tuple(
                    Course(course_id(code, "CORE", name), code, name, CourseKind.CORE) for name in courses
                ),
                certificate_codes=tuple(cited),
                occupational_qualifications=(),
            )
        )
    return Catalogue(
        version="1",
        hash="",
        regions=(),
        majors=majors,
        certificates=[
            Certificate(
                code=code,
                name=name,
                spellings=(name,),
                organisation=draw(st.sampled_from([None, "甲（北京）公司", "乙公司"])),
                batch=None,
                levels=tuple(SkillLevel),
                levels_stated=False,
                major_codes=tuple(sorted(major.code for major in majors if code in major.certificate_codes)),
            )
            for code, name in certificates.items()
        ],
    )


@settings(deadline=None)
@given(
    catalogues(),
    st.sampled_from(["", "电子", "java", "（", "5", "3000", "无"]),
    st.sampled_from([None, *MajorLevel]),
    st.sampled_from([None, "5000", "3001", "7002"]),
    st.sampled_from([None, "50", "31", "72"]),
)
def test_majors_are_found_as_by_a_scan(
    catalogue: Catalogue,
    text: str,
    level: MajorLevel | None,
    class_code: str | None,
    category_code: str | None,
) -> None:
    found = catalogue.find_majors(text=text, level=level, class_code=class_code, category_code=category_code)
    assert list(found) == [
        major
        for major in sorted(catalogue.majors, key=lambda major: major.code)
        if (name_key(text) in name_key(major.name) or major.code.startswith(text))
        and (level is None or major.level is level)
        and (class_code is None or major.major_class.code == class_code)
        and (category_code is None or major.category.code == category_code)
    ]


@settings(deadline=None)
@given(catalogues(), st.sampled_from([*NAMES, "无"]))
def test_links_are_followed_as_by_a_scan(catalogue: Catalogue, name: str) -> None:
    for major in catalogue.majors:
        assert catalogue.major(major.code) is major
        assert [one.code for one in catalogue.certificates_of(major.code)] == list(major.certificate_codes)
        assert catalogue.courses_of(major.code) == major.courses
        assert all(catalogue.course(course.id) is course for course in major.courses)
    for certificate in catalogue.certificates:
        assert catalogue.certificate(certificate.code) is certificate
        assert list(catalogue.majors_citing(certificate.code)) == [
            major for major in catalogue.majors if certificate.code in major.certificate_codes
        ]
    assert list(catalogue.certificates_named(name)) == [
        one for one in catalogue.certificates if name_key(one.name) == name_key(name)
    ]
    assert list(catalogue.find_certificates(text=name[:2])) == [
        one for one in catalogue.certificates if name_key(name[:2]) in name_key(one.name)
    ]
    assert list(catalogue.courses_named(name)) == [
        course
        for major in catalogue.majors
        for course in major.courses
        if name_key(course.name) == name_key(name)
    ]
    assert list(catalogue.certificates_by("甲(北京)公司")) == [
        one for one in catalogue.certificates if one.organisation == "甲（北京）公司"
    ]


def test_what_is_unknown_is_nothing() -> None:
    assert SAMPLE.major("999999") is None
    assert SAMPLE.certificate("X0") is None
    assert SAMPLE.course("530701-C0") is None
    assert SAMPLE.region("990000") is None
    assert SAMPLE.category("99") is None
    assert SAMPLE.major_class("9999") is None
    assert SAMPLE.courses_of("999999") == ()
    assert SAMPLE.certificates_of("999999") == ()
    assert SAMPLE.majors_citing("X0") == ()
    assert SAMPLE.certificates_by("") == ()
    assert SAMPLE.certificates_named("") == ()


def test_classes_and_categories_are_those_of_the_majors() -> None:
    assert SAMPLE.classes == tuple(
        sorted({major.major_class for major in SAMPLE.majors}, key=lambda one: one.code)
    )
    assert SAMPLE.categories == tuple(
        sorted({major.category for major in SAMPLE.majors}, key=lambda one: one.code)
    )
    one = SAMPLE.major_class("5307")
    assert one is not None
    assert (one.name, one.category) == ("电子商务类", SAMPLE.category("53"))


def test_two_entries_of_one_code_are_refused() -> None:
    with pytest.raises(ValueError, match="certificate"):
        Catalogue(
            version="1",
            hash="",
            regions=(),
            majors=(),
            certificates=[*SAMPLE.certificates, SAMPLE.certificates[0]],
        )
