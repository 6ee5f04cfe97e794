"""What the national subgraph's resolvers may know: what is published, and on whose behalf they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.dataloader import DataLoader

from catalogue.lookup import Catalogue
from gateway.federation.sharding.coverage import Missing
from gateway.national.pairings import Pairings
from gateway.national.questions import Ground, Question
from gateway.national.recognition import (
    QUESTIONS_LIMIT,
    Answer,
    Asking,
    Mismatch,
    Recognition,
    SilentRegionError,
)
from gateway.national.transfers import Transfers
from gateway.witness.judgement import Witnessed
from schema.codes import ReasonCode


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region: from the catalogue's list, the register of banks, or both."""

    code: str
    name: str
    name_en: str
    registered: bool


@dataclass(frozen=True, slots=True)
class Published:
    """One state of what is public nationally; replaced whole when a file changes."""

    catalogue: Catalogue
    pairings: Pairings
    regions: Mapping[str, RegionRow]

    def ground(self) -> Ground:
        """What recognition may look at before it asks anybody."""
        return Ground(
            regions=frozenset(code for code, region in self.regions.items() if region.registered),
            pairings=self.pairings,
            has_certificate=lambda code: self.catalogue.certificate(code) is not None,
            has_major=lambda code: self.catalogue.major(code) is not None,
        )


@dataclass(slots=True)
class National:
    """The context of one request to the national subgraph. `errors` and `missing` go beside its data.

    `now` is in the gateway's time zone.
    """

    published: Published
    now: datetime
    asking: Asking
    recognition: Recognition
    transfers: Transfers
    witnessed: Mapping[str, Witnessed] = field(default_factory=dict)
    """What is kept of each region's log."""
    errors: list[Mapping[str, Any]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    with_evidence: bool = False
    """Whether any recognition field selects its decisions' evidence."""
    decide: DataLoader[Question, Answer] = field(init=False)
    """One batch for all recognition fields of the request, so that a region is asked once a wave."""

    def __post_init__(self) -> None:
        self.decide = DataLoader(self._answer, max_batch_size=QUESTIONS_LIMIT)

    @property
    def today(self) -> date:
        return self.now.date()

    def day_of(self, at: datetime | None) -> date:
        """Return the gateway's day at an instant; today for None."""
        return self.today if at is None else at.astimezone(self.now.tzinfo).date()

    @property
    def catalogue(self) -> Catalogue:
        return self.published.catalogue

    async def _answer(self, questions: list[Question]) -> list[Answer]:
        asking = replace(self.asking, evidence=self.with_evidence)
        return await self.recognition.answer(questions, asking)

    def tell_silent_region(self, path: Sequence[str | int], silent: SilentRegionError) -> None:
        """Note the error, and the gap in the coverage, at `path`."""
        self.errors.append(_error(silent, path))
        self.missing.append(Missing(silent.region, silent.code, list(path)))

    def tell_faults(self, path: Sequence[str | int], answers: Sequence[Answer], many: bool) -> None:
        """Note, once for each silent region, the error and the gap in the coverage at their first place; and
        once for each agreement that is not what was published of it, the error.
        """
        seen: set[str] = set()
        for index, answer in enumerate(answers):
            place = [*path, index] if many else list(path)
            silent, mismatch = answer.silent, answer.mismatch
            if silent is not None and silent.region not in seen:
                seen.add(silent.region)
                self.tell_silent_region(place, silent)
            if mismatch is not None and mismatch.agreement not in seen:
                seen.add(mismatch.agreement)
                self.errors.append(_mismatched(mismatch, place))


def _error(silent: SilentRegionError, path: Sequence[str | int]) -> Mapping[str, Any]:
    extensions: dict[str, Any] = {"code": silent.code, "shard": silent.region}
    if silent.errors:
        extensions["errors"] = list(silent.errors)
    return {"message": silent.message, "path": list(path), "extensions": extensions}


def _mismatched(mismatch: Mismatch, path: Sequence[str | int]) -> Mapping[str, Any]:
    extensions = {
        "code": ReasonCode.AGREEMENT_MISMATCH.value,
        "agreement": mismatch.agreement,
        "published": mismatch.published,
        "held": [{"region": region, "hash": hash_} for region, hash_ in mismatch.held.items()],
    }
    message = f"What is published of agreement {mismatch.agreement} is not what the regions signed."
    return {"message": message, "path": list(path), "extensions": extensions}


Info = strawberry.Info[National, None]
