"""Is this still the log that was signed? Everything is computed again from the stored rows and held against the promises.

Rule of the module: pure (rows, promises and keys come in, findings go out), one pass, constant memory. A
finding is a fact in plain words; the verifier never repairs and never guesses who did it. What no promise
covers yet (today's events) cannot be vouched for, and is said to be so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy.audit import entry
from privacy.core.note import Checkpoint
from privacy.core.tree import HASH_SIZE, Tree, leaf_hash

RUN = 4096
"""Leaves that enter the tree together."""

NO_HASH = bytes(HASH_SIZE)
"""Stands in the tree for a stored hash of another length, which is a finding already."""

MOST_FINDINGS = 200
"""Findings kept in full; the others are counted."""


class Kind(StrEnum):
    """What can be wrong."""

    EDITED = "edited"
    BODY_EDITED = "body-edited"
    BODY_MISSING = "body-missing"
    UNPROVABLE = "unprovable"
    HOLE = "hole"
    SHORTENED = "shortened"
    REWRITTEN = "rewritten"
    FORKED = "forked"
    UNSIGNED = "unsigned"
    BAD_CHECKPOINT = "bad-checkpoint"
    OLDER = "older"


class Finding(NamedTuple):
    kind: Kind
    text: str


class Row(NamedTuple):
    """One stored entry, as the database sends it: the 16 bytes of its id, its body as the bytes that were committed to.

    `body` and `association_id` may be hidden from whoever verifies; `has_body` is not.
    """

    number: int
    entry_id: bytes
    day: date
    expires_on: date
    commitment: bytes
    leaf_hash: bytes
    has_body: bool
    association_id: str | None
    body: bytes | None


class SignedCheckpoint(NamedTuple):
    """A checkpoint whose signature was verified. `kept`: brought from outside, not taken from the
    database under examination. `last`: the newest one the service knows of, wherever that stands.
    """

    checkpoint: Checkpoint
    kept: bool
    last: bool = False


@dataclass(slots=True)
class Report:
    """What was looked at, and what was found. `clean` is the verdict."""

    entries: int = 0
    proven: int = 0
    forgotten: int = 0
    hidden: int = 0
    overdue: int = 0
    stored: int = 0
    kept: int = 0
    covered: int = 0
    beside: bool = False
    findings: list[Finding] = field(default_factory=list)
    more: int = 0

    @property
    def clean(self) -> bool:
        return not self.findings

    def add(self, kind: Kind, text: str) -> None:
        if len(self.findings) < MOST_FINDINGS:
            self.findings.append(Finding(kind, text))
        else:
            self.more += 1


def verify_log(
    rows: Iterable[Row],
    signed_checkpoints: Sequence[SignedCheckpoint],
    week_keys: Mapping[date, bytes],
    today: date,
    report: Report | None = None,
) -> Report:
    """Examine all entries, in the order of their index, against all promises. `week_keys`: salt keys that
    still exist, by expiry day.
    """
    report = report or Report()
    report.stored = sum(not (signed.kept or signed.last) for signed in signed_checkpoints)
    report.kept = sum(signed.kept for signed in signed_checkpoints)
    sizes = sorted(
        {signed.checkpoint.size for signed in signed_checkpoints}, reverse=True
    )  # the next one last
    tree, expected = Tree(), 0
    roots: dict[int, bytes] = {}
    salts = {day: entry.salting(key) for day, key in week_keys.items() if day > today}
    leaves: list[bytes] = []  # not in the tree yet

    def grow() -> int:
        """Put the waiting leaves into the tree; gives how many may wait the next time."""
        tree.extend(leaves)
        leaves.clear()
        while sizes and sizes[-1] == tree.size:
            roots[sizes.pop()] = tree.root()
        return min(RUN, sizes[-1] - tree.size) if sizes else RUN

    room = grow()
    for row in rows:
        if row.number != expected:
            _hole(report, expected, row.number)
        expected = row.number + 1
        if _is_whole(row, salts):
            report.proven += 1
            leaves.append(row.leaf_hash)
        else:
            _examine_row(report, row, week_keys, today)
            leaves.append(row.leaf_hash if len(row.leaf_hash) == HASH_SIZE else NO_HASH)
        if len(leaves) == room:
            room = grow()
    grow()
    report.entries = tree.size
    _verify_checkpoints(report, signed_checkpoints, roots)
    return report


def _is_whole(row: Row, salts: Mapping[date, Callable[[bytes], bytes]]) -> bool:
    """The usual case, without building an object: a living body that is proven, columns that agree with it, a leaf that binds it.

    Whatever is otherwise is for `_examine_row` to name.
    """
    _number, entry_id, day, expires_on, commitment, hashed, has_body, association_id, body = row
    if leaf_hash(entry.stored_leaf_data(commitment, entry_id, day, expires_on)) != hashed:
        return False
    salt = salts.get(expires_on)
    if salt is None or body is None or not has_body:
        return False
    return sha256(salt(entry_id) + body).digest() == commitment and entry.names(body, association_id)


def _hole(report: Report, expected: int, index: int) -> None:
    if index < expected:
        report.add(Kind.HOLE, _("L’entrée n° %(index)s n’est pas à sa place.") % {"index": index})
    elif index == expected + 1:
        report.add(Kind.HOLE, _("L’entrée n° %(first)s a disparu.") % {"first": expected})
    else:
        span = {"first": expected, "last": index - 1}
        report.add(Kind.HOLE, _("Les entrées n° %(first)s à %(last)s ont disparu.") % span)


def _examine_row(report: Report, row: Row, week_keys: Mapping[date, bytes], today: date) -> None:
    which: dict[str, Any] = {"index": row.number}
    if (
        leaf_hash(entry.stored_leaf_data(row.commitment, row.entry_id, row.day, row.expires_on))
        != row.leaf_hash
    ):
        report.add(Kind.EDITED, _("L’entrée n° %(index)s a été modifiée.") % which)
    over = row.expires_on <= today
    if not row.has_body:
        report.forgotten += 1
        if not over:
            text = _("Le contenu de l’entrée n° %(index)s a été effacé avant son terme.")
            report.add(Kind.BODY_MISSING, text % which)
        elif row.association_id is not None:
            report.add(Kind.EDITED, _("L’entrée n° %(index)s a été modifiée.") % which)
        return
    report.overdue += over
    if row.body is None:
        report.hidden += 1
        return
    key = week_keys.get(row.expires_on)
    if key is None:
        if not over:
            text = _("L’entrée n° %(index)s n’est plus prouvable : la clé de sa semaine a disparu trop tôt.")
            report.add(Kind.UNPROVABLE, text % which)
        return
    bound = entry.commitment(entry.salting(key)(row.entry_id), row.body)
    if bound != row.commitment or not entry.names(row.body, row.association_id):
        report.add(Kind.BODY_EDITED, _("Le contenu de l’entrée n° %(index)s a été modifié.") % which)
        return
    report.proven += 1


def _verify_checkpoints(
    report: Report, signed_checkpoints: Sequence[SignedCheckpoint], roots: Mapping[int, bytes]
) -> None:
    def holds(signed: SignedCheckpoint) -> bool:
        return roots.get(signed.checkpoint.size) == signed.checkpoint.root

    stored_hold = all(holds(signed) for signed in signed_checkpoints if not signed.kept)
    good_until = 0
    for signed in sorted(signed_checkpoints, key=lambda one: (one.checkpoint.size, one.kept)):
        size = signed.checkpoint.size
        report.covered = max(report.covered, min(size, report.entries))
        if holds(signed):
            good_until = size
        else:
            report.add(*broken(signed, report.entries, good_until, stored_hold=stored_hold))
    newest = max((one.checkpoint.size for one in signed_checkpoints if not (one.kept or one.last)), default=0)
    for signed in signed_checkpoints:
        if signed.last and holds(signed) and signed.checkpoint.size > newest:
            text = ngettext(
                "Le dernier sceau signé (%(size)s entrée) manque dans la base de données.",
                "Le dernier sceau signé (%(size)s entrées) manque dans la base de données.",
                signed.checkpoint.size,
            )
            report.add(Kind.OLDER, text % {"size": signed.checkpoint.size})
    if report.entries > newest:
        text = ngettext(
            "%(count)s entrée suit le dernier sceau enregistré : personne ne l’a signée.",
            "%(count)s entrées suivent le dernier sceau enregistré : personne ne les a signées.",
            report.entries - newest,
        )
        report.add(Kind.UNSIGNED, text % {"count": report.entries - newest})


def broken(signed: SignedCheckpoint, entries: int, good_until: int, *, stored_hold: bool) -> tuple[Kind, str]:
    """What a promise that does not hold tells. good_until: entries that an older promise still vouches for."""
    size = signed.checkpoint.size
    span = {"size": size, "entries": entries}
    if size > entries and signed.last:
        text = ngettext(
            "La base de données est plus ancienne que la dernière promesse : %(size)s entrée était signée, "
            "il en reste %(entries)s.",
            "La base de données est plus ancienne que la dernière promesse : %(size)s entrées étaient signées, "
            "il en reste %(entries)s.",
            size,
        )
        return Kind.OLDER, text % span
    if size > entries:
        text = ngettext(
            "Le registre a été raccourci : %(size)s entrée était signée, il en reste %(entries)s.",
            "Le registre a été raccourci : %(size)s entrées étaient signées, il en reste %(entries)s.",
            size,
        )
        return Kind.SHORTENED, text % span
    if signed.kept and stored_hold:
        text = ngettext(
            "Deux histoires ont été signées : le sceau que vous conservez (%(size)s entrée) contredit "
            "ceux qui sont enregistrés ici.",
            "Deux histoires ont été signées : le sceau que vous conservez (%(size)s entrées) contredit "
            "ceux qui sont enregistrés ici.",
            size,
        )
        return Kind.FORKED, text % span
    if good_until == size - 1:
        one = _("L’entrée n° %(first)s n’est plus celle qui a été signée.")
        return Kind.REWRITTEN, one % {"first": good_until}
    text = _("Les entrées n° %(first)s à %(last)s ne sont plus celles qui ont été signées.")
    return Kind.REWRITTEN, text % {"first": good_until, "last": size - 1}
