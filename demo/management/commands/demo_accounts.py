"""`manage.py demo_accounts`: how to sign in to the demonstration, with the code of this half-minute. Demo only."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from demo import accounts, refuse_outside_demo
from outreach.associations.first_run import typed
from outreach.roles import LABELS


class Command(BaseCommand):
    help = "Affiche les comptes de la démonstration, leur mot de passe et le code du moment."

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_outside_demo()
        if not settings.DEMO_KEYS.exists():
            said = _("Pas encore de démonstration : lancez d'abord « {command} seed_demo ».")
            self.stdout.write(said.format(command=typed()))
            return
        opened = accounts.keys()
        code, left = accounts.now_code(opened)
        write = self.stdout.write
        write(_("  Comptes de la démonstration (mot de passe : {password})").format(password=opened.password))
        for demo_account in accounts.DEMO_ACCOUNTS:
            roles = ", ".join(str(LABELS[role]) for role in demo_account.roles)
            second = _("  + code") if demo_account.strong else ""
            write(f"    {demo_account.email:<44} {roles}{second}")
        write(
            _(
                "  Code de la connexion en deux étapes : {code} (encore {left} s ; « {command} demo_accounts » donne le suivant)"
            ).format(code=code, left=left, command=typed())
        )
