"""Bad input at every parser: a clear error of ours, nothing written, nothing echoed, never a 5xx, and nothing good lost.

Here: what parses values by itself, and the naive parsers that the same property catches. Files and requests have modules of their
own (test_bad_files, test_bad_requests, test_bad_commands). There is no parser of notices: a notice is a version, checked with the
encounter. Rule for echoes: only the very person who typed a form is shown it again.
"""

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.signing import Signer
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given
from hypothesis import strategies as st

from outreach.field import counter_cookie, drafts
from outreach.records import encounter, tally
from outreach.records.encounter import BadEncounter, Encounter
from outreach.rounds.models import Round
from privacy.core import ingress, note
from privacy.core.errors import BadCell, BadCheckpoint, BadDraft, PolicyRefused, PrivacyError
from privacy.core.policy import LIMITS, Policy
from privacy.core.values import Cell
from tests.factories import NIGHT, NOW
from tests.resilience.bad_values import NEEDLE, TEXTS, as_json, bent, changed, numbers, texts, tries, values
from tests.resilience.untouched import became, counted, listening, words_of  # noqa: F401 — a fixture of every test here

GOOD: dict[str, Any] = {
    "v": 1,
    "people": 2,
    "zone": True,
    "notice": "2026-11",
    "cell": "CRS3035RES500mN2889000E3761000",
    "needs": ["meal"],
    "gender": "woman",
    "note": "passer après 22 h",
    "sector_id": "0b1d6f0e5d0e4a3c8d6a0c2b1a3f4e5d",
}
COUNTS: dict[str, Any] = {
    "people_count": 3,
    "refused": 1,
    "encounters": 2,
    "refusal_reasons": {},
    "distributions": {"meal": 2},
    "calls_115": {},
}
REASONS = {
    "not-json",
    "format",
    "unknown-field",
    "people",
    "flag",
    "notice",
    "code",
    "text",
    "cell",
    "sector",
    "number",
}


def refusal(parse: Callable[[Any], Any], given_: Any, *ours: type[PrivacyError]) -> str | None:
    """The code of the refusal, None when it was taken. Fails for any other error, and for one that repeats the input."""
    with listening() as lines:
        try:
            parse(given_)
        except ours as refused:
            code = str(getattr(refused, "reason", refused.code))
            assert NEEDLE not in code + words_of(refused)
            assert NEEDLE not in "\n".join(lines)
            became("refused")
            return code
    became("taken")
    return None


payloads = st.one_of(
    st.sampled_from(TEXTS),
    st.binary(max_size=64),
    values.map(as_json),
    changed(GOOD).map(as_json),
    bent(as_json(GOOD)),
)


@tries(150, 5_000)
@given(payloads)
def test_a_draft_s_payload(payload: bytes) -> None:
    code = refusal(encounter.parse, payload, BadEncounter)
    assert code is None or code in REASONS
    if code is None:
        taken = encounter.parse(payload)
        assert isinstance(taken, Encounter)
        assert encounter.parse(taken.to_json()) == taken, "what was taken can be written and read again"


@tries(100, 10_000)
@given(st.one_of(values, changed(COUNTS)))
def test_the_counts_of_a_phone(body: Any) -> None:
    code = refusal(tally.build, body, BadEncounter)
    assert code is None or code in REASONS
    if code is None:
        assert all(
            number is None or 0 <= number <= tally.MOST
            for number in (getattr(tally.build(body), name) for name in tally.COUNTS)
        )


PRIVATE, PUBLIC = ingress.generate()
DRAFT = UUID("0b1d6f0e-5d0e-4a3c-8d6a-0c2b1a3f4e5d")
SEALED = ingress.seal_draft(PUBLIC, b"info", DRAFT, as_json(GOOD))


@tries(100, 5_000)
@given(
    st.one_of(bent(SEALED), st.binary(max_size=ingress.SIZE), st.sampled_from([SEALED[:-1], SEALED + b"\0"]))
)
def test_the_envelope_of_a_draft(blob: bytes) -> None:
    if blob != SEALED:
        assert (
            refusal(lambda data: ingress.open_draft(PRIVATE, b"info", DRAFT, data), blob, BadDraft)
            == "bad-draft"
        )


@tries(100, 5_000)
@given(
    st.one_of(
        st.dictionaries(st.one_of(st.sampled_from(sorted(LIMITS)), texts), values, max_size=4),
        st.dictionaries(st.sampled_from(sorted(LIMITS)), numbers, min_size=1, max_size=3),
    )
)
def test_an_association_s_policy(choice: dict[str, Any]) -> None:
    try:
        policy = Policy.from_dict(choice)
    except PolicyRefused as refused:
        assert refused.field in LIMITS or refused.field == "unknown"
        assert NEEDLE not in words_of(refused)
        became("refused")
        return
    became("taken")
    for name, limit in LIMITS.items():
        assert limit.floor <= getattr(policy, name) <= limit.ceiling


