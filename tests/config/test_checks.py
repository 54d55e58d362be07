"""Unsafe configuration is refused at start: each check fires on the fault it is for, and is silent on ours."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from config import checks

ROOT = Path(__file__).resolve().parents[2]
SAFE: dict[str, Any] = {
    "PRODUCTION": True,
    "DEBUG": False,
    "DEMO": False,
    "CLOCK_OFFSET_DAYS": 0,
    "ALLOWED_HOSTS": ["maraudes.example"],
    "SECRET_KEY": "x" * checks.MIN_SECRET,
    "SESSION_COOKIE_SECURE": True,
    "CSRF_COOKIE_SECURE": True,
    "DB_ROLE": "web",
    "ALLAUTH_TRUSTED_PROXY_COUNT": 1,
    "INSTALLED_APPS": [app for app in settings.INSTALLED_APPS if app != "demo"],
}
FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"DEBUG": True}, "config.E001"),
    ({"CLOCK_OFFSET_DAYS": 95}, "config.E002"),
    ({"SECRET_KEY": "short"}, "config.E003"),
    ({"ALLOWED_HOSTS": []}, "config.E004"),
    ({"ALLOWED_HOSTS": ["*"]}, "config.E004"),
    ({"DEMO": True}, "config.E005"),
    ({"INSTALLED_APPS": settings.INSTALLED_APPS}, "config.E005"),  # the test run installs it
    ({"SESSION_COOKIE_SECURE": False}, "config.E006"),
    ({"CSRF_COOKIE_SECURE": False}, "config.E006"),
]


def ids(found: list[Any]) -> list[str]:
    assert all(message.hint for message in found), "a refusal without a hint leaves the operator alone"
    return [message.id for message in found]


@pytest.fixture
def given_settings(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Show the checks other settings; Django itself would reload its applications for some of them."""

    def give(**values: Any) -> None:
        ours = {
            name: getattr(settings, name)
            for name in ("DATABASES", "KEK_DIR", "CONTENT_SECURITY_POLICY", "LEAFLET_CONFIG")
        }
        monkeypatch.setattr(checks, "settings", SimpleNamespace(**{**ours, **SAFE, **values}))

    return give


Give = Callable[..., None]


def test_safe_production_settings_pass(given_settings: Give) -> None:
    given_settings()
    assert ids(checks.production()) == []


@pytest.mark.parametrize(("fault", "expected"), FAULTS)
def test_each_fault_is_refused_by_its_id(given_settings: Give, fault: dict[str, Any], expected: str) -> None:
    given_settings(**fault)
    assert ids(checks.production()) == [expected]


def test_outside_production_a_demo_may_move_its_clock(given_settings: Give) -> None:
    given_settings(PRODUCTION=False, CLOCK_OFFSET_DAYS=95, DEMO=True)
    assert ids(checks.production()) == []


def test_a_moved_clock_is_refused_even_from_the_environment(
    given_settings: Give, monkeypatch: pytest.MonkeyPatch
) -> None:
    given_settings()
    monkeypatch.setenv("MARAUDES_CLOCK_OFFSET_DAYS", "1")
    assert ids(checks.production()) == ["config.E002"]


def test_a_connection_without_password_and_a_shared_database_are_refused(given_settings: Give) -> None:
    assert ids(checks.databases()) == []
    default = {**settings.DATABASES["default"], "PASSWORD": ""}
    shared = {**settings.DATABASES["keystore"], "NAME": default["NAME"]}
    given_settings(DATABASES={**settings.DATABASES, "default": default, "keystore": shared})
    assert ids(checks.databases()) == ["config.E007", "config.E008"]


def test_the_key_folder_must_exist_and_be_private(given_settings: Give, tmp_path: Path) -> None:
    given_settings(KEK_DIR=str(tmp_path / "none"))
    assert ids(checks.kek_folder()) == ["config.E009"]
    given_settings(KEK_DIR=str(tmp_path))
    tmp_path.chmod(0o755)
    assert ids(checks.kek_folder()) == ["config.E010"]
    tmp_path.chmod(0o700)
    assert ids(checks.kek_folder()) == []


@pytest.mark.parametrize(
    "source", ["https://tile.example", "*", "https:", "'unsafe-inline'", "'unsafe-eval'"]
)
def test_a_third_party_in_the_content_policy_is_refused(given_settings: Give, source: str) -> None:
    assert ids(checks.content_security()) == []
    given_settings(CONTENT_SECURITY_POLICY={"DIRECTIVES": {"default-src": ["'none'"], "img-src": [source]}})
    assert ids(checks.content_security()) == ["config.E011"]


def production(**environment: str) -> subprocess.CompletedProcess[str]:
    """`manage.py check` under production settings, in a process of its own with this environment."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MARAUDES_", "DJANGO_"))
    }
    return subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**kept, "DJANGO_SETTINGS_MODULE": "config.settings.production", **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def given() -> dict[str, str]:
    """What a web is given: all but the folder of the log's signing key."""
    lines = [
        line
        for line in (ROOT / "var" / "env").read_text().splitlines()
        if not line.startswith("MARAUDES_AUDIT_KEY_DIR=")
    ]
    told = {"MARAUDES_HOSTS": "maraudes.example", "MARAUDES_PROXIES": "1"}
    return {**dict(line.split("=", 1) for line in lines), **told}


@pytest.mark.slow
def test_production_starts_with_everything_and_refuses_without_its_secret() -> None:
    started = production(**given())
    assert started.returncode == 0, started.stderr
    refused = production(**{name: value for name, value in given().items() if name != "MARAUDES_SECRET_KEY"})
    assert refused.returncode != 0 and "MARAUDES_SECRET_KEY is not set" in refused.stderr


@pytest.mark.parametrize("told", [0, -1])
def test_the_web_does_not_start_until_its_proxies_are_counted(given_settings: Give, told: int) -> None:
    """Too few, and all strangers share one limit; and there is no number that is right everywhere."""
    given_settings()
    assert ids(checks.proxies()) == []
    given_settings(ALLAUTH_TRUSTED_PROXY_COUNT=told)
    assert ids(checks.proxies()) == ["config.E013"]
    given_settings(ALLAUTH_TRUSTED_PROXY_COUNT=told, DB_ROLE="worker")
    assert ids(checks.proxies()) == []


@pytest.mark.slow
def test_no_number_of_proxies_is_taken_for_granted() -> None:
    refused = production(**{name: value for name, value in given().items() if name != "MARAUDES_PROXIES"})
    assert refused.returncode != 0 and "config.E013" in refused.stderr


@pytest.mark.slow
def test_production_ignores_the_debug_switch_and_refuses_a_moved_clock() -> None:
    started = production(**given(), MARAUDES_DEBUG="1")
    assert started.returncode == 0, started.stderr
    refused = production(**given(), MARAUDES_CLOCK_OFFSET_DAYS="95")
    assert refused.returncode != 0 and "config.E002" in refused.stderr


@pytest.mark.slow
def test_secrets_may_come_by_file(tmp_path: Path) -> None:
    environment = given()
    (tmp_path / "secret").write_text(environment.pop("MARAUDES_SECRET_KEY") + "\n")
    started = production(**environment, MARAUDES_SECRET_KEY_FILE=str(tmp_path / "secret"))
    assert started.returncode == 0, started.stderr
