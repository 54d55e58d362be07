"""The other side of the comparison: Django without any middleware, one view, one INSERT of the same bytes, committed."""

import base64
import json
import uuid

from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path


def insert(request: HttpRequest) -> JsonResponse:
    body = json.loads(request.body)
    draft = body["drafts"][0]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bare_draft (id, key_id, expires_on, blob) VALUES (%s, %s, %s, %s)",
            [
                uuid.UUID(draft["id"]),
                uuid.UUID(draft["key_id"]),
                draft["expires_on"],
                base64.b64decode(draft["blob"]),
            ],
        )
    return JsonResponse({"held": [draft["id"]]})


urlpatterns = [path("bare/", insert)]
