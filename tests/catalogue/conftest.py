"""Small lists in the official layouts, without a fault, and a way to write them down."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from catalogue.build import Sources

Lists = dict[str, list[str]]
FILES = {
    "majors": "majors.csv",
    "certificates": "certificates.csv",
    "profiles": "profiles.jsonl",
    "regions": "regions.csv",
}


def _profile(code: str, name: str, level: str, certificates: list[str], *, control: bool = False) -> str:
    return json.dumps(
        {
            "major_code": code,
            "major_name": name,
            "duration": "三年",
            "basic_courses": ["电子商务基础", "管理学基础"],
            "core_courses": ["网店运营", "网络营销"],
            "skill_certificates": certificates,
            "occupational_qualifications": [],
            "level": level,
            "in_catalogue": True,
            "catalogue_name": name,
            "national_control": control,
        },
        ensure_ascii=False,
    )


@pytest.fixture
def lists() -> Lists:
    """Three lists and the regions, line by line; a test changes them at will."""
    return {
        "majors": [
            "category_code,category_name,class_code,class_name,major_code,major_name,level,note",
            "53,财经商贸大类,5307,电子商务类,530701,电子商务,高职专科,",
            "53,财经商贸大类,5307,电子商务类,530702,跨境电子商务,高职专科,2025年12月新增",
            "73,财经商贸大类,7307,电子商务类,730701,电子商务,中职,",
            "52,医药卫生大类,5201,临床医学类,520101K,临床医学,高职专科,",
        ],
        "certificates": [
            "certificate_name,majors_citing,zhongzhi,gaozhi,benke,batch,evaluation_org,sample_major_codes",
            "网店运营推广,3,1,2,0,2,北京鸿科经纬科技有限公司,530701 530702 730701",
            "数据应用（Python）,1,0,1,0,,,530701",
            "数据应用（Python),1,1,0,0,,,730701",
            "实用英语交际,0,0,0,0,4,北京外研在线数字科技有限公司,",
        ],
        "profiles": [
            _profile("530701", "电子商务", "高职专科", ["网店运营推广", "数据应用（Python）"]),
            _profile("530702", "跨境电子商务", "高职专科", ["网店运营推广"]),
            _profile("730701", "电子商务", "中职", ["网店运营推广", "数据应用（Python)"]),
        ],
        "regions": ["code,name", "31,上海市", "440000,广东省"],
    }


@pytest.fixture
def write(tmp_path: Path) -> Callable[[Lists], Sources]:
    """Write lists to files and return their sources."""

    def written(lists: Lists) -> Sources:
        paths = {}
        for source, lines in lists.items():
            paths[source] = tmp_path / FILES[source]
            paths[source].write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        return Sources(**paths)

    return written