SEED = bytes(range(32))
CHECKPOINT = note.Checkpoint("maraudes.example/log", 7, bytes(32))
NOTE = note.sign_checkpoint(CHECKPOINT, SEED)
KEY = note.verifier_key(
    "maraudes.example/log",
    Ed25519PrivateKey.from_private_bytes(SEED).public_key().public_bytes_raw(),
)


def spoilt(text: str) -> st.SearchStrategy[str]:
    return st.one_of(
        texts,
        bent(text.encode()).map(lambda data: data.decode(errors="replace")),
        bent(text.encode()).map(lambda data: data.decode(errors="surrogateescape")),
        texts.map(lambda more: text + more),
        texts.map(lambda more: text.replace("maraudes.example/log", more)),
    )


@tries(150, 5_000)
@given(spoilt(NOTE))
def test_a_checkpoint_that_somebody_kept(text: str) -> None:
    if refusal(lambda one: note.open_checkpoint(one, KEY), text, BadCheckpoint) is None:
        assert note.open_checkpoint(text, KEY) == CHECKPOINT


@tries(150, 5_000)
@given(spoilt(str(KEY)))
def test_a_verifier_key(text: str) -> None:
    if refusal(note.parse_verifier_key, text, BadCheckpoint) is None:
        assert str(note.parse_verifier_key(text)) == text.strip()


@tries(100, 5_000)
@given(st.one_of(texts, spoilt(GOOD["cell"])))
def test_the_name_of_a_square(text: str) -> None:
    if refusal(Cell.parse, text, BadCell) is None:
        assert Cell.parse(text).id == text


STRANGE_COOKIES = st.one_of(
    values,
    changed(
        {
            "p": DRAFT.hex,
            "c": {},
            "u": [0],
            "b": [{}, [1]],
            "d": [[DRAFT.hex, 1]],
            "s": ["a"],
            "n": 1,
            "k": 1,
            "a": {},
        }
    ),
)


@tries(80, 1_500)
@given(STRANGE_COOKIES)
def test_a_phone_s_own_tally_of_another_version(body: Any) -> None:
    """Signed by this installation, so written by it once: whatever it holds, the phone starts a count instead of an error."""
    round_ = Round(id=DRAFT, night=NIGHT)
    request = RequestFactory().get("/")
    request.session = {counter_cookie.PHONE: DRAFT.hex}  # type: ignore[assignment]
    try:
        signed = counter_cookie._signer(round_.id).sign_object(body, compress=True)
    except ValueError:  # half a character: no cookie can hold it
        return
    request.COOKIES[counter_cookie._name(round_.id)] = signed
    counter = counter_cookie.read(request, round_)
    response = HttpResponse()
    counter_cookie.write(response, round_, counter, NOW)
    counter.sum_of("people_count")
    assert counter.number is None or isinstance(counter.number, int)
    assert counter.kept is None or isinstance(counter.kept, int)


ROUND = Round(id=DRAFT)
TOKEN = drafts.new_token(ROUND)


@tries(100, 5_000)
@given(st.one_of(texts, bent(TOKEN.encode()).map(lambda data: data.decode(errors="replace"))))
def test_the_id_signed_into_a_form(token: str) -> None:
    assert drafts.id_in(token, ROUND) is None or token == TOKEN


def test_an_id_without_its_signature_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    assert drafts.id_in(TOKEN, ROUND)
    monkeypatch.setattr(Signer, "unsign", lambda self, token: token.rpartition(self.sep)[0])
    with pytest.raises(AssertionError, match="id_in"):
        test_the_id_signed_into_a_form()


# The control: parsers that many would write. The same property must catch each of them.


def _echoing(payload: bytes) -> None:
    try:
        body = json.loads(payload)
    except (ValueError, RecursionError):
        raise BadEncounter("not-json") from None
    if not isinstance(body, dict):
        raise BadEncounter(f"not an object: {body!r}")


class _Told(PrivacyError):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.args = (text,)
        self.reason = "told"


def _repeating(payload: bytes) -> None:
    text = payload.decode(errors="replace")
    if "people" not in text:
        raise _Told(text)


def _dragging(payload: bytes) -> None:
    try:
        raise ValueError(payload.decode(errors="replace"))
    except ValueError as error:
        raise BadEncounter("code") from error


@pytest.mark.parametrize("naive", [_echoing, _repeating, _dragging])
def test_a_naive_parser_is_caught(naive: Callable[[bytes], None]) -> None:
    @tries(300, 300)
    @given(payloads)
    def holds(payload: bytes) -> None:
        refusal(naive, payload, BadEncounter, _Told)

    with pytest.raises(AssertionError, match=NEEDLE):
        holds()
