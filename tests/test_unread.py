"""What nothing reads does not exist: each name of the product is asked who uses it (ADR 43)."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parents[1]


def product(*leaving_out: str) -> str:
    """All Python of the product but migrations and `leaving_out`, a path's beginning each."""
    return "\n".join(
        path.read_text()
        for app in ("config", "privacy", "outreach", "maps", "tension")
        for path in sorted((ROOT / app).rglob("*.py"))
        if "/migrations/" not in path.as_posix()
        and not path.relative_to(ROOT).as_posix().startswith(leaving_out)
    )


def test_every_connection_is_opened_by_a_module_of_its_name() -> None:
    code = product("config/settings/", "privacy/db/router.py")
    further = set(settings.DATABASES) - {"default", "keystore"}  # the router sends there by application
    assert further, "presence first"
    assert {name for name in further if not re.search(rf'^[A-Z]+ = "{name}"', code, re.MULTILINE)} == set()


def test_every_role_of_the_cluster_is_some_connection_s() -> None:
    made = set(
        re.findall(r"ALTER ROLE maraudes_(\w+) NOSUPERUSER", (ROOT / "script/lib/roles.sql").read_text())
    )
    connected = {str(one["USER"]).removeprefix("maraudes_") for one in settings.DATABASES.values()}
    assert made == connected | {"owner", "worker"}  # MARAUDES_DB_ROLE, of migrations and of the worker
