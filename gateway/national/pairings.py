"""The published agreements (互认协议): what the gateway knows before it asks anybody.

Regions publish the terms they signed; the gateway reads them from one file, so that a lookup
that no agreement covers is answered without a request (DOMAIN.md, Sovereignty). The file is

    {"agreements": [{"id": "P-310000-320000", "status": "SIGNED", "terms": {...},
                     "suspendedOn": null, "endedOn": null,
                     "history": [{"status": "SIGNED", "on": "2025-01-01", "recordedAt": "2024-12-20T…Z"}]}]}

with `terms` in the canonical form that both sides hash (`schema.agreements.terms_to_plain`). With
`history`, as the nodes tell it, a question about an earlier instant sees the agreement as it was
known then; without, as it stands.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from schema.agreements import (
    ANY,
    Agreement,
    AgreementKind,
    AgreementStatus,
    OutcomeKind,
    SkillLevel,
    as_known,
    choose,
    terms_from_plain,
    terms_to_plain,
)
from schema.codes import ReasonCode

PAIRINGS_LIMIT: Final = 10_000
"""Agreements in one file: each two of 34 regions could have 17."""
STEPS_LIMIT: Final = 100
"""Steps of one agreement's life."""

RegionCode = Annotated[str, StringConstraints(pattern=r"^\d{6}$")]


