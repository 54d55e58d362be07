"""The form of the sign-in, as password managers read it.

A manager saves and fills a password under the field that says `username`; the library's says `email`.
"""

from typing import Any

from allauth.account import forms as library


class LoginForm(library.LoginForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username"
