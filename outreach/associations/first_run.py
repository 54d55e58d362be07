"""Whether this installation has an association yet; nobody is signed in when that is asked."""

from django.db import connection


def is_empty() -> bool:
    """True before the first `create_association`. Row security hides every association from a stranger, so a function tells."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT outreach_is_empty()")
        (empty,) = cursor.fetchone()
    return bool(empty)
