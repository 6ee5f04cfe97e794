"""What a build notices on its way: bad rows, and how often each rule was applied."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from catalogue.entries import AppliedRule
from catalogue.errors import Fault, Problem
from catalogue.rows import Row, RowReader
from catalogue.rules import Rule


class Findings:
    """Collects problems and applied rules, and knows which rows are set aside because of a problem."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.applied: Counter[Rule] = Counter()
        self._bad_lines: defaultdict[str, set[int]] = defaultdict(set)
        self._bad_keys: defaultdict[str, set[str]] = defaultdict(set)

    def good(self, reader: RowReader, key: Callable[[Row], str]) -> Iterator[Row]:
        """Yield the reader's good rows; note the problems, and the keys as far as readable, of the others."""
        for row in reader:
            if row.problems:
                for problem in row.problems:
                    self.refuse(problem, key(row))
            else:
                yield row

    def refuse(self, problem: Problem, key: str) -> None:
        self.problems.append(problem)
        self._bad_lines[problem.source].add(problem.line)
        self._bad_keys[problem.source].add(key)

    def is_bad(self, source: str, line: int) -> bool:
        return line in self._bad_lines[source]

    def is_set_aside(self, source: str, key: str) -> bool:
        """Tell whether a bad row of the source has that key; another, good row may have it too."""
        return key in self._bad_keys[source]

    def keys_set_aside(self, source: str) -> frozenset[str]:
        return frozenset(self._bad_keys[source])

    def set_aside_count(self, source: str) -> int:
        return len(self._bad_lines[source])

    def apply(self, rule: Rule, count: int = 1) -> None:
        self.applied[rule] += count

    def applied_rules(self) -> tuple[AppliedRule, ...]:
        """Return the rules that were applied at all, in the order in which `Rule` lists them."""
        return tuple(
            AppliedRule(rule, self.applied[rule], rule.meaning) for rule in Rule if self.applied[rule]
        )


class Subject:
    """One row under examination: says what is wrong with it in few words."""

    def __init__(self, findings: Findings, reader: RowReader, row: Row, key: str) -> None:
        self._findings = findings
        self._reader = reader
        self._row = row
        self._key = key

    def refuse(self, column: str, fault: Fault, reason: str) -> None:
        self._findings.refuse(self._reader.problem(self._row.line, column, fault, reason), self._key)

    @property
    def is_good(self) -> bool:
        return not self._findings.is_bad(self._reader.layout.source, self._row.line)
