"""`manage.py retention_status`: says what outlives its day; exits with 1 when anything does, or when no purge has ever run."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from privacy import clock
from privacy.keystore import services as keystore
from privacy.retention import services
from privacy.retention.models import PurgeRun


class Command(BaseCommand):
    help = "Says what is overdue for destruction. Exit status 1 when anything is."

    def handle(self, *args: Any, **options: Any) -> None:
        today = max(clock.today(), services.high_water() or clock.today())
        last = PurgeRun.objects.order_by("-day").first()
        self.stdout.write(f"last purge: {last.day.isoformat() if last else 'never'}")
        late = services.due(today)
        for name, count in late.items():
            self.stdout.write(f"{name:<24} {count:>8} rows overdue")
        keys = keystore.count_expired(today)
        self.stdout.write(f"{'keys':<24} {keys:>8} keys overdue")
        if keys or any(late.values()):
            self.stdout.write(
                "Overdue: run `manage.py purge --wet-run`, then look at the worker and the beat."
            )
            sys.exit(1)
        self.stdout.write("Nothing is overdue.")
