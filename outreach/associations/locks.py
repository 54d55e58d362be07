"""Who changes much of an association at once, or decides about its people, waits here for the others.

Rule of the module: the first lock of the one order (`outreach.rounds.locks`), in the one mode that it names.
"""

from uuid import UUID

from outreach.associations.models import Association


def hold_association(association_id: UUID) -> Association:
    """The association, until the transaction ends. Raises Association.DoesNotExist when it is not in the scope.

    NO KEY UPDATE: rows that only refer to it (rounds, records) are written meanwhile.
    """
    return Association.objects.select_for_update(no_key=True).get(pk=association_id)
