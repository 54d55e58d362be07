"""One encounter, as a phone describes it: typed, strict, and the same whether it comes from a form, the phone app or an import.

Rule of the module: every field is optional but the count; « ne sait pas » differs from "no" and from "not asked"; an unknown
key or code refuses the whole draft with a code that repeats nothing of its content.
"""

import json
import re
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar
from uuid import UUID

from outreach.records import vocabulary as words
from privacy.core.errors import BadCell, PrivacyError
from privacy.core.values import Cell

FORMAT = 1
MAX_PEOPLE = 200
NOTE_CHARS = 500
QUOTE_CHARS = 240
NOTICE = re.compile(r"([0-9]{4}-[0-9]{2}|import)?")
"""A version of the consent notice, language-neutral: it becomes a clear column, and the language of a notice is nationality."""


class BadEncounter(PrivacyError):
    """A draft that opened but does not hold an encounter. `reason` comes from a closed list, never from the draft."""

    code: ClassVar[str] = "bad-encounter"

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason


@dataclass(frozen=True, slots=True, repr=False)
class Encounter:
    """What was recorded with consent. `people` counts the adults who said yes; `cell` is a square, never a point.

    `zone`, `recontact`, `quote_consent` are the answers given when the question is asked; `zone` must be True for anything
    to be kept.
    """

    people: int
    zone: bool = False
    recontact: bool = False
    quote_consent: bool = False
    notice: str = ""
    cell: Cell | None = None
    sector_id: UUID | None = None
    met_this_round: bool = False
    contact_kind: str | None = None
    needs: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    referrals: tuple[str, ...] = ()
    referral_outcome: str | None = None
    wellbeing: str | None = None
    household_kind: str | None = None
    age_band: str | None = None
    gender: str | None = None
    shelter_kind: str | None = None
    interpreter_needed: str | None = None
    has_animal: str | None = None
    note: str = ""
    quote: str = ""

    def to_json(self) -> bytes:
        """Compact UTF-8 JSON; what is empty is left out."""
        body: dict[str, Any] = {"v": FORMAT}
        for part in fields(self):
            value = getattr(self, part.name)
            if value in (None, (), "", False):
                continue
            if isinstance(value, Cell):
                value = value.id
            elif isinstance(value, UUID):
                value = value.hex
            body[part.name] = value
        return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()

    def without_note(self) -> "Encounter":
        return replace(self, note="")


_FLAGS = ("zone", "recontact", "quote_consent", "met_this_round")
_TEXTS = {"note": NOTE_CHARS, "quote": QUOTE_CHARS, "notice": 20}
_KNOWN = frozenset({"v"} | {part.name for part in fields(Encounter)})


def parse(payload: bytes) -> Encounter:
    """The encounter in a draft's payload. Raises BadEncounter."""
    return build(body_of(payload))


def body_of(payload: bytes) -> dict[str, Any]:
    """The JSON object in a payload of this format, its fields unchecked. Raises BadEncounter."""
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        raise BadEncounter("not-json") from None
    if not isinstance(body, dict) or body.get("v") != FORMAT:
        raise BadEncounter("format")
    return body


def build(body: dict[str, Any]) -> Encounter:
    """The encounter that `body` describes, each value checked. Raises BadEncounter."""
    if not body.keys() <= _KNOWN:
        raise BadEncounter("unknown-field")
    people = body.get("people")
    if not isinstance(people, int) or isinstance(people, bool) or not 1 <= people <= MAX_PEOPLE:
        raise BadEncounter("people")
    values: dict[str, Any] = {"people": people}
    for name in _FLAGS:
        flag = body.get(name, False)
        if not isinstance(flag, bool):
            raise BadEncounter("flag")
        values[name] = flag
    for name, limit in _TEXTS.items():
        values[name] = _text(body.get(name, ""), limit)
    if not NOTICE.fullmatch(values["notice"]):
        raise BadEncounter("notice")
    for name, allowed in words.ONE_OF.items():
        code = body.get(name)
        if code is not None and (not isinstance(code, str) or code not in allowed):
            raise BadEncounter("code")
        values[name] = code
    for name, allowed in words.SEVERAL_OF.items():
        values[name] = _codes(body.get(name, ()), allowed)
    values["cell"] = _cell(body.get("cell"))
    values["sector_id"] = _uuid(body.get("sector_id"))
    return Encounter(**values)


def _text(value: Any, limit: int) -> str:
    if not isinstance(value, str) or len(value) > limit or "\x00" in value:
        raise BadEncounter("text")
    try:
        value.encode()
    except UnicodeEncodeError:  # half a character, which JSON allows and which nothing later could write
        raise BadEncounter("text") from None
    return value.strip()


def _codes(value: Any, allowed: words.Vocabulary) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or any(
        not isinstance(code, str) or code not in allowed for code in value
    ):
        raise BadEncounter("code")
    return tuple(sorted(set(value)))


def _cell(value: Any) -> Cell | None:
    if value is None or isinstance(value, Cell):
        return value
    if not isinstance(value, str):
        raise BadEncounter("cell")
    try:
        return Cell.parse(value)
    except BadCell:
        raise BadEncounter("cell") from None


def _uuid(value: Any) -> UUID | None:
    if value is None or isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise BadEncounter("sector") from None
