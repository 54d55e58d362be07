"""Noting an encounter: consent first. After a "no" the numbers count on the phone, everything else is dropped unread.

Rule of the module: what was typed lives in this request only. With a yes it is sealed to the ingress key before anything
is written; a page sent back for revision carries it back to the phone and keeps nothing.
"""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from outreach.access import ActingMembership, membership_of, require_role
from outreach.closing.intake import SealedDraft
from outreach.field import counter_cookie, counting, drafts, keeping, selectors
from outreach.field.counting import Counter
from outreach.field.forms import MINOR, NO, YES, EncounterForm, RefusalForm
from outreach.field.offering import offer
from outreach.field.pages import NoteWarning, cannot_count, note_warning, redirect_with_counter, render_round
from outreach.roles import Role
from outreach.rounds.limits import TooMany
from outreach.rounds.models import Round
from outreach.rounds.services import RoundRefused
from privacy import clock

TOO_LARGE = gettext_lazy(
    "Ce texte prend trop de place, souvent à cause d’émojis : raccourcissez-le ou écrivez-les en mots."
)
FULL = gettext_lazy(
    "Ce téléphone a atteint ce qu’il peut envoyer pour une tournée : rien n’est ajouté. Continuez sur un autre téléphone."
)
NO_ROOM = gettext_lazy(
    "Cette tournée ne peut plus recevoir de rencontres de votre compte : rien n’est enregistré. Vos réponses restent ici."
    " Demandez à la personne responsable de clore la tournée, ou notez depuis un autre compte de l’équipe."
)
OVER = gettext_lazy(
    "Cette tournée est close depuis plus de 72 heures : elle ne prend plus rien. Rien n’est enregistré, vos réponses restent ici."
)


@require_role(Role.LEAD, Role.WORKER)
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def encounter(request: HttpRequest, round_id: UUID) -> HttpResponse:
    acting = membership_of(request)
    round_ = selectors.round_or_404(acting, round_id)
    counter = counter_cookie.read(request, round_)
    if request.method != "POST":
        return _new(request, round_, counter)
    draft_id = drafts.id_in(request.POST.get("token", ""), round_)
    answer = EncounterForm(request.POST).answer
    if answer != YES and "wider" not in request.POST:
        return _refused(request, round_, counter, answer, draft_id)
    offered = offer(round_, request.POST)
    wide = offered.wide
    form = EncounterForm(request.POST, panels=offered.panels)
    if "wider" in request.POST or draft_id is None or not form.is_valid():
        return _ask(
            request,
            round_,
            counter,
            form,
            wide=wide,
            token=draft_id is not None,
            status=200 if "wider" in request.POST else 422,
        )
    noted = form.encounter()
    if excess := drafts.excess_of(noted):
        for name in excess:
            form.add_error(name, TOO_LARGE)
        return _ask(request, round_, counter, form, wide=wide, token=True, status=422)
    warning = note_warning(noted.note, noted.quote, kept=request.POST.get("kept", ""))
    if warning:
        return _ask(request, round_, counter, form, wide=wide, token=True, warning=warning, status=422)
    status = 422
    try:
        return _keep(round_, counter, drafts.seal(round_, draft_id, noted), form, acting, _mark(request))
    except counting.TooMany:
        form.add_error("people", FULL)
    except TooMany:
        form.add_error("people", NO_ROOM)
        status = 429
    except RoundRefused:
        form.add_error(None, OVER)
        status = 409
    return _ask(request, round_, counter, form, wide=wide, token=True, status=status)


def _new(request: HttpRequest, round_: Round, counter: Counter) -> HttpResponse:
    """The empty page, while the round can take an encounter."""
    if round_.status != Round.Status.OPEN or selectors.only_closes(round_, clock.now()):
        return redirect("field:round", round_.id)
    return _ask(request, round_, counter, EncounterForm(panels=offer(round_).panels))


