"""Signing out of a device, and ending the other ones.

Rule of the module: signing out clears what the browser kept of us, unless counts wait on it that nobody has received yet.
"""

from typing import Any

from allauth.account.views import LogoutView
from allauth.core.exceptions import ReauthenticationRequired
from allauth.usersessions.views import ListUserSessionsView
from django.http import HttpRequest, HttpResponse

from outreach.members.sessions import WAITS
from privacy.compat import did_recently_reauthenticate

CLEARED = '"cache", "storage"'
"""Not "cookies": that would take those of every site of the same domain, and the one by which a browser is known. Those that
belong to a session end with it."""


def counts_wait(request: HttpRequest) -> bool:
    """Whether this browser holds counts of somebody that are not sent yet."""
    return any(value and name.startswith(WAITS) for name, value in request.COOKIES.items())


class Leave(LogoutView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "counts_wait": counts_wait(self.request)}

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post(*args, **kwargs)
        if not counts_wait(self.request):
            response["Clear-Site-Data"] = CLEARED
        return response


class Devices(ListUserSessionsView):  # type: ignore[misc]
    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Whoever holds an unlocked phone for a minute must not shut its owner out elsewhere: prove yourself first."""
        if not did_recently_reauthenticate(request):
            raise ReauthenticationRequired
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer


leave = Leave.as_view()
devices = Devices.as_view()
