"""The demonstration: the synthetic city sent through the real services, and one invented account per role.

Rule of the package: nothing is written beside the services a phone uses, except what no service makes yet (associations, teams,
accounts) and what a service run through the past would hold of it (`past`). Never in production: the app is not installed
there and the commands refuse.
"""

from django.conf import settings
from django.core.management.base import CommandError
from django.utils.translation import gettext as _


def refuse_outside_demo() -> None:
    """Raise CommandError unless the settings say that this machine shows a demonstration."""
    if not getattr(settings, "DEMO", False):
        raise CommandError(
            _("Cette commande ne sert qu'à la démonstration (réglage DEMO) ; rien n'a été fait.")
        )
