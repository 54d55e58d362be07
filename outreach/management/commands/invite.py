"""`manage.py invite SLUG EMAIL --role admin`: an invitation by the operator, when no administrator can sign in any more."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.template.defaultfilters import pluralize

from outreach.associations.models import Association
from outreach.management.commands.create_association import link_of, read_email
from outreach.members import invitations
from outreach.members.forms import complaint
from outreach.members.models import Team
from outreach.names import natural
from outreach.roles import Role
from privacy import clock
from privacy.audit.actors import OPERATOR


class Command(BaseCommand):
    help = "Print an invitation link for a member of an association (shown once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug", help="Short name of the association.")
        parser.add_argument("email")
        parser.add_argument("--role", action="append", required=True, choices=[role.value for role in Role])
        parser.add_argument(
            "--team", action="append", default=[], metavar="NAME", help="Name of a team; repeatable."
        )
        parser.add_argument(
            "--url",
            default="http://127.0.0.1:8000",
            help="Where people reach this server (default %(default)s).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = read_email(options["email"])
        with transaction.atomic():
            association = Association.objects.filter(slug=options["slug"]).first()
            if association is None:
                known = (
                    ", ".join(Association.objects.order_by("slug").values_list("slug", flat=True)) or "none"
                )
                raise CommandError(f"No association has that short name. Known: {known}.")
            teams = list(Team.objects.filter(association=association, name__in=options["team"], active=True))
            if len(teams) != len(set(options["team"])):
                active = Team.objects.filter(association=association, active=True)
                names = sorted(active.values_list("name", flat=True), key=natural)
                raise CommandError(f"Not every team is known. Active teams: {', '.join(names) or 'none'}.")
            roles = [Role(value) for value in options["role"]]
            if wrong := complaint(roles, teams):
                raise CommandError(str(wrong))
            token = invitations.invite(
                association, email, roles, teams, actor=OPERATOR, now=clock.now(), made_by=None
            )
        days = association.policy.invitation_days
        self.stdout.write(f"It works once, for {days} day{pluralize(days)}:")
        self.stdout.write(link_of(options["url"], token))
