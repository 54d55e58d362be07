"""The coordinator's map at 1,000,000 live records in 40 associations against the same page at 10,000.

Two installations side by side, each with its own databases and gunicorn; the same person asks both for the same page in turns.
Records lie there with parts, events and secrets of real sizes (the map never opens one); the sealed sums of every association
and week are written by the service, for as many people as the records are. `--records N` makes another size.
"""

import argparse
import http.client
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import django

from tests.bench import bulk
from tests.bench.bench_record import server
from tests.bench.stage import compare, folders

ASSOCIATIONS = 40
WEEKS = 12
SIDE = 20
"""Squares of 500 m along one side of the invented city: 400 of them, 100 of a kilometre, in 20 sectors."""
PAGE = "/cartes/coordination/"

RECORDS = """
INSERT INTO outreach_record (id, association_id, team_id, round_id, policy_version, born_to, expires_on, blob)
SELECT gen_random_uuid(), %(association)s, %(team)s, %(round)s, repeat('x', 16), d, d, %(blob)s
FROM (SELECT app_today() + 20 + (n %% 60) AS d FROM generate_series(1, %(many)s) n) days
"""
PARTS = """
INSERT INTO outreach_sealedpart (id, association_id, team_id, record_id, retention_class, born_to, expires_on, blob)
SELECT gen_random_uuid(), association_id, team_id, id, 'note', expires_on, expires_on, %(blob)s
FROM outreach_record WHERE association_id = %(association)s
"""
EVENTS = """
INSERT INTO outreach_consentevent (id, association_id, team_id, subject, purpose, decision, sequence, notice_version, actor,
    night, expires_on)
SELECT gen_random_uuid(), association_id, team_id, id, 'zone', 'given', 1, '2026-11', %(round)s, app_today(), expires_on
FROM outreach_record WHERE association_id = %(association)s
"""
SECRETS = """
INSERT INTO keystore_recordsecret (id, subject_id, retention_class, bucket_id, wrapped)
SELECT gen_random_uuid(), gen_random_uuid(), kind, %(bucket)s, %(wrapped)s
FROM generate_series(1, %(many)s), unnest(ARRAY['record', 'note']) kind
"""
TABLES = ("outreach_record", "outreach_sealedpart", "outreach_consentevent")


@contextmanager
def installation(name: str) -> Iterator[dict[str, str]]:
    """Fresh databases under a suffix of their own; gives the environment of a server on them."""
    from django.conf import settings
    from django.core.cache import cache

    from tests import databases

    suffix = f"{os.environ['MARAUDES_TEST_SUFFIX']}{name}_"
    for one in settings.DATABASES.values():
        base = one["TEST"]["NAME"].rpartition("_maraudes")[1:]
        one["TEST"]["NAME"] = f"test_{suffix}{''.join(base).removeprefix('_')}"
    names = {alias: one["TEST"]["NAME"] for alias, one in settings.DATABASES.items()}
    with folders() as folder:
        databases.create()
        try:
            yield {"MARAUDES_TEST_SUFFIX": suffix, "MARAUDES_KEK_DIR": folder}
        finally:
            cache.clear()
            for alias, kept in names.items():
                settings.DATABASES[alias]["TEST"]["NAME"] = kept
            databases.drop()


def city() -> dict[str, list[str]]:
    """Sectors of four by five squares."""
    found: dict[str, list[str]] = {}
    for row in range(SIDE):
        for column in range(SIDE):
            cell = f"CRS3035RES500mN{2885000 + 500 * row}E{3755000 + 500 * column}"
            found.setdefault(f"S{row // 4}{column // 5}", []).append(cell)
    return found


