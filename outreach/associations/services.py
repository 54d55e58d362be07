"""An association's rules made shorter, for what comes and for what is stored: previewed first, then applied.

Rule of the module: this service only shortens. A longer rule is a new promise, for what comes under it; what is stored was
promised to be gone on its day.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction

from outreach.associations.locks import hold_association
from privacy.audit import services as audit
from privacy.audit.actors import Actor
from privacy.audit.events import Event
from privacy.core.errors import PolicyRefused
from privacy.core.policy import Policy
from privacy.retention.services import effective_today
from privacy.retention.shortening import Found, Rule, shorteners


class NotShorter(PolicyRefused):
    """A setting that would keep something longer than today's, or that is no duration."""

    code = "not-shorter"


def shorten(
    association_id: UUID, settings: Mapping[str, int], *, actor: Actor, now: datetime, wet: bool
) -> Found:
    """Make `settings` (durations in days) the association's, and let what is stored go by them. Run as the worker.

    Returns what would be, or was, kept too long: rows by kind, and whether they are unreadable at once. Without settings it
    applies the rules that stand, which ends a run that was cut off. Raises PolicyRefused for a setting beyond its limits.
    """
    with transaction.atomic():
        association = hold_association(association_id)
        policy = _shorter(association.policy, settings)
        if wet and settings:
            association.policy_choice = association.policy_choice | dict(settings)
            association.save(update_fields=["policy_choice"])
        rule = Rule(association_id, policy, max(now.astimezone(UTC).date(), effective_today()))
        found: Found = sum((one.find(rule) for one in shorteners()), Counter())
    if not wet:
        return found
    for one in shorteners():
        one.shorten(rule)
    if not (settings or found):
        return found
    with transaction.atomic():
        audit.record(
            Event.POLICY_SHORTENED,
            association_id=association_id,
            actor=actor,
            subject_kind="association",
            now=now,
        )
    return found


def _shorter(policy: Policy, settings: Mapping[str, int]) -> Policy:
    standing = policy.to_dict()
    shorter = Policy.from_dict(standing | dict(settings))
    for name in settings:
        if not name.endswith("_days") or getattr(shorter, name) > standing[name]:
            raise NotShorter(name)
    return shorter
