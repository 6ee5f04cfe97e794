"""What the demo shows, chapter by chapter: asks the gateway, prints tables, and checks every answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from creditbank.demo import queries
from creditbank.demo.ask import Answer, Client
from creditbank.demo.scenarios import ECOMMERCE, QUESTIONS, SHOP, Certificate, Question
from creditbank.demo.world import REGIONS, World, name_of
from edge.caller import Role
from schema.credits import parse_credits

LEARNER: Final = "lin"
HOME: Final = "310000"
LEARNER_REGIONS: Final = ("310000", "320000", "500000")
SILENT: Final = "500000"
_COLOURS: Final = {"RECOGNISED": "green", "PARTIAL": "yellow", "REFERRED": "magenta", "REFUSED": "red"}


@dataclass(frozen=True, slots=True)
class Check:
    """One answer beside what it must be."""

    name: str
    expected: object
    got: object

    @property
    def holds(self) -> bool:
        return self.expected == self.got

    def __str__(self) -> str:
        return f"{self.name}: expected {self.expected}, got {self.got}"


@dataclass(slots=True)
class Story:
    """The chapters in order; `checks` grows with them."""

    world: World
    client: Client
    console: Console
    checks: list[Check] = field(default_factory=list)
    _portal: str = field(init=False)
    _learner: str = field(init=False, default="")

    def __post_init__(self) -> None:
        self._portal = self.world.token(Role.PORTAL)

    def transcript(self) -> None:
        """One learner, whose outcomes lie in three regions, by one query."""
        self._title(
            1, "One learner's transcript over three regions, in one query", "一次查询，跨区域学习档案"
        )
        answer = self._transcript()
        self._check("transcript, regions", list(LEARNER_REGIONS), _regions(answer))
        self._check("transcript, outcomes", 5, _learner(answer).get("outcomes", {}).get("totalCount"))
        self._check("transcript, total credits", "18.5", _learner(answer).get("totalCredits"))
        self._check("transcript, errors", [], answer.codes)

    def both_axes(self) -> None:
        """The same learner over the regions, and what another team's subgraph adds to a bank's type."""
        self._title(
            2,
            "Both axes in one query: the learner's regions, and an online platform's courses",
            "一次查询，跨区域又跨系统：备考慕课",
        )
        answer = self._ask(queries.BOTH_AXES, id=self._learner)
        table = Table()
        for column in (
            "region 区域 (bank)",
            "achievement 学习成果 (bank)",
            "certificate 证书 (bank, national)",
        ):
            table.add_column(column)
        table.add_column("courses that prepare for it 备考慕课 (MOOC platform, another team's subgraph)")
        outcomes = _nodes(_learner(answer).get("outcomes"))
        for one in outcomes:
            certificate = one["certificate"] or {}
            courses = [
                f"{course['title']} · {course['school']} · {course['weeks']} weeks"
                for course in certificate.get("preparatoryCourses") or ()
            ]
            issuer = " · ".join(
                certificate[part] for part in ("name", "organisation") if certificate.get(part)
            )
            table.add_row(
                name_of(one["region"]["code"]), one["title"], issuer or "–", "\n".join(courses) or "–"
            )
        self.console.print(table)
        regions = sorted({one["region"]["code"] for one in outcomes})
        self._check("both axes, regions", list(LEARNER_REGIONS), regions)
        found = {
            one["title"]: [course["id"] for course in one["certificate"]["preparatoryCourses"] or ()]
            for one in outcomes
            if one["certificate"]
        }
        self._check("both axes, courses for each certificate", {"网店运营推广": ["M-1001", "M-1002"]}, found)
        self._check("both axes, errors", [], answer.codes)

    def recognition(self) -> None:
        """The questions of the scenarios, all in one request; and that asking writes nothing."""
        self._title(3, f"{len(QUESTIONS)} questions of recognition, in one request", "一次请求，批量互认查询")
        before = self._ask(queries.STATISTICS).data
        answer = self._recognise(QUESTIONS)
        decisions = answer.data.get("mutualRecognitions") or [{}] * len(QUESTIONS)
        self._show_decisions(QUESTIONS, decisions)
        for number, (question, decision) in enumerate(zip(QUESTIONS, decisions, strict=True), start=1):
            name = f"question {number}, scenario {question.scenario}, {question.title}"
            self._check(name, _expected(question), _got(decision))
        self._check("recognition, errors", [], answer.codes)
        self._check("a lookup writes nothing", before, self._ask(queries.STATISTICS).data)
        alone = self._recognise([question for question in QUESTIONS if question.scenario == 4])
        self._check("an unpaired lookup asks no region", 0, alone.coverage.get("asked", 0))
        self._say("Asking wrote nothing; the question without an agreement sent no request to any region.")

    def once_only(self) -> None:
        """Two conversions of one outcome at the same moment, and a repeat of the one that succeeded."""
        self._title(4, "Two conversions of one outcome at once: exactly one succeeds", "并发转换，仅一次成功")
        officer = self.world.token(Role.OFFICER, region="320000")
        outcome = self.world.ids["320000"]["hao-live"]

        def convert(key: str) -> Mapping[str, Any]:
            answer = self.client.ask(queries.CONVERT, officer, id=outcome, major=ECOMMERCE, key=key)
            return answer.data.get("convertOutcome") or {"__typename": f"errors {answer.codes}"}

        keys = ("first-window", "second-window")
        with ThreadPoolExecutor(len(keys)) as pool:
            results = dict(zip(keys, pool.map(convert, keys), strict=True))
        kinds = sorted(str(result["__typename"]) for result in results.values())
        self._check("scenario 9, two at once", ["OutcomeChanged", "Refusal"], kinds)
        refused = [result["code"] for result in results.values() if "code" in result]
        self._check("scenario 9, the other's reason", ["ALREADY_CONVERTED"], refused)
        for key, result in results.items():
            self._say(f"{key}: {_told(result)}")
        winner = next((key for key, result in results.items() if "entries" in result), keys[0])
        self._check(
            "scenario 12, a retry with the same key makes one entry", results[winner], convert(winner)
        )
        self._say(f"{winner} again, with the same key: the same entries, none added.")

    def portable(self) -> None:
        """A learner takes a certificate's credits to another region, and asks for it twice."""
        self._title(5, "A learner takes a certificate's credits to another region", "学分转移，两地账目守恒")
        home, away = self.world.ids[HOME], self.world.ids["320000"]
        whose = self._ask(queries.WHOSE, account=home["mei"]).data.get("account") or {}
        learner = self.world.token(Role.LEARNER, learner=whose.get("learner", {}).get("id"))
        given = {"outcome": home["mei-live"], "to": "320000", "major": ECOMMERCE}

        def transfer() -> Mapping[str, Any]:
            answer = self.client.ask(queries.TRANSFER, learner, input=given, key="to-jiangsu")
            return (answer.data.get("transfer") or {}).get("transfer") or {"errors": answer.codes}

        def books(region: str, account: str) -> Mapping[str, Any]:
            answer = self.client.ask(
                queries.BOOKS,
                self.world.token(Role.OFFICER, region=region),
                account=account,
                region=region,
            )
            return answer.data.get("account") or {}

        before = books(HOME, home["mei"])
        moved = transfer()
        here, there = books(HOME, home["mei"]), books("320000", away["mei"])
        self._show_ledger(f"{name_of(HOME)}, which let it go", here)
        self._show_ledger(f"{name_of('320000')}, which took it by its own rules", there)
        stated = [one["kind"] for one in moved.get("statements", ())]
        self._check(
            "transfer, in the end", ("COMPLETED", "8.0"), (moved.get("state"), moved.get("creditsAccepted"))
        )
        self._check("transfer, signed statements", ["EXPORT", "RECEIPT", "CONFIRMATION"], stated)
        self._check("transfer, a repeat moves nothing", moved, transfer())
        sums = [parse_credits(one.get("balance")) for one in (before, here, there)]
        self._check("transfer, no credit lost and none made", sums[0], sums[1] + sums[2])
        self._say("Both regions signed what they did; the gateway carried it and keeps nothing.")

    def fraud(self) -> None:
        """An outcome revoked for fraud: what the books of both regions say."""
        self._title(6, "A certificate revoked for fraud: nothing is deleted", "造假撤销，分录只增不删")
        officer = self.world.token(Role.OFFICER, region=HOME)
        home = self.client.ask(queries.BOOKS, officer, account=self.world.ids[HOME]["tao"], region=HOME)
        account = home.data.get("account") or {}
        self._show_ledger(f"{name_of(HOME)}, where it was revoked", account)
        entries = [(entry["kind"], entry["credits"]) for entry in _nodes(account.get("ledger"))]
        expected = [("DEPOSIT", "8.0"), ("DEPOSIT", "2.0"), ("REVERSAL", "-8.0")]
        self._check("scenario 11, ledger at home", expected, entries)
        outcomes = [(one["status"], one["flagged"]) for one in _nodes(account.get("outcomes"))]
        self._check("scenario 11, dependants flagged", [("REVOKED", False), ("VERIFIED", True)], outcomes)
        self._check("scenario 11, account", "FROZEN", account.get("status"))
        cases = [case["status"] for case in _nodes(home.data.get("cases"))]
        self._check("scenario 11, case opened", ["OPEN"], cases)

        officer = self.world.token(Role.OFFICER, region="320000")
        away = self.world.ids["320000"]["tao"]
        there = self.client.ask(queries.BOOKS, officer, account=away, region="320000").data.get("account")
        self._show_ledger(f"{name_of('320000')}, which had recognised it in January", there or {})
        posted = [(e["kind"], e["credits"], e["postedOn"]) for e in _nodes((there or {}).get("ledger"))]
        self._check("scenario 11, the old posting", [("AWARD", "8.0", "2026-01-20")], posted)

    def region_by_region(self, resume: Callable[[], None]) -> None:
        """Every region's figures in one answer in parts; one bank stands still until the others are there."""
        self._title(
            7, f"Region by region, as they come, while {name_of(SILENT)} is slow", "逐区域送达，慢者不碍他人"
        )
        table = Table()
        for column in ("payload 批次", "region 区域", "learners 学习者", "outcomes 学习成果", "credits 学分"):
            table.add_column(column, justify="left" if column.startswith("region") else "right")
        regions: list[Mapping[str, Any]] = []
        before: list[str] = []
        after: list[str] = []
        where: dict[str, int] = {}
        last: Mapping[str, Any] = {}
        for number, last in enumerate(self.client.parts(queries.REGION_BY_REGION, self._portal)):
            regions = regions or (last.get("data") or {}).get("regions", [])
            where |= {one["id"]: one["path"][-1] for one in last.get("pending", ())}
            for one in last.get("incremental", ()):
                code = regions[where[one["id"]]]["code"]
                (after if len(before) == len(regions) - 1 else before).append(code)
                figures = one["data"]["statistics"] or {}
                shown = [str(figures.get(name)) for name in ("learners", "outcomes", "credits")]
                table.add_row(str(number), name_of(code), *shown)
            if len(before) == len(regions) - 1:
                resume()
        self.console.print(table)
        codes = [one["code"] for one in regions]
        self._say(f"At once: {len(codes)} regions by name. Then each bank's figures, when that bank answers.")
        self._check("in parts, regions named at once", sorted(REGIONS), sorted(codes))
        self._check("in parts, before the slow one", sorted({*REGIONS} - {SILENT}), sorted(before))
        self._check("in parts, last of all", [SILENT], after)
        coverage = last.get("extensions", {}).get("coverage", {})
        self._check("in parts, whole in the end", (8, 8, []), tuple(coverage.values()))

    def silence(self) -> None:
        """The same transcript and a recognition while one region is stopped."""
        self._title(
            8, f"The same transcript while {name_of(SILENT)} is stopped", "一个区域停止服务时的部分结果"
        )
        answer = self._transcript()
        self._check("scenario 12, regions that answered", list(LEARNER_REGIONS[:2]), _regions(answer))
        missing = [gap["shard"] for gap in answer.coverage.get("missing", ())]
        self._check("scenario 12, coverage names the silent one", True, SILENT in missing)
        self._check("scenario 12, nobody else is missing", {SILENT}, set(missing))
        self._check("scenario 12, typed error", True, set(answer.codes) <= queries.SILENCE_CODES != set())
        question = Question(
            12,
            "a side is silent: never a refusal (对方未应答)",
            "440000",
            SILENT,
            Certificate(SHOP),
            "UNDETERMINED",
            reasons=("REGION_DID_NOT_ANSWER",),
        )
        asked = (question, QUESTIONS[0])
        recognised = self._recognise(asked)
        decisions = recognised.data.get("mutualRecognitions") or [{}] * len(asked)
        self._show_decisions(asked, decisions)
        for one, decision in zip(asked, decisions, strict=True):
            self._check(f"scenario 12, {one.title}", _expected(one), _got(decision))

    def _transcript(self) -> Answer:
        if not self._learner:
            account = self._ask(queries.WHOSE, account=self.world.ids[HOME][LEARNER])
            self._learner = ((account.data.get("account") or {}).get("learner") or {}).get("id", "")
        answer = self._ask(queries.TRANSCRIPT, id=self._learner)
        table = Table(title=f"learnerId {self._learner}", title_justify="left")
        for column in ("issued 颁发", "region 区域", "achievement 学习成果", "kind 类型", "status 状态"):
            table.add_column(column)
        table.add_column("credits 学分", justify="right")
        for one in _nodes(_learner(answer).get("outcomes")):
            region = name_of(one["region"]["code"])
            table.add_row(one["issuedOn"], region, one["title"], one["kind"], one["status"], one["credits"])
        self.console.print(table)
        coverage = answer.coverage
        self._say(
            f"Total {_learner(answer).get('totalCredits')} credits (学分合计). "
            f"{coverage.get('answered')} of {coverage.get('asked')} regions answered."
        )
        for error in answer.errors:
            where = error.get("extensions", {})
            self._say(f"[red]{where.get('code')}[/red] {where.get('shard', '')}: {escape(error['message'])}")
        return answer

    @property
    def learner(self) -> str:
        """The learnerId of the transcript."""
        return self._learner

    def _recognise(self, questions: Sequence[Question]) -> Answer:
        return self._ask(queries.RECOGNISE, inputs=[one.variables(self.world.ids) for one in questions])

    def _show_decisions(self, questions: Sequence[Question], decisions: Sequence[Mapping[str, Any]]) -> None:
        table = Table()
        table.add_column("#", justify="right")
        table.add_column("from → to 区域")
        table.add_column("what is asked 问题", ratio=3)
        table.add_column("decision 结论")
        table.add_column("credits 学分", justify="right")
        table.add_column("reasons 原因", ratio=4)
        table.add_column("✓")
        for question, decision in zip(questions, decisions, strict=True):
            says = str(decision.get("decision"))
            reasons = [f"{one['code']}: {one['message']}" for one in decision.get("reasons", ())]
            level = f"level {decision['level']}" if question.level else ""
            table.add_row(
                str(question.scenario),
                f"{question.from_region} → {question.to_region}",
                escape(question.title),
                f"[{_COLOURS.get(says, 'cyan')}]{says}[/]",
                str(decision.get("creditsRecognised")),
                escape("\n".join(reasons) or level),
                "[green]✓[/]" if _expected(question) == _got(decision) else "[red]✗[/]",
            )
        self.console.print(table)

    def _show_ledger(self, title: str, account: Mapping[str, Any]) -> None:
        table = Table(title=f"{title}: account {account.get('status')}", title_justify="left")
        for column in ("posted 入账", "entry 分录", "kind 类型", "memo 摘要", "reverses 冲正"):
            table.add_column(column, overflow="fold")
        table.add_column("credits 学分", justify="right")
        for one in _nodes(account.get("ledger")):
            reverses = one["reverses"] or ""
            table.add_row(one["postedOn"], one["id"], one["kind"], one["memo"], reverses, one["credits"])
        self.console.print(table)

    def _ask(self, query: str, **variables: Any) -> Answer:
        return self.client.ask(query, self._portal, **variables)

    def _check(self, name: str, expected: object, got: object) -> None:
        check = Check(name, expected, got)
        self.checks.append(check)
        if not check.holds:
            self._say(f"[red]✗ {escape(str(check))}[/red]")

    def _title(self, number: int, english: str, chinese: str) -> None:
        self.console.rule(f"[bold]{number}  {english}[/bold]  {chinese}", align="left")

    def _say(self, text: str) -> None:
        self.console.print(f"  {text}")


def _learner(answer: Answer) -> Mapping[str, Any]:
    return answer.data.get("learner") or {}


def _nodes(connection: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    return [edge["node"] for edge in (connection or {}).get("edges", ())]


def _regions(answer: Answer) -> list[str]:
    return sorted(account["region"]["code"] for account in _learner(answer).get("accounts", ()))


def _expected(question: Question) -> tuple[object, ...]:
    candidates = list(question.candidates)
    return question.decision, question.credits, list(question.reasons), question.level, candidates


def _got(decision: Mapping[str, Any]) -> tuple[object, ...]:
    """The same parts of an answer; its level only matters where the frameworks differ."""
    level = decision.get("level")
    return (
        decision.get("decision"),
        decision.get("creditsRecognised"),
        [one["code"] for one in decision.get("reasons", ())],
        level if level in ("1", "2", "3", "4", "5", "6", "7") else None,
        decision.get("levelCandidates"),
    )


def _told(result: Mapping[str, Any]) -> str:
    if "entries" in result:
        entries = ", ".join(f"{one['credits']} {one['memo']}" for one in result["entries"])
        return f"[green]{result['__typename']}[/green]: {escape(entries)}"
    return f"[red]{result.get('code')}[/red]: {escape(str(result.get('message')))}"
