"""The auditor's proof: hash the whole log again and hold it against what was signed. Exit code 1 on any finding."""

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy import clock
from privacy.audit import keys, log_reader
from privacy.audit.verifying import Kind, Report
from privacy.core import note as notes
from privacy.core.errors import BadCheckpoint

SHOWN = 20
BAR = 30


class Command(BaseCommand):
    help = "Verify the audit log. Without a checkpoint kept elsewhere, a log rewritten with its key passes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--checkpoint", action="append", default=[], metavar="FILE", help="a kept checkpoint (repeatable)"
        )
        parser.add_argument(
            "--public-key",
            action="append",
            default=[],
            metavar="FILE",
            help="the log's verifier key, as audit_key printed it (repeatable: a lost key and its successor)",
        )
        parser.add_argument(
            "--database", default="default", choices=["default", "audit"], help="connection to read through"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            known = [self._key(name) for name in options["public_key"]] or [self._own_key()]
            beside = self._beside(known)
        except keys.KeyTrouble as trouble:
            raise CommandError(trouble.sentence) from None
        kept = [self._read(name) for name in options["checkpoint"]]
        alias = options["database"]
        total = log_reader.count(alias)
        report = log_reader.verify(
            alias, kept, known, clock.today(), lambda seen: self._bar(seen, total), beside=beside
        )
        self._tell(report, known[-1], bool(options["public_key"]))
        if not report.clean:
            sys.exit(1)

    def _read(self, name: str) -> str:
        try:
            return Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            raise CommandError(_("Fichier illisible : %(name)s") % {"name": name}) from None

    def _key(self, name: str) -> notes.VerifierKey:
        try:
            return notes.parse_verifier_key(self._read(name))
        except BadCheckpoint:
            raise CommandError(
                _("Ce fichier n’est pas une clé de vérification : %(name)s") % {"name": name}
            ) from None

    def _beside(self, known: list[notes.VerifierKey]) -> log_reader.Beside:
        """What lies beside the signing key, where this process has it and it is the key of this log."""
        if not (keys.here() and keys.exists()):
            return log_reader.Beside(looked=False)
        own = keys.signing_key().verifier
        if own.public not in {key.public for key in known}:
            return log_reader.Beside(looked=False)
        return log_reader.Beside(looked=True, note=keys.last_note())

    def _own_key(self) -> notes.VerifierKey:
        if not (keys.here() and keys.exists()):
            raise CommandError(_("Ce serveur n’a encore rien signé ; donnez la clé avec --public-key."))
        return keys.signing_key().verifier

    def _bar(self, seen: int, total: int) -> None:
        if self.stderr.isatty():
            full = BAR * seen // max(total, 1)
            end = "\n" if seen >= total else ""
            self.stderr.write(f"\r{'█' * full}{'·' * (BAR - full)} {seen}/{total}{end}", ending="")

    def _tell(self, report: Report, key: notes.VerifierKey, own_key: bool) -> None:
        say = self.stdout.write
        for line in self._summary(report, key, own_key):
            say(line)
        for finding in report.findings[:SHOWN]:
            say(self.style.ERROR(f"✗ {finding.text}"))
        rest = len(report.findings[SHOWN:]) + report.more
        if rest:
            more = ngettext("… et %(count)s autre constat.", "… et %(count)s autres constats.", rest)
            say(self.style.ERROR(more % {"count": rest}))
        if report.clean:
            say(self.style.SUCCESS(_("Rien n’a été modifié.")))
        else:
            older = all(finding.kind is Kind.OLDER for finding in report.findings)
            end = _("La base de données est plus ancienne que la dernière promesse signée.")
            say(self.style.ERROR(end if older else _("Le registre a été altéré.")))

    def _summary(self, report: Report, key: notes.VerifierKey, own_key: bool) -> Iterator[str]:
        counts = asdict(report) | {"origin": key.name}
        read = ngettext(
            "Registre « %(origin)s » : %(entries)s entrée relue.",
            "Registre « %(origin)s » : %(entries)s entrées relues.",
            report.entries,
        )
        yield read % counts
        yield _("Sceaux examinés : enregistrés %(stored)s, conservés ailleurs %(kept)s.") % counts
        yield _("Entrées qu’ils couvrent : %(covered)s.") % counts
        yield _("Contenus : prouvés %(proven)s, effacés à leur terme %(forgotten)s.") % counts
        if report.hidden:
            hidden = ngettext(
                "%(hidden)s contenu n’est pas visible d’ici ; son empreinte l’est.",
                "%(hidden)s contenus ne sont pas visibles d’ici ; leurs empreintes le sont.",
                report.hidden,
            )
            yield hidden % counts
        if report.overdue:
            overdue = ngettext(
                "À savoir : %(overdue)s contenu attend encore son effacement.",
                "À savoir : %(overdue)s contenus attendent encore leur effacement.",
                report.overdue,
            )
            yield overdue % counts
        if not report.beside:
            yield _("À savoir : la dernière promesse, gardée près de la clé, ne se lit pas d’ici.")
        if not report.kept:
            yield _("À savoir : sans sceau conservé ailleurs, un registre réécrit avec sa clé passe.")
        if not own_key:
            yield _(
                "À savoir : la clé vient de ce serveur ; --public-key permet de donner celle que vous aviez."
            )
