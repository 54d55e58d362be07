"""The closed vocabulary of the log: what can be said about a day, and the sentence an auditor reads.

Rule of the module: the meaning of a published event is frozen. A new meaning is a new member, never a changed
sentence; and a word stands here when something records it, not before. No member says where, whom or at what hour.
"""

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext_lazy as _

_Text = Any
"""A lazy translation: a string once it is shown, in the language of whoever reads."""


class Event(StrEnum):
    """Everything that is worth an entry."""

    ROUND_CLOSED = "round_closed"
    ROUND_REOPENED = "round_reopened"
    COUNTS_LATE = "counts_late"
    COUNTS_VOIDED = "counts_voided"
    QUARANTINE_RETRIED = "quarantine_retried"
    RECORD_REVEALED = "record_revealed"
    RECORD_ERASED = "record_erased"
    MAP_READ = "map_read"
    HANDOVER_READ = "handover_read"
    LEDGER_READ = "ledger_read"
    IMPORT_RUN = "import_run"
    TERRITORY_CHANGED = "territory_changed"
    ASSOCIATION_CREATED = "association_created"
    POLICY_SHORTENED = "policy_shortened"
    INVITATION_MADE = "invitation_made"
    INVITATION_ACCEPTED = "invitation_accepted"
    INVITATION_REVOKED = "invitation_revoked"
    MEMBER_CHANGED = "member_changed"
    ROLE_GRANTED = "role_granted"
    ROLE_REMOVED = "role_removed"
    ROLE_JOINED = "role_joined"
    ROLE_LEFT = "role_left"
    OWN_ROLE_ASKED = "own_role_asked"
    OWN_ROLE_GRANTED = "own_role_granted"
    OWN_ROLE_REMOVED = "own_role_removed"
    OWN_ROLE_REFUSED = "own_role_refused"
    ACCOUNT_LINK_MADE = "account_link_made"
    LOGIN = "login"
    LOGIN_REFUSED = "login_refused"
    SECOND_FACTOR_CHANGED = "second_factor_changed"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 — a word of the log
    SESSION_REVOKED = "session_revoked"
    DENIED = "denied"
    DENIED_ANONYMOUS = "denied_anonymous"
    PURGE_RUN = "purge_run"
    KEYS_LOST = "keys_lost"
    CHECKPOINT_EXPORTED = "checkpoint_exported"
    ORIGIN_OPENED = "origin_opened"

    @property
    def sentence(self) -> _Text:
        """What happened, in plain French (translated where the reader's language is another)."""
        return SENTENCES[self]


SENTENCES: dict[Event, _Text] = {
    Event.ROUND_CLOSED: _("Une tournée a été close."),
    Event.ROUND_REOPENED: _("Une tournée close a été rouverte."),
    Event.COUNTS_LATE: _("Des comptages sont arrivés après la clôture d’une tournée."),
    Event.COUNTS_VOIDED: _("Les comptages d’un téléphone ont été écartés des totaux."),
    Event.QUARANTINE_RETRIED: _("Des notes mises à l’écart ont été présentées à nouveau."),
    Event.RECORD_REVEALED: _("Des notes ont été ouvertes pour être lues."),
    Event.RECORD_ERASED: _("Des notes ont été effacées avant leur terme."),
    Event.MAP_READ: _("Une carte a été consultée."),
    Event.HANDOVER_READ: _("Des transmissions ont été ouvertes pour être lues."),
    Event.LEDGER_READ: _("Les échéances ont été consultées."),
    Event.IMPORT_RUN: _("Des données ont été importées."),
    Event.TERRITORY_CHANGED: _("Les secteurs ont été modifiés."),
    Event.ASSOCIATION_CREATED: _("Une association a été créée."),
    Event.POLICY_SHORTENED: _(
        "Des durées de conservation ont été raccourcies ; ce qui était déjà gardé les suit."
    ),
    Event.INVITATION_MADE: _("Une personne a été invitée."),
    Event.INVITATION_ACCEPTED: _("Une invitation a été acceptée."),
    Event.INVITATION_REVOKED: _("Une invitation a été retirée."),
    Event.MEMBER_CHANGED: _("Les droits d’un membre ont été modifiés."),
    Event.ROLE_GRANTED: _("Un rôle a été donné à un autre membre."),
    Event.ROLE_REMOVED: _("Un rôle a été retiré à un autre membre."),
    Event.ROLE_JOINED: _("Un rôle a été pris en acceptant une invitation."),
    Event.ROLE_LEFT: _("Un rôle a été quitté en acceptant une invitation."),
    Event.OWN_ROLE_ASKED: _("Une personne de l’administration a demandé un rôle pour elle-même."),
    Event.OWN_ROLE_GRANTED: _("Un rôle demandé pour soi-même a été obtenu."),
    Event.OWN_ROLE_REMOVED: _("Une personne de l’administration a quitté un de ses rôles."),
    Event.OWN_ROLE_REFUSED: _("Une demande de rôle pour soi-même a été refusée ou annulée."),
    Event.ACCOUNT_LINK_MADE: _("Un lien pour choisir un autre mot de passe a été créé pour un membre."),
    Event.LOGIN: _("Un membre s’est connecté."),
    Event.LOGIN_REFUSED: _("Une connexion a été refusée."),
    Event.SECOND_FACTOR_CHANGED: _(
        "La connexion en deux étapes d’un membre a changé : code ou clé ajoutés ou retirés."
    ),
    Event.PASSWORD_CHANGED: _("Un mot de passe a été changé."),
    Event.SESSION_REVOKED: _("Des appareils d’un membre ont été déconnectés."),
    Event.DENIED: _("Un membre a demandé une page à laquelle il n’a pas droit."),
    Event.DENIED_ANONYMOUS: _("Des demandes sans compte ont été refusées."),
    Event.PURGE_RUN: _("Ce qui arrivait à son terme a été effacé."),
    Event.KEYS_LOST: _("Des clés abîmées ont été retirées ; ce qu’elles scellaient ne peut plus être lu."),
    Event.ORIGIN_OPENED: _(
        "Après une perte, le registre a été repris sous un nouveau nom ; l’ancien n’est plus continué."
    ),
    Event.CHECKPOINT_EXPORTED: _("Un sceau signé du registre a été exporté."),
}


