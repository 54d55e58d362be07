"""Is the house in order? One small answer for a monitor, with no personal data in it: /healthz."""

from collections.abc import Callable

from django.db import Error, connections
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "starting"})
