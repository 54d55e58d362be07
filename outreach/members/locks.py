"""One decision about the people of an association at a time: an end, a role and the use of a link cannot cross."""

from uuid import UUID

from outreach.associations.models import Association


def lock_people(association_id: UUID) -> None:
    """Wait for others who decide about people here; holds until the transaction ends. Needs the association's scope.

    NO KEY UPDATE: rows that only name the association (rounds, records) are written meanwhile.
    """
    Association.objects.select_for_update(no_key=True).get(id=association_id)
