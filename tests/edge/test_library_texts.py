"""No sentence of graphql-core stays English in a Chinese answer: the library's own source is asked."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from string import Formatter
from typing import Final

import graphql
import pytest
from graphql import (
    GraphQLError,
    build_schema,
    get_variable_values,
    parse,
    specified_rules,
    validate,
)

from edge.graphql_texts import GRAPHQL_TEXTS
from edge.texts import TEXT_LIMIT_CHARACTERS, KnownTexts
from tests.sentences import raised

LIBRARY: Final = Path(graphql.__file__).parent
KNOWN: Final = KnownTexts(GRAPHQL_TEXTS)
RAISED_BY: Final = {
    "GraphQLError": 0,
    "ValidationAbortedError": 0,
    "GraphQLSyntaxError": 2,
    "report_invalid_value": 1,
    "report_invalid_literal": 1,
}
"""What raises a sentence, and which of its arguments the sentence is."""

ASKED: Final = (
    "execution/executor.py",
    "execution/get_variable_signature.py",
    "execution/values.py",
    "language/lexer.py",
    "language/parser.py",
    "type/definition.py",
    "type/scalars.py",
    "utilities/validate_input_value.py",
    "validation/validate.py",
)
"""Modules whose errors reach clients, beside those of the rules. Others speak to who builds a schema."""

OF_OUR_OWN_MAKING: Final = (
    "Abstract type",
    "Runtime Object type",
    "Expected value of type '{return_type}' but",
)
"""Sentences about a schema's resolvers: in ours they cannot happen."""


def rule_modules() -> set[str]:
    """The modules of the rules that a client's document can break; a document holds no schema."""
    return {Path(inspect.getfile(rule)).relative_to(LIBRARY).as_posix() for rule in specified_rules}


def filled(sentence: str) -> str:
    """A sentence as it is raised, with an example for each value."""
    text = sentence.replace("{print_path_list(path)}", " at .a")
    text = re.sub(
        r"\{did_you_mean\(.*\)\}|\{did_you_mean_enum_value\(.*?\)\}|\{suggestion\}",
        " Did you mean 'a'?",
        text,
    )
    text = text.replace("{print_argument_or_fragment_variable(arg_def, arg_name, node)}", "Argument 'a'")
    text = text.replace("{field_name}", "a").replace("fielda", "field 'a'")
    return re.sub(r"\{[^{}]*(\{[^{}]*\}[^{}]*)*\}", "x", text)


@pytest.mark.parametrize("module", sorted({*ASKED, *rule_modules()}))
def test_every_sentence_of_the_library_is_known(module: str) -> None:
    found = {one for one in raised(LIBRARY / module, RAISED_BY) if not one.startswith(OF_OUR_OWN_MAKING)}
    spoken = {sentence for sentence in found if re.search(r"\w+ \w+", re.sub(r"\{.*?\}", "", sentence))}
    unknown = sorted(sentence for sentence in spoken if KNOWN.in_chinese(filled(sentence)) is None)
    assert unknown == []


def test_the_library_was_read() -> None:
    """The test above must not pass because nothing was found any more."""
    assert len(rule_modules()) > 30
    assert sum(len(raised(LIBRARY / module, RAISED_BY)) for module in {*ASKED, *rule_modules()}) > 120


def test_each_template_and_its_chinese_take_the_same_values() -> None:
    for english, chinese in GRAPHQL_TEXTS.items():
        names = [{name for _, name, _, _ in Formatter().parse(one) if name} for one in (english, chinese)]
        assert names[1] <= names[0], english
        assert english.isascii(), english
        assert not chinese.isascii(), english


SCHEMA: Final = build_schema("""
  directive @once on FIELD
  enum Colour { RED GREEN }
  interface Named { name: String }
  type Dog implements Named {
    name(upper: Boolean): String  friends: [Dog]  one(a: Int!): Int  barks: Boolean
  }
  type Cat implements Named { name: String  meows: Boolean }
  input Size { wide: Int!  high: Int }
  input Either @oneOf { a: Int  b: Int }
  type Query {
    dog: Dog  cat: Cat  named: Named  sized(size: Size, either: Either, colour: Colour, id: ID, n: Int): Int
    text(t: String, f: Float, b: Boolean): Int
  }
  type Subscription { barked: Dog  meowed: Cat }
""")