def fill(records: int) -> list[str]:
    """40 associations; gives the sessions of the first two coordinators. In the second, every square was met every week."""
    from outreach.places.models import SectorCell
    from outreach.roles import Role
    from privacy.core.retention import RetentionClass
    from privacy.db.scope import tenant_transaction
    from privacy.keystore import services as keystore
    from privacy.keystore.models import BucketKey
    from tests import databases, factories
    from tests.outreach.members.people import strong

    share = records // ASSOCIATIONS
    blob, wrapped = os.urandom(1097), os.urandom(105)
    cells = city()
    sessions = []
    with bulk.unchecked(TABLES), bulk.unchecked(["keystore_recordsecret"], "keystore"):
        for number in range(ASSOCIATIONS):
            with databases.as_owner():
                lanterne = factories.make_association(
                    f"ville-{number}", {"north": "Nord"}, {"claire": ((Role.COORDINATOR,), ())}
                )
                SectorCell.objects.filter(association=lanterne.association).delete()
                for code, inside in cells.items() if number < 2 else ():  # the others are never looked at
                    factories.sector(lanterne.association, code, f"Quartier {code}", inside)
            with tenant_transaction(lanterne.scope("north")):
                round_ = factories.open_round(lanterne)
                sum_weeks(lanterne.association, share, met_everywhere=number == 1)
            day = factories.NIGHT + timedelta(days=40)
            keystore.issue_secrets(lanterne.association.id, [(round_.id, RetentionClass.RECORD, day)])
            bucket = BucketKey.objects.get(association_id=lanterne.association.id, expires_on=day).id
            values: dict[str, Any] = {
                "association": lanterne.association.id,
                "team": lanterne.teams["north"].id,
                "round": round_.id,
                "blob": blob,
                "wrapped": wrapped,
                "bucket": bucket,
                "many": share,
            }
            with databases.raw("owner") as connection:
                for statement in (RECORDS, PARTS, EVENTS):
                    connection.execute(statement, values)
            with databases.raw("owner", "keystore") as connection:
                connection.execute(SECRETS, values)
            if number < 2:
                sessions.append(strong(lanterne.people["claire"]).cookies["sessionid"].value)
            bulk.say(f"  association {number + 1} of {ASSOCIATIONS}: {share * (number + 1):,} records")
    for database in ("default", "keystore"):
        with databases.raw("owner", database) as connection:
            connection.execute("VACUUM ANALYZE")
    return sessions


def sum_weeks(association: Any, people: int, *, met_everywhere: bool) -> None:
    """The sealed sums of finished weeks, as closing rounds would have left them."""
    from maps.models import WeeklySummary
    from privacy import sealed_sums
    from privacy.core import coarsening
    from privacy.core.retention import RetentionClass, expires_on
    from privacy.core.values import Cell
    from tests import factories

    squares = sorted(
        {coarsening.parent(Cell.parse(one), 1000).id for some in city().values() for one in some}
    )
    monday = factories.NIGHT - timedelta(days=factories.NIGHT.weekday())
    a_week = people // WEEKS
    for back in range(1, WEEKS + 1):
        week = monday - timedelta(days=7 * back)
        day = expires_on(RetentionClass.SUMMARY, week, association.policy)
        if day <= factories.NIGHT:
            continue
        met = {square: a_week // len(squares) for square in squares}
        for one in range(a_week % len(squares)):
            met[squares[(one * 37 + back) % len(squares)]] += 1
        least = association.policy.few if met_everywhere else 0
        squares_met = {one: max(least, n) for one, n in met.items() if max(least, n)}
        # Two teams met as many, so that a page has numbers to show.
        shares = {uuid4().hex: {"cells": squares_met, "needs": {}, "elsewhere": 0} for _team in range(2)}
        body = {"rounds": 7, "few": association.policy.few, "teams": shares}
        sealed_sums.change(WeeklySummary, association.id, week, day, partial(_fill, body))


def _fill(body: dict[str, Any], there: dict[str, Any]) -> None:
    there.update(body)


def main(large: int, small: int, rounds: int) -> None:
    django.setup()
    sizes: dict[str, list[int]] = {}

    def ask(to: http.client.HTTPConnection, session: str, *, shown: bool) -> None:
        """`shown`: some square was met often enough to stand on the page."""
        to.request("GET", PAGE, headers={"Cookie": f"sessionid={session}"})
        try:
            answer = to.getresponse()
        except http.client.RemoteDisconnected:  # idle too long while the other service was filled
            to.close()
            to.request("GET", PAGE, headers={"Cookie": f"sessionid={session}"})
            answer = to.getresponse()
        text = answer.read()
        assert answer.status == 200 and (b"CRS3035RES1000m" in text or not shown), (answer.status, text[:300])
        sizes.setdefault(session, []).append(len(text))

    with ExitStack() as stack:
        ready = []
        for name, many in (("small", small), ("large", large)):
            environment = stack.enter_context(installation(name))
            sessions = fill(many)
            ready.append((stack.enter_context(server(**environment)), sessions))
        (little, few), (big, many_) = ready
        for number, squares in ((1, "the same squares drawn"), (0, "as many squares as were met")):
            compare(
                f"the coordinator's map at {large:,} records against {small:,}, {squares}",
                lambda n=number: ask(big, many_[n], shown=n == 1),  # type: ignore[misc]
                lambda n=number: ask(little, few[n], shown=n == 1),  # type: ignore[misc]
                rounds=rounds,
                aim=1.5,
            )
            print(f"  pages of {sizes[many_[number]][0]:,} and {sizes[few[number]][0]:,} bytes")


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--records", type=int, default=1_000_000)
    options.add_argument("--against", type=int, default=10_000)
    options.add_argument("--rounds", type=int, default=60)
    chosen = options.parse_args()
    os.environ.setdefault("MARAUDES_TEST_SUFFIX", "large_")
    main(chosen.records, chosen.against, chosen.rounds)
