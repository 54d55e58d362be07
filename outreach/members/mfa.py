"""Has this session proved a second factor? Asked of the login library's own record, never of a flag of ours.

Rule of the module: a proof counts as long as the factor it was made with still exists. Whoever removes a lost key thereby weakens
every session that was opened with it.
"""

from uuid import UUID

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

OWNER_KEY = "account_authentication_methods_user"
"""Session key of allauth: whose proofs these are."""


def proofs(request: HttpRequest, account_id: UUID) -> list[int]:
    """Ids of the authenticators that this session was proved with, for this account only."""
    if request.session.get(OWNER_KEY) != str(account_id):
        return []
    records = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY)
    if not isinstance(records, list):
        return []
    return [
        record["id"]
        for record in records
        if record.get("method") == "mfa" and isinstance(record.get("id"), int)
    ]


def is_strong(request: HttpRequest, account_id: UUID) -> bool:
    """True when a second factor that still exists was proved in this session. Needs the scope of the account."""
    ids = proofs(request, account_id)
    return bool(ids) and Authenticator.objects.filter(user_id=account_id, id__in=ids).exists()
