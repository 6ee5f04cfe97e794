"""Names as people typed them: how two spellings are told to be one name, and the IDs that follow.

The official lists write one name in several ways: 化工危险与可操作性（HAZOP）分析 stands beside
化工危险与可操作性（HAZOP)分析. A key is what is left when width, case, spaces and the shape of
brackets and dashes are taken away; names are matched by key and always shown as listed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import Final

_SPACE: Final = re.compile(r"\s+")
_CHINESE_ONLY: Final = re.compile("[\u4e00-\u9fff]*")
_SHAPES: Final = str.maketrans(
    {
        **dict.fromkeys("【〔［[〖｛{", "("),
        **dict.fromkeys("】〕］]〗｝}", ")"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("•・‧∙⋅", "·"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("‘’", "'"),
    }
)

# Formulas that came through a PDF as TeX: "$\mathrm{CO}_{2}$" is "CO2", "（中文$^+$）" is "（中文+）".
_FORMULA: Final = re.compile(r"\$([^$]*)\$")
_TEX_MARKUP: Final = re.compile(r"\\[a-z]+|[{}_^]")


def name_key(name: str) -> str:
    """Return the form of `name` by which it is matched: NFKC, case-folded, without spaces, one bracket.

    Twice, because what folding and removing leave may combine anew; a key is its own key.
    """
    if _CHINESE_ONLY.fullmatch(name):  # nearly every name, and already its own key
        return name
    return _folded(_folded(name))


def plain_name(name: str) -> str:
    """Return `name` with TeX formulas written as plain text; any other name is returned as it is."""
    if "$" not in name:
        return name
    return _FORMULA.sub(lambda formula: _TEX_MARKUP.sub("", formula[1]), name)


def certificate_code(name: str, organisation: str | None = None) -> str:
    """Return "X" and ten hex digits of the SHA-256 of the name's key.

    The list gives certificates no code of their own, and most rows name no organisation yet, so
    the code comes from the name alone and stays when an organisation is filled in later.
    `organisation` is given only where two organisations share a name: six digits of it follow.
    """
    code = "X" + _digits(name_key(name), 10)
    return code if organisation is None else f"{code}-{_digits(name_key(organisation), 6)}"


def course_id(major_code: str, kind: str, name: str) -> str:
    """Return "<major>-<first letter of the kind><eight hex digits of the SHA-256 of the name's key>".

    The kind takes part because one major may list one name in two kinds (330601 企业战略管理).
    """
    return f"{major_code}-{kind[0]}{_digits(name_key(name), 8)}"


def _folded(name: str) -> str:
    return _SPACE.sub("", unicodedata.normalize("NFKC", name).casefold().translate(_SHAPES))


def _digits(key: str, count: int) -> str:
    return hashlib.sha256(key.encode()).hexdigest()[:count]
