"""The sign-in library's forms, as password managers read them and in our words.

A manager saves and fills a password under the field that says `username`; the library's says `email`.
"""

from typing import Any

from allauth.account import forms as library
from allauth.mfa.webauthn import forms as webauthn
from django.utils.translation import gettext_lazy as _

from outreach.forms.fields import Name


class LoginForm(library.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"


class AddKeyForm(webauthn.AddWebAuthnForm):  # type: ignore[misc]
    name = Name(label=_("Nom de la clé"), required=False, max_length=40)


class EditKeyForm(webauthn.EditWebAuthnForm):  # type: ignore[misc]
    name = Name(label=_("Nom de la clé"), max_length=40)
