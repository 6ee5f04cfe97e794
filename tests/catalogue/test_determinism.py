"""The same lists give the same bytes, in whatever order their rows stand and whoever shares a name."""

from __future__ import annotations

import random
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.assemble import Readers, assemble
from catalogue.build import known_regions
from catalogue.bundle import decode, encode
from catalogue.layouts import CERTIFICATES, MAJORS, PROFILES
from catalogue.lookup import Catalogue
from catalogue.rows import RowReader
from catalogue.sample import SAMPLE_SOURCES, SAMPLE_VERSION, sample_bundle

Lists = dict[str, list[str]]


def lines(path: Path) -> list[bytes]:
    return path.read_bytes().splitlines(keepends=True)


def encoded(majors: list[bytes], certificates: list[bytes], profiles: list[bytes]) -> bytes:
    readers = Readers(
        RowReader(MAJORS, "majors.csv", majors),
        RowReader(CERTIFICATES, "certificates.csv", certificates),
        RowReader(PROFILES, "profiles.jsonl", profiles),
    )
    entries, problems = assemble(readers, known_regions())
    assert not problems
    return encode(entries, SAMPLE_VERSION)


@settings(deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_byte(order: random.Random) -> None:
    major_header, *majors = lines(SAMPLE_SOURCES.majors)
    certificate_header, *certificates = lines(SAMPLE_SOURCES.certificates)
    profiles = lines(SAMPLE_SOURCES.profiles)
    for rows in (majors, certificates, profiles):
        order.shuffle(rows)
    assert encoded([major_header, *majors], [certificate_header, *certificates], profiles) == sample_bundle()


def build_small(lists: Lists) -> Catalogue:
    raw = [[f"{line}\n".encode() for line in lists[name]] for name in ("majors", "certificates", "profiles")]
    return decode(encoded(*raw))


def test_organisations_that_share_a_name_are_told_apart(lists: Lists) -> None:
    lists["certificates"][1:2] = [
        "网店运营推广,3,1,2,0,2,北京鸿科经纬科技有限公司,530701 530702 730701",
        "网店运营推广,3,1,2,0,3,另一家有限公司,530701 530702 730701",
    ]
    catalogue = build_small(lists)
    one, other = catalogue.certificates_named("网店运营推广")
    assert {one.organisation, other.organisation} == {"北京鸿科经纬科技有限公司", "另一家有限公司"}
    assert one.code.partition("-")[0] == other.code.partition("-")[0]
    assert one.code != other.code
    assert one.major_codes == other.major_codes == ("530701", "530702", "730701")
    shared = {rule.code: rule.count for rule in catalogue.applied_rules}["CERTIFICATES_SHARING_A_NAME"]
    assert shared == 2


def test_an_organisation_filled_in_later_keeps_the_code(lists: Lists) -> None:
    (before,) = build_small(lists).certificates_named("数据应用（Python）")
    lists["certificates"][2] = lists["certificates"][2].replace(",,,", ",5,某公司,")
    (after,) = build_small(lists).certificates_named("数据应用（Python）")
    assert (before.organisation, after.organisation, after.batch) == (None, "某公司", 5)
    assert before.code == after.code


def test_stated_levels_are_kept(lists: Lists) -> None:
    lists["certificates"] = [
        f"{line},{'levels' if number == 0 else '高级 初级' if number == 1 else ''}"
        for number, line in enumerate(lists["certificates"])
    ]
    catalogue = build_small(lists)
    (stated,) = catalogue.certificates_named("网店运营推广")
    assert [level.value for level in stated.levels] == ["ELEMENTARY", "ADVANCED"]
    assert stated.levels_stated
    (unstated,) = catalogue.certificates_named("实用英语交际")
    assert (len(unstated.levels), unstated.levels_stated) == (3, False)


def test_a_repeated_citation_in_another_spelling_counts_once(lists: Lists) -> None:
    lists["profiles"][0] = lists["profiles"][0].replace(
        '"数据应用（Python）"', '"数据应用（Python）", "数据应用（Python)"'
    )
    lists["certificates"][3] = "数据应用（Python),2,1,1,0,,,530701 730701"
    catalogue = build_small(lists)
    (certificate,) = catalogue.certificates_named("数据应用（Python）")
    most_cited_first = ("数据应用（Python)", "数据应用（Python）")
    assert certificate.spellings == most_cited_first
    assert certificate.major_codes == ("530701", "730701")
    assert {rule.code: rule.count for rule in catalogue.applied_rules}["CITATIONS_REPEATED"] == 1
