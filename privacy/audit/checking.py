"""A checkpoint that somebody kept, held against the log as it stands.

What the auditor's page answers, in one word and its reasons. Rule of the module: through the auditor's connection, with the
public key that the worker told; the signing key is not needed and not here. It is the server that answers about itself:
whoever does not believe it runs `audit_verify` elsewhere.
"""

from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from privacy.audit import log_reader
from privacy.audit.models import LastPromise
from privacy.audit.verifying import Kind
from privacy.core import note as notes
from privacy.core.errors import BadCheckpoint
from privacy.db import scope

ALIAS = "audit"
MOST = 200_000
"""Entries that a page reads again, in about two seconds; a longer log is for the command."""

SHOWN = 5
"""Reasons given; the command gives them all."""

ELSEWHERE = frozenset({Kind.UNSIGNED, Kind.OLDER, Kind.BAD_CHECKPOINT})
"""Findings about other checkpoints than the one that was brought: the page of the log says those."""


class Verdict(StrEnum):
    """What can be said of what was brought."""

    HOLDS = "holds"
    BROKEN = "broken"
    NOT_OURS = "not-ours"
    UNREADABLE = "unreadable"
    NO_KEY = "no-key"
    TOO_LONG = "too-long"


class Checked(NamedTuple):
    """The verdict; how many entries the checkpoint covers; why it does not hold."""

    verdict: Verdict
    size: int = 0
    reasons: tuple[str, ...] = ()


def check(pasted: str, association_id: UUID, *, today: date) -> Checked:
    """Hold a pasted checkpoint against every entry: its root, and that each entry is the one that was committed to."""
    note = _tidied(pasted)
    try:
        notes.parse(note)
    except BadCheckpoint:
        return Checked(Verdict.UNREADABLE)
    told = LastPromise.objects.using(ALIAS).values_list("verifier", flat=True).first()
    if not told:
        return Checked(Verdict.NO_KEY)
    key = notes.parse_verifier_key(told)
    checkpoint = log_reader.opened(note, [key])
    if checkpoint is None:
        return Checked(Verdict.NOT_OURS)
    if log_reader.count(ALIAS) > MOST:
        return Checked(Verdict.TOO_LONG, checkpoint.size)
    with scope.use_tenant(replace(scope.current(), association_id=association_id)):
        report = log_reader.verify(ALIAS, [note], [key], today)
    found = [finding.text for finding in report.findings if finding.kind not in ELSEWHERE]
    verdict = Verdict.BROKEN if found or report.more else Verdict.HOLDS
    return Checked(verdict, checkpoint.size, tuple(found[:SHOWN]))


def _tidied(pasted: str) -> str:
    """The lines of a note as they were signed: a form sends other line ends, a copy loses the last one or gains blanks."""
    return "\n".join(line.strip() for line in pasted.strip().splitlines()) + "\n"
