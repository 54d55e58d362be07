"""After a refusal nothing of the person exists: the whole installation is read before and after, and is the same to the byte.

Presence first: the same form with a yes changes what is kept, a text written in clear is found, and the log is heard.
"""

import logging

import pytest
from django.core.cache import cache

from outreach.records.models import Draft
from tests import databases
from tests.factories import CELLS_WEST, Tenant
from tests.outreach.field.conftest import Phone
from tests.outreach.field.everything import everything, holds

pytestmark = pytest.mark.database

TEXT = "planté-7f3a sous la passerelle"
FORM = {
    "people": 2,
    "place": CELLS_WEST[3],
    "needs": ["care"],
    "note": TEXT,
    "quote": TEXT,
    "wellbeing": "alarming",
}


@pytest.mark.parametrize("answer", ["no", "minor", ""])
def test_a_refusal_leaves_the_service_as_it_was(
    omar: Phone, answer: str, caplog: pytest.LogCaptureFixture
) -> None:
    token = omar.hidden("rencontre/", "token")
    before = everything()
    assert any(before.values())
    with caplog.at_level(logging.DEBUG):
        sent = omar.client.post(omar.url("rencontre/"), {**FORM, "zone": answer, "token": token})
    after = everything()
    assert sent.status_code == 302
    assert {where for where in after if after[where] != before.get(where)} == set()
    assert holds(after, TEXT) == []
    assert not [record for record in caplog.records if record.levelno > logging.DEBUG]
    assert TEXT not in caplog.text
    assert CELLS_WEST[3] not in caplog.text
    phone = "".join(cookie.value for cookie in omar.client.cookies.values())
    assert TEXT not in phone
    page = omar.get()
    assert TEXT not in page
    assert CELLS_WEST[3] not in page


def test_a_refusal_without_a_token_counts_each_time_and_with_one_once(omar: Phone) -> None:
    token = omar.hidden("rencontre/", "token")
    for more, people in (({}, 2), ({}, 4), ({"token": token}, 6), ({"token": token}, 6)):
        omar.client.post(omar.url("rencontre/"), {"zone": "no", "people": 2, **more})
        assert f">{people}<" in "".join(omar.get().split()), people


def test_the_same_form_with_a_yes_is_a_sealed_row_and_a_clear_text_would_be_found(
    lanterne: Tenant, omar: Phone
) -> None:
    token = omar.hidden("rencontre/", "token")
    before = everything()
    form = {**FORM, "note": "repasser avec un duvet", "quote": "on veut dormir", "quote_consent": "yes"}
    omar.client.post(omar.url("rencontre/"), {**form, "zone": "yes", "token": token})
    after = everything()
    assert [where for where in after if after[where] != before[where]] == [
        "default.outreach_draft",
        "keystore.keystore_bucketkey",
        "keystore.keystore_ingresskey",
        "keystore.keystore_recordsecret",
    ]
    for planted in ("repasser avec un duvet", "on veut dormir"):
        assert holds(after, planted) == []
    [where] = [where for where in after if after[where] != before[where] and where.endswith("draft")]
    assert holds({where: after[where]}, CELLS_WEST[3]) == []
    with databases.as_owner():
        assert Draft.objects.count() == 1
    session = omar.client.session
    session["control"] = TEXT
    session.save()
    cache.set("control", TEXT)
    with databases.raw("owner") as connection:
        connection.execute("UPDATE outreach_round SET transport = transport")
        connection.execute("UPDATE outreach_team SET name = %s WHERE id = %s", [TEXT, omar.round.team_id])
    found = holds(everything(), TEXT)
    assert "default.outreach_team" in found
    assert "redis" in found


def test_a_note_sent_back_for_revision_leaves_nothing_either(
    omar: Phone, caplog: pytest.LogCaptureFixture
) -> None:
    token = omar.hidden("rencontre/", "token")
    before = everything()
    text = f"{TEXT}, il s’appelle Mamadou"
    with caplog.at_level(logging.DEBUG):
        answer = omar.note(token=token, zone="yes", place=CELLS_WEST[3], note=text)
    assert answer.status == 422
    after = everything()
    assert {where for where in after if after[where] != before.get(where)} == set()
    assert "Mamadou" not in caplog.text
    assert holds(after, "Mamadou") == []
