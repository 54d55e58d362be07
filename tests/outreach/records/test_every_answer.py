"""Every answer of an encounter goes the whole way: asked, kept, and out of every sum when it is taken back.

The answers come from the encounter and its vocabularies, never from a list here, so that a new one is tested on the day it is
added. How to add one: CONTRIBUTING.md.
"""

from dataclasses import MISSING, fields, replace
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from outreach.closing import services as closing
from outreach.closing.intake import NOTICE
from outreach.closing.withdrawal import withdraw
from outreach.field.forms import EncounterForm
from outreach.records import encounter as encounters
from outreach.records import selectors
from outreach.records import vocabulary as words
from outreach.records.encounter import Encounter
from outreach.records.models import Record
from outreach.records.tally import Counts
from outreach.rounds.models import Round
from privacy import sealed_sums
from privacy.db.scope import tenant_transaction
from privacy.sealed_sums import SealedSum
from tests import factories
from tests.factories import CELL, Tenant
from tests.outreach.field.conftest import phone_of

NOT_OF_A_RECORD = {"others", "reason"}
"""What the form asks for the counts alone."""
NOT_ASKED = {"zone", "cell", "sector_id", "notice"}
"""What the form has under another name or finds by itself; `place` stands for the square and its sector."""
PHONE = uuid4()
SAYS_SO = {"withdrawn", "touched"}
"""What a withdrawal writes into a running sum: that there was one, and on which day."""


def answers(**more: Any) -> dict[str, Any]:
    """A value for every coded answer: the last but one of its vocabulary, or all of those that take several."""
    one = {name: list(allowed)[-2] for name, allowed in words.ONE_OF.items()}
    return {**one, **{name: tuple(sorted(allowed)) for name, allowed in words.SEVERAL_OF.items()}, **more}


def full() -> Encounter:
    """An encounter in which nothing is left open; it counts, so it was not met before in this round."""
    said = answers(recontact=True, quote_consent=True, note="passer tard", quote="Une clé.")
    return replace(factories.yes(3), **said)


def unset(encounter: Encounter) -> set[str]:
    """Names of the fields that say nothing more than when they are not asked."""
    return {
        part.name
        for part in fields(encounter)
        if part.default is not MISSING and getattr(encounter, part.name) == part.default
    }


def test_the_encounter_of_these_tests_leaves_nothing_open() -> None:
    assert unset(factories.yes()) >= words.ONE_OF.keys() | words.SEVERAL_OF.keys()
    assert unset(full()) == {"sector_id", "met_this_round"}


def test_no_field_is_lost_between_a_phone_and_the_server() -> None:
    told = replace(full(), met_this_round=True, sector_id=uuid4())
    assert encounters.parse(told.to_json()) == told


def test_the_form_asks_for_every_field_and_for_nothing_that_goes_nowhere() -> None:
    asked = {"place", *EncounterForm.base_fields} - NOT_OF_A_RECORD
    kept = {part.name for part in fields(Encounter)}
    assert kept - NOT_ASKED == asked - {"place", "zone"}


@pytest.mark.database
def test_every_answer_of_the_form_is_in_the_record(lanterne: Tenant) -> None:
    with tenant_transaction(lanterne.scope("north")):
        nadia = phone_of(lanterne.people["nadia"], factories.open_round(lanterne))
    noted = nadia.note(
        **answers(),
        **dict.fromkeys(("zone", "recontact", "quote_consent"), "yes"),
        people=3,
        place=CELL,
        note="passer tard",
        quote="Une clé.",
        met_this_round="on",
    )
    assert noted.status == 200
    nadia.client.post(nadia.url("clore/"), {"handover": ""})
    with tenant_transaction(lanterne.scope("north")):
        [opened] = selectors.open_rows(list(Record.objects.select_related("round")), notes=True)
    kept = replace(opened.encounter, note=opened.note)
    assert kept == replace(full(), met_this_round=True, notice=NOTICE)


def sums() -> dict[tuple[str, date], Any]:
    """Every sealed sum of the scope, opened, without what is zero or empty."""
    return {
        (model._meta.db_table, start): tidy(body)
        for model in SealedSum.__subclasses__()
        for start, body in sealed_sums.read(list(model._default_manager.all()))
    }


def tidy(body: Any) -> Any:
    if not isinstance(body, dict):
        return body
    inner = {key: tidy(value) for key, value in body.items() if key not in SAYS_SO}
    return {key: value for key, value in inner.items() if value not in (0, {})}


def bring(round_: Round, said: Encounter, counts: Counts) -> None:
    drafts = [factories.sealed(round_, said)]
    closing.close_round(round_.id, phone=PHONE, counts=counts, now=factories.NOW, drafts=drafts)


@pytest.mark.database
def test_every_answer_leaves_every_sum_when_it_is_taken_back(lanterne: Tenant) -> None:
    """Counts are kept in clear one day and cannot be taken back from: an answer may only go where a withdrawal reaches."""
    with tenant_transaction(lanterne.scope("north")):
        round_ = factories.open_round(lanterne)
        bring(round_, factories.yes(1), Counts(people_count=4))
        before = sums()
        bring(round_, full(), Counts())
        assert {table for table, _start in sums()} == {
            one._meta.db_table for one in SealedSum.__subclasses__()
        }
        opened = selectors.open_rows(list(Record.objects.select_related("round")))
        [mine] = [one.id for one in opened if one.encounter.people == 3]
        with_it = sums()
        assert withdraw(mine, actor=factories.ACTOR, now=factories.NOW)
        after = sums()
    # The yes was given, whatever came after; that it was taken back is counted beside it.
    asked = {key: body.pop("given") for key, body in after.items() if key[0] == "outreach_runningquarter"}
    assert list(asked.values()) == [2]
    assert [before[key].pop("given") for key in asked] == [1]
    assert after == before != with_it
