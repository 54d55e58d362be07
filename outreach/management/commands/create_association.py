"""`manage.py create_association NAME --admin EMAIL`: the first run; prints the link of the first administrator.

Runs as the worker role: no association exists yet on whose behalf a web request could act.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template.defaultfilters import pluralize
from django.utils.text import slugify

from outreach.associations.models import Association
from outreach.members import invitations
from outreach.names import visible
from outreach.roles import Role
from privacy import clock
from privacy.audit import services as audit
from privacy.audit.actors import OPERATOR
from privacy.audit.events import Event

LANGUAGES = [code for code, _name in settings.LANGUAGES]


ZONES = {
    "Africa": "Algiers Cairo Casablanca Ceuta Tripoli Tunis",
    "Asia": "Amman Aqtau Atyrau Beirut Damascus Famagusta Gaza Hebron Istanbul Jerusalem Nicosia Oral Tbilisi "
    "Tel_Aviv Yekaterinburg Yerevan",
    "Atlantic": "Azores Canary Faeroe Faroe Jan_Mayen Madeira Reykjavik",
    "": "CET EET Eire Egypt GB GB-Eire Iceland Israel Libya MET Poland Portugal Turkey W-SU WET "
    "Factory GMT GMT+0 GMT-0 GMT0 Greenwich UCT UTC Universal Zulu localtime",
}
"""Zones whose city lies in the grid (zone.tab of tzdata, 2026), old names of such zones, and names that say no place at all."""

WHOLE = ("Etc", "Europe")


def is_in_grid(timezone: str) -> bool:
    """Whether a city of this time zone may have squares here."""
    region, _slash, city = timezone.rpartition("/")
    return region in WHOLE or city in ZONES.get(region, "").split()


def link_of(base: str, token: str) -> str:
    """The address to hand over. The token stands behind the #, where no server sees it."""
    return f"{base.rstrip('/')}/invitation/#{token}"


def read_email(typed: str) -> str:
    """A valid address. Raises CommandError, which does not repeat it."""
    try:
        validate_email(typed)
    except ValidationError:
        raise CommandError("That is no e-mail address.") from None
    return typed.strip().lower()


class Command(BaseCommand):
    help = "Create an association and print the invitation link of its first administrator (shown once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Its name, as its people say it.")
        parser.add_argument("--admin", required=True, metavar="EMAIL", help="Who will administer it.")
        parser.add_argument("--slug", default="", help="Short name for files; made from NAME by default.")
        parser.add_argument(
            "--timezone",
            default="Europe/Paris",
            help="Where its nights are (default %(default)s); squares and maps exist in Europe only.",
        )
        parser.add_argument("--language", default="fr", choices=LANGUAGES)
        parser.add_argument(
            "--url",
            default="http://127.0.0.1:8000",
            help="Where people reach this server (default %(default)s).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = read_email(options["admin"])
        name = visible(options["name"])
        slug = slugify(options["slug"] or name)
        if not slug:
            raise CommandError("The name needs a letter or a digit, or give --slug.")
        try:
            ZoneInfo(options["timezone"])
        except (KeyError, ValueError, OSError):
            raise CommandError("That time zone is not known; write it like Europe/Paris.") from None
        now = clock.now()
        try:
            with transaction.atomic():
                association = Association.objects.create(
                    name=name[:120],
                    slug=slug[:50],
                    timezone=options["timezone"],
                    language=options["language"],
                )
                audit.record(
                    Event.ASSOCIATION_CREATED, association_id=association.id, actor=OPERATOR, now=now
                )
                token = invitations.invite(
                    association, email, [Role.ADMIN], [], actor=OPERATOR, now=now, made_by=None
                )
        except IntegrityError:
            raise CommandError(
                f"There is already an association with the short name {slug}; give another --slug."
            ) from None
        self.stdout.write(f"Created {association.name} ({association.slug}).")
        if is_in_grid(association.timezone):
            self.stdout.write(
                "Its sectors must lie in the European grid (EPSG:3035): this tool covers no other."
            )
        else:
            self.stdout.write(
                self.style.WARNING(
                    f"{association.timezone} lies outside the European grid (EPSG:3035), and this tool covers no other: "
                    "this association will have no sectors, no squares and no maps."
                )
            )
        days = association.policy.invitation_days
        self.stdout.write(
            f"Give this link to its administrator. It works once, for {days} day{pluralize(days)}:"
        )
        self.stdout.write(link_of(options["url"], token))