class PairingsError(ValueError):
    """A file of agreements that cannot be used. `problems` name each place and what is wrong there."""

    def __init__(self, path: Path, problems: Sequence[str]) -> None:
        super().__init__(f"{path}: " + "; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class PublishedStep:
    """One step of an agreement's life as it was published (`schema.agreements.Step`)."""

    status: AgreementStatus
    on: date
    recorded_at: datetime


class Pairings:
    """All published agreements, in the order of the file. Immutable. `steps` are theirs, by ID."""

    def __init__(
        self,
        agreements: Iterable[Agreement] = (),
        steps: Mapping[str, Sequence[PublishedStep]] = MappingProxyType({}),
    ) -> None:
        self.agreements = tuple(agreements)
        self._steps = steps
        self._hashes: dict[str, str] = {}
        between: defaultdict[frozenset[str], list[Agreement]] = defaultdict(list)
        for agreement in self.agreements:
            between[frozenset(agreement.terms.parties)].append(agreement)
        self._between: Mapping[frozenset[str], tuple[Agreement, ...]] = MappingProxyType(
            {parties: tuple(found) for parties, found in between.items()}
        )

    def choose(
        self, issuer: str, accepter: str, day: date, known_at: datetime | None = None
    ) -> tuple[Agreement | None, ReasonCode | None]:
        """Return the agreement that decides between the two on `day`, and what speaks against it.

        With `known_at`, as far as it was known at that instant.
        """
        between = self._between.get(frozenset((issuer, accepter)), ())
        if known_at is not None:
            known = (self._as_known(one, known_at) for one in between)
            between = tuple(one for one in known if one is not None)
        return choose(between, issuer, accepter, day)

    def _as_known(self, agreement: Agreement, known_at: datetime) -> Agreement | None:
        steps = self._steps.get(agreement.id)
        return as_known(agreement, steps, known_at) if steps else agreement

    def terms_hash(self, agreement: Agreement) -> str:
        """Return the SHA-256 of one of these agreements' terms, worked out once."""
        found = self._hashes.get(agreement.id)
        if found is None:
            found = self._hashes[agreement.id] = agreement.terms.hash()
        return found

    def of(self, region: str | None) -> tuple[Agreement, ...]:
        """Return the agreements of one region; all of them for None."""
        if region is None:
            return self.agreements
        return tuple(one for one in self.agreements if region in one.terms.parties)

    def partners(self, region: str) -> tuple[str, ...]:
        """Return the regions that `region` has or had any agreement with, by code."""
        found = {party for one in self.of(region) for party in one.terms.parties}
        return tuple(sorted(found - {region}))


def read_pairings(path: Path) -> Pairings:
    """Read the published agreements. Raises `PairingsError` naming every problem, or `OSError`."""
    try:
        content = _File.model_validate(json.loads(path.read_bytes()))
    except ValidationError as error:
        raise PairingsError(path, [_problem(one) for one in error.errors()]) from None
    except ValueError as error:  # not JSON, or not UTF-8
        raise PairingsError(path, [f"file: not a JSON document: {error}"]) from None
    return Pairings(
        (entry.agreement() for entry in content.agreements),
        {entry.id: entry.steps() for entry in content.agreements},
    )


def pairings_to_plain(agreements: Iterable[Agreement]) -> dict[str, Any]:
    """Return the form that `read_pairings` reads."""
    return {
        "agreements": [
            {
                "id": one.id,
                "status": one.status.value,
                "terms": terms_to_plain(one.terms),
                "suspendedOn": one.suspended_on.isoformat() if one.suspended_on else None,
                "endedOn": one.ended_on.isoformat() if one.ended_on else None,
            }
            for one in agreements
        ]
    }


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Item(_Strict):
    certificate: str = ANY
    levels: tuple[SkillLevel, ...] = ()
    kinds: tuple[OutcomeKind, ...] = ()
    flexible: bool = True
    rate_percent: Annotated[int, Field(alias="ratePercent", gt=0, le=100)] = 100


class _Terms(_Strict):
    parties: tuple[RegionCode, RegionCode]
    kind: AgreementKind
    accepts: RegionCode | None = None
    scope: Annotated[tuple[_Item, ...], Field(min_length=1)]
    first_day: Annotated[date, Field(alias="firstDay")]
    last_day: Annotated[date | None, Field(alias="lastDay")] = None
    version: Annotated[int, Field(ge=1)] = 1
    notice_days: Annotated[int, Field(alias="noticeDays", ge=0)] = 0

    @model_validator(mode="after")
    def _agree_with_each_other(self) -> _Terms:
        if self.parties[0] == self.parties[1]:
            raise ValueError(f"both parties are {self.parties[0]}; an agreement is between two regions")
        if self.kind is AgreementKind.PAIRED_ASSISTANCE and self.accepts not in self.parties:
            raise ValueError("a PAIRED_ASSISTANCE agreement names in `accepts` which of its parties accepts")
        if self.kind is AgreementKind.ALLIANCE and self.accepts is not None:
            raise ValueError("an ALLIANCE is accepted by both sides; leave `accepts` out")
        if self.last_day is not None and self.last_day < self.first_day:
            raise ValueError(f"lastDay {self.last_day} is before firstDay {self.first_day}")
        return self


class _Step(_Strict):
    status: AgreementStatus
    on: date
    recorded_at: Annotated[AwareDatetime, Field(alias="recordedAt")]


class _Entry(_Strict):
    id: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    status: AgreementStatus
    terms: _Terms
    suspended_on: Annotated[date | None, Field(alias="suspendedOn")] = None
    ended_on: Annotated[date | None, Field(alias="endedOn")] = None
    history: Annotated[tuple[_Step, ...], Field(max_length=STEPS_LIMIT)] = ()

    @model_validator(mode="after")
    def _dated(self) -> _Entry:
        if self.status is AgreementStatus.SUSPENDED and self.suspended_on is None:
            raise ValueError("a SUSPENDED agreement says since when, in suspendedOn")
        if self.status is AgreementStatus.ENDED and self.ended_on is None and self.terms.last_day is None:
            raise ValueError("an ENDED agreement says since when, in endedOn or in its terms' lastDay")
        return self

    def agreement(self) -> Agreement:
        terms = terms_from_plain(self.terms.model_dump(mode="json", by_alias=True))
        return Agreement(self.id, terms, self.status, self.suspended_on, self.ended_on)

    def steps(self) -> tuple[PublishedStep, ...]:
        return tuple(PublishedStep(one.status, one.on, one.recorded_at) for one in self.history)


class _File(_Strict):
    agreements: Annotated[tuple[_Entry, ...], Field(max_length=PAIRINGS_LIMIT)]

    @model_validator(mode="after")
    def _named_once(self) -> _File:
        seen: set[str] = set()
        for entry in self.agreements:
            if entry.id in seen:
                raise ValueError(f"the id {entry.id} is used twice")
            seen.add(entry.id)
        return self


def _problem(error: Any) -> str:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error["loc"])
    return f"{place.lstrip('.') or 'file'}: {error['msg'].removeprefix('Value error, ')}"
