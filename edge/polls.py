"""Questions that programs ask several times a second, as long as both run: of their answers only changes are
worth a line in the log. Metrics count each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Outcome = tuple[int, tuple[str, ...]]


class Polls:
    """`texts` are the questions, each word for word as it is asked."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._told: dict[str, Outcome | None] = dict.fromkeys(texts)

    def is_news(self, text: str, status: int, codes: Sequence[str]) -> bool:
        """Whether the answer ended otherwise than the last one did; always, for any other question."""
        if text not in self._told:
            return True
        outcome = (status, tuple(codes))
        is_news = self._told[text] != outcome
        self._told[text] = outcome
        return is_news