def _keep(
    round_: Round,
    counter: Counter,
    draft: SealedDraft,
    form: EncounterForm,
    acting: ActingMembership,
    mark: str,
) -> HttpResponse:
    """Hold the draft, and go on with what the phone counts now. Raises what `keeping.keep` raises.

    mark: of the form, whose no was perhaps counted before.
    """
    now = clock.now()
    sender = drafts.Sender(team_ids=acting.team_ids, phone=counter.phone, account=acting.account_id)
    met = form.cleaned_data["people"], form.cleaned_data["others"] or 0
    after, say = keeping.keep(round_, draft, sender, counting.without(counter, mark), met, now=now)
    # Where the yes is held nowhere, the no that was counted stays counted.
    return redirect_with_counter(
        "field:round", round_, counter if say in keeping.NOT_HELD else after, now, say
    )


def _refused(
    request: HttpRequest, round_: Round, counter: Counter, answer: str, draft_id: UUID | None
) -> HttpResponse:
    """Count, and forget: of the form only two numbers and a reason are read."""
    now = clock.now()
    refusal_form = RefusalForm(request.POST)
    if not refusal_form.is_valid() and RefusalForm.NUMBERS & refusal_form.errors.keys():
        return _ask_numbers(request, round_, counter)
    people = (refusal_form.cleaned_data.get("people") or 1) + (refusal_form.cleaned_data.get("others") or 0)
    mark = _mark(request)
    if why := cannot_count(round_, counter, now):
        return redirect_with_counter("field:round", round_, counter, now, why)
    said = "minor" if answer == MINOR else "refused"
    if mark and counter.has_seen(mark):
        return redirect_with_counter(
            "field:round",
            round_,
            counter,
            now,
            said if answer == MINOR else "already-counted",
            counter.counts.people_count or 0,
        )
    if draft_id is not None:
        counter, taken_back = keeping.take_back(round_, draft_id, counter)
        if not taken_back:
            return redirect_with_counter("field:round", round_, counter, now, "kept-before")
    try:
        if answer == MINOR:
            counter = counting.add_group(counter, {"people_count": people, "minors_count": people})
        else:
            reason = refusal_form.cleaned_data.get("reason") or ""
            counter = counting.add_group(counter, {"people_count": people}, refused=reason)
    except counting.TooMany:
        return redirect_with_counter("field:round", round_, counter, now, "full")
    counter = counting.marked(counter, mark) if mark else counter
    return redirect_with_counter("field:round", round_, counter, now, said, people)


def _mark(request: HttpRequest) -> str:
    """What a repetition is told by; "" without a token: then each sending counts."""
    return request.POST.get("token", "")[:8]


def _ask_numbers(request: HttpRequest, round_: Round, counter: Counter) -> HttpResponse:
    """The page again for a number that is none; of what was typed it carries back what a refusal reads, and no more."""
    read = {name: request.POST[name] for name in ("zone", *RefusalForm.base_fields) if name in request.POST}
    form = EncounterForm(read, panels=offer(round_).panels)
    token = drafts.id_in(request.POST.get("token", ""), round_) is not None
    return _ask(request, round_, counter, form, token=token, status=422)


def _ask(
    request: HttpRequest,
    round_: Round,
    counter: Counter,
    form: EncounterForm,
    *,
    wide: bool = False,
    token: bool = False,
    warning: NoteWarning | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page with everything typed so far; a sending that is revised keeps its id."""
    context: dict[str, object] = {
        "form": form,
        "wide": wide,
        "warning": warning,
        "token": request.POST["token"] if token else drafts.new_token(round_),
        "answer": form.answer if form.is_bound else NO,
        "more_open": form.is_bound
        and not (form.errors.keys() | _answered(request)).isdisjoint(form.COLLAPSED),
    }
    return render_round(
        request, "outreach/field/encounter.html", round_, counter, clock.now(), context, status
    )


def _answered(request: HttpRequest) -> set[str]:
    """The fields that somebody touched.

    The number of others is sent as 0, what was not asked as nothing.
    """
    return {key for key in request.POST if request.POST[key] not in ("", "0")}
