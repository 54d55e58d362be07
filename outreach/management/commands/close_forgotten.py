"""`manage.py close_forgotten`: closes rounds left open once their night is over, as the worker does each hour.

Drafts live 72 hours. When broker, beat or worker are away for longer, the system's timer calls this: what was agreed to is kept.
"""

from typing import Any

from django.core.management.base import BaseCommand
from django.template.defaultfilters import pluralize

from outreach.closing.tasks import close_forgotten


class Command(BaseCommand):
    help = "Closes rounds whose night is over and that nobody closed. Changes nothing when there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        closed = close_forgotten()
        self.stdout.write(f"{closed} round{pluralize(closed)} closed")
