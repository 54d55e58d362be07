"""Whether this installation has an association yet (nobody is signed in when that is asked), and how its commands are typed."""

import os
import sys
from pathlib import Path

from django.db import connection


def is_empty() -> bool:
    """True before the first `create_association`. Row security hides every association from a stranger, so a function tells."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT outreach_is_empty()")
        (empty,) = cursor.fetchone()
    return bool(empty)


def typed() -> str:
    """How this very process was started, so that a command works as it is printed."""
    python, here = Path(sys.executable), Path.cwd()
    return f"{os.path.relpath(python, here) if python.is_relative_to(here) else python} manage.py"
