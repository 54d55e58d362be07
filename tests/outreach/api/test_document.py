"""docs/api.json is what the code speaks, names every route of the API, and no address serves it."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from outreach.api import document
from outreach.api.urls import ROUTES

FILE = Path(__file__).resolve().parents[3] / "docs" / "api.json"


def test_the_document_is_current(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("api_document")
    printed = capsys.readouterr().out
    assert printed == document.text()
    assert FILE.read_text() == printed, "run: manage.py api_document > docs/api.json"


def test_the_document_names_every_route_and_how_each_refuses() -> None:
    schema = json.loads(document.text())
    operations = [one for path in schema["paths"].values() for one in path.values()]
    assert {one["operationId"] for one in operations} == set(ROUTES)
    refusal = {"$ref": "#/components/schemas/Refusal"}
    for one in operations:
        for status, answer in one["responses"].items():
            assert (answer["content"]["application/json"]["schema"] == refusal) is (int(status) >= 400)


@pytest.mark.database
@pytest.mark.parametrize("path", ["", "openapi.json", "docs", "api.json", "schema"])
def test_no_address_serves_it(path: str) -> None:
    assert Client().get(f"/api/v1/{path}").status_code == 404
