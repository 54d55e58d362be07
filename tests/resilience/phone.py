"""A phone outside the service: it sends sealed drafts and closes over HTTP, with the session of a person of the cast."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

from tests.resilience.stack import Stack

TOKEN = "x" * 32


def headers(session: str) -> dict[str, str]:
    """Of a request with a JSON body over that session."""
    return {
        "Content-Type": "application/json",
        "Cookie": f"sessionid={session}; csrftoken={TOKEN}",
        "X-CSRFToken": TOKEN,
    }


@dataclass(frozen=True)
class Phone:
    stack: Stack
    team: tuple[str, str]
    session: str

    @classmethod
    def of(cls, stack: Stack, made: dict[str, Any]) -> "Phone":
        """Nadia's, signed in by password; `made` is what `weeks fill` gave."""
        session = stack.run("tests.resilience.weeks", "session", role="web")
        return cls(stack, (made["association"], made["team"]), session)

    def round(self, ahead: int) -> str:
        """A further round of the team, of the evening so many days on, open now."""
        made: str = self.stack.run("tests.resilience.weeks", "open", *self.team, str(ahead))
        return made

    def drafts(self, round_id: str, many: int) -> list[dict[str, Any]]:
        """Sealed now, to be sent whenever."""
        made: list[dict[str, Any]] = self.stack.run(
            "tests.resilience.weeks", "bodies", *self.team, round_id, str(many), role="web"
        )
        return made

    def opened(self) -> int:
        """How many records the team can read now."""
        return len(self.stack.run("tests.resilience.weeks", "opens", *self.team, role="web"))

    def send(self, round_id: str, body: dict[str, Any]) -> tuple[int, str]:
        return self.ask(f"/api/v1/rounds/{round_id}/drafts", body)

    def close(self, round_id: str, phone: str) -> tuple[int, str]:
        return self.ask(f"/api/v1/rounds/{round_id}/close", {"phone": phone, "counts": {"people_count": 2}})

    def ask(self, path: str, body: dict[str, Any] | None = None) -> tuple[int, str]:
        """(status, what was answered); (0, "") when nobody answered."""
        request = urllib.request.Request(  # noqa: S310
            self.stack.address + path,
            data=None if body is None else json.dumps(body).encode(),
            headers=headers(self.session),
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""
