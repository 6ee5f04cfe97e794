"""What a caller learns of an error, in whose words, and what only the log knows."""

from __future__ import annotations

import string
from typing import Any

import pytest
from graphql import GraphQLError

from edge.codes import HINTS, MESSAGES, WORDINGS
from edge.errors import ErrorFormatter, PublicError
from edge.messages import HEADER_LIMIT_CHARACTERS, Messages, Wordings, preferred_locale
from edge.operation import CallContext, ExecutionResult, Operation
from schema.codes import REASONS, REFUSALS
from schema.details import DETAILS, DetailCode, detail, word
from tests.edge.conftest import SECRET, Program, Start


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize(
    "catalogue",
    [WORDINGS, HINTS, REASONS, REFUSALS, DETAILS],
    ids=["wordings", "hints", "reasons", "refusals", "details"],
)
def test_every_code_is_worded_twice_with_the_same_values(catalogue: Wordings) -> None:
    for code, (english, chinese) in catalogue.items():
        assert fields(english) == fields(chinese), code
        assert english.isascii(), code
        # Clients compare these two messages to the letter, so they have no Chinese.
        assert not chinese.isascii() or "PersistedQuery" in chinese, code


def test_every_detail_is_worded() -> None:
    assert set(DETAILS) == set(DetailCode)


def test_a_detail_is_worded_where_it_is_read_with_all_that_is_inside_it() -> None:
    inside = detail(DetailCode.AFTER_TODAY, today="2026-06-01")
    column = detail(DetailCode.IN_COLUMN, column="获得时间", detail=(inside, detail(DetailCode.EMPTY)))
    assert word(column, "en") == "获得时间: it is after today, 2026-06-01; it is empty"
    assert word(column, "zh") == "获得时间：晚于今天（2026-06-01）；为空"
    assert word(detail(DetailCode.AFTER_TODAY), "en") == "it is after today, ?"


def test_a_sentence_of_a_third_party_is_framed_for_a_chinese_reader_and_said_to_be_its_own() -> None:
    said = "The registry is closed."
    assert (MESSAGES.retell(said, "zh"), MESSAGES.retell(said, "en")) == (f"原文：{said}", said)
    assert MESSAGES.retell("档案馆已闭馆。", "zh") == "档案馆已闭馆。"


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "en"),
        ("", "en"),
        ("zh", "zh"),
        ("ZH-hans-CN", "zh"),
        ("zhx", "en"),
        ("en;q=0.5, zh;q=0.6", "zh"),
        ("zh;q=0.5,en", "en"),
        ("en, zh", "en"),
        ("zh, en", "zh"),
        ("*", "en"),
        ("fr;q=1.0, zh;q=0.001", "zh"),
        ("zh;q=0", "en"),
        ("zh;q=2", "en"),
        ("zh;q=", "en"),
        ("zh ; q=0.8 , *;q=0.1", "zh"),
        (",;q,=" * 500, "en"),
        ("x," * HEADER_LIMIT_CHARACTERS + "zh", "en"),
    ],
)
def test_the_preferred_language_is_found(header: str | None, locale: str) -> None:
    assert preferred_locale(header) == locale


def test_a_program_adds_its_own_words() -> None:
    messages = MESSAGES.with_wordings(REASONS).with_wordings({"FORBIDDEN": ("no", "不")})
    assert messages.say("CAP_REACHED", "zh", {"ceiling": "16.0", "left": "3.0"}) == (
        "年度上限为 16.0 学分，剩余额度 3.0。"
    )
    assert messages.say("CAP_REACHED", "zh", {"ceiling": "16.0"}) is None
    assert messages.say("FORBIDDEN", "en") == "no"
    assert messages.hint("FORBIDDEN", "zh") == "请使用具有相应角色的令牌。"
    assert messages.say("NEVER_HEARD", "en") is None
    assert Messages().hint("FORBIDDEN", "en") is None


