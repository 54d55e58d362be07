"""Every field of every form is drawn: one that every template forgets is asked of nobody.

Every page of the product is asked for, as everybody who gets it; the forms are those that its templates were given.
"""

import re
from typing import Any

import pytest
from django import forms
from django.forms import BaseForm

from outreach.field.forms import EncounterForm
from tests.e2e import places
from tests.factories import Tenant

pytestmark = pytest.mark.database


Field = tuple[str, str]

NOT_USED = {("ResetPasswordForm", "email")}
"""A new password is asked of an administrator: the login library's page says so instead of drawing its form."""


def fields_of(answer: Any) -> dict[Field, bool]:
    """(form, field) of each form that the page was given, and whether a control of the page bears its name."""
    html = answer.content.decode() if not answer.streaming else ""
    names = set(re.findall(r'\sname="([^"]+)"', html))
    found: dict[Field, bool] = {}
    for form in forms_of(answer):
        for name in form.fields:
            sent = form.add_prefix(name)
            drawn = any(one == sent or one.startswith(f"{sent}_") for one in names)
            found[type(form).__name__, name] = drawn or found.get((type(form).__name__, name), False)
    return found


def forms_of(answer: Any) -> list[BaseForm]:
    """The forms that the templates of the page were given."""
    found: dict[int, BaseForm] = {}
    for context in getattr(answer, "context", None) or []:
        for layer in context.dicts if hasattr(context, "dicts") else [context]:
            found |= {id(value): value for value in layer.values() if isinstance(value, BaseForm)}
    return list(found.values())


def test_every_field_of_every_form_is_drawn(lanterne: Tenant) -> None:
    paths = [
        path for path in places.addresses(places.filled(lanterne)) if not path.startswith("/compte/logout")
    ]
    drawn: dict[Field, bool] = {}
    people = places.browsers(lanterne)
    # Each page is looked at once, by whoever may do most on it: field workers see nothing that their lead does not.
    for who in ("nadia", "agnes", "claire", "victor", places.HALFWAY, places.STRANGER):
        for path in list(paths):
            answer = people[who].get(path)
            if answer.status_code == 200:
                paths.remove(path)
            for field, here in fields_of(answer).items():
                drawn[field] = here or drawn.get(field, False)
    assert {("EncounterForm", name) for name in EncounterForm.base_fields} <= drawn.keys()
    assert len({form for form, _field in drawn}) >= 15
    assert {field for field, here in drawn.items() if not here} == NOT_USED


def test_a_forgotten_field_is_found(lanterne: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    round_ = places.filled(lanterne)["open"]
    monkeypatch.setitem(EncounterForm.base_fields, "forgotten", forms.CharField(required=False))
    answer = places.browsers(lanterne)["omar"].get(f"/maraude/tournee/{round_}/rencontre/")
    found = fields_of(answer)
    assert {field for field, here in found.items() if not here} == {("EncounterForm", "forgotten")}
