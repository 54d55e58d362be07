"""A number from outside is a number as people write it, or an error that says so: never another number, never a 500."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from outreach.forms.fields import WholeNumber
from tests.factories import Tenant
from tests.outreach.field.conftest import Phone, text_of
from tests.outreach.members.people import signed_in

pytestmark = pytest.mark.database

HOSTILE = [
    "009999",
    "09",
    "001" + "1" * 5000,
    "9" * 5000,
    "-1",
    "+5",
    "1e3",
    "1_0",
    "3.0",
    "٣",
    "３",
    "²",
    "0x5",
    "NaN",
]
"""Leading zeros, signs, exponents, other scripts' digits, and lengths at which Python itself refuses to count."""


def test_a_button_s_number_is_one_of_its_nine(omar: Phone) -> None:
    omar.count(people="2")
    for text in HOSTILE:
        answer = omar.client.post(
            omar.url("compter/"), {"people": text, "mark": uuid4().hex[:8]}, follow=True
        )
        assert answer.status_code == 422, text
        assert "Ce nombre n’a pas été compris" in text_of(answer)
    assert "<strong>2</strong> personnes" in omar.get("compter/")


def test_one_group_is_said_as_one(omar: Phone) -> None:
    omar.count(people="1")
    assert "<strong>1</strong> personne · <strong>1</strong> groupe ou rencontre ·" in omar.get("compter/")
    omar.count(people="1")
    assert "<strong>2</strong> personnes · <strong>2</strong> groupes ou rencontres ·" in omar.get("compter/")


@pytest.mark.parametrize("sent", [{"group": "people_count"}, {"items": "meal"}])
def test_a_typed_number_is_refused_and_stays_typed(omar: Phone, sent: dict[str, str]) -> None:
    [(button, field)] = sent.items()
    for text in HOSTILE:
        form = {button: 1, field: text, "mark": uuid4().hex[:8]}
        answer = omar.client.post(omar.url("compter/"), form, follow=True)
        page = text_of(answer)
        assert answer.status_code == 422, text
        assert "en chiffres" in page, text
        assert f'value="{text}"' in page
    assert "<strong>0</strong> personne" in omar.get("compter/")


def test_a_refusal_with_a_strange_number_is_asked_again_and_not_made_one(omar: Phone) -> None:
    for name, text in [("people", "0"), *((name, text) for name in ("people", "others") for text in HOSTILE)]:
        answer = omar.note(zone="no", **{"others": "", name: text}, note="près du kiosque")
        assert answer.status == 422, (name, text)
        assert f'value="{text}"' in answer.text
        assert "kiosque" not in answer.text  # what was not agreed to is not even carried back
    assert "<strong>0</strong> personne" in omar.get("compter/")


def test_an_encounter_with_a_strange_number_is_asked_again(omar: Phone) -> None:
    for text in HOSTILE:
        answer = omar.note(zone="yes", people=text, note="un duvet")
        assert answer.status == 422, text
        assert "un duvet" in answer.text


def test_a_time_of_the_agenda(lanterne: Tenant) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    for text in set(HOSTILE) - {"09"}:  # as an hour, that one is the morning's
        answer = nadia.post("/coordination/agenda/", {"planned_start": text})
        assert answer.status_code == 422
        assert "comme 21:30" in text_of(answer), text


RAW: list[Callable[[str], str]] = [
    lambda number: f'{{"phone": "{uuid4()}", "counts": {{"people_count": {number}}}}}',
    lambda number: f'{{"phone": "{uuid4()}", "counts": {{"distributions": {{"meal": {number}}}}}}}',
]


STRANGE = ["009999", "9" * 5000, "-1", "1e3", "3.0", "true", '"3"', "NaN", "Infinity", "[1]", "10000"]


def test_a_number_of_the_api(lanterne: Tenant, omar: Phone) -> None:
    nadia = signed_in(lanterne.people["nadia"])
    for number, make in [(number, make) for number in STRANGE for make in RAW]:
        answer = sent(nadia, omar, make(number))
        assert answer.status_code in (400, 422), (number, answer.content)
        assert set(json.loads(answer.content)) == {"code"}


def test_an_api_body_of_a_hundred_thousand_brackets(lanterne: Tenant, omar: Phone) -> None:
    answer = sent(signed_in(lanterne.people["nadia"]), omar, "[" * 100_000)
    assert answer.status_code in (400, 422)


def sent(client: Client, phone: Phone, body: str) -> Any:
    return client.post(f"/api/v1/rounds/{phone.round.id}/close", body, content_type="application/json")


def test_a_number_in_an_address() -> None:
    for number in ("9" * 19, "9" * 5000):
        assert Client().get(f"/control/registre/{number}/").status_code == 404


def test_every_number_that_a_form_reads_is_a_whole_number() -> None:
    """A form that asks for a number with Django's own field takes "1_000", "+5" and digits of other scripts."""
    from django import forms

    from outreach.coordination.forms import PlanForm
    from outreach.field.forms import EncounterForm, GroupForm, ItemsForm, RefusalForm, StartForm

    numbers = [
        field
        for form in (PlanForm, RefusalForm, EncounterForm, GroupForm, StartForm)
        for field in form.base_fields.values()
        if isinstance(field, forms.IntegerField)
    ] + [field for field in ItemsForm().fields.values() if isinstance(field, forms.IntegerField)]
    assert len(numbers) > 10
    assert all(isinstance(field, WholeNumber) for field in numbers)
