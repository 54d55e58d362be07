"""A service on small disks, as its phones and its operator know it: what it holds, what it answers, what opens.

Rule of the module: it looks from outside, over HTTP and bare connections; what needs Django runs inside the service.
"""

from typing import Any

from tests.resilience.stack import LIBRARY, Stack
from tests.resilience.whole_service import WholeService


class SmallDisks(WholeService[Stack]):
    """What the drill knows of a service on small disks."""

    def tonight(self, ahead: int, many: int) -> tuple[str, list[dict[str, Any]]]:
        """A round of its own for this drill, and drafts for it."""
        round_id = self.phone.round(ahead)
        return round_id, self.phone.drafts(round_id, many)

    def held(self, round_id: str) -> tuple[str, int]:
        with self.stack.raw("owner") as owner:
            row = owner.execute(
                "SELECT status, (SELECT count(*) FROM outreach_draft d WHERE d.round_id = r.id)"
                " FROM outreach_round r WHERE id = %s",
                [round_id],
            ).fetchone()
        assert row is not None
        return row[0], row[1]

    def send_all(self, round_id: str, bodies: list[dict[str, Any]]) -> list[int]:
        return [self.phone.send(round_id, body)[0] for body in bodies]


def switched(stack: Stack) -> bool:
    """Ask PostgreSQL, as its superuser, for a new segment of the WAL; false when it has none."""
    told = stack.script(
        "bash",
        "-c",
        LIBRARY
        + "find_postgres; place_folders; sql -d postgres -c \"SELECT pg_logical_emit_message(true, 'x', 'x'), pg_switch_wal()\"",
    )
    return told.returncode == 0
