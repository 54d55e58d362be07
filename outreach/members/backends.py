"""The account behind a session, loaded in one planned statement: every request of a signed-in person pays for it."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.core.exceptions import ValidationError

from outreach.members.models import Account
from privacy.db import prepared

_COLUMNS = [field.column or field.attname for field in Account._meta.concrete_fields]
_LOAD = f"SELECT {', '.join(_COLUMNS)} FROM outreach_account WHERE id = %s"  # noqa: S608 — our own column names


class AccountBackend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: Any) -> Account | None:
        """The account, if row security shows it and it is active."""
        try:
            key = Account._meta.pk.to_python(user_id)
        except ValidationError:
            return None
        with prepared.cursor() as cursor:
            cursor.run(_LOAD, [key])
            row = cursor.fetchone()
        if row is None:
            return None
        account = Account.from_db("default", [field.attname for field in Account._meta.concrete_fields], row)
        return account if self.user_can_authenticate(account) else None
