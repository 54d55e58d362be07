"""What a page says of the rows that it could not open, so that nobody takes a part for the whole."""

from collections.abc import Callable

from django.utils.translation import ngettext

from privacy import sealed_rows

_SENTENCES: dict[str, Callable[[int], str]] = {
    "outreach_record": lambda n: ngettext("{n} rencontre illisible", "{n} rencontres illisibles", n),
    "outreach_sealedpart": lambda n: ngettext("{n} note illisible", "{n} notes illisibles", n),
    "outreach_handover": lambda n: ngettext("{n} transmission illisible", "{n} transmissions illisibles", n),
    "outreach_tally": lambda n: ngettext("{n} comptage illisible", "{n} comptages illisibles", n),
}


def sentences() -> list[str]:
    """What this request skipped, by kind; a table without a sentence of its own holds sums."""
    return [
        _SENTENCES.get(table, _sums)(number).format(n=number)
        for table, number in sorted(sealed_rows.damaged().items())
    ]


def _sums(number: int) -> str:
    return ngettext("{n} somme illisible", "{n} sommes illisibles", number)
