"""Spellings that mean one name have one key, and IDs follow from names alone."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.names import certificate_code, course_id, name_key, plain_name

SAME = [
    ("化工危险与可操作性（HAZOP）分析", "化工危险与可操作性（HAZOP)分析"),
    ("建筑信息模型（BIM）", "建筑信息模型 【bim】"),
    ("Web前端开发", "ＷＥＢ前端开发"),
    ("基础化学（无机／有机）", "基础化学(无机/有机)"),
    ("中国—东盟", "中国-东盟"),
    ("约翰•史密斯", "约翰·史密斯"),
    ("“双碳”管理", '"双碳"管理'),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert name_key(one) == name_key(other)
    assert certificate_code(one) == certificate_code(other)


def test_different_names_stay_different() -> None:
    names = [
        "大数据应用开发（Java）",
        "大数据应用开发（Python）",
        "数据应用开发与服务（Python）",
        "网店运营",
        "网店运营推广",
    ]
    assert len({name_key(name) for name in names}) == len(names)


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_key_is_its_own_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)


@pytest.mark.parametrize(
    ("listed", "plain"),
    [
        ("$\\mathrm{CO}_{2}$气体保护焊", "CO2气体保护焊"),
        ("$\\mathrm{C}/\\mathrm{C}{++}$语言程序设计", "C/C++语言程序设计"),
        ("特殊用途汉语（中文$^+$）教学", "特殊用途汉语（中文+）教学"),
        ("3D打印", "3D打印"),
        ("一美元$", "一美元$"),
    ],
)
def test_formulas_are_written_plain(listed: str, plain: str) -> None:
    assert plain_name(listed) == plain


def test_codes_are_pinned() -> None:
    """Codes stand in agreements and ledgers: a change of how they are made would orphan them."""
    assert certificate_code("网店运营推广") == "X6f200395fb"
    assert certificate_code("网店运营推广", "北京鸿科经纬科技有限公司") == "X6f200395fb-0e3a98"
    assert certificate_code("实用英语交际") == "Xd908cb1bbf"
    assert course_id("530701", "CORE", "网店运营") == "530701-C25dfb41c"


@settings(deadline=None)
@given(st.text(min_size=1, max_size=30), st.text(min_size=1, max_size=30))
def test_codes_are_fit_for_urls(name: str, organisation: str) -> None:
    for code in (
        certificate_code(name),
        certificate_code(name, organisation),
        course_id("520101K", "BASIC", name),
    ):
        assert re.fullmatch(r"[A-Za-z0-9-]+", code)
