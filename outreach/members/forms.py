"""The forms of people: an invitation to make, a link to open, a name and a password to choose, roles and teams to change."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from outreach.forms.fields import Name
from outreach.forms.widgets import TileChecks
from outreach.members import invitations, mail, passwords
from outreach.members.models import Account, Membership, Team
from outreach.names import natural
from outreach.roles import FIELD, LABELS, Role, clash

SEES = {
    Role.WORKER: _("Note les rencontres de son équipe et voit sa carte."),
    Role.LEAD: _("Prépare, ouvre et clôt les tournées de son équipe."),
    Role.COORDINATOR: _(
        "Voit la ville par semaine finie, jamais une rencontre. Connexion en deux étapes obligatoire."
    ),
    Role.ADMIN: _(
        "Invite et retire des membres, crée les équipes. Ne voit aucune carte. Connexion en deux étapes obligatoire."
    ),
    Role.AUDITOR: _(
        "Vérifie ce qui a été effacé. Ne voit ni carte ni rencontre. Connexion en deux étapes obligatoire."
    ),
    Role.PARTNER: _("Ne voit rien encore : ses pages ne sont pas faites."),
}


def complaint(roles: Iterable[Role], teams: Iterable[Team]) -> Any:
    """What is wrong with these roles in these teams, as a sentence; None when nothing is."""
    held = frozenset(roles)
    if clash(held):
        return _(
            "Coordination et rôle d’équipe ne vont pas ensemble : qui voit toute la ville ne lit aucune rencontre."
        )
    if FIELD & held and not list(teams):
        return _("Ce rôle est celui d’une équipe : choisissez-en au moins une.")
    return None


class RolesForm(forms.Form):
    """Roles and teams of one person, as an administrator chooses them."""

    roles = forms.MultipleChoiceField(
        label=_("Rôles"),
        choices=[(role.value, LABELS[role]) for role in Role],
        widget=TileChecks(hints={role.value: sentence for role, sentence in SEES.items()}, wide=True),
        error_messages={"required": _("Choisissez au moins un rôle.")},
    )
    teams = forms.ModelMultipleChoiceField(
        label=_("Équipes"),
        queryset=Team.objects.none(),
        required=False,
        widget=TileChecks,
        help_text=_("Une personne ne voit que les tournées de ses équipes."),
    )

    def __init__(self, *args: Any, teams: QuerySet[Team], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["teams"].queryset = teams  # type: ignore[attr-defined]
        named = sorted(teams, key=lambda team: natural(team.name))
        self.fields["teams"].choices = [(team.pk, team.name) for team in named]  # type: ignore[attr-defined]
        if not named:
            del self.fields["teams"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        roles = frozenset(Role(value) for value in data.get("roles", []))
        wrong = complaint(roles, data.get("teams", []))
        if wrong and clash(roles):
            self.add_error("roles", wrong)
        elif wrong and "teams" in self.fields:
            self.add_error("teams", wrong)
        elif wrong:
            self.add_error("roles", _("Ce rôle est celui d’une équipe : créez d’abord une équipe."))
        return data

    @property
    def chosen_roles(self) -> frozenset[Role]:
        return frozenset(Role(value) for value in self.cleaned_data["roles"])

    @property
    def chosen_teams(self) -> list[Team]:
        return list(self.cleaned_data.get("teams", []))


class InviteForm(RolesForm):
    email = forms.EmailField(
        label=_("Adresse de courriel"),
        help_text=_("Elle sert à se connecter. Elle est effacée avec l’invitation si personne ne l’accepte."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    by_mail = forms.BooleanField(
        label=_("L’envoyer aussi par courriel"),
        required=False,
        help_text=_("Le lien passe alors par les serveurs de courriel, qui apprennent qui travaille ici."),
    )
    field_order = ("email", "roles", "teams", "by_mail")

    def __init__(self, *args: Any, association_id: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.association_id = association_id
        if not mail.is_configured():
            del self.fields["by_mail"]

    def clean_email(self) -> str:
        """An address that is nobody's here; of other associations nothing is said."""
        email = str(self.cleaned_data["email"]).strip().lower()
        here = Membership.objects.filter(association_id=self.association_id, ended_on=None)
        if here.filter(account__email=email).exists():
            raise ValidationError(
                _("Cette personne est déjà membre. Ouvrez sa page pour changer ses rôles ou créer un lien.")
            )
        return email


class TokenForm(forms.Form):
    """The link, pasted: what a browser without scripts sends."""

    token = forms.CharField(
        label=_("Lien d’invitation"),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Collez ici le lien complet que vous avez reçu."),
    )

    def clean_token(self) -> bytes:
        found = invitations.hash_of(self.cleaned_data["token"])
        if found is None:
            raise ValidationError(
                _("Ce lien n’est pas complet. Copiez-le en entier, jusqu’au dernier caractère.")
            )
        return found


class PasswordForm(forms.Form):
    """A new password, twice. `account` is whom it must not resemble."""

    password = forms.CharField(
        label=_("Mot de passe"),
        strip=False,
        max_length=passwords.LONGEST,
        help_text=_("Au moins 12 caractères. Quatre mots sans rapport se retiennent bien."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label=_("Le même, encore une fois"),
        strip=False,
        max_length=passwords.LONGEST,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("password"), data.get("again")
        if first and second and first != second:
            self.add_error("again", _("Les deux mots de passe sont différents."))
        elif first:
            try:
                validate_password(first, self.account)
            except ValidationError as error:
                self.add_error("password", error)
        return data


class JoinForm(PasswordForm):
    display_name = Name(
        label=_("Votre prénom ou un surnom"),
        max_length=40,
        required=False,  # the view asks a newcomer for it; whoever lost a password has one
        help_text=_("Les personnes de votre association le voient. Un nom de famille n’est pas utile."),
        widget=forms.TextInput(attrs={"autocomplete": "nickname"}),
    )
    field_order = ("display_name", "password", "again")


class TeamForm(forms.Form):
    name = Name(
        label=_("Nom de l’équipe"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