WRONG: Final = {
    "type A { a: Int } { dog { barks } }": "定义 'A' 不可执行。",
    "mutation { x }": "模式（schema）不支持 mutation 操作。",
    "query A { dog { barks } } query A { dog { barks } }": "名为 A 的操作只能有一个。",
    "{ dog { barks } } query B { dog { barks } }": "文档含匿名操作时，只能有这一个操作。",
    "subscription { barked { barks } meowed { meows } }": "订阅只能选择一个顶层字段。",
    "{ ...F } fragment F on Nobody { a }": "没有类型 Nobody。",
    "{ ... on Colour { a } }": "片段不能以 Colour 为条件：它不是复合类型。",
    "query ($d: Dog) { dog { barks } }": "变量 $d 不能为 Dog：它不是输入类型。",
    "{ dog { barks { x } } }": "字段 barks 不能再选择子字段：类型 Boolean 没有子字段。",
    "{ dog }": "字段 dog 的类型为 Dog，须选择其子字段，例如 dog { ... }。",
    "{ dog { bark } }": "类型 Dog 没有字段 bark。是否想用 'barks'？",
    "{ named { barks } }": "类型 Named 没有字段 barks。是否想用 'Dog' 上的内联片段？",
    "{ ...F ...F } fragment F on Query { dog { barks } } fragment F on Query { dog { barks } }": (
        "名为 F 的片段只能有一个。"
    ),
    "{ ...G }": "没有片段 G。",
    "{ dog { barks } } fragment F on Dog { barks }": "片段 F 未被使用。",
    "{ dog { ... on Cat { meows } } }": "此处不能展开该片段：类型 Dog 的对象不可能为 Cat。",
    "{ dog { ...F } } fragment F on Dog { friends { ...G } } fragment G on Dog { friends { ...F } }": (
        "片段 F 不能经 'G' 在其自身内展开。"
    ),
    "query ($n: Int, $n: Int) { sized(n: $n) }": "名为 $n 的变量只能有一个。",
    "query Q { sized(n: $n) }": "操作 Q 未定义变量 $n。",
    "query Q($n: Int) { dog { barks } }": "操作 Q 未使用变量 $n。",
    "{ dog @nothing { barks } }": "没有指令 @nothing。",
    "query @once { dog { barks } }": "指令 @once 不能用于 query。",
    "{ dog @once @once { barks } }": "指令 @once 在此处只能使用一次。",
    "{ sized(m: 1) }": "字段 Query.sized 没有参数 m。是否想用 'n'？",
    "{ sized(n: 1, n: 1) }": "名为 n 的参数只能有一个。",
    "{ dog { one } }": "缺少参数 Dog.one(a:)（类型 Int!，必填）。",
    "query ($n: String) { sized(n: $n) }": "变量 $n 的类型为 String，此处须为 Int。",
    "{ a: dog { barks } a: cat { meows } }": (
        "字段 a 相互冲突：dog 与 cat 是不同的字段。如确需两者，请使用不同的别名。"
    ),
    "{ dog { a: barks } dog { a: one(a: 1) } }": (
        "字段 dog 相互冲突：子字段 a 相互冲突（barks 与 one 是不同的字段）。如确需两者，请使用不同的别名。"
    ),
    "{ sized(size: {wide: 1, wide: 1}) }": "名为 wide 的输入字段只能有一个。",
    "{ sized(size: {high: 1}) }": "类型 Size 的值缺少必填字段 wide：{ high: 1 }。",
    "{ sized(either: {a: 1, b: 2}) }": "OneOf 输入对象 Either 须且只须给出一个字段，且其值不能为空。",
    "{ sized(colour: REDD) }": "枚举 Colour 没有值 REDD。是否想用枚举值 'RED'？",
    '{ sized(n: "1") }': 'Int 须为整数，实为 "1"。',
    "{ sized(n: 99999999999) }": "Int 须为 32 位有符号整数，实为 99999999999。",
    "{ text(b: 1) }": "Boolean 只能为 true 或 false，实为 1。",
}


@pytest.mark.parametrize("document", WRONG)
def test_mistakes_are_told_in_chinese(document: str) -> None:
    told = {KNOWN.in_chinese(error.message) for error in validate(SCHEMA, parse(document))}
    assert None not in told
    assert WRONG[document] in told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "语法错误：此处应为 Name，实为 <EOF>。"),
        ("{ dog { barks }", "语法错误：此处应为 Name，实为 <EOF>。"),
        ("dog", "语法错误：此处不应出现 Name 'dog'。"),
        ("{ a(b: 'c') }", "语法错误：此处不应出现单引号（'），是否想用双引号（\"）？"),
        ('{ a(b: "c) }', "语法错误：字符串没有结束。"),
        ("{ a(b: 01) }", "语法错误：数字无效：0 之后不应有数字 '1'。"),
        ("{ a？ }", "语法错误：此处不应出现字符 U+FF1F。"),
    ],
)
def test_slips_of_syntax_are_told_in_chinese(text: str, told: str) -> None:
    with pytest.raises(GraphQLError) as caught:
        parse(text)
    assert KNOWN.in_chinese(caught.value.message) == told


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({}, "变量 $s 的值无效：须给出类型 Size! 的值，该值不能为空。"),
        ({"s": {"wide": "1"}}, "变量 $s 在 .wide 处的值无效：Int 须为整数，实为 '1'。"),
        (
            {"s": {"wide": 1, "long": 2}},
            "变量 $s 的值无效：类型 Size 的值含有未知字段 long：{'wide': 1, 'long': 2}。",
        ),
        ({"s": 7}, "变量 $s 的值无效：类型 Size 的值应为对象，实为 7。"),
    ],
)
def test_variables_that_do_not_fit_are_told_in_chinese(variables: dict[str, object], told: str) -> None:
    (operation,) = parse("query ($s: Size!) { sized(size: $s) }").definitions
    assert isinstance(operation, graphql.OperationDefinitionNode)
    errors = get_variable_values(SCHEMA, operation.variable_definitions or (), variables)
    assert isinstance(errors, list)
    assert KNOWN.in_chinese(errors[0].message) == told


def test_a_sentence_that_is_not_the_librarys_is_not_taken_for_one() -> None:
    assert KNOWN.in_chinese("The student registry is closed on Sundays.") is None
    assert KNOWN.in_chinese("Unterminated string." + "." * TEXT_LIMIT_CHARACTERS) is None
