"""Shapes of what a phone sends and gets. Sizes are bounded before anything is looked at; an unknown key refuses the whole."""

import base64
import binascii
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field

from outreach.closing.intake import SealedDraft
from privacy.core import ingress

BASE64_SIZE = 4 * ((ingress.SIZE + 2) // 3)
MOST_DRAFTS = 300
"""Drafts in one request: 1.7 MB of text, under the 2 MB that the server reads at all. A round of more sends several requests."""
HANDOVER_BYTES = 2000


def _decoded(text: str) -> bytes:
    """The bytes of a draft, all of one size. Raises ValueError without a value in it."""
    try:
        blob = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("base64") from None
    if len(blob) != ingress.SIZE:
        raise ValueError("size")
    return blob


def _short(text: str) -> str:
    if len(text.encode()) > HANDOVER_BYTES or "\x00" in text:
        raise ValueError("handover")
    return text


class Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class DraftIn(Strict):
    id: UUID
    key_id: UUID
    expires_on: date
    blob: Annotated[str, Field(min_length=BASE64_SIZE, max_length=BASE64_SIZE), AfterValidator(_decoded)]

    def sealed(self) -> SealedDraft:
        return SealedDraft(self.id, self.key_id, self.expires_on, self.blob)  # type: ignore[arg-type]  # bytes after _decoded


Drafts = Annotated[list[DraftIn], Field(max_length=MOST_DRAFTS)]


class DraftsIn(Strict):
    phone: UUID
    drafts: Annotated[list[DraftIn], Field(min_length=1, max_length=MOST_DRAFTS)]


class CloseIn(Strict):
    """phone: the number this phone gives its drafts. seen: what `tonight` gave it; a closed round takes no counts without."""

    phone: UUID
    seen: Annotated[str, Field(max_length=200)] = ""
    counts: dict[str, Any] = Field(default_factory=dict, max_length=20)
    drafts: Drafts = Field(default_factory=list)
    handover: Annotated[str, Field(max_length=HANDOVER_BYTES), AfterValidator(_short)] = ""


class ReceiptOut(Schema):
    """stored, known: ids. quarantined: id → why, from a closed list."""

    stored: list[UUID]
    known: list[UUID]
    quarantined: dict[str, str]


class HeldOut(Schema):
    """held: kept sealed until the close. known: already there. refused: the id is taken by other bytes."""

    held: list[UUID]
    known: list[UUID]
    refused: list[UUID]
    receipt: ReceiptOut | None = None


class KeyOut(Schema):
    id: UUID
    public: str


class RoundOut(Schema):
    """What sealing needs. `draft_expires_on` stands in the info of every draft of this round; `seen` comes back with counts."""

    id: UUID
    team: UUID
    night: date
    status: str
    pseudonym: UUID
    seen: str
    draft_expires_on: date
    key: KeyOut


class TonightOut(Schema):
    night: date
    association: UUID
    notice: str
    team_cell: int
    rounds: list[RoundOut]


class Refusal(Schema):
    """Every error: one word of a closed list, and nothing of what was sent."""

    code: Annotated[str, Field(pattern=r"^[a-z]+(-[a-z]+)*$", max_length=40)]