@pytest.mark.parametrize(("language", "word"), [("en", "Reference"), ("zh", "参考编号")])
async def test_a_fault_is_masked_and_found_again_in_the_log(start: Start, language: str, word: str) -> None:
    program = await start()
    response = await program.post({"query": "{ hello breaks }"}, accept_language=language)
    assert SECRET not in response.text
    assert response.json()["data"] == {"hello": "hello world", "breaks": None}
    (error,) = response.json()["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["breaks"], "INTERNAL_ERROR")
    assert error["locations"] == [{"line": 1, "column": 9}]
    correlation_id = error["extensions"]["correlationId"]
    assert correlation_id in error["message"]
    assert word in error["message"]
    (fault,) = [line for line in program.lines() if line["event"] == "fault"]
    assert fault["correlation_id"] == fault["span_id"] == correlation_id
    assert fault["kind"] == "builtins.ValueError"
    assert any("_breaks" in frame for frame in fault["frames"])
    assert SECRET not in program.log.getvalue().decode()


async def test_a_refusal_of_the_program_passes(program: Program) -> None:
    (error,) = (await program.ask("{ refuses }"))["errors"]
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert error["message"] == "This caller may not do or see this."
    assert error["path"] == ["refuses"]


def formatted(error: Any, *, executed: bool = True) -> tuple[dict[str, Any], list[BaseException]]:
    reported: list[BaseException] = []
    formatter = ErrorFormatter(MESSAGES, lambda _, original: reported.append(original))
    (shown,) = formatter.format_all(ExecutionResult(errors=[error], executed=executed), "en", "id-1")
    return shown, reported


@pytest.mark.parametrize(
    ("error", "executed", "code", "message"),
    [
        (GraphQLError("bad field"), False, "GRAPHQL_VALIDATION_FAILED", "bad field"),
        (GraphQLError("said by a resolver"), True, "GRAPHQL_EXECUTION_FAILED", "said by a resolver"),
        (GraphQLError("x", extensions={"code": "MINE"}), True, "MINE", "x"),
        (GraphQLError("x", original_error=PublicError("MINE", "in words", n=1)), True, "MINE", "x"),
        ({"message": "done", "extensions": {"code": "SHARD_TIMEOUT"}}, True, "SHARD_TIMEOUT", "done"),
    ],
)
def test_errors_that_were_meant_for_the_caller_pass(
    error: Any, executed: bool, code: str, message: str
) -> None:
    shown, reported = formatted(error, executed=executed)
    assert (shown["extensions"]["code"], shown["message"], reported) == (code, message, [])


def test_an_error_that_the_program_vouches_for_passes_as_it_is() -> None:
    error = {"message": "from a shard", "path": ["a", 0], "extensions": {"code": 7}}
    assert formatted(error) == (error, [])
    assert formatted({"message": "bare"}) == ({"message": "bare"}, [])


def test_what_hides_behind_an_error_is_reported_once() -> None:
    fault = KeyError("row")
    shown, reported = formatted(GraphQLError("row", original_error=fault))
    assert (shown["extensions"]["code"], reported) == ("INTERNAL_ERROR", [fault])


class Broken:
    """An executor that fails outright, or answers what cannot be written."""

    def __init__(self, result: Any) -> None:
        self.result = result

    async def execute(self, _: Operation, __: CallContext) -> Any:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result


@pytest.mark.parametrize(
    "result", [RuntimeError(SECRET), TimeoutError(SECRET), ExecutionResult({"a": {1, 2}})]
)
async def test_a_program_that_fails_outright_is_masked_too(start: Start, result: Any) -> None:
    program = await start(executor=Broken(result))
    response = await program.post({"query": "{ a }"})
    assert response.status_code == 500
    (error,) = response.json()["errors"]
    assert error["extensions"]["code"] == "INTERNAL_ERROR"
    assert SECRET not in response.text + program.log.getvalue().decode()
    assert (await program.client.get("/health/live")).status_code == 200
