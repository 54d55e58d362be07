"""What each form carries when it is sent in good order, so that a refusal is a refusal and not a complaint about a field."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

from privacy.core import note as notes
from tests import factories
from tests.resilience.permission_scene import Things, Visitor

Body = dict[str, Any]
SEAL = notes.Checkpoint("elsewhere.example/audit", 2, bytes(32))


class Forms:
    def __init__(self, things: Things) -> None:
        self.things = things
        self._made: dict[str, Callable[[Visitor], Body]] = {
            "language": lambda visitor: {"language": "en", "next": "/"},
            "token": lambda visitor: {"token": "x" * 43},
            "login": lambda visitor: {
                "login": "nobody@zqx.invalid",
                "email": "nobody@zqx.invalid",
                "password": "x" * 20,
            },
            "demo": lambda visitor: {"demo_account": "lead"},
            "switch": lambda visitor: {"membership": visitor.membership},
            "plan": self.plan,
            "agenda": lambda visitor: self.plan(visitor) | {"transport": "foot", "planned_start": "21:30"},
            "count": lambda visitor: {"people": "2", "mark": "m"},
            "encounter": lambda visitor: {"zone": "no", "people": "1", "token": "t"},
            "erase": lambda visitor: {"draft": str(uuid4())},
            "drafts": lambda visitor: {"phone": str(uuid4()), "drafts": [self.draft(visitor)]},
            "close": lambda visitor: {"phone": str(uuid4()), "counts": {"people_count": 1}},
            "invite": lambda visitor: {"email": "invited@zqx.invalid", "roles": ["partner"]},
            "roles": lambda visitor: {"roles": ["partner", "admin"]},
            "team": lambda visitor: {"name": "team-new-zqx"},
            "seal": lambda visitor: {"note": notes.sign_checkpoint(SEAL, bytes(32))},
        }

    def body(self, name: str, visitor: Visitor) -> Body:
        return self._made[name](visitor) if name else {}

    def tenant_of(self, visitor: Visitor) -> str:
        return visitor.tenant or "lanterne"

    def team_of(self, visitor: Visitor) -> str:
        return visitor.team or ("quay" if self.tenant_of(visitor) == "passerelle" else "north")

    def plan(self, visitor: Visitor) -> Body:
        return {
            "team": self.things.some("team", self.team_of(visitor))[0],
            "night": (factories.NIGHT + timedelta(days=4)).isoformat(),
            "sectors": self.things.some("sector", self.tenant_of(visitor))[:1],
        }

    def draft(self, visitor: Visitor) -> Body:
        return dict(self.things.drafts[self.team_of(visitor)])
