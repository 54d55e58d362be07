"""Consent: `require` turns recorded decisions into a proof, and nothing else can make one.

Rules. The last decision of a subject for a purpose (highest ``sequence``) decides alone. At equal sequence a
withdrawal wins. A "yes" counts until its day of expiry; a withdrawal never expires, so an old "yes" cannot
come back to life. No purpose implies another. Silence is no.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NoReturn, SupportsIndex, final
from uuid import UUID

from privacy.core.errors import ConsentMissing


class Purpose(StrEnum):
    """What a person may agree to, each asked on its own."""

    ZONE = "zone"
    """May we note roughly where, for n days?"""
    RECONTACT = "recontact"
    """May we come back to this exact spot, until …?"""
    QUOTE = "quote"
    """May we raise these words to institutions?"""


class Decision(StrEnum):
    """What the person said. Refusing leaves no event: it is only counted."""

    GIVEN = "given"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """One decision, never edited.

    subject: the record it is about (opaque, links no two encounters).
    notice_version: language-neutral version of the notice (the language of a notice is a nationality).
    night: the night it was said, noon to noon. expires_on: first UTC day on which it counts no more.
    sequence: rises within one subject, from 1.
    """

    subject: UUID
    purpose: Purpose
    decision: Decision
    notice_version: str
    night: date
    expires_on: date
    sequence: int

    def __repr__(self) -> str:
        return f"ConsentEvent({self.purpose}, {self.decision})"


class _Stamp:
    """What only this module holds."""

    __slots__ = ()


_STAMP = _Stamp()


@final
class ConsentProof:
    """That `require` found a live consent of this subject for this purpose. Bound to both; cannot be copied or kept.

    subject, purpose: what it covers, and nothing else. expires_on: first UTC day on which it covers nothing.
    """

    __slots__ = ("_expires_on", "_purpose", "_subject")
    _subject: UUID
    _purpose: Purpose
    _expires_on: date

    def __init__(self, stamp: _Stamp, subject: UUID, purpose: Purpose, expires_on: date) -> None:
        if stamp is not _STAMP:
            raise TypeError("only consent.require makes a proof")
        object.__setattr__(self, "_subject", subject)
        object.__setattr__(self, "_purpose", purpose)
        object.__setattr__(self, "_expires_on", expires_on)

    @property
    def subject(self) -> UUID:
        """Whose consent it is (a record, not a person)."""
        return self._subject

    @property
    def purpose(self) -> Purpose:
        """The one thing agreed to."""
        return self._purpose

    @property
    def expires_on(self) -> date:
        """The first UTC day on which it covers nothing."""
        return self._expires_on

    def __init_subclass__(cls) -> NoReturn:
        raise TypeError("a proof has no kinds")

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a proof does not change")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a proof is not stored")

    def __copy__(self) -> NoReturn:
        raise TypeError("a proof is not copied")

    def __deepcopy__(self, memo: object) -> NoReturn:
        raise TypeError("a proof is not copied")

    def __repr__(self) -> str:
        return f"ConsentProof({self._purpose})"


def require(purpose: Purpose, subject: UUID, events: Iterable[ConsentEvent], today: date) -> ConsentProof:
    """The proof that `subject` agrees to `purpose` on `today` (a UTC date), or ConsentMissing.

    `events` may hold other subjects and purposes, come in any order, and come twice.
    """
    if isinstance(today, datetime):
        raise TypeError("today is a date")
    last: ConsentEvent | None = None
    for event in events:
        if event.subject != subject or event.purpose is not purpose:
            continue
        if last is None or _rank(event) > _rank(last):
            last = event
    if last is None or last.decision is not Decision.GIVEN or today >= last.expires_on:
        raise ConsentMissing
    return ConsentProof(_STAMP, subject, purpose, last.expires_on)


def check(proof: object, purpose: Purpose) -> None:
    """Raise ConsentMissing unless `proof` is a real proof for exactly this purpose."""
    if type(proof) is not ConsentProof or proof.purpose is not purpose:
        raise ConsentMissing


def _rank(event: ConsentEvent) -> tuple[int, bool, int]:
    """Later beats earlier; withdrawn beats given; of two equal yeses the shorter one holds."""
    return event.sequence, event.decision is Decision.WITHDRAWN, -event.expires_on.toordinal()
