"""The official lists load whole, and every oddity in them is accounted for."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from catalogue.build import BuildReport, Sources, build
from catalogue.bundle import load
from catalogue.entries import CourseKind, MajorLevel
from catalogue.lookup import Catalogue

Built = tuple[BuildReport, Catalogue]


@pytest.fixture(scope="module")
def built(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    data = shared / "data"
    out = tmp_path_factory.mktemp("real") / "catalogue.bundle"
    sources = Sources(
        data / "vocational_majors.csv",
        data / "x_certificates.csv",
        data / "major_profiles.jsonl",
        data / "cn_provinces.csv",
    )
    return build(sources, out, version="2025.12"), load(out)


def test_everything_is_there(built: Built) -> None:
    report, catalogue = built
    counts = catalogue.counts
    assert (counts.majors, counts.profiles, counts.courses) == (1486, 1256, 17496)
    assert (counts.certificate_names, counts.certificates, counts.citations) == (355, 353, 1940)
    assert (counts.categories, counts.classes, counts.regions) == (57, 277, 31)
    assert report.counts == counts
    assert report.hash == catalogue.hash
    assert not report.problems
    assert {source.source: source.rows for source in report.sources} == {
        "majors": 1486,
        "certificates": 355,
        "profiles": 1256,
        "regions": 31,
    }


def test_every_rule_says_how_often_it_was_applied(built: Built) -> None:
    _, catalogue = built
    assert {rule.code: rule.count for rule in catalogue.applied_rules} == {
        "MAJORS_UNDER_NATIONAL_CONTROL": 43,
        "MAJORS_WITHOUT_PROFILE": 230,
        "PROFILES_WITHOUT_CORE_COURSES": 16,
        "PROFILES_WITHOUT_DURATION": 37,
        "COURSES_IN_TWO_KINDS": 1,
        "COURSE_FORMULAS_WRITTEN_PLAIN": 3,
        "COURSE_NAMES_LIKE_SENTENCES": 11,
        "CERTIFICATE_SPELLINGS_JOINED": 2,
        "CERTIFICATES_NOT_CITED": 1,
        "CERTIFICATES_WITHOUT_ORGANISATION": 336,
        "CERTIFICATES_WITHOUT_LEVELS": 353,
        "SAMPLES_TRUNCATED": 71,
        "CITATIONS_BY_ANOTHER_SPELLING": 2,
        "REGION_CODES_PADDED": 31,
        "REGION_NAMES_SUPPLIED": 31,
    }
    assert all(rule.meaning for rule in catalogue.applied_rules)


def test_columns_that_are_not_read_are_named(built: Built) -> None:
    report, _ = built
    assert {
        source.source: source.columns_not_read for source in report.sources if source.columns_not_read
    } == {"profiles": ("source_file",)}


def test_bracket_width_does_not_split_a_certificate(built: Built) -> None:
    _, catalogue = built
    (wide,) = catalogue.certificates_named("化工危险与可操作性（HAZOP）分析")
    (narrow,) = catalogue.certificates_named("化工危险与可操作性（HAZOP)分析")
    assert wide is narrow
    assert wide.name == "化工危险与可操作性（HAZOP）分析"
    assert len(wide.major_codes) == 31
    assert "670204" in wide.major_codes, "only this major spells it with a narrow bracket"


def test_samples_cut_at_eight_do_not_cut_the_answer(built: Built) -> None:
    _, catalogue = built
    (certificate,) = catalogue.certificates_named("建筑信息模型（BIM）")
    assert len(certificate.major_codes) == 83 + 1, "83 cite the wide spelling, one the narrow"
    by_level = [
        len([m for m in catalogue.majors_citing(certificate.code) if m.level is level])
        for level in MajorLevel
    ]
    assert sum(by_level) == 84


def test_the_scenarios_major_and_certificates(built: Built) -> None:
    _, catalogue = built
    major = catalogue.major("530701")
    assert major is not None
    assert (major.name, major.level, major.major_class.name) == ("电子商务", MajorLevel.COLLEGE, "电子商务类")
    core = [course.name for course in major.courses if course.kind is CourseKind.CORE]
    assert core[:2] == ["网店运营", "数据化运营"]
    assert "网络营销" in core
    assert catalogue.certificates_of("530701")[0].organisation == "北京鸿科经纬科技有限公司"
    (english,) = catalogue.certificates_named("实用英语交际")
    assert (english.organisation, english.batch) == ("北京外研在线数字科技有限公司", 4)
    assert english.major_codes == ()


def test_links_agree_with_the_profiles_read_naively(built: Built, shared: Path) -> None:
    _, catalogue = built
    for line in (shared / "data" / "major_profiles.jsonl").read_bytes().splitlines():
        profile = orjson.loads(line)
        code = profile["major_code"]
        certificates = catalogue.certificates_of(code)
        assert len(certificates) == len(profile["skill_certificates"])
        for name, certificate in zip(profile["skill_certificates"], certificates, strict=True):
            assert name in certificate.spellings
            assert code in certificate.major_codes
        listed = profile["basic_courses"] + profile["core_courses"]
        assert len(catalogue.courses_of(code)) == len(listed)
        for name, course in zip(listed, catalogue.courses_of(code), strict=True):
            assert course.name == name or "$" in name


def test_formulas_are_plain_text(built: Built) -> None:
    _, catalogue = built
    assert catalogue.courses_named("CO2气体保护焊")[0].major_code == "660501"
    assert catalogue.courses_named("C/C++语言程序设计")[0].major_code == "260703"
    assert catalogue.courses_named("特殊用途汉语（中文+）教学")[0].major_code == "370208"
