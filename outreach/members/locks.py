"""One decision about the people of an association at a time: an end, a role and the use of a link cannot cross."""

from uuid import UUID

from outreach.associations.locks import hold_association


def lock_people(association_id: UUID) -> None:
    """Wait for others who decide about people here; holds until the transaction ends. Needs the association's scope."""
    hold_association(association_id)
