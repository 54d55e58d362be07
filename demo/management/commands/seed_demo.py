"""Send the synthetic city through the real services, topped up to tonight. Demo only."""

import json
from argparse import ArgumentParser
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from demo import accounts, refuse_outside_demo
from demo.associations import BEGINS
from demo.furnishing import create_associations
from demo.nights import Report, Seed, tonight_of
from outreach.closing import freezing
from outreach.management.commands.import_territory import BUNDLED
from outreach.management.progress import Progress
from privacy import clock
from tension import city

SEED = 7
NIGHTS = 75
"""Nights sent at first; reaches into the quarter before whenever retention (90 days) still allows it."""
MOST_NIGHTS = 85


def small(params: city.CityParameters) -> city.CityParameters:
    """Return the same city with six hundred people, for trying and testing."""
    return replace(params, counts=replace(params.counts, people=600))


class Command(BaseCommand):
    help = "Remplit la démonstration avec une ville inventée, jusqu'à ce soir."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--seed", type=int, default=SEED, help="la graine de la ville inventée")
        parser.add_argument("--nights", type=int, default=NIGHTS, help=f"nuits passées (1 à {MOST_NIGHTS})")
        parser.add_argument("--small", action="store_true", help="une petite ville, pour essayer vite")

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_outside_demo()
        now = clock.now()
        nights = max(1, min(options["nights"], MOST_NIGHTS))
        params = city.DEFAULT
        if options["small"]:
            params = small(params)
            nights = min(nights, 10)
        territory = city.Territory.from_geojson(json.loads(BUNDLED.read_text(encoding="utf-8")))
        made = city.build(options["seed"], params, territory)
        tenants = create_associations((*params.associations, BEGINS), now=now)
        accounts.ensure(tenants)
        seed = Seed(made, tenants)
        tonight = tonight_of(tenants.values(), now)
        first = tonight - timedelta(days=nights)
        report = Report()
        seed.close_left_open(tonight, now=now)
        with Progress(
            _("Nuits de la ville inventée"), sum(1 for _one in city.plans(made, first, nights))
        ) as bar:
            for _one in seed.past(first, nights, report):
                bar.step()
        # Months of the past are shown at once, as if they had passed.
        freezing.freeze(now, quiet=timedelta(0))
        seed.ahead(tonight, report)
        seed.open_tonight(tonight, now=now, report=report)
        self.stdout.write(
            _(
                "Tournées : {rounds} ; rencontres gardées avec accord : {records} ; tournées annulées : {cancelled}, "
                "prévues : {planned}, déjà là : {known}."
            ).format(
                rounds=report.rounds,
                records=report.records,
                cancelled=report.cancelled,
                planned=report.planned,
                known=report.known,
            )
        )
        for reason, count in sorted(report.quarantined.items()):
            self.stderr.write(_("Mises à l’écart ({reason}) : {count}").format(count=count, reason=reason))