READS: dict[Event, _Text] = {
    Event.RECORD_REVEALED: _("Rencontres"),
    Event.HANDOVER_READ: _("Transmissions"),
    Event.MAP_READ: _("Carte de coordination"),
    Event.LEDGER_READ: _("Échéances, accords, registre"),
}
"""Openings of what is kept, and the kind of thing that was opened."""

REFUSALS = frozenset({Event.DENIED, Event.LOGIN_REFUSED})
"""Access denied."""


DONE = "done"
"""The usual outcome. Others are one short word, such as the code of a refusal."""

ACTS = frozenset(
    {
        Event.ACCOUNT_LINK_MADE,
        Event.ASSOCIATION_CREATED,
        Event.CHECKPOINT_EXPORTED,
        Event.COUNTS_LATE,
        Event.COUNTS_VOIDED,
        Event.DENIED_ANONYMOUS,
        Event.IMPORT_RUN,
        Event.INVITATION_ACCEPTED,
        Event.INVITATION_MADE,
        Event.INVITATION_REVOKED,
        Event.KEYS_LOST,
        Event.MEMBER_CHANGED,
        Event.ORIGIN_OPENED,
        Event.OWN_ROLE_ASKED,
        Event.OWN_ROLE_GRANTED,
        Event.OWN_ROLE_REFUSED,
        Event.OWN_ROLE_REMOVED,
        Event.POLICY_SHORTENED,
        Event.PURGE_RUN,
        Event.QUARANTINE_RETRIED,
        Event.RECORD_ERASED,
        Event.ROLE_GRANTED,
        Event.ROLE_JOINED,
        Event.ROLE_LEFT,
        Event.ROLE_REMOVED,
        Event.ROUND_CLOSED,
        Event.ROUND_REOPENED,
        Event.SESSION_REVOKED,
        Event.TERRITORY_CHANGED,
    }
)
"""Each changed something and has its line however often it happens: a ceiling would be where to hide the next one."""

REPEATED = frozenset(
    {
        Event.DENIED,
        Event.HANDOVER_READ,
        Event.LEDGER_READ,
        Event.LOGIN,
        Event.LOGIN_REFUSED,
        Event.MAP_READ,
        Event.PASSWORD_CHANGED,
        Event.RECORD_REVEALED,
        Event.SECOND_FACTOR_CHANGED,
    }
)
"""A person can do these all day long, and after a few the log learns nothing new: there is a ceiling a person, day and kind."""

CEILING = 5
"""Lines of one kind that one person makes on one day; one more says that the ceiling was reached, and then there are none.

The database keeps it (`audit_fit`), and holds the same figure and the same words (`audit_ceiling`).
"""

CEILING_REACHED = "-ceiling"
"""What the outcome of that one more line ends with."""


def ceiling(event: Event, kind: str) -> int | None:
    """The ceiling of an event about a `kind` of thing. Taking away somebody's second factor is an act on another."""
    acted = event in ACTS or (event is Event.SECOND_FACTOR_CHANGED and kind == "reset")
    return None if acted else CEILING


ANONYMOUS_CEILING = 1_000
"""Highest count per day and kind of what strangers were refused: an attack fills a number, not a disk.

The database function `audit_count_denied` holds the same figure.
"""


WHO: dict[str, _Text] = {
    "worker": _("Membre d’équipe"),
    "lead": _("Responsable d’équipe"),
    "coordinator": _("Coordination"),
    "admin": _("Administration de l’association"),
    "auditor": _("Contrôle"),
    "partner": _("Partenaire"),
    "operator": _("La personne qui tient le serveur"),
    "account": _("Un compte sans place dans une association"),
    "member": _("Un membre"),
    "round": _("Une équipe en tournée"),
    "system": _("Le système, de lui-même"),
    "stranger": _("Une personne sans compte"),
}
"""The roles an actor can name before its colon; anything else is shown as `WHO_ELSE`."""

WHO_ELSE = _("Une personne dont le rôle n’est pas noté")


def role_of(actor: str) -> str:
    """The roles an actor acted in, "+"-joined: what stands before the colon, or "" when one of them is none we know."""
    roles = actor.partition(":")[0]
    return roles if all(role in WHO for role in roles.split("+")) else ""


def who(role: str) -> str:
    """How an answer of `role_of` is shown."""
    return ", ".join(str(WHO[one]) for one in role.split("+")) if role else str(WHO_ELSE)


def sentence_of(word: str) -> str:
    """The sentence of a stored event; a word that no Event bears is shown as it is, rather than hidden."""
    try:
        return str(SENTENCES[Event(word)])
    except ValueError:
        return word
