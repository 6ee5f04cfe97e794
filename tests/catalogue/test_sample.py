"""The built-in sample is the same everywhere and holds what the scenarios speak of."""

from __future__ import annotations

from catalogue.entries import CourseKind, MajorLevel
from catalogue.sample import load_sample, sample_bundle


def test_the_sample_holds_the_scenarios() -> None:
    catalogue = load_sample()
    major = catalogue.major("530701")
    assert major is not None
    assert {"网店运营", "网络营销"} <= {
        course.name for course in major.courses if course.kind is CourseKind.CORE
    }
    (shops,) = catalogue.certificates_named("网店运营推广")
    assert shops in catalogue.certificates_of("530701")
    assert shops.organisation == "北京鸿科经纬科技有限公司"
    (english,) = catalogue.certificates_named("实用英语交际")
    assert english.organisation == "北京外研在线数字科技有限公司"


def test_the_sample_has_every_level_many_classes_and_every_province() -> None:
    catalogue = load_sample()
    assert {major.level for major in catalogue.majors} == set(MajorLevel)
    assert len(catalogue.classes) > 20
    assert len(catalogue.regions) == 34
    for code, name, name_en in (
        ("310000", "上海市", "Shanghai"),
        ("620000", "甘肃省", "Gansu"),
        ("810000", "香港特别行政区", "Hong Kong"),
    ):
        region = catalogue.region(code)
        assert region is not None
        assert (region.name, region.name_en) == (name, name_en)


def test_the_sample_is_loaded_once_and_its_hash_is_pinned() -> None:
    assert load_sample() is load_sample()
    assert sample_bundle() is sample_bundle()
    assert load_sample().version == "sample-1"
    assert load_sample().hash == "320ddb8088de1ab618e58babed6a2fb2596e3281669432809eb81a2c711de499", (
        "the sample's lists changed: give it a new version, then pin the new hash here"
    )
