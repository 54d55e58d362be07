"""`manage.py retention_status`: says what outlives its day and what keeps it from going; exits with 1 when anything does."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import pluralize

from privacy import clock
from privacy.keystore import health
from privacy.keystore import services as keystore
from privacy.retention import services
from privacy.retention.models import PurgeRun


class Command(BaseCommand):
    help = "Says what is overdue for destruction, and what stands in the way. Exit status 1 when anything is or does."

    def handle(self, *args: Any, **options: Any) -> None:
        today = max(clock.today(), services.high_water() or clock.today())
        last = PurgeRun.objects.order_by("-day").first()
        self.stdout.write(f"last purge: {last.day.isoformat() if last else 'never'}")
        late = services.due(today)
        for name, count in late.items():
            self.stdout.write(f"{name:<24} {count:>8} row{pluralize(count)} overdue")
        keys = keystore.count_expired(today)
        self.stdout.write(f"{'keys':<24} {keys:>8} key{pluralize(keys)} overdue")
        wrong = health.problems()
        if services.clock_is_behind(clock.now()):
            wrong.append(services.CLOCK_BEHIND)
        for sentence in wrong:
            self.stdout.write(f"Wrong: {sentence}.")
        if keys or any(late.values()):
            self.stdout.write(
                "Overdue: run `manage.py purge --wet-run`, then look at the worker and the beat."
            )
        elif not wrong:
            self.stdout.write("Nothing is overdue.")
            return
        sys.exit(1)
