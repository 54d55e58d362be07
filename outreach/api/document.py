"""The API's own document (OpenAPI 3.1), for whoever writes a phone's client: made from the code, kept in docs/api.json.

Rule of the module: it names shapes and errors and nobody; no server publishes it, so an installation need not say which
version it runs.
"""

import json

from outreach.api.api import api

PREFIX = "/api/v1/"


def text() -> str:
    """The document as it stands in docs/api.json."""
    schema = api.get_openapi_schema(path_prefix=PREFIX)
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
