"""Sealed sums follow a shorter rule (docs/adr/0013): the week and the month that it lets go sooner."""

from collections import Counter

from django.db.models import Model

from maps.models import MonthlyAccumulator, WeeklySummary
from outreach.rounds.locks import hold_books
from privacy import sealed_sums
from privacy.db import conflicts
from privacy.retention.shortening import Found, Rule, Shortener
from privacy.retention.shortening import register as add

KINDS: dict[str, type[WeeklySummary] | type[MonthlyAccumulator]] = {
    "weekly summaries": WeeklySummary,
    "monthly accumulators": MonthlyAccumulator,
}


def find(rule: Rule) -> Found:
    found: Found = Counter()
    for name, model in KINDS.items():
        for _row, day in sealed_sums.later_than(model, rule):
            found[name, day <= rule.today] += 1
    return found


@conflicts.atomic
def shorten(rule: Rule) -> None:
    hold_books(rule.association_id)
    for model in KINDS.values():
        sealed_sums.shorten(model, rule)


def register() -> None:
    models: tuple[type[Model], ...] = tuple(KINDS.values())
    add(Shortener("sums", frozenset(model._meta.db_table for model in models), find, shorten))
