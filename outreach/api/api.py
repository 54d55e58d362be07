"""The endpoints under /api/v1/. Parse, delegate once, answer.

Rule of the module: every access rule is declared (see `urls`), a foreign or unknown round is 404, an error is one code, CSRF
guards the session. A phone may send everything again: what is known stays as it is.
"""

import base64
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security.apikey import APIKeyCookie

from outreach.access import ActingMembership, membership_of
from outreach.api.schemas import CloseIn, DraftsIn, HeldOut, KeyOut, ReceiptOut, Refusal, RoundOut, TonightOut
from outreach.associations.models import Association
from outreach.closing.intake import NOTICE, Receipt
from outreach.closing.services import close_round
from outreach.field import counter_cookie, drafts, selectors
from outreach.records import tally
from outreach.records.encounter import BadEncounter
from outreach.records.models import Tally
from outreach.roles import Role
from outreach.rounds.limits import TooMany
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy import clock
from privacy.core.errors import PrivacyError
from privacy.core.retention import RetentionClass, expires_on
from privacy.keystore import services as keystore


class SignedIn(APIKeyCookie):
    """The session that the middleware already read; the base class asks for the CSRF token first."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, _key: str | None) -> ActingMembership | None:
        return getattr(request, "acting", None)


# The document of this API is a file of the repository (docs/api.json): the server shows it to nobody.
api = NinjaAPI(
    title="maraudes", version="1", urls_namespace="api", openapi_url=None, docs_url=None, auth=SignedIn()
)
ANY_REFUSAL = frozenset({400, 401, 403, 404, 409, 413, 422, 429, 503})


@api.get(
    "/rounds/tonight",
    response={200: TonightOut, frozenset({401, 403, 503}): Refusal},
    operation_id="tonight",
    url_name="tonight",
)
def tonight(request: HttpRequest) -> TonightOut:
    """Open and planned rounds of my teams for tonight, each with the public key its drafts are sealed to."""
    acting, now = membership_of(request), clock.now()
    found = selectors.rounds_of(acting, now)
    association = Association.objects.get(id=acting.association_id)
    keys = {round_.night: keystore.ingress_key(round_.night) for round_ in (*found.open, *found.tonight)}
    return TonightOut(
        night=found.night,
        association=acting.association_id,
        notice=NOTICE,
        team_cell=association.policy.team_cell,
        rounds=[
            RoundOut(
                id=round_.id,
                team=round_.team_id,
                night=round_.night,
                status=round_.status,
                pseudonym=round_.pseudonym,
                seen=counter_cookie.proof_of(request, round_),
                draft_expires_on=expires_on(RetentionClass.DRAFT, round_.night, association.policy),
                key=KeyOut(
                    id=keys[round_.night].id,
                    public=base64.b64encode(bytes(keys[round_.night].public_key)).decode(),
                ),
            )
            for round_ in (*found.open, *found.tonight)
        ],
    )


@api.post(
    "/rounds/{uuid:round_id}/drafts",
    response={200: HeldOut, ANY_REFUSAL: Refusal},
    operation_id="drafts",
    url_name="drafts",
)
def bring(request: HttpRequest, round_id: UUID, body: DraftsIn) -> HeldOut:
    """One sealed draft or several: held while the round is open, received when it is closed (72 h)."""
    acting, now = membership_of(request), clock.now()
    sender = drafts.Sender(team_ids=acting.team_ids, phone=body.phone, account=acting.account_id)
    kept = drafts.keep(round_id, [one.sealed() for one in body.drafts], sender, now=now)
    return HeldOut(
        held=kept.held,
        known=kept.known,
        refused=kept.refused,
        receipt=_receipt(kept.receipt) if kept.receipt else None,
    )


@api.post(
    "/rounds/{uuid:round_id}/close",
    response={200: ReceiptOut, ANY_REFUSAL: Refusal},
    operation_id="close",
    url_name="close",
)
def close(request: HttpRequest, round_id: UUID, body: CloseIn) -> ReceiptOut:
    """A lead closes the round; on a closed one, any phone of the team sends late drafts and its own counts.

    Counts come with what `tonight` gave this phone for the round (`seen`); the same phone counts once.
    """
    acting, now = membership_of(request), clock.now()
    round_ = selectors.round_or_404(acting, round_id)
    if round_.status == Round.Status.OPEN and Role.LEAD not in acting.roles:
        raise HttpError(403, "lead-only")
    receipt = close_round(
        round_.id,
        phone=counter_cookie.number_in(body.seen, round_) or _own_number(round_, body.phone),
        counts=tally.build(body.counts),
        now=now,
        drafts=[one.sealed() for one in body.drafts],
        handover=body.handover,
        account=acting.account_id,
    )
    return _receipt(receipt)


def _own_number(round_: Round, number: UUID) -> UUID | None:
    """The number a phone gives itself: good for the lead who closes, and for a sending that is repeated."""
    sent_before = Tally.objects.filter(round=round_, phone=number)
    return number if round_.status == Round.Status.OPEN or sent_before.exists() else None


def _receipt(receipt: Receipt) -> ReceiptOut:
    aside = {str(draft_id): why for draft_id, why in receipt.quarantined.items()}  # a key of JSON is text
    return ReceiptOut(stored=receipt.stored, known=receipt.known, quarantined=aside)


CODES = {400: "bad-request", 401: "not-signed-in", 403: "forbidden", 413: "too-large"}


def _answer(request: HttpRequest, code: str, status: int) -> HttpResponse:
    return api.create_response(request, {"code": code}, status=status)


@api.exception_handler(ValidationError)
def _not_understood(request: HttpRequest, _refused: Any) -> HttpResponse:
    return _answer(request, "not-understood", 422)


@api.exception_handler(Http404)
@api.exception_handler(Round.DoesNotExist)
def _not_found(request: HttpRequest, _refused: Any) -> HttpResponse:
    return _answer(request, "not-found", 404)


@api.exception_handler(AuthenticationError)
def _not_signed_in(request: HttpRequest, _refused: Any) -> HttpResponse:
    return _answer(request, "not-signed-in", 401)


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, refused: HttpError) -> HttpResponse:
    code = "lead-only" if refused.message == "lead-only" else CODES.get(refused.status_code, "refused")
    return _answer(request, "csrf" if "CSRF" in refused.message else code, refused.status_code)


@api.exception_handler(RequestDataTooBig)
def _too_large(request: HttpRequest, _refused: Any) -> HttpResponse:
    return _answer(request, "too-large", 413)


@api.exception_handler(RoundRefused)
def _round_refused(request: HttpRequest, refused: RoundRefused) -> HttpResponse:
    return _answer(request, refused.reason, 409)


@api.exception_handler(TooMany)
def _no_room(request: HttpRequest, refused: TooMany) -> HttpResponse:
    return _answer(request, refused.reason, 429)


@api.exception_handler(BadEncounter)
@api.exception_handler(PrivacyError)
def _not_taken(request: HttpRequest, refused: PrivacyError) -> HttpResponse:
    return _answer(request, refused.code, 422)
